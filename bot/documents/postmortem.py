"""The postmortem draft: what is known is filled in, what needs judgement is left as a visible question."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path

from bot.documents.child import in_child
from bot.documents.library import is_own
from bot.documents.markdown import is_web_address, link, quoted, text
from bot.documents.rendering import Unrenderable, render
from bot.documents.times import took, when
from bot.incident.duties import Task, TaskState
from bot.incident.policy import COMMAND
from bot.incident.postmortem import AlertFact, Report
from bot.incident.timeline import Entry
from bot.incident.values import MUSTER, Actor

KIND = "postmortem"
TIMELINE_LENGTH = 400_000
"""Characters of the timeline that a document holds; the rest is a click away."""
LABELS = {"message_marked": "message", "alert_joined": "alert", "page_sent": "PagerDuty", "room_opened": "room"}
"""What a link is called, by the kind of fact."""
OF_ALERTS = frozenset({"alert_joined", "alert_reported", "alert_left"})
"""Facts that come by the thousand, one for each alert."""
OUTCOMES = {TaskState.DONE: "done", TaskState.DROPPED: "dropped", TaskState.DECLINED: "declined"}
SYSTEMS = {"slack": "Slack", "pagerduty": "PagerDuty", MUSTER.id: "Muster"}


@dataclass(frozen=True)
class Style:
    """How a company wants its drafts: see the settings of the same names."""

    folder: Path | None = None
    zone: str = "UTC"
    names: bool = False
    command: str = COMMAND


@dataclass(frozen=True)
class Draft:
    """What a template reads beside the report. `command`: what people type in Slack."""

    report: Report
    names: bool
    command: str

    @property
    def lasted(self) -> timedelta | None:
        """From the first known moment to the resolution."""
        m = self.report.incident.moments
        begun = m.impact_start or m.detected or m.declared
        return m.resolved - begun if begun and m.resolved and m.resolved >= begun else None

    @property
    def unknown(self) -> list[str]:
        """Moments that nobody gave yet, in small letters."""
        return [m.name.lower() for m in self.report.moments if m.at is None]

    @property
    def entries(self) -> Sequence[Entry]:
        """The timeline as far as a document holds it."""
        kept, length = [], 0
        for entry in self._told:
            length += len(entry.text)
            if length > TIMELINE_LENGTH:
                break
            kept.append(entry)
        return kept

    @property
    def left_out(self) -> int:
        """How many entries are too many for a document."""
        return len(self._told) - len(self.entries)

    @property
    def counted(self) -> int:
        """How many entries are told as numbers under "Alerts" instead: what each of many alerts did."""
        return len(self.report.entries) - len(self._told)

    @cached_property
    def _told(self) -> Sequence[Entry]:
        if not self.report.has_many_alerts:
            return self.report.entries
        return [e for e in self.report.entries if e.corrected or e.kind not in OF_ALERTS]

    def who(self, actor: Actor) -> str:
        """Someone in prose: by their role, which is what the review is about; by name where the company wants it."""
        if self.names or actor == MUSTER:
            return actor.name
        held = [span.label for span in self.report.roles if span.person == actor.name]
        return f"the {held[0]}" if held else "a responder"

    def sentence_start(self, actor: Actor) -> str:
        """The same, as it stands at the beginning of a sentence."""
        named = self.who(actor)
        return named[0].upper() + named[1:]

    def held(self, since: datetime, until: datetime | None) -> timedelta | None:
        """How long something held that may last until the end."""
        end = until or self.report.incident.moments.resolved
        return end - since if end and end >= since else None

    @property
    def origin(self) -> str:
        """Where it was declared from, as Markdown."""
        source = self.report.source
        return link("the message", source) if is_web_address(source) else text(SYSTEMS.get(source, source))

    def outcome(self, task: Task) -> str:
        """How a task ended, or that it did not."""
        return OUTCOMES.get(task.state, "still open")

    def said_in(self, task: Task) -> str:
        """Where a task came from, as Markdown: the message that it was, else the room."""
        room = self.report.incident.room
        if is_web_address(task.source):
            return link("message", task.source)
        return link(f"#{room.name}", room.url) if room else "Muster"

    def source(self, entry: Entry) -> str:
        """Where an entry came from, as Markdown: its own link, else the alert it tells of, else the room."""
        room = self.report.incident.room
        if is_web_address(entry.source):
            return link(LABELS.get(entry.kind, "source"), entry.source)
        if entry.by.system == "pagerduty" and (alert := self._alert_told_of(entry)):
            return link("PagerDuty", alert.url)
        return link(f"#{room.name}", room.url) if room else SYSTEMS.get(entry.by.system, "Muster")

    def _alert_told_of(self, entry: Entry) -> AlertFact | None:
        linked = [a for a in self.report.alerts if a.url]
        told = (a for a in linked if a.title in entry.text)
        return next(told, linked[0] if len(linked) == 1 else None)


@dataclass(frozen=True)
class Written:
    """A draft in Markdown; `trouble` says in a sentence why it is not in the company's own template."""

    body: str
    trouble: str = ""


def draft(report: Report, style: Style, template: str = "default") -> str:
    """A draft in Markdown. Blocking (up to some seconds): call it in a thread. Raises Unrenderable."""
    if is_own(KIND, template, style.folder):
        return in_child(_draft, report, style, template)
    return _draft(report, style, template)


def draft_somehow(report: Report, style: Style, template: str = "default") -> Written:
    """The same; where the company's own template cannot be used, in the one that comes with Muster.

    Raises Unrenderable where that has none of the name.
    """
    try:
        return Written(draft(report, style, template))
    except Unrenderable as error:
        if not is_own(KIND, template, style.folder):
            raise
        return _in_ours(report, style, template, str(error))


def _in_ours(report: Report, style: Style, template: str, trouble: str) -> Written:
    """Muster's own template, with a note above it that says why."""
    try:
        body = _draft(report, replace(style, folder=None), template)
    except Unrenderable:
        raise Unrenderable(trouble) from None
    note = f"> **This draft is in Muster's own template, for yours could not be used.** {text(trouble)}\n\n"
    return Written(note + body, trouble)


def _draft(report: Report, style: Style, template: str) -> str:
    return render(
        KIND,
        template,
        {
            "report": report,
            "i": report.incident,
            "draft": Draft(report, style.names, style.command),
            "zone": style.zone,
        },
        filters={"text": text, "quoted": quoted, "link": link, "took": took, "when": partial(when, zone=style.zone)},
        own=style.folder,
    )
