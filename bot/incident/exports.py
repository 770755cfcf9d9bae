"""Who took the timeline out of here, and as what: it is on record, since what is in it leaves with the file."""

from datetime import datetime
from enum import StrEnum

from bot.incident.model import Case, Command, Event, Incident
from bot.incident.values import Actor


class Format(StrEnum):
    """What the timeline can be taken out as."""

    MARKDOWN = "md"
    CSV = "csv"
    JSON = "json"


class Exported(Event, kind="exported"):
    """Someone asked for the timeline as a file."""

    shown = False
    news = False
    format: Format

    def apply(self, i: Incident) -> Incident:
        return i

    def line(self) -> str:
        return f"{self.by.name} exported the timeline ({self.format})"


class ExportTimeline(Command):
    """Send me the timeline as a file."""

    format: Format

    def decide(self, case: Case) -> list[Event]:
        return [Exported(**{**case.stamp(), "incident": case.incident.number}, format=self.format)]

    def natural_key(self, by: Actor, now: datetime) -> str:
        """A double click sends one file; a minute later there may be more to tell."""
        return f"export/{self.incident}/{by.id}/{self.format}/{now:%Y%m%d%H%M}"
