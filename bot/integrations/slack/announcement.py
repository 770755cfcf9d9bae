"""The card in the announcement channel: how an incident stands, for everybody, in the company's own words. Pure."""

from bot.documents.wording import Wording
from bot.incident.model import Incident
from bot.incident.policy import Policy
from bot.incident.roles import COMMANDER
from bot.integrations.slack import actions, card_lines
from bot.integrations.slack.blocks import Message, section
from bot.integrations.slack.blocks import actions as row
from bot.integrations.slack.card_state import TITLE, WORDS
from bot.integrations.slack.cards import fallback, follow, since
from bot.integrations.slack.effects import Button
from bot.integrations.slack.text import channel, cut, escape, name


def announcement(i: Incident, policy: Policy, wording: Wording) -> Message:
    """While it lasts with Join, and with Follow for who need not be there."""
    join = Button(label="Join", action=actions.JOIN_ROOM, value=str(i.number), primary=True)
    return Message(fallback(i), (section(_told(i, policy, wording)), *([row([join, follow(i)])] if i.is_open else [])))


def _told(i: Incident, policy: Policy, wording: Wording) -> str:
    return wording.say(
        "declared",
        severity=escape(i.severity.label),
        status=i.status.capitalize(),
        incident=i.name,
        title=escape(cut(i.title, TITLE)),
        role=escape(policy.label(COMMANDER)),
        commander=_commander(i),
        since=since(i),
        drill="drill" if i.drill else "",
        room=channel(i.room.channel, i.room.name) if i.room else "",
        impact=cut(escape(i.impact), WORDS),
        update=card_lines.update_told(i),
    )


def _commander(i: Incident) -> str:
    """Said always, and most of all when it is nobody."""
    if i.commander:
        return name(i.commander)
    return "nobody yet" if i.is_open else "nobody"
