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
GROUPS = (
    ("update", "task", "tasks", "page", "oncall", "ack", "alerts", "sev", "runbook"),
    ("lead", "role", "handover", "leave", "invite"),
    ("note", "summary", "impact", "edit", "link", "timeline", "catchup", "followup", "postmortem"),
    ("rename", "private", "merge", "cancel"),
)
"""The verbs by what they are about: what is done, who does it, what is written down, the room and the incident."""
AFTERWARDS = ("reopen", "timeline", "catchup", "postmortem", "followup", "tasks", "link", "invite", "edit")
"""What is left to do once it is over."""
LABELS = {
    "ack": "I have it",
    "catchup": "Catch-up",
    "followup": "Follow-up",
    "handover": "Hand over",
    "lead": "Command",
    "leave": "Leave a role",
    "oncall": "On-call",
    "private": "Make private",
    "sev": "Severity",
}
"""What stands on the button of a verb, where that is not the verb itself."""
YES = {"leave": "Lay your role down? With several you choose which."}
"""What is asked before a verb that takes something away when it is typed alone: here a thumb may have slipped."""


def panel(i: Incident, policy: Policy) -> Message:
    """What can be done with an incident, a button for each verb: what is done, who does it, what is said, the room."""
    head = section(f"*{i.name}* · {escape(i.severity.label)} · {i.status}\n{escape(cut(i.title, TITLE))}")
    if not i.is_open:
        return Message(fallback(i), (head, row(_buttons(i, AFTERWARDS))))
    moves = [
        Button(label=status.capitalize(), action=actions.SET_STATUS, value=f"{i.number}/{status}")
        for status in WORK
        if status is not i.status
    ]
    takes = take_buttons(i, policy)
    rows = [
        row([*moves, resolve(i)]),
        *([row(takes)] if takes else []),
        *(row(_buttons(i, group)) for group in GROUPS),
    ]
    return Message(fallback(i), (head, *rows))


def _buttons(i: Incident, verbs: Sequence[str]) -> list[Button]:
    made = [form(i, LABELS.get(verb, verb.capitalize()), verb) for verb in verbs]
    return [b.model_copy(update={"yes": YES.get(verb, "")}) for b, verb in zip(made, verbs, strict=True)]


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
