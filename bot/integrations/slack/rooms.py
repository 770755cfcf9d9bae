"""Opens war rooms and furnishes them: name, topic, people, links, the pin."""

from collections.abc import Iterator
from dataclasses import replace

from bot.engine.effects import Answer, Attempt, GiveUp, Receipt, Ref
from bot.engine.reading import Reading
from bot.incident.policy import Policy
from bot.incident.privacy import may_enter
from bot.incident.rooms import PeopleInvited, Uninvited
from bot.incident.values import Actor
from bot.integrations.slack import cards, moved
from bot.integrations.slack.answers import Channel
from bot.integrations.slack.calls import CLOCKS, Calls
from bot.integrations.slack.contacts import Contacts, Found
from bot.integrations.slack.effects import (
    SYSTEM,
    AddBookmark,
    Invite,
    OpenRoom,
    PinCard,
    SetTopic,
)
from bot.integrations.slack.errors import Unkept
from bot.integrations.slack.refs import CHANNEL, card_of, channel_ref
from bot.integrations.slack.text import cut, numbered

NAMES = 5
"""How many names are tried: the plain one, then `-2` to `-5`."""
INVITED_AT_ONCE = 100
TITLE = 80

UNINVITED = {
    "user_is_restricted": "a guest, whom apps cannot invite; an admin can",
    "ura_max_channels": "a guest of one channel only",
    "user_not_found": "Slack does not know them any more",
    "org_user_not_in_team": "not a member of this workspace",
    "no_external_invite_permission": "of another company; invite them by Slack Connect",
    "invitee_cant_see_channel": "this channel is not visible to them",
    "cant_invite": "Slack does not let them be invited",
    "app_cannot_join_channel": "an app that may not join",
}
THERE = frozenset({"already_in_channel", "cant_invite_self"})


class Rooms:
    """Keeps the promises about rooms. Every method raises Unkept where a call brought no result."""

    def __init__(self, calls: Calls, contacts: Contacts, reading: Reading, policy: Policy) -> None:
        self._calls = calls
        self._contacts = contacts
        self._reading = reading
        self._policy = policy

    async def open(self, effect: OpenRoom, attempt: Attempt) -> Answer:
        """Creates the channel under the first of its names that is free.

        Who we are is known since the start. Where it is not it is asked first: a page must say where the room is.
        """
        await self._calls.identity()
        for name in _names(effect):
            try:
                made = await self._calls.create(name, private=effect.private)
            except Unkept as unkept:
                if unkept.code != "name_taken":
                    raise
                continue
            return await self._opened(made, effect.room)
        return GiveUp(f"#{effect.name} and its next {NAMES - 1} names are all taken; rename one of them, then Retry")

    async def find_open(self, effect: OpenRoom, attempt: Attempt) -> Receipt | None:
        """The channel that an earlier try made: ours, of this name, not older than the try, nobody else's room."""
        us = (await self._calls.identity()).user
        names, oldest = set(_names(effect)), (attempt.since - CLOCKS).timestamp()
        async for channel in self._calls.own_channels(private=effect.private):
            if channel.name in names and channel.creator == us and channel.created >= oldest:
                owner = await self._reading.incident_by_ref(SYSTEM, "channel", channel.id)
                if owner is None:
                    return await self._opened(channel, effect.room)
        return None

    async def _opened(self, channel: Channel, room: int) -> Receipt:
        url = f"{(await self._calls.identity()).url.rstrip('/')}/archives/{channel.id}"
        ref = Ref(SYSTEM, "channel", channel.id, channel_ref(room))
        return Receipt(refs=(ref,), data={"channel": channel.id, "name": channel.name, "url": url})

    async def set_topic(self, effect: SetTopic, attempt: Attempt) -> Receipt:
        """Sets it unless it says so already: an earlier change that was held up may have brought this one, too."""
        found = await self.find_topic(effect, attempt)
        if found is None:
            await self._calls.set_topic(attempt.refs[CHANNEL], await self._topic(effect))
        return Receipt()

    async def find_topic(self, effect: SetTopic, attempt: Attempt) -> Receipt | None:
        there = await self._calls.topic(attempt.refs[CHANNEL])
        return Receipt() if there == await self._topic(effect) else None

    async def _topic(self, effect: SetTopic) -> str:
        incident = await self._reading.incident(effect.incident)
        if incident is None:
            return ""
        return moved.LEFT if moved.is_left(incident, effect.room) else cards.topic(incident, self._policy)

    async def invite(self, effect: Invite, attempt: Attempt) -> Receipt:
        """Invites whom Slack knows, a hundred at a time, and tells who could not be invited and why.

        Who lost in the meantime what they were to come for is not let into a private room, and that is no news.
        """
        i = await self._reading.incident(effect.incident)
        found = await self._contacts.find(effect.people, effect.names, effect.services, effect.groups)
        refused: dict[str, str] = {}
        users = [user for user in found.names if i is None or may_enter(i, _actor(user), effect.called_at)]
        for first in range(0, len(users), INVITED_AT_ONCE):
            refused |= await self._calls.invite(attempt.refs[CHANNEL], users[first : first + INVITED_AT_ONCE])
        unsaid = set(found.names.values()) - await self._said(effect.incident) if attempt.repeated else set()
        return _invited(replace(found, names={user: found.names[user] for user in users}), refused, unsaid)

    async def _said(self, incident: int) -> set[str]:
        """Who was told of as invited."""
        facts = [stored.event for stored in await self._reading.events(incident)]
        return {name for fact in facts if isinstance(fact, PeopleInvited) for name in fact.people}

    async def bookmark(self, effect: AddBookmark, attempt: Attempt) -> Receipt:
        await self._calls.bookmark(attempt.refs[CHANNEL], cut(effect.title, TITLE), effect.link)
        return Receipt()

    async def find_bookmark(self, effect: AddBookmark, attempt: Attempt) -> Receipt | None:
        return Receipt() if await self._calls.bookmarked(attempt.refs[CHANNEL], effect.link) else None

    async def pin(self, effect: PinCard, attempt: Attempt) -> Receipt:
        channel, _, ts = card_of(attempt.refs).partition("/")
        await self._calls.pin(channel, ts)
        return Receipt()


def _names(effect: OpenRoom) -> Iterator[str]:
    return (numbered(effect.name, nth) for nth in range(1, NAMES + 1))


def _actor(user: str) -> Actor:
    return Actor(id=f"{SYSTEM}:{user}", name="")


def _invited(found: Found, refused: dict[str, str], unsaid: set[str]) -> Receipt:
    """Who is in the room because of us. Who was there already is no news, unless an earlier try may have asked them.

    `unsaid`: the names of those whom it may have asked, and who were never told of.
    """
    there = {user for user, code in refused.items() if code in THERE}
    people = [name for user, name in found.names.items() if user not in refused or (user in there and name in unsaid)]
    missing = [
        Uninvited(name=found.names[user], reason=UNINVITED.get(code, f"Slack refused it ({code})"))
        for user, code in refused.items()
        if code not in THERE and user in found.names
    ]
    told = [m.model_dump(mode="json") for m in (*found.missing, *missing)]
    return Receipt(data={"people": people, "missing": told})
