"""How a status update reads: in the room, in a follower's direct messages, in the form before it is sent. Pure."""

from datetime import datetime

from bot.incident.model import Event, Incident
from bot.incident.timeline import Stored
from bot.incident.updates import UpdateEdited, UpdatePosted
from bot.integrations.slack.asking import run
from bot.integrations.slack.cards import TITLE, follow
from bot.integrations.slack.effects import Button
from bot.integrations.slack.text import channel, cut, escape, moment, name

CONDITION = 1_250
PART = 600
NAME = 60
"""Characters after escaping: all of it fits into one block of Slack's."""


def in_room(posted: UpdatePosted, edit: UpdateEdited | None = None) -> str:
    """The update as the room reads it, in the words of its latest edit."""
    edited = f" · put right by {cut(name(edit.by), NAME)}" if edit else ""
    return f"*Update {posted.update}* by {cut(name(posted.by), NAME)}{edited}\n{_words_of(posted, edit)}"


def in_private(i: Incident, posted: UpdatePosted, edit: UpdateEdited | None = None) -> str:
    """The same for somebody who is not in the room: which incident it is about, and where that is."""
    where = f" · {channel(i.room.channel, i.room.name)}" if i.room else ""
    state = f"*{i.name}* · {cut(escape(i.severity.label), NAME)} · {i.status} · {cut(escape(i.title), TITLE)}{where}"
    return f"{state}\n{in_room(posted, edit)}"


def room_buttons(i: Incident, update: int) -> list[Button]:
    return [run("Edit", i.number, f"update edit {update}"), follow(i)]


def body(condition: str, doing: str, needs: str, then: str) -> str:
    """The three parts that there are, a line each, and when the next word comes."""
    told = [cut(escape(condition), CONDITION)]
    told += [f"*Doing:* {cut(escape(doing), PART)}"] if doing.strip() else []
    told += [f"*Needed:* {cut(escape(needs), PART)}"] if needs.strip() else []
    return "\n".join(filter(None, [*told, then]))


def _words_of(posted: UpdatePosted, edit: UpdateEdited | None) -> str:
    said = edit or posted
    return body(said.condition, said.actions, said.needs, _next(posted.next_due))


def _next(due: datetime | None) -> str:
    return f"Next update by {moment(due)}." if due else ""


def latest(stored: list[Stored], entry: int) -> tuple[UpdatePosted, UpdateEdited | None] | None:
    """The update that was posted as that entry and its latest edit; None where there is no such update."""
    posted = next((s.event for s in stored if s.seq == entry), None)
    if not isinstance(posted, UpdatePosted):
        return None
    return posted, next((e for e in _backwards(stored) if isinstance(e, UpdateEdited) and e.entry == entry), None)


def _backwards(stored: list[Stored]) -> list[Event]:
    return [s.event for s in reversed(stored)]
