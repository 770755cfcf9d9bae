"""What stands where an incident has been: in a room that it left, and in the announcement of one that is private or
went on in another. Pure; nothing of what happened since is in it.
"""

from bot.incident.model import Incident
from bot.incident.privacy import is_for_all, room_number
from bot.integrations.slack.blocks import Message, section, sentence
from bot.integrations.slack.cards import TITLE
from bot.integrations.slack.text import channel, cut, escape

LEFT = "Goes on in a private room"
"""The topic of a room that an incident left."""


def is_left(i: Incident, room: int) -> bool:
    """Whether the incident is no longer in that one of its rooms."""
    return room != room_number(i)


def left_card(i: Incident) -> Message:
    """In place of the card: its title may be another one by now, so only the number is told."""
    return sentence(f"*{i.name}* goes on in a private room. What was said here stays readable.")


def private_announcement(i: Incident) -> Message:
    return Message(f"{i.name} is private now", (section(f"*{i.name}* is private now."),))


def merged_card(i: Incident, target: Incident) -> Message:
    """In place of the card of an incident that went on in another one."""
    title = escape(cut(i.title, TITLE))
    return sentence(f"*{i.name}* {_goes_on(target)}\n{title}\nWhat happened here is part of the timeline there.")


def merged_announcement(i: Incident, target: Incident) -> Message:
    """The same where everybody reads it."""
    text = f"*{i.name}* {_goes_on(target)}\n{escape(cut(i.title, TITLE))}"
    return Message(f"{i.name} was merged into another incident", (section(text),))


def _goes_on(target: Incident) -> str:
    """Where its work goes on; not which incident that is, when it is a private one."""
    if not is_for_all(target):
        return "was merged into a private incident."
    room = f" · {channel(target.room.channel, target.room.name)}" if target.room else ""
    return f"was merged into {target.name}{room}"
