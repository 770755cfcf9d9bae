"""Whether someone may see an incident and act on it: the one door that every verb, form and button goes through."""

from bot.incident.model import Incident, Refused
from bot.incident.people import Person
from bot.incident.values import Room
from bot.integrations.slack.verbs import House


async def seen(house: House, person: Person, number: int | None, channel: str) -> Incident | None:
    """The incident of that number, for this person's eyes, and for a guest only if he may act on it.

    Whoever speaks in its room of today is in it, private or not; who speaks in a room that it has left is not, for
    that alone. Raises Refused where there is none to see.
    """
    if number is None:
        await house.admit(person, None)
        return None
    incident = await house.reading.incident(number, person.actor) or await _spoken_of(house, number, channel)
    await house.admit(person, incident)
    return incident


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
