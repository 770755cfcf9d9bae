"""How a status update reads: in the room, in a follower's direct messages, in the form before it is sent. Pure."""

from dataclasses import dataclass

from bot.documents.wording import Wording
from bot.incident.model import Event, Incident
from bot.incident.timeline import Stored
from bot.incident.updates import UpdateEdited, UpdatePosted
from bot.incident.values import Actor
from bot.integrations.slack.asking import run
from bot.integrations.slack.cards import TITLE, follow
from bot.integrations.slack.effects import Button
from bot.integrations.slack.text import channel, cut, escape, moment, name

CONDITION = 1_250
PART = 600
NAME = 60
"""Characters after escaping: all of it fits into one block of Slack's."""


@dataclass(frozen=True)
class Draft:
    """An update before it is sent: its number, who writes it, the three parts as typed, and when the next one comes."""

    number: str
    by: Actor
    condition: str
    actions: str = ""
    needs: str = ""
    then: str = ""


def looks(wording: Wording, draft: Draft, edited_by: Actor | None = None) -> str:
    """The update in the company's words, what people typed cut to what fits."""
    return wording.say(
        "update",
        number=escape(draft.number),
        person=cut(name(draft.by), NAME),
        editor=cut(name(edited_by), NAME) if edited_by else "",
        condition=cut(escape(draft.condition), CONDITION),
        actions=cut(escape(draft.actions), PART),
        needs=cut(escape(draft.needs), PART),
        next=draft.then,
    )


def in_room(wording: Wording, posted: UpdatePosted, edit: UpdateEdited | None = None) -> str:
    """The update as the room reads it, in the words of its latest edit."""
    said, due = edit or posted, posted.next_due
    then = f"by {moment(due)}" if due else ""
    draft = Draft(str(posted.update), posted.by, said.condition, said.actions, said.needs, then)
    return looks(wording, draft, edit.by if edit else None)


def in_private(wording: Wording, i: Incident, posted: UpdatePosted, edit: UpdateEdited | None = None) -> str:
    """The same for somebody who is not in the room: which incident it is about, and where that is."""
    where = f" · {channel(i.room.channel, i.room.name)}" if i.room else ""
    state = f"*{i.name}* · {cut(escape(i.severity.label), NAME)} · {i.status} · {cut(escape(i.title), TITLE)}{where}"
    return f"{state}\n{in_room(wording, posted, edit)}"


def room_buttons(i: Incident, update: int) -> list[Button]:
    return [run("Edit", i.number, f"update edit {update}"), follow(i)]


def latest(stored: list[Stored], entry: int) -> tuple[UpdatePosted, UpdateEdited | None] | None:
    """The update that was posted as that entry and its latest edit; None where there is no such update."""
    posted = next((s.event for s in stored if s.seq == entry), None)
    if not isinstance(posted, UpdatePosted):
        return None
    return posted, next((e for e in _backwards(stored) if isinstance(e, UpdateEdited) and e.entry == entry), None)


def _backwards(stored: list[Stored]) -> list[Event]:
    return [s.event for s in reversed(stored)]
