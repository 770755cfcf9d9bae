"""The cards that show the present: in the room, and of an alert awaiting a decision.

Pure functions of state. They are read at three in the morning on a phone: few lines, the worst first, one obvious step.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.incident.mirror import Alert
from bot.incident.model import Incident
from bot.incident.nudges import next_update
from bot.incident.paging import may_answer
from bot.incident.policy import Policy
from bot.incident.values import Holding, PageLine, PageState, Status
from bot.integrations.slack import actions, card_lines
from bot.integrations.slack.alert_worth import SAID, worth_row
from bot.integrations.slack.blocks import Block, Message, button, context, header, lines, section
from bot.integrations.slack.blocks import actions as row
from bot.integrations.slack.card_state import TITLE as TITLE
from bot.integrations.slack.card_state import WORDS
from bot.integrations.slack.card_state import CardState as CardState
from bot.integrations.slack.card_state import Trouble as Trouble
from bot.integrations.slack.effects import Button
from bot.integrations.slack.text import channel, cut, escape, link, moment, name

SHOWN_HOLDERS = 3
MOST_LINES = 12
EXPENDABLE = ("links", "tasks", "roles", "known")
"""Lines that go where there are too many, the first one first: each can be asked for, or an update says it anew."""
SHOWN_PAGES = 4
SHORT = 60
"""Of the name of a service, a priority, or whoever is paged."""
NO_IMPACT = "not known yet · `/incident impact`"
NO_SUMMARY = "nothing yet · `/incident summary`"
"""What stands where nothing was said yet, with the way to say it."""
WRITE_DOWN = "on a message, or `/incident note`, writes the timeline · `/incident help`"
"""What follows the emoji that marks."""


def room_card(state: CardState) -> Message:
    """The pinned card: at most 12 lines, and the buttons of the next obvious steps."""
    i = state.incident
    told = _told(state)
    room = MOST_LINES - len(told) - 2
    blocks = [
        header(_headline(i)),
        lines(told),
        *_troubles(i, state.troubles, room),
        context(f"{state.policy.marking.shown} {WRITE_DOWN}"),
    ]
    return Message(fallback(i), (*blocks, *_card_buttons(state)))


def fallback(i: Incident) -> str:
    """The incident in one line, for notifications and screen readers; a lock screen shows no private one's title."""
    title = "private" if i.private else cut(i.title, TITLE)
    return escape(f"{i.name} · {i.severity.label} · {i.status} · {title}")


def notice(i: Incident) -> str:
    """What a lock screen shows of a direct message about it: of a private one not a word; nothing to hide is empty."""
    return fallback(i) if i.private else ""


def headed(i: Incident) -> str:
    """What it is about, as the first line wherever an incident is listed: `*INC-42* · Checkout errors`."""
    drill = " · drill" if i.drill else ""
    return f"*{i.name}*{drill} · {escape(cut(i.title, TITLE))}"


def _headline(i: Incident) -> str:
    title = " ".join(i.title.split())
    drill = "Drill · " if i.drill and not title.casefold().startswith("drill") else ""
    return f"{drill}{i.name} · {cut(title, TITLE)}"


def _told(state: CardState) -> list[str]:
    """The lines that fit, one of them kept free where something did not work; the most expendable ones go first."""
    told = {what: line for what, line in _lines(state) if line}
    most = MOST_LINES - 2 - bool(state.troubles)
    for what in EXPENDABLE:
        if len(told) > most:
            told.pop(what, None)
    return list(told.values())


def _lines(state: CardState) -> Iterator[tuple[str, str]]:
    """Each line under its name, empty where there is nothing to tell."""
    i = state.incident
    yield "state", f"*{escape(i.severity.label)}* · *{i.status.capitalize()}* · {since(i)}"
    yield "goes_on", _labelled("Merged into", i.goes_on_in if i.status is Status.MERGED else "")
    yield "impact", _labelled("Impact", _words(i.impact) or (NO_IMPACT if i.is_open else ""))
    yield "update", card_lines.update_line(state)
    yield (
        "known",
        _labelled("What is known", _words(i.summary) or (NO_SUMMARY if i.is_open and i.update is None else "")),
    )
    yield "command", _command(state)
    yield "roles", _other_roles(i)
    yield "tasks", card_lines.tasks_line(state)
    yield "pages", _labelled("Paged", " · ".join(page_state(page) for page in i.pages[-SHOWN_PAGES:]))
    yield "alerts", card_lines.alerts_line(state) or _labelled("Services", _services(i))
    yield "runbooks", card_lines.runbooks_line(state)
    yield "links", card_lines.links_line(state)
    yield "bridge", _labelled("Bridge", link(state.bridge, "join the call") if state.bridge and i.is_open else "")
    due = next_update(i, state.policy)
    yield "due", _labelled("Next update due", moment(due) if due else "")


def _labelled(label: str, told: str) -> str:
    return f"*{label}:* {told}" if told else ""


def _services(i: Incident) -> str:
    return cut(escape(", ".join(service.name for service in i.services)), WORDS)


def _words(text: str) -> str:
    return cut(escape(text), WORDS)


def since(i: Incident) -> str:
    """When it began, or how long it took."""
    if i.status in (Status.RESOLVED, Status.CLOSED) and (took := lasted(i)):
        return f"lasted {took}"
    began = i.moments.declared
    return f"declared {moment(began, day=True)} by {name(i.declared_by)}" if began else f"by {name(i.declared_by)}"


def _command(state: CardState) -> str:
    """Who commands: said always, and most of all when it is nobody."""
    label = escape(state.policy.label("commander"))
    held = state.incident.holding("commander")
    if held:
        return f"*{label}:* {name(held.person)}, since {moment(held.since)}"
    return f"*{label}:* nobody yet" if state.incident.is_open else f"*{label}:* nobody"


def _other_roles(i: Incident) -> str:
    return roles_told([held for held in i.holdings if held.role != "commander"])


def roles_told(held: Sequence[Holding]) -> str:
    """Each role once, with those who have it."""
    labels = dict.fromkeys(h.label for h in held)
    told = (f"*{escape(label)}:* {_holders([h for h in held if h.label == label])}" for label in labels)
    return cut(" · ".join(told), 2 * WORDS)


def _holders(held: Sequence[Holding]) -> str:
    more = f" and {len(held) - SHOWN_HOLDERS} more" if len(held) > SHOWN_HOLDERS else ""
    return ", ".join(name(h.person) for h in held[:SHOWN_HOLDERS]) + more


def page_state(page: PageLine) -> str:
    """Who was paged and what became of it, in a few words."""
    whom = escape(cut(page.target.name, SHORT)) + (f" (level {page.level})" if page.level > 1 else "")
    if page.called_off:
        return f"{whom}: nobody answered before it was over"
    called = escape(cut(", ".join(page.people), 80)) or "the on-call"
    answered = escape(cut(page.answered_by, 80))
    became = {
        PageState.REQUESTED: "being sent",
        PageState.SENT: f"calling {called}, no answer yet",
        PageState.ANSWERED: f"{answered} answered",
        PageState.DECLINED: f"{answered} declined",
        PageState.UNANSWERED: "*nobody answered*",
        PageState.FAILED: f"*did not go out*, call by hand ({escape(cut(page.reason, 80))})",
    }
    return f"{whom}: {became[page.state]}"


def _troubles(i: Incident, troubles: Sequence[Trouble], room: int) -> Iterator[Block]:
    """What did not work, with Retry, in the lines that are left; the last one counts what else there is."""
    shown = troubles if len(troubles) <= room else troubles[: max(room - 1, 0)]
    for trouble in shown:
        yield section(_trouble(trouble), accessory=_retry(i, trouble))
    if len(shown) < len(troubles):
        yield section(f":warning: {len(troubles) - len(shown)} more steps did not work: `/incident show`")


def _trouble(trouble: Trouble) -> str:
    return f":warning: Could not {escape(cut(trouble.step, 120))}: {escape(cut(trouble.reason, 200))}"


def _retry(i: Incident, trouble: Trouble) -> Block | None:
    if trouble.effect is None:
        return None
    return button(Button(label="Retry", action=actions.RETRY_STEP, value=f"{i.number}/{trouble.effect}"))


def _card_buttons(state: CardState) -> list[Block]:
    i = state.incident
    if not i.is_open:
        reopen = [] if i.status is Status.MERGED else [form(i, "Reopen", "reopen")]
        return [row([*reopen, form(i, "Postmortem", "postmortem"), more(i)])]
    first = [Button(label="I have it", action=actions.ACK_PAGE, value=str(i.number), primary=True)]
    answer = first if any(may_answer(page) for page in i.pages) else []
    takes = take_buttons(i, state.policy, first=not answer)
    steps = [*(form(i, verb.capitalize(), verb) for verb in ("update", "task", "page")), resolve(i), more(i)]
    return [row([*answer, *takes]), row(steps)] if answer or takes else [row(steps)]


def take_buttons(i: Incident, policy: Policy, *, first: bool = True) -> list[Button]:
    """A Take button for each role that one person holds and nobody has yet; command first, and bold.

    `first`: nothing else is to be done before it, so that there is one bold button at a time.
    """
    return [
        Button(
            label=f"Take {role.label}",
            action=actions.TAKE_ROLE,
            value=f"{i.number}/{role.key}",
            primary=first and role.key == "commander",
        )
        for role in policy.roles
        if not role.many and i.holding(role.key) is None
    ]


def form(i: Incident, label: str, verb: str) -> Button:
    """A button that does what the bare verb does."""
    return Button(label=label, action=actions.OPEN_FORM, value=f"{i.number}/{verb}")


def resolve(i: Incident) -> Button:
    return Button(label="Resolve", action=actions.RESOLVE_FORM, value=str(i.number))


def more(i: Incident) -> Button:
    return Button(label="More", action=actions.PANEL, value=str(i.number))


def follow(i: Incident) -> Button:
    """Tell me of each update in private."""
    return Button(label="Follow", action=actions.FOLLOW, value=f"{i.number}/yes")


def unfollow(i: Incident) -> Button:
    return Button(label="Unfollow", action=actions.FOLLOW, value=f"{i.number}/no")


def topic(i: Incident, policy: Policy) -> str:
    """The room's topic, at most 250 characters and without formatting (Slack shows none there).

    Only what changes with facts: the due time is told to the minute, in UTC, since a topic has no reader's zone.
    """
    parts = [i.severity.label, i.status.capitalize()]
    if i.is_open:
        label = policy.label("commander")
        parts.append(f"{label}: {i.commander.name}" if i.commander else f"{label}: nobody yet")
        if due := next_update(i, policy):
            parts.append(f"next update {due:%H:%M} UTC")
    # The angle brackets would arrive as entities, and a name needs none.
    return cut(" · ".join(parts).replace("<", "").replace(">", "").replace("&", "+"), 250)


def lasted(i: Incident) -> str:
    """From the start to the resolution, or nothing where one of the two is not known."""
    m = i.moments
    start = m.impact_start or m.detected or m.declared
    return duration(m.resolved - start) if m.resolved and start and m.resolved >= start else ""


def duration(took: timedelta) -> str:
    """`less than a minute`, `4 min`, `1 h 12 min`, `2 d 3 h`."""
    minutes = max(int(took.total_seconds() // 60), 0)
    hours, days = minutes // 60, minutes // 1440
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min" if minutes else "less than a minute"


def triage_card(alert: Alert, open_ones: Sequence[Incident] = (), incident: Incident | None = None) -> Message:
    """An alert that waits for a person: Declare, Join, Dismiss; and what became of it, once decided.

    `open_ones`: incidents that it could join, `incident`: the one it belongs to; neither may be private.
    """
    head = f"*Alert* · {link(alert.url, cut(alert.title, TITLE))}"
    service = cut(alert.service.name, SHORT) if alert.service else ""
    about = [service, cut(alert.priority, SHORT), f"{alert.urgency} urgency"]
    fired = f"fired {moment(alert.reports[0].at, day=True)}" if alert.reports else ""
    detail = " · ".join(filter(None, [*(escape(a) for a in about if a.strip() != "urgency"), fired]))
    outcome = _outcome(alert, incident)
    text = f"Alert: {escape(cut(alert.title, TITLE))}" + (f" ({escape(service)})" if service else "")
    if outcome:
        said = f" · {SAID[alert.worth].capitalize()}" if alert.worth else ""
        hidden = alert.incident is not None and incident is None
        asked = [] if alert.worth or hidden else [worth_row(alert)]
        return Message(text, (lines([head, detail]), context(outcome + said), *asked))
    return Message(text, (lines([head, detail]), row(_choices(alert, open_ones))))


def _outcome(alert: Alert, incident: Incident | None) -> str:
    if incident is not None:
        where = f": {channel(incident.room.channel, incident.room.name)}" if incident.room else ""
        return f"Part of {incident.name}{where}"
    if alert.incident is not None:
        return "Part of a private incident"
    if alert.dismissed:
        return "Dismissed: no incident needed"
    return f"Clear since {moment(alert.clear_since)}; nothing to do" if alert.clear_since else ""


def _choices(alert: Alert, open_ones: Sequence[Incident]) -> list[Button]:
    which = f"{alert.source}/{alert.id}"
    joins = [
        Button(label=f"Join {i.name}", action=actions.JOIN_ALERT, value=f"{i.number}/{which}") for i in open_ones[:3]
    ]
    return [
        Button(label="Declare", action=actions.DECLARE_ALERT, value=which, primary=True),
        *joins,
        Button(label="Dismiss", action=actions.DISMISS_ALERT, value=which),
    ]
