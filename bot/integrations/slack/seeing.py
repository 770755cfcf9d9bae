"""Whether someone may see an incident and act on it: the one door that every verb, form and button goes through."""

from bot.incident.model import Incident, Refused
from bot.incident.people import Person
from bot.incident.values import MUSTER
from bot.integrations.slack.verbs import House


async def seen(house: House, person: Person, number: int | None, channel: str) -> Incident | None:
    """The incident of that number, for this person's eyes, and for a guest only if he may act on it.

    Whoever speaks in a room is in it, private or not. Raises Refused where there is none to see.
    """
    if number is None:
        await house.admit(person, None)
        return None
    inside = house.directory.incident_of_channel(channel) == number
    incident = await house.reading.incident(number, MUSTER if inside else person.actor)
    if incident is None:
        raise Refused(f"There is no INC-{number}. `{house.command} list` shows the open ones.")
    await house.admit(person, incident)
    return incident
