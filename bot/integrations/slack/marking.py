"""Puts messages on the timeline: marked in Slack, or added from what was offered; with their pictures."""

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from bot.engine.inbox import Heard, Said
from bot.incident import MarkMessage, TakeBackOffer
from bot.incident.model import Refused
from bot.incident.people import Person
from bot.integrations.slack import actions
from bot.integrations.slack.blocks import sentence
from bot.integrations.slack.deliveries import MOMENT
from bot.integrations.slack.hearing import Ears, Happening, hears
from bot.integrations.slack.looking import Marked, look
from bot.integrations.slack.pictures import pictures
from bot.integrations.slack.presses import OLD, Click, Hands, about, press
from bot.integrations.slack.seeing import seen
from bot.integrations.slack.sweep import NONE
from bot.integrations.slack.verbs import Answer, Do, Show

MARK_THIS = "mark_this"
"""Our own entry in the inbox: somebody wants a message on the timeline, and it must be looked at first."""
Hear = Callable[[str, str, str, bytes], Awaitable[None]]
"""Keeps an entry of ours in the inbox: (source, key, group, body)."""


async def mark(ears: Ears, room: int, channel: str, ts: str, marked: Marked) -> MarkMessage:
    """The wish that puts a message as it was found on the timeline. Raises one of UNREACHABLE."""
    images, enclosed = await pictures(ears.client, room, marked.files)
    return MarkMessage(
        incident=room,
        channel=channel,
        ts=ts,
        author=marked.author,
        text=marked.text,
        at=datetime.fromtimestamp(float(ts), UTC),
        url=marked.url,
        images=images,
        enclosed=enclosed,
    )


async def ask_to_mark(hear: Hear, person: Person, channel: str, ts: str, now: datetime) -> None:
    """Keeps the wish until the message was looked at. A double click is one, or finds the message marked."""
    event = {"type": MARK_THIS, "channel": channel, "ts": ts, "user": person.slack}
    key = f"{MARK_THIS}/{channel}/{ts}/{now:%Y%m%d%H%M%S}"
    await hear("slack", key, channel, json.dumps({"event_id": key, "event": event}).encode())


@hears(MARK_THIS, own=True)
async def mark_this(ears: Ears, event: Happening, heard: Heard) -> Sequence[Said]:
    """The message as it is now, by whoever wanted it on the timeline. One that is gone meanwhile is not there."""
    channel, ts = str(event.get("channel")), str(event.get("ts"))
    room = ears.house.directory.incident_of_channel(channel)
    if room is None:
        return []
    try:
        person = await ears.people.acting(str(event.get("user")), "")
        await seen(ears.house, person, room, channel)
    except Refused:
        return []
    marked = await look(ears, channel, ts)
    return [Said(await mark(ears, room, channel, ts, marked), person.actor)] if marked else []


@press(actions.MARK)
async def marked_from_offer(click: Click, hands: Hands) -> Answer:
    """*Add* beside an offered message, or *None of them* below."""
    i, ts = await about(hands, click)
    if ts == NONE:
        return Do(TakeBackOffer(incident=i.number))
    if ts not in i.offered or not MOMENT.fullmatch(ts):
        raise Refused(OLD)
    if ts in i.marked:
        return Show(sentence("It is on the timeline already."))
    await ask_to_mark(hands.hear, click.person, click.channel, ts, click.now)
    return Show(sentence("It goes onto the timeline."))
