"""Who is asked into the room by somebody: people by name, and whole groups."""

from datetime import datetime

from bot.incident.model import Case, Command, Event, Incident, Refused
from bot.incident.notes import fingerprint
from bot.incident.values import Actor, Status, Value

MOST = 50
"""People and groups named at once: more is a slip of the hand, and Slack's limits are wide."""


class Group(Value):
    """A group of the chat (`@payments-leads`): its id there (`S0123`) or its handle, and what it is called."""

    id: str
    name: str


class PeopleAsked(Event, kind="people_asked"):
    """Someone asked others into the room; who came of it is a fact of its own."""

    people: tuple[Actor, ...] = ()
    groups: tuple[Group, ...] = ()

    def apply(self, i: Incident) -> Incident:
        return i

    def line(self) -> str:
        others: list[Actor | Group] = [*(p for p in self.people if p.id != self.by.id), *self.groups]
        if not others:
            return f"{self.by.name} asked to be let into the room"
        return f"{self.by.name} asked {_in_words(others)} into the room"


class AskIn(Command):
    """Ask people and groups into the room. Who is there already is not asked again."""

    people: tuple[Actor, ...] = ()
    groups: tuple[Group, ...] = ()

    def decide(self, case: Case) -> list[Event]:
        i = case.incident
        if not self.people and not self.groups:
            raise Refused("Whom? `/incident invite @ada @payments`.", field="people")
        if len(self.people) + len(self.groups) > MOST:
            raise Refused(f"At most {MOST} at once; a group holds more.", field="people")
        if i.status is Status.MERGED:
            raise Refused(f"{i.name} was merged into {i.goes_on_in}; invite them there.")
        if i.room is not None and i.room.archived:
            raise Refused(f"The room of {i.name} is archived; unarchive it first.")
        people = tuple(p for p in self.people if p.id not in i.members)
        if not people and not self.groups:
            return []
        return [PeopleAsked(**case.stamp(), people=people, groups=self.groups)]

    def natural_key(self, by: Actor, now: datetime) -> str | None:
        """Nobody knows for sure who is in a room: within one minute of the clock they are asked once."""
        ids = sorted([*(p.id for p in self.people), *(g.id for g in self.groups)])
        return f"invite/{self.incident}/{by.id}/{now:%Y%m%d%H%M}/{fingerprint(' '.join(ids))}"


def _in_words(asked: list[Actor | Group]) -> str:
    """`Ada`, `Ada and Bo`, `Ada, Bo and @payments`."""
    names = [one.name for one in asked]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
