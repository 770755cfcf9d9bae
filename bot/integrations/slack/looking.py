"""A message of someone's, as it is in Slack now: who wrote it, its words, its address, and whether it is marked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.incident.values import Actor
from bot.integrations.slack.asking import name_of
from bot.integrations.slack.errors import SENSELESS, code_of
from bot.integrations.slack.hearing import Ears
from bot.integrations.slack.people import Workspace
from bot.integrations.slack.text import plain
from bot.integrations.slack.verbs import House
from bot.integrations.slack.words import named

GONE = "tombstone"
"""The subtype of what Slack leaves where a message was deleted that has answers."""


@dataclass(frozen=True)
class Marked:
    """A message that was marked, as found when looked at. `still`: whether some mark is on it now."""

    author: Actor
    text: str
    url: str
    still: bool
    files: tuple[Mapping[str, Any], ...] = ()
    """What hangs on it, as Slack tells of files."""


async def look(ears: Ears, channel: str, ts: str) -> Marked | None:
    """The message with what is on it; None when it is gone, or is one of our own. Raises one of UNREACHABLE."""
    ours = await ears.people.workspace()
    try:
        # Of a thread's answer, the message that began the thread comes with it.
        said = await ears.client.conversations_replies(
            channel=channel, ts=ts, oldest=ts, latest=ts, inclusive=True, limit=3
        )
    except SlackApiError as error:
        if code_of(error) in ("thread_not_found", "message_not_found", "channel_not_found"):
            return None
        raise
    except SENSELESS as error:
        raise aiohttp.ClientPayloadError("Slack's answer made no sense") from error
    messages = said.get("messages")
    if not isinstance(messages, list):
        raise aiohttp.ClientPayloadError("Slack's answer holds no messages")
    found = next((m for m in messages if m.get("ts") == ts), None)
    if found is None or found.get("subtype") == GONE:
        return None
    if found.get("user") == ours.user or found.get("bot_id") == ours.bot:
        return None
    return await _marked(ears, found, channel, ours)


async def _marked(ears: Ears, message: Mapping[str, Any], channel: str, ours: Workspace) -> Marked:
    thread = str(message.get("thread_ts") or "")
    return Marked(
        author=await _author(ears, message),
        text=text_of(message, ears.house),
        url=ours.permalink(channel, str(message["ts"]), thread),
        still=is_marked(message, channel, ears.house.policy.marking.emoji),
        files=tuple(message.get("files") or ()),
    )


async def _author(ears: Ears, message: Mapping[str, Any]) -> Actor:
    """Who wrote a message; of an app its name."""
    if message.get("user"):
        await ears.people.find(str(message["user"]))
    return author_of(message, ears.house)


def is_marked(message: Mapping[str, Any], channel: str, emoji: Collection[str]) -> bool:
    """Whether a pin or one of these emoji is on the message."""
    reactions = (str(r.get("name")) for r in message.get("reactions") or [])
    return channel in (message.get("pinned_to") or []) or any(is_mark(name, emoji) for name in reactions)


def is_mark(reaction: str, emoji: Collection[str]) -> bool:
    """Whether that reaction marks a message, in whatever colour of skin: `writing_hand::skin-tone-3`."""
    return reaction.partition("::")[0] in emoji


def author_of(message: Mapping[str, Any], house: House) -> Actor:
    """Who wrote a message, as far as we know them already; of an app its name."""
    user = str(message.get("user") or "")
    person = house.directory.by_slack(user)
    if person:
        return person.actor
    name = message.get("username") or (message.get("bot_profile") or {}).get("name") or user or "an app"
    return Actor(id=f"slack:{user or message.get('bot_id') or 'app'}", name=str(name))


def text_of(message: Mapping[str, Any], house: House) -> str:
    """A message's words as people read them; of one without words the names of its files."""
    text = plain(named(str(message.get("text") or ""), partial(name_of, house))).strip()
    files = ", ".join(str(f.get("name") or "a file") for f in message.get("files") or [])
    return text or (f"[{files}]" if files else "[no words]")
