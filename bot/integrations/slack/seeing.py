"""Whether someone may see an incident and act on it: the one door that every verb, form and button goes through."""

from bot.incident.model import Incident, Refused
from bot.incident.people import Person
from bot.incident.values import Room
from bot.integrations.slack.verbs import House

OF_TASKS = frozenset({"task", "followup", "tasks", "hand", "later"})
"""The verbs and forms by which somebody deals with what they were asked to do."""


async def seen(house: House, person: Person, number: int | None, channel: str, verb: str = "") -> Incident | None:
    """The incident of that number, for this person's eyes, and for a guest only if he may act on it (by that verb).

    Whoever speaks in its room of today is in it, private or not; who speaks in a room that it has left is not, for
    that alone. Raises Refused where there is none to see.
    """
    if number is None:
        await house.admit(person, None)
        return None
    incident = await house.reading.incident(number, person.actor) or await _spoken_of(house, number, channel)
    if not _has_duty(person, incident, verb):
        await house.admit(person, incident)
    return incident


def _has_duty(person: Person, incident: Incident, verb: str) -> bool:
    """Whether somebody here asked them for what they are about to do: who was given a role acts on all of it."""
    if any(held.person == person.actor for held in incident.holdings):
        return True
    return verb in OF_TASKS and any(task.to == person.actor for task in incident.tasks)


async def _spoken_of(house: House, number: int, channel: str) -> Incident:
    """The incident for whoever is in its room, although nothing else says that they are in it. Raises Refused."""
    hidden = await house.reading.incident(number) if house.directory.incident_of_channel(channel) == number else None
    if hidden and _is_in(channel, hidden.room):
        return hidden
    if hidden and any(_is_in(channel, room) for room in hidden.former_rooms):
        raise Refused(f"{hidden.name} goes on in a private room. Ask someone who is in there to let you in.")
    raise Refused(f"There is no INC-{number}. `{house.command} list` shows the open ones.")


def _is_in(channel: str, room: Room | None) -> bool:
    return room is not None and room.channel == channel
