"""From declared to closed: the states of an incident, who may move it where, and the moments that moves set."""

from datetime import datetime

from pydantic import AwareDatetime

from bot.incident.ladder import page_for_severity
from bot.incident.model import Birth, Case, Command, Event, Incident, Refused, then
from bot.incident.notes import GONE, not_future
from bot.incident.paging import call_off
from bot.incident.roles import COMMANDER, RoleTaken
from bot.incident.severity import known_severities
from bot.incident.status import StatusChanged, begin_work
from bot.incident.values import MUSTER, Graded, Moments, Service, SeverityValue, Status

TITLE_LENGTH = 200
PROSE_LENGTH = 3000
PROGRESS = (Status.TRIAGE, Status.INVESTIGATING, Status.IDENTIFIED, Status.MONITORING)


class Declared(Birth, kind="declared"):
    """The incident begins."""

    title: str
    severity: SeverityValue
    services: tuple[Service, ...] = ()
    private: bool = False
    drill: bool = False
    source: str = ""
    """Where it came from: a permalink to a message, the name of an alert source, or nothing."""
    detected: AwareDatetime | None = None
    quiet: bool = False
    """It was over before it was declared: nobody is called, and nobody on call is asked into its room."""
    status: Status = Status.TRIAGE

    def begin(self) -> Incident:
        return Incident(
            number=self.incident,
            title=self.title,
            status=self.status,
            severity=self.severity,
            declared_by=self.by,
            private=self.private,
            drill=self.drill,
            services=self.services,
            moments=Moments(detected=self.detected or self.at, declared=self.at),
            updated_at=self.at,
            severities=(Graded(severity=self.severity, since=self._since),),
            uncommanded=self.at,
        )

    @property
    def _since(self) -> datetime:
        """Since when the severity counts: of what was over already, from its beginning."""
        return self.detected or self.at if self.quiet else self.at

    def line(self) -> str:
        what = "a drill" if self.drill else f"a {self.severity.label} incident"
        return f"{self.by.name} declared {what}{' that was over already' if self.quiet else ''}: {self.title}"

    def redacted(self) -> "Declared":
        return self.model_copy(update={"title": GONE, "source": ""})

    def named(self, room: str) -> bool:
        return room.startswith(f"inc-{self.incident}-")

    @property
    def words(self) -> tuple[str, ...]:
        """The name of an alert source is nobody's words: it stands in the address of every alert."""
        return tuple(w for w in (self.title, self.link) if w)

    @property
    def link(self) -> str:
        return self.source if self.source.startswith("https://") else ""


class Resolved(Event, kind="resolved"):
    """It is over. `review`: whether a review is owed."""

    review: bool
    words_said: str = ""

    def apply(self, i: Incident) -> Incident:
        moments = i.timed(mitigated=i.moments.mitigated or self.at).model_copy(update={"resolved": self.at})
        return i.but(
            status=Status.RESOLVED,
            moments=moments,
            review=self.review,
            pages=call_off(i.pages),
            updated_at=max(i.updated_at, self.at),
        )

    def line(self) -> str:
        return f"{self.by.name} resolved the incident" + (f": {self.words_said}" if self.words_said else "")

    def redacted(self) -> "Resolved":
        return self.model_copy(update={"words_said": GONE})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.words_said,) if self.words_said else ()


class Reopened(Event, kind="reopened"):
    """It was not over."""

    was: Status

    def apply(self, i: Incident) -> Incident:
        return i.but(
            status=Status.INVESTIGATING,
            moments=i.moments.model_copy(update={"resolved": None, "mitigated": None}),
            by_hand=tuple(name for name in i.by_hand if name not in ("resolved", "mitigated")),
            alerts_clear=False,
            uncommanded=None if i.commander else self.at,
            updated_at=max(i.updated_at, self.at),
        )

    def line(self) -> str:
        return f"{self.by.name} reopened the incident (was {self.was})"


class Canceled(Event, kind="canceled"):
    """It was no incident."""

    why: str = ""

    def apply(self, i: Incident) -> Incident:
        return i.but(status=Status.CANCELED, pages=call_off(i.pages), updated_at=max(i.updated_at, self.at))

    def line(self) -> str:
        return f"{self.by.name} canceled the incident" + (f": {self.why}" if self.why else "")

    def redacted(self) -> "Canceled":
        return self.model_copy(update={"why": GONE})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.why,) if self.why else ()


class Edited(Event, kind="edited"):
    """Title, summary, impact, services or moments were put right; None: left as it was."""

    title: str | None = None
    summary: str | None = None
    impact: str | None = None
    services: tuple[Service, ...] | None = None
    moments: dict[str, AwareDatetime | None] = {}

    def apply(self, i: Incident) -> Incident:
        said = {"title": self.title, "summary": self.summary, "impact": self.impact, "services": self.services}
        news = self.summary is not None or self.impact is not None
        return i.but(
            **{name: value for name, value in said.items() if value is not None},
            moments=i.moments.model_copy(update=self.moments),
            by_hand=tuple(dict.fromkeys((*i.by_hand, *self.moments))),
            updated_at=max(i.updated_at, self.at) if news else i.updated_at,
        )

    def line(self) -> str:
        parts = [f"the {name} to “{value}”" for name, value in self._said() if value]
        parts += [f"the {name} to nothing" for name, value in self._said() if not value]
        if self.services is not None:
            parts.append("the services to " + (", ".join(s.name for s in self.services) or "none"))
        parts += [
            f"the moment of {name.replace('_', ' ')} to " + (f"{at:%Y-%m-%d %H:%M} UTC" if at else "unknown")
            for name, at in self.moments.items()
        ]
        return f"{self.by.name} set " + "; ".join(parts)

    def _said(self) -> list[tuple[str, str]]:
        said = (("title", self.title), ("summary", self.summary), ("impact", self.impact))
        return [(name, value) for name, value in said if value is not None]

    def redacted(self) -> "Edited":
        return self.model_copy(update={name: GONE for name, _ in self._said()})

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(value for _, value in self._said() if value)


class Declare(Command):
    """Begin an incident. `command`: the declarer takes command.

    `began`: when it began, if before now. `ended`: when it was over, for one that was declared afterwards: nobody is
    called and nobody takes command of it.
    """

    declares = True

    title: str
    severity: int | None = None
    services: tuple[Service, ...] = ()
    private: bool = False
    drill: bool = False
    command: bool = True
    source: str = ""
    summary: str = ""
    pages: bool = True
    """False where somebody is being called already."""
    began: AwareDatetime | None = None
    ended: AwareDatetime | None = None

    def decide(self, case: Case) -> list[Event]:
        _check_span(self.began, self.ended, case.now)
        level = self.severity if self.severity is not None else case.policy.default_severity
        wanted = case.policy.severity(level)
        if wanted is None:
            raise Refused(f"There is no severity {level}. {known_severities(case.policy)}", field="severity")
        declared = Declared(
            **case.stamp(),
            title=clean_title(self.title),
            severity=wanted.value,
            services=self.services,
            private=self.private,
            drill=self.drill,
            source=self.source,
            detected=self.began,
            quiet=self.ended is not None,
        )
        facts: list[Event] = [declared]
        if self.summary.strip():
            facts.append(Edited(**case.stamp(), summary=prose(self.summary, "summary")))
        if self.began is not None:
            facts.append(Edited(**case.stamp(), moments={"impact_start": self.began}))
        i = then(declared.begin(), facts[1:])
        if self.ended is not None:
            return [*facts, Resolved(**case.stamp(self.ended), review=owes_review(case, i))]
        if self.command and case.actor != MUSTER:
            facts += take_first_command(case, i)
        return [*facts, *(page_for_severity(case, i, wanted, before=None) if self.pages else [])]


class SetStatus(Command):
    """Move an open incident to another state of work."""

    to: Status

    def decide(self, case: Case) -> list[Event]:
        if self.to is Status.RESOLVED:
            return Resolve(incident=self.incident).decide(case)
        if self.to not in PROGRESS:
            raise Refused(f"An incident cannot be set to {self.to}.", field="status")
        i = case.open_incident
        return [] if i.status is self.to else [StatusChanged(**case.stamp(), was=i.status, now=self.to)]


class Resolve(Command):
    """It is over. `at`: when it was, if earlier than now."""

    words_said: str = ""
    at: AwareDatetime | None = None

    def decide(self, case: Case) -> list[Event]:
        if case.incident.status in (Status.RESOLVED, Status.CLOSED):
            return []
        i = case.open_incident
        at = not_future(case.now, self.at)
        began = i.moments.impact_start or i.moments.detected
        if self.at and began and self.at < began:
            raise Refused(f"That is before {i.name} began ({began:%Y-%m-%d %H:%M} UTC).", field="at")
        return [Resolved(**case.stamp(at), review=owes_review(case, i), words_said=prose(self.words_said, "text"))]


class Reopen(Command):
    """It was not over after all."""

    def decide(self, case: Case) -> list[Event]:
        i = case.incident
        if i.is_open:
            return []
        if i.status is Status.MERGED:
            raise Refused(f"{i.name} was merged into {i.goes_on_in}, and goes on there.")
        return [Reopened(**case.stamp(), was=i.status)]


class Cancel(Command):
    """It was no incident: a false alarm."""

    why: str = ""

    def decide(self, case: Case) -> list[Event]:
        if case.incident.status is Status.CANCELED:
            return []
        case.require_open()
        return [Canceled(**case.stamp(), why=prose(self.why, "text"))]


class Edit(Command):
    """Put title, summary, impact, services or moments right; what is None stays."""

    title: str | None = None
    summary: str | None = None
    impact: str | None = None
    services: tuple[Service, ...] | None = None
    moments: dict[str, AwareDatetime | None] = {}

    def decide(self, case: Case) -> list[Event]:
        i = case.incident
        _check_moments(self.moments, case.now)
        wanted = {
            "title": clean_title(self.title) if self.title is not None else None,
            "summary": prose(self.summary, "summary") if self.summary is not None else None,
            "impact": prose(self.impact, "impact") if self.impact is not None else None,
            "services": self.services,
        }
        changes = {k: v for k, v in wanted.items() if v is not None and v != getattr(i, k)}
        moments = {k: v for k, v in self.moments.items() if v != getattr(i.moments, k)}
        return [Edited(**case.stamp(), **changes, moments=moments)] if changes or moments else []


def take_first_command(case: Case, i: Incident) -> list[Event]:
    """The declarer takes command, which begins the work: alone at night one person is everything."""
    role = case.policy.role(COMMANDER)
    if role is None or i.commander is not None:
        return []
    return [RoleTaken(**case.stamp(), role=role.key, label=role.label, person=case.actor), *begin_work(case, i)]


def owes_review(case: Case, i: Incident) -> bool:
    """Whether a review is owed at the end: by the severity (a drill counts nowhere), or because somebody asked."""
    return i.review or (case.policy.implied_by(i.severity).review and not i.drill)


def clean_title(title: str) -> str:
    """One line, at most 200 characters; a title of its own where none was given."""
    line = " ".join(title.split())
    if not line:
        return "Untitled incident"
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"


def prose(words: str, name: str) -> str:
    """Words without the space around them. Raises Refused where they are too many for one place."""
    text = words.strip()
    if len(text) > PROSE_LENGTH:
        raise Refused(f"The {name} holds {PROSE_LENGTH} characters; this one has {len(text)}.", field=name)
    return text


def _check_span(began: datetime | None, ended: datetime | None, now: datetime) -> None:
    """Raises Refused, beside the field, for a beginning or an end that cannot be."""
    for field, at in (("began", began), ("ended", ended)):
        if at is not None and at > now:
            raise Refused("That moment is in the future.", field=field)
    if ended is not None and began is None:
        raise Refused("When did it begin? What is over needs both moments.", field="began")
    if began is not None and ended is not None and ended <= began:
        raise Refused("It ended after it began: one of the two is wrong.", field="ended")


def _check_moments(moments: dict[str, datetime | None], now: datetime) -> None:
    for name, at in moments.items():
        if name not in Moments.model_fields:
            raise Refused(f"There is no moment called {name}.", field=name)
        if at is not None and at > now:
            raise Refused("That moment is in the future.", field=name)
