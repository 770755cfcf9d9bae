"""What stands where an incident has been: in a room that it left, and in the announcement of one that is private or
went on in another. Pure; nothing of what happened since is in it.
"""

from bot.incident.model import Incident
from bot.incident.privacy import room_number
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


def merged_announcement(i: Incident, target: Incident) -> Message:
    """Where its work goes on; not which incident that is, when it is a private one."""
    if target.private:
        where, short = "goes on in a private incident", "was merged"
    else:
        room = f" · {channel(target.room.channel, target.room.name)}" if target.room else ""
        where, short = f"merged into {target.name}{room}", f"was merged into {target.name}"
    return Message(f"{i.name} {short}", (section(f"*{i.name}* · {where}\n{escape(cut(i.title, TITLE))}"),))
