"""Who is in the war room: so that nobody is asked who left it, and all of them come along when the room moves."""

from bot.incident.model import Case, Command, Event, Incident
from bot.incident.values import Actor


class MemberJoined(Event, kind="member_joined"):
    """Someone came into the room."""

    shown = False
    news = False
    person: Actor
    external: bool = False
    """Of another company (a shared channel)."""

    def apply(self, i: Incident) -> Incident:
        after = _without(i, self.person)
        outsiders = (*after.outsiders, self.person) if self.external else after.outsiders
        return after.but(members=(*after.members, self.person.id), outsiders=outsiders)

    def line(self) -> str:
        return f"{self.person.name}{' (of another company)' if self.external else ''} came into the room"


class MemberLeft(Event, kind="member_left"):
    """Someone left the room, or was taken out of it."""

    shown = False
    news = False
    person: Actor

    def apply(self, i: Incident) -> Incident:
        after = _without(i, self.person)
        return after.but(left=(*after.left, self.person.id), left_at={**after.left_at, self.person.id: self.at})

    def line(self) -> str:
        return f"{self.person.name} left the room"


class RecordMember(Command):
    """Someone came into a channel or left it (the chat says so); it counts where that is the room of today."""

    channel: str
    person: Actor
    here: bool
    external: bool = False

    def decide(self, case: Case) -> list[Event]:
        i = case.incident
        if i.room is None or i.room.channel != self.channel or self.person.id in (i.members if self.here else i.left):
            return []
        if self.here:
            return [MemberJoined(**case.stamp(), person=self.person, external=self.external)]
        return [MemberLeft(**case.stamp(), person=self.person)]


def _without(i: Incident, person: Actor) -> Incident:
    """The incident as if nothing had been heard of somebody's coming and going."""
    return i.but(
        members=tuple(known for known in i.members if known != person.id),
        outsiders=tuple(known for known in i.outsiders if known.id != person.id),
        left=tuple(known for known in i.left if known != person.id),
        left_at={known: at for known, at in i.left_at.items() if known != person.id},
    )
