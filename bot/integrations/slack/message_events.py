"""Follows marked messages, where a company wants it: their author edits or deletes them, and the timeline says so.

All else that is said in a room is dropped before it is kept, and of what is kept the words are left out: the message is
looked at when its turn comes.
"""

from collections.abc import Callable, Sequence

from bot.engine.inbox import Heard, Said
from bot.incident import CorrectEntry, RecordGone
from bot.incident.model import Incident
from bot.incident.notes import NOTE_LENGTH
from bot.incident.values import MUSTER
from bot.integrations.slack.hearing import Ears, Happening, hears
from bot.integrations.slack.looking import GONE, look
from bot.integrations.slack.verbs import House

CHANGED, DELETED = "message_changed", "message_deleted"


def _of_a_room(event: Happening, known: Callable[[str], bool], in_room: Callable[[str], bool]) -> bool:
    return event.get("subtype") in (CHANGED, DELETED) and in_room(str(event.get("channel")))


async def _of_a_marked_message(house: House, event: Happening) -> bool:
    """Whether it is about a message on the timeline, and such are followed here."""
    return house.policy.marking.follow_edits and await _marked(house, event) is not None


def _without_words(event: Happening) -> Happening:
    """Which message, and what happened to it. What has answers is not deleted but left as a stone without words."""
    changed = event.get("message") or {}
    deleted = event.get("subtype") == DELETED or changed.get("subtype") == GONE
    subtype = DELETED if deleted else CHANGED
    return {"type": "message", "subtype": subtype, "channel": event.get("channel"), "ts": _ts(event)}


@hears("message", worth=_of_a_room, wanted=_of_a_marked_message, keep=_without_words)
async def followed(ears: Ears, event: Happening, heard: Heard) -> Sequence[Said]:
    """The entry says what the message says now, or that it is gone."""
    found = await _marked(ears.house, event)
    if found is None:
        return []
    i, ts = found
    if event.get("subtype") == DELETED:
        return [Said(RecordGone(incident=i.number, ts=ts), MUSTER)]
    marked = await look(ears, str(event.get("channel")), ts)
    if marked is None:
        return []
    wish = CorrectEntry(incident=i.number, entry=i.marked[ts], text=marked.text[:NOTE_LENGTH], followed=True)
    return [Said(wish, marked.author)]


async def _marked(house: House, event: Happening) -> tuple[Incident, str] | None:
    """The incident in whose room it happened, and the message, if that is on its timeline."""
    number, ts = house.directory.incident_of_channel(str(event.get("channel"))), _ts(event)
    incident = await house.reading.incident(number) if number is not None else None
    return (incident, ts) if incident and ts in incident.marked else None


def _ts(event: Happening) -> str:
    """Which message it is about; of a delivery Slack says it one level deeper, or by another name."""
    changed = event.get("message") or {}
    return str(changed.get("ts") or event.get("deleted_ts") or event.get("ts") or "")
