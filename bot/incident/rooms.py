"""The war room: that it is there, who was invited, and what of its set-up did not work."""

from bot.incident.model import Case, Command, Event, Incident
from bot.incident.values import Room, Value


class RoomOpened(Event, kind="room_opened"):
    """The chat room of the incident exists. Its name was made of the title, and is redacted together with it."""

    channel: str
    name: str
    url: str = ""

    def apply(self, i: Incident) -> Incident:
        return i.but(room=Room(channel=self.channel, name=self.name, url=self.url))

    def line(self) -> str:
        return f"War room #{self.name} opened"

    def redacted(self) -> "RoomOpened":
        return self.model_copy(update={"name": f"inc-{self.incident}"})


class Uninvited(Value):
    """Someone who could not be invited, and why, in words for a person."""

    name: str
    reason: str


class PeopleInvited(Event, kind="people_invited"):
    """Who was asked into the room, and who could not be."""

    people: tuple[str, ...] = ()
    missing: tuple[Uninvited, ...] = ()

    def apply(self, i: Incident) -> Incident:
        asked = {f"invite {name}" for name in (*self.people, *(m.name for m in self.missing))}
        steps = {k: v for k, v in i.failed_steps.items() if k not in asked}
        return i.but(failed_steps={**steps, **{f"invite {m.name}": m.reason for m in self.missing}})

    def line(self) -> str:
        invited = f"Invited {', '.join(self.people)}" if self.people else "Nobody could be invited"
        missing = "; ".join(f"{m.name} could not be invited: {m.reason}" for m in self.missing)
        return f"{invited}; {missing}" if missing else invited


class StepFailed(Event, kind="step_failed"):
    """A step of the set-up, or another promise, was given up; it can be retried by hand."""

    step: str
    reason: str

    def apply(self, i: Incident) -> Incident:
        return i.but(failed_steps={**i.failed_steps, self.step: self.reason})

    def line(self) -> str:
        return f"Could not {self.step}: {self.reason}"


class StepMended(Event, kind="step_mended"):
    """What had failed worked at a later try."""

    step: str

    def apply(self, i: Incident) -> Incident:
        return i.but(failed_steps={k: v for k, v in i.failed_steps.items() if k != self.step})

    def line(self) -> str:
        return f"Worked at a later try: {self.step}"


class CardReplaced(Event, kind="card_replaced"):
    """The room's card had been deleted by somebody; another one stands in its place."""

    def apply(self, i: Incident) -> Incident:
        return i

    def line(self) -> str:
        return "The room's card had been deleted; a new one was posted"


class RecordRoom(Command):
    """The room was opened (the outbox reports it). `step`: what that was called, should it have failed before."""

    channel: str
    name: str
    url: str = ""
    step: str = ""

    def decide(self, case: Case) -> list[Event]:
        i = case.incident
        if self.channel in (room.channel for room in (i.room, *i.former_rooms) if room):
            return []
        mended = ReportStep(incident=self.incident, step=self.step).decide(case)
        return [*mended, RoomOpened(**case.stamp(), channel=self.channel, name=self.name, url=self.url)]


class RecordInvitations(Command):
    """Invitations went out (the outbox reports it). `step`: what that was called, should it have failed before."""

    people: tuple[str, ...] = ()
    missing: tuple[Uninvited, ...] = ()
    step: str = ""

    def decide(self, case: Case) -> list[Event]:
        mended = ReportStep(incident=self.incident, step=self.step).decide(case)
        if not self.people and not self.missing:
            return mended
        room = case.about(case.incident)
        return [*mended, PeopleInvited(**room.stamp(), people=self.people, missing=self.missing)]


class RecordCard(Command):
    """The card was posted anew (the outbox reports it). `step`: what that was called, should it have failed before."""

    step: str = ""

    def decide(self, case: Case) -> list[Event]:
        mended = ReportStep(incident=self.incident, step=self.step).decide(case)
        return [*mended, CardReplaced(**case.stamp())]


GOES_ON = "; Muster goes on trying"
"""How the reason ends where nobody has to retry it."""


class ReportStep(Command):
    """A promise was given up, or kept after all (the outbox reports it). An empty reason means kept.

    `goes_on`: it is late and still being tried; said once, and once more should it be given up in the end.
    """

    step: str
    reason: str = ""
    goes_on: bool = False

    def decide(self, case: Case) -> list[Event]:
        known = case.incident.failed_steps.get(self.step)
        if not self.reason:
            return [] if known is None else [StepMended(**case.stamp(), step=self.step)]
        if known is not None and (self.goes_on or not known.endswith(GOES_ON)):
            return []
        reason = f"{self.reason}{GOES_ON}" if self.goes_on else self.reason
        return [StepFailed(**case.stamp(), step=self.step, reason=reason)]
