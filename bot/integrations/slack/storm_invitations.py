"""Who is asked into the room of a storm: the on-call of all its services, in as few calls as there can be."""

from dataclasses import replace

from bot.engine.effects import Attempt, Receipt
from bot.engine.reading import Reading
from bot.incident.rooms import PeopleInvited
from bot.integrations.slack.effects import Invite
from bot.integrations.slack.rooms import Rooms


class InviteToStorm(Invite, kind="invite_to_storm"):
    """The on-call of all services that the storm has by then: sixty services are a few calls, not sixty."""

    refreshes = True


class StormInvitations:
    """Keeps that promise. Raises Unkept where a call brought no result."""

    def __init__(self, rooms: Rooms, reading: Reading) -> None:
        self._rooms = rooms
        self._reading = reading

    async def keep(self, effect: InviteToStorm, attempt: Attempt) -> Receipt:
        """Invites them all anew; who is there already is no news, and who could not be invited is told of once."""
        incident = await self._reading.incident(effect.incident)
        services = tuple(s.id for s in incident.services if s.id) if incident else ()
        asked = Invite.model_validate({**effect.model_dump(), "services": services})
        receipt = await self._rooms.invite(asked, attempt)
        facts = [stored.event for stored in await self._reading.events(effect.incident)]
        told = {missing.name for fact in facts if isinstance(fact, PeopleInvited) for missing in fact.missing}
        missing = [one for one in receipt.data["missing"] if one["name"] not in told]
        return replace(receipt, data={**receipt.data, "missing": missing})
