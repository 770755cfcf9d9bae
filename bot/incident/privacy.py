"""Who may see an incident: everybody, or of a private one who is in it; and how an open one becomes private.

Whatever shows an incident to people asks here, or reads it through `reading.for_eyes`: the same rule, asked of the
database. `tests/privacy/guards.py` lists every place that asks, and what is seen when it does not.
"""

from datetime import datetime

from bot.incident.model import Case, Command, Event, Incident, Refused
from bot.incident.values import MUSTER, Actor, Status


def concerned(i: Incident) -> tuple[Actor, ...]:
    """Who has a part in it: who declared it, who has a role, who has an open task."""
    owners = (task.to for task in i.tasks if task.is_open)
    return tuple({who.id: who for who in (i.declared_by, *(h.person for h in i.holdings), *owners)}.values())


def insiders(i: Incident) -> tuple[str, ...]:
    """The ids of who is in it: who has a part in it, and who is in its private room."""
    members = i.members if i.private else ()
    return tuple(dict.fromkeys((*(who.id for who in concerned(i)), *members)))


def may_see(i: Incident, viewer: Actor) -> bool:
    """Whether somebody may know of it. The same rule, asked of the database, is `reading.for_eyes`."""
    return is_for_all(i) or viewer == MUSTER or viewer.id in insiders(i)


def is_for_all(i: Incident) -> bool:
    """Whether anybody may know of it: asked by what is read by people of whom nobody knows who they are."""
    return not i.private


def may_enter(i: Incident, who: Actor, called_at: datetime | None) -> bool:
    """Whether somebody may be let into its room now.

    `called_at`: when somebody, or an alert, called them in although they had no part in it yet; that lets nobody in
    again who left after it. None: they were to come for the part that they had in it.
    """
    if may_see(i, who):
        return True
    return called_at is not None and i.left_at.get(who.id, called_at) <= called_at


def room_number(i: Incident) -> int:
    """Which of its rooms it is in, or will be once that one is open: the first is 1."""
    return 1 + len(i.former_rooms)


class MadePrivate(Event, kind="made_private"):
    """It goes on in a private room of its own; what was said before stays where it was said.

    `people`: whom the one who did it lets in, besides those who have a role or a task.
    """

    people: tuple[Actor, ...] = ()

    def apply(self, i: Incident) -> Incident:
        return i.but(
            private=True,
            former_rooms=(*i.former_rooms, i.room) if i.room else i.former_rooms,
            room=None,
            members=(self.by.id,),
            left=(),
            left_at={},
            outsiders=(),
            followers=(),
        )

    def line(self) -> str:
        return f"{self.by.name} made the incident private; it goes on in a new room"


class MakePrivate(Command):
    """Go on among few: in a new private room, since Slack lets no bot turn an open one into a private one."""

    people: tuple[Actor, ...] = ()

    def decide(self, case: Case) -> list[Event]:
        i = case.incident
        if i.private:
            return []
        if i.status is Status.MERGED:
            raise Refused(f"{i.name} was merged into {i.goes_on_in}. Make that one private.")
        if i.room is None:
            raise Refused(f"The room of {i.name} is still being opened. Try again in a moment.")
        return [MadePrivate(**case.stamp(), people=self.people)]
