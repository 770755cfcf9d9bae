"""What answers a person who asks: the panel of an incident, and the list of the open ones. Pure."""

from collections.abc import Sequence
from itertools import chain

from bot.incident.model import Incident
from bot.incident.policy import Policy
from bot.incident.values import Status
from bot.integrations.slack import actions
from bot.integrations.slack.blocks import Block, Message, button, context, lines, section
from bot.integrations.slack.blocks import actions as row
from bot.integrations.slack.cards import fallback, form, headed, resolve, take_buttons
from bot.integrations.slack.effects import Button
from bot.integrations.slack.text import channel, escape, name

SHOWN_INCIDENTS = 20
WORK = (Status.INVESTIGATING, Status.IDENTIFIED, Status.MONITORING)
GROUPS = {
    "The work": ("task", "tasks", "followup", "runbook", "alerts"),
    "Who is called": ("page", "oncall", "ack", "invite"),
    "Roles": ("lead", "role", "handover", "leave"),
    "What is known": ("note", "summary", "impact", "link", "edit"),
    "What happened": ("timeline", "catchup", "postmortem"),
    "The room and the incident": ("rename", "private", "merge", "cancel"),
}
"""The verbs by what they are about, at most five in a row: so many fit a phone in two lines."""
AFTERWARDS = (("reopen", "postmortem", "timeline", "catchup"), ("followup", "tasks", "link", "invite", "edit"))
"""What is left to do once it is over."""
LABELS = {
    "ack": "I have it",
    "cancel": "Cancel incident",
    "catchup": "Catch-up",
    "followup": "Add follow-up",
    "handover": "Hand over",
    "lead": "Take command",
    "leave": "Leave a role",
    "link": "Add link",
    "note": "Add note",
    "oncall": "On-call",
    "private": "Make private",
    "rename": "Rename room",
    "role": "Set role",
    "sev": "Set severity",
    "task": "Give task",
    "update": "Post update",
}
"""What stands on the button of a verb, where that is not the verb itself: what it does, or what it shows."""
YES = {"leave": "Lay your role down? With several you choose which."}
"""What is asked before a verb that takes something away when it is typed alone: here a thumb may have slipped."""


def panel(i: Incident, policy: Policy) -> Message:
    """What can be done with an incident, a button for each verb: where it stands first, then what is about what."""
    head = lines([headed(i), f"{escape(i.severity.label)} · {i.status}"])
    if not i.is_open:
        return Message(fallback(i), (head, *(row(_buttons(i, verbs)) for verbs in AFTERWARDS)))
    moves = [
        Button(label=status.capitalize(), action=actions.SET_STATUS, value=f"{i.number}/{status}")
        for status in WORK
        if status is not i.status
    ]
    groups = ([context(title), row(_buttons(i, _apt(i, verbs)))] for title, verbs in GROUPS.items())
    first = row([*moves, resolve(i), *_buttons(i, ("sev", "update"))])
    return Message(fallback(i), (head, first, *_takes(i, policy), *chain.from_iterable(groups)))


def _takes(i: Incident, policy: Policy) -> list[Block]:
    takes = take_buttons(i, policy)
    return [row(takes)] if takes else []


def _apt(i: Incident, verbs: Sequence[str]) -> list[str]:
    """Those that mean something now: while nobody has command, the bold button above takes it."""
    return [verb for verb in verbs if verb != "lead" or i.commander is not None]


def _buttons(i: Incident, verbs: Sequence[str]) -> list[Button]:
    made = [form(i, LABELS.get(verb, verb.capitalize()), verb) for verb in verbs]
    return [b.model_copy(update={"yes": YES.get(verb, "")}) for b, verb in zip(made, verbs, strict=True)]


def open_list(incidents: Sequence[Incident], what: str = "incident") -> Message:
    """The open incidents, worst first, each with Join; `what` they are called, where others stand above."""
    if not incidents:
        declare = Button(label="Declare an incident", action=actions.DECLARE_FORM, value="")
        return Message("No incident is open.", (section("No incident is open."), row([declare])))
    ordered = sorted(incidents, key=lambda i: (i.severity.level, i.number))
    blocks = [_listed(i) for i in ordered[:SHOWN_INCIDENTS]]
    if len(ordered) > SHOWN_INCIDENTS:
        blocks.append(context(f"and {len(ordered) - SHOWN_INCIDENTS} more"))
    count = f"{len(ordered)} {what}s are open" if len(ordered) > 1 else f"1 {what} is open"
    return Message(count, (section(f"*{count}*"), *blocks))


def _listed(i: Incident) -> Block:
    where = f" · {channel(i.room.channel, i.room.name)}" if i.room else ""
    who = name(i.commander) if i.commander else "no commander"
    told = [headed(i), f"{escape(i.severity.label)} · {i.status} · {who}{where}"]
    return lines(told, accessory=button(Button(label="Join", action=actions.JOIN_ROOM, value=str(i.number))))
