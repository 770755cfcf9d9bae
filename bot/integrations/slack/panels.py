"""What answers a person who asks: the panel of an incident, and the list of the open ones. Pure."""

from collections.abc import Sequence

from bot.incident.model import Incident
from bot.incident.policy import Policy
from bot.incident.values import Status
from bot.integrations.slack import actions
from bot.integrations.slack.blocks import Block, Message, button, context, lines, section
from bot.integrations.slack.blocks import actions as row
from bot.integrations.slack.cards import TITLE, fallback, form, resolve, take_buttons
from bot.integrations.slack.effects import Button
from bot.integrations.slack.text import channel, cut, escape, name

SHOWN_INCIDENTS = 20
WORK = (Status.INVESTIGATING, Status.IDENTIFIED, Status.MONITORING)


def panel(i: Incident, policy: Policy) -> Message:
    """What can be done with an incident, a button each."""
    head = section(f"*{i.name}* · {escape(i.severity.label)} · {i.status}\n{escape(cut(i.title, TITLE))}")
    if not i.is_open:
        after = [form(i, "Reopen", "reopen"), form(i, "Timeline", "timeline"), form(i, "Postmortem", "postmortem")]
        return Message(fallback(i), (head, row([*after, form(i, "Edit", "edit")])))
    moves = [
        Button(label=status.capitalize(), action=actions.SET_STATUS, value=f"{i.number}/{status}")
        for status in WORK
        if status is not i.status
    ]
    work = [("Note", "note"), ("Page", "page"), ("On-call", "oncall"), ("Severity", "sev"), ("Role", "role")]
    words = [("Edit", "edit"), ("Timeline", "timeline"), ("Postmortem", "postmortem"), ("Cancel", "cancel")]
    rows: list[Block] = [row([*moves, resolve(i)]), row([form(i, *one) for one in work])]
    if takes := take_buttons(i, policy):
        rows.append(row(takes))
    return Message(fallback(i), (head, *rows, row([form(i, *one) for one in words])))


def open_list(incidents: Sequence[Incident]) -> Message:
    """The open incidents, worst first, each with Join."""
    if not incidents:
        declare = Button(label="Declare an incident", action=actions.DECLARE_FORM, value="")
        return Message("No incident is open.", (section("No incident is open."), row([declare])))
    ordered = sorted(incidents, key=lambda i: (i.severity.level, i.number))
    blocks = [_listed(i) for i in ordered[:SHOWN_INCIDENTS]]
    if len(ordered) > SHOWN_INCIDENTS:
        blocks.append(context(f"and {len(ordered) - SHOWN_INCIDENTS} more"))
    count = f"{len(ordered)} incidents are open" if len(ordered) > 1 else "1 incident is open"
    return Message(count, (section(f"*{count}*"), *blocks))


def _listed(i: Incident) -> Block:
    where = f" · {channel(i.room.channel, i.room.name)}" if i.room else ""
    who = name(i.commander) if i.commander else "no commander"
    told = [f"*{i.name}* · {escape(i.severity.label)} · {i.status} · {who}{where}", escape(cut(i.title, TITLE))]
    return lines(told, accessory=button(Button(label="Join", action=actions.JOIN_ROOM, value=str(i.number))))
