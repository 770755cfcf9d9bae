"""What happens in Slack without a command: marks, pins, mentions, arrivals. Heard first, then read from the inbox."""

import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from bot.engine.effects import GiveUp
from bot.engine.inbox import Heard, Later, Said
from bot.incident import UnmarkMessage
from bot.incident.habits import Marking
from bot.incident.model import Refused
from bot.incident.people import Person
from bot.integrations.slack import actions, marking, message_events, room_events
from bot.integrations.slack.blocks import Message, sentence
from bot.integrations.slack.commands import Spoken, answer
from bot.integrations.slack.desk import Turn
from bot.integrations.slack.effects import Button
from bot.integrations.slack.errors import unkept
from bot.integrations.slack.hearing import EARS, Ears
from bot.integrations.slack.homes import Homes
from bot.integrations.slack.limits import VALUE
from bot.integrations.slack.looking import is_mark, look
from bot.integrations.slack.marking import mark
from bot.integrations.slack.people import UNREACHABLE
from bot.integrations.slack.seeing import seen
from bot.integrations.slack.verbs import House

TOPICS = (room_events, marking, message_events)
"""The modules with ears of their own; importing one enters them."""
OURS = frozenset(
    {
        "app_home_opened",
        "app_mention",
        "pin_added",
        "pin_removed",
        "reaction_added",
        "reaction_removed",
    }
)
"""The events that are read here."""
KINDS = OURS | {kind for kind, ear in EARS.items() if not ear.own}
"""The events that are kept; others are acknowledged and forgotten."""


def _no_room(channel: str) -> bool:
    return False


def worth_keeping(
    body: Mapping[str, Any],
    known: Callable[[str], bool],
    in_room: Callable[[str], bool] = _no_room,
    emoji: Collection[str] = Marking().emoji,
) -> bool:
    """Whether a delivered event can lead to anything: most are other emoji, and people who are known already.

    `known`: whether we know that user; `in_room`: whether that channel is an incident's; `emoji`: what marks a message.
    """
    event = body.get("event")
    if not isinstance(event, Mapping) or event.get("type") not in KINDS:
        return False
    if event["type"] in EARS:
        return EARS[event["type"]].worth(event, known, in_room)
    return not str(event["type"]).startswith("reaction_") or is_mark(str(event.get("reaction")), emoji)


async def is_wanted(body: Mapping[str, Any], house: House) -> bool:
    """Whether an event worth keeping is one that its reader wants, now that there is time for a look."""
    ear = EARS.get(body["event"]["type"])
    return ear is None or await ear.wanted(house, body["event"])


def kept_body(body: Mapping[str, Any]) -> bytes:
    """What the inbox keeps of a delivery: not the (outdated) verification token beside it."""
    event = body["event"]
    ear = EARS.get(event["type"])
    kept = ear.keep(event) if ear else event
    return json.dumps({"event_id": body.get("event_id"), "team_id": body.get("team_id"), "event": kept}).encode()


def group_of(event: Mapping[str, Any]) -> str:
    """What must be handled in order: the events of one channel."""
    item = event.get("item")
    found = item.get("channel") if isinstance(item, Mapping) else None
    channel = event.get("channel")
    if isinstance(channel, Mapping):  # renamed and archived channels are told as objects
        channel = channel.get("id")
    return str(found or event.get("channel_id") or channel or event.get("user") or "")


class Events:
    """The reader of Slack's events."""

    def __init__(self, ears: Ears, homes: Homes) -> None:
        self._ears = ears
        self._homes = homes
        self._house = ears.house
        self._people = ears.people
        self._replies = ears.replies
        self._desk = ears.desk
        self._reads: Mapping[str, Callable[[Mapping[str, Any], Heard], Awaitable[Sequence[Said]]]] = {
            "app_home_opened": self._home,
            "app_mention": self._mention,
            "pin_added": self._pinned,
            "pin_removed": self._pinned,
            "reaction_added": self._pinned,
            "reaction_removed": self._pinned,
        }

    async def read(self, heard: Heard) -> Sequence[Said]:
        """What a kept event asks for. Raises Later while Slack cannot be asked; its refusals as they come."""
        event = json.loads(heard.body)["event"]
        try:
            return await self._read(event, heard)
        except UNREACHABLE as error:
            lost = unkept(error, f"what {event['type']} is about")
            if isinstance(lost.answer, GiveUp):
                raise
            raise Later(lost.answer.reason) from error

    async def _read(self, event: Mapping[str, Any], heard: Heard) -> Sequence[Said]:
        kind = event["type"]
        if kind in self._reads:
            return await self._reads[kind](event, heard)
        return await EARS[kind].read(self._ears, event, heard)

    async def _pinned(self, event: Mapping[str, Any], heard: Heard) -> Sequence[Said]:
        """A pin (or its reaction) put on a message of a room, or taken off: the message as it is now decides.

        A mark put on adds the message, the last one taken off removes it.
        """
        channel, ts = _message_of(event)
        room = self._house.directory.incident_of_channel(channel)
        if room is None or not ts:
            return []
        try:
            person = await self._people.acting(str(event.get("user")), "")
            await seen(self._house, person, room, channel)
        except Refused:
            return []
        marked = await look(self._ears, channel, ts)
        if marked is None:  # a message that is gone stays as noted
            return []
        if not marked.still:
            return [Said(UnmarkMessage(incident=room, ts=ts), person.actor)]
        return [Said(await mark(self._ears, room, channel, ts, marked), person.actor)]

    async def _mention(self, event: Mapping[str, Any], heard: Heard) -> Sequence[Said]:
        """`@muster <verb>`: the same as the command, where no form can be opened; so its answer is a button then."""
        if event.get("bot_id") or event.get("edited"):
            return []
        ours = await self._people.workspace()
        words = str(event.get("text") or "").partition(f"<@{ours.user}")[2].partition(">")[2].strip()
        channel, user = str(event.get("channel")), str(event.get("user"))
        turn = Turn(user, str(event.get("user_team") or event.get("team") or ""), f"event/{heard.key}", channel)

        async def work(person: Person) -> Any:
            return await answer(self._house, Spoken(words, person, channel, heard.heard_at))

        reaction = await self._desk.serve(turn, work)
        message = reaction.message or (_form_button(words) if reaction.form else None)
        if reaction.later:
            message = await reaction.later.run()
        if message:
            await self._replies.tell(user, message, channel=channel, thread=str(event.get("thread_ts") or ""))
        return []

    async def _home(self, event: Mapping[str, Any], heard: Heard) -> Sequence[Said]:
        """Somebody opened the home tab."""
        if event.get("tab") != "home":
            return []
        person = await self._people.find(str(event.get("user")))
        if person and not person.external:
            await self._homes.opened(person)
        return []


def _message_of(event: Mapping[str, Any]) -> tuple[str, str]:
    """(channel, ts) of the message that an event is about; a pin names it one level deeper than a reaction."""
    item = event.get("item")
    if not isinstance(item, Mapping):
        return "", ""
    message = item.get("message") or {}
    return str(item.get("channel") or event.get("channel_id") or ""), str(item.get("ts") or message.get("ts") or "")


def _form_button(said: str) -> Message:
    if len(said) > VALUE:
        return sentence("That is too long for a form from here. Type it after `/incident` in the channel.")
    return sentence("A thread opens no form.", [Button(label="Open the form", action=actions.RUN, value=said)])
