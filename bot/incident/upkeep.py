"""What becomes of the war room's channel: renamed, archived or opened again, by us or by hand."""

from datetime import datetime

from bot.incident.model import Case, Command, Event, Incident, Refused
from bot.incident.rooms import ReportStep
from bot.incident.values import MUSTER, Room


class RoomRenamed(Event, kind="room_renamed"):
    """The room is called otherwise: somebody asked for it here, or did it in the chat, which does not say who."""

    news = False
    repeats = ("was",)
    name: str
    was: str = ""

    def apply(self, i: Incident) -> Incident:
        return i.but(room=i.room.model_copy(update={"name": self.name}) if i.room else None)

    def line(self) -> str:
        who = "The room was renamed" if self.by == MUSTER else f"{self.by.name} renamed the room"
        return f"{who} to #{self.name} (it was #{self.was})" if self.was else f"{who} to #{self.name}"

    def named(self, room: str) -> bool:
        return room == self.name

    def redacted(self) -> "RoomRenamed":
        return self.model_copy(update={"name": neutral_name(self.incident), "was": ""})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.name,) if self.name != neutral_name(self.incident) else ()


class NameRefused(Event, kind="name_refused"):
    """The chat did not take the name: the room goes by the one before. `final`: another one has to be chosen."""

    news = False
    repeats = ("was",)
    name: str
    was: str
    reason: str
    final: bool = False

    def apply(self, i: Incident) -> Incident:
        return i.but(room=i.room.model_copy(update={"name": self.was}) if i.room else None)

    def line(self) -> str:
        return f"The room is still #{self.was} and not #{self.name}: {self.reason}"

    def redacted(self) -> "NameRefused":
        return self.model_copy(update={"name": neutral_name(self.incident)})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.name,) if self.name != neutral_name(self.incident) else ()


def neutral_name(incident: int) -> str:
    """The name of a room that says nothing but the incident's number: what it is called once words are redacted."""
    return f"inc-{incident}"


class RoomArchived(Event, kind="room_archived"):
    """The room can be read and nobody can write in it: by Muster some days after the end, or by hand."""

    news = False

    def apply(self, i: Incident) -> Incident:
        return _archived(i, self.at)

    def line(self) -> str:
        return f"{self.by.name} archived the room"


class RoomUnarchived(Event, kind="room_unarchived"):
    """The room is open for writing again."""

    news = False

    def apply(self, i: Incident) -> Incident:
        return _archived(i, None)

    def line(self) -> str:
        return f"{self.by.name} opened the room again"


class NameRoom(Command):
    """Call the room so; the chat is asked to."""

    name: str

    def decide(self, case: Case) -> list[Event]:
        room = _room(case)
        if room.archived:
            raise Refused("An archived room cannot be renamed. Unarchive it first.", field="name")
        return _renamed(case, room, self.name)


class RecordRename(Command):
    """A channel is called otherwise (the chat says so, without saying who did it); it counts for the room of today."""

    channel: str
    name: str

    def decide(self, case: Case) -> list[Event]:
        room = case.incident.room
        return _renamed(case, room, self.name) if room and room.channel == self.channel else []


class ReportRename(Command):
    """The chat renamed the room as asked, or would not (the outbox reports it). `reason`: why not, empty where it did.

    What was refused is taken back: a room goes by the name that people see. `final`: another name has to be chosen,
    and there is nothing to be tried again.
    """

    name: str
    was: str = ""
    step: str
    reason: str = ""
    final: bool = False

    def decide(self, case: Case) -> list[Event]:
        room = case.incident.room
        reason = "" if self.final else self.reason
        told = ReportStep(incident=self.incident, step=self.step, reason=reason).decide(case)
        if room is None or (self.reason and (room.name != self.name or self.was in ("", self.name))):
            return told
        if self.reason:
            kept = NameRefused(**case.stamp(), name=self.name, was=self.was, reason=self.reason, final=self.final)
            return [kept, *told]
        return [*told, *_renamed(case, room, self.name)]


class RecordArchived(Command):
    """A channel was archived, or opened again; it counts where that is the room of today.

    `step`: what the outbox calls it, where it was us.
    """

    channel: str
    archived: bool
    step: str = ""

    def decide(self, case: Case) -> list[Event]:
        mended = ReportStep(incident=self.incident, step=self.step).decide(case) if self.step else []
        room = case.incident.room
        if room is None or room.channel != self.channel or bool(room.archived) == self.archived:
            return mended
        fact = RoomArchived if self.archived else RoomUnarchived
        return [fact(**case.stamp()), *mended]  # in this order: nothing is drawn in a room that is archived already


class OpenRoomAgain(Command):
    """Have the archived room opened for writing again. Asked twice before the chat did it, the chat is asked twice."""

    def decide(self, case: Case) -> list[Event]:
        return [UnarchiveAsked(**case.stamp())] if _room(case).archived else []


class UnarchiveAsked(Event, kind="unarchive_asked"):
    """Somebody wants the room open again; the chat is asked to do it."""

    shown = False
    news = False

    def apply(self, i: Incident) -> Incident:
        return i

    def line(self) -> str:
        return f"{self.by.name} asked for the room to be opened again"


def _room(case: Case) -> Room:
    room = case.incident.room
    if room is None:
        raise Refused(f"The room of {case.incident.name} is still being opened. Try again in a moment.")
    return room


def _renamed(case: Case, room: Room, name: str) -> list[Event]:
    if room.name == name:
        return []
    was = room.name if name != neutral_name(case.incident.number) else ""  # words that were redacted are not repeated
    return [RoomRenamed(**case.stamp(), name=name, was=was)]


def _archived(i: Incident, since: datetime | None) -> Incident:
    return i.but(room=i.room.model_copy(update={"archived": since}) if i.room else None)
