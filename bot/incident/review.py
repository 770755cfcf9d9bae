"""What is owed afterwards: the postmortem draft and its versions."""

from bot.incident.enclosures import NewDocument
from bot.incident.model import Case, Command, Event, Incident
from bot.incident.rooms import ReportStep

POSTMORTEM = "postmortem"


class DraftRequested(Event, kind="draft_requested"):
    """Someone, or the end of a major incident, asked for a postmortem draft."""

    shown = False
    template: str = "default"

    def apply(self, i: Incident) -> Incident:
        return i.but(review=True)

    def line(self) -> str:
        return f"{self.by.name} asked for a postmortem draft"


class DraftReady(Event, kind="draft_ready"):
    """A version of the postmortem was written."""

    version: int
    template: str = "default"
    trouble: str = ""
    """Why it is not in the company's own template, in a sentence; usually nothing."""

    def apply(self, i: Incident) -> Incident:
        return i.but(drafts=self.version)

    def line(self) -> str:
        own = " in Muster's own template, for yours could not be used" if self.trouble else ""
        return f"Postmortem draft, version {self.version}, is ready{own}"


class AskForDraft(Command):
    """Write a postmortem draft, whether or not a review is owed."""

    template: str = "default"

    def decide(self, case: Case) -> list[Event]:
        under_way = case.incident.review or case.incident.drafts
        return [] if under_way else [DraftRequested(**case.stamp(), template=self.template)]


class StoreDraft(Command):
    """A draft was rendered (the outbox reports it): keep it as the next version.

    `step`: what that was called, should it have failed before.
    """

    body: str
    template: str = "default"
    trouble: str = ""
    step: str = ""

    @property
    def document(self) -> NewDocument | None:
        return NewDocument(kind=POSTMORTEM, body=self.body)

    def decide(self, case: Case) -> list[Event]:
        mended = ReportStep(incident=self.incident, step=self.step).decide(case)
        version = case.incident.drafts + 1
        ready = DraftReady(**case.stamp(), version=version, template=self.template, trouble=self.trouble)
        return [*mended, ready]
