"""The lines of the room's card that tell of one topic each; empty where there is nothing to tell. Pure."""

from bot.incident.duties import Task
from bot.incident.model import Incident
from bot.incident.steps import Runbook
from bot.incident.values import Ending
from bot.integrations.slack.alert_list import is_many, storm_line
from bot.integrations.slack.card_state import TITLE, WORDS, CardState
from bot.integrations.slack.text import cut, escape, link, moment, name

SHOWN_ALERTS = 3
SHOWN_SERVICES = 6
SHOWN_TASKS = 2
SHOWN_LINKS = 3
TASK_WORDS = 80


def update_line(state: CardState) -> str:
    """The latest status update: its condition, and when that was said."""
    return update_told(state.incident)


def update_told(i: Incident) -> str:
    """The same, wherever it is told: empty while there is none."""
    update = i.update
    if update is None:
        return ""
    return f"*Update {update.number}*, {moment(update.at)}: {cut(escape(update.condition), WORDS)}"


def tasks_line(state: CardState) -> str:
    """What is left to do, first what nobody does; while it is open only tasks, for follow-ups wait until it is over."""
    i = state.incident
    left = [task for task in i.tasks if task.is_left and not (i.is_open and task.followup)]
    if not left:
        return ""
    label = "Tasks" if i.is_open else "Left to do"
    return f"*{label}:* {_some([_task(task) for task in sorted(left, key=lambda t: t.is_open)], SHOWN_TASKS)}"


def _task(task: Task) -> str:
    who = name(task.to) if task.is_open else f"*nobody* ({name(task.to)} cannot)"
    by_when = f", by {moment(task.due)}" if task.due and task.is_open and not task.followup else ""
    return f"{who}: {cut(escape(task.text), TASK_WORDS)}{by_when}"


def runbooks_line(state: CardState) -> str:
    """The runbooks that are followed, and how far; while it is open, what else was written for a night like this."""
    i = state.incident
    followed = [f"{link(r.url, cut(r.title, TITLE))} ({len(r.done)} of {len(r.steps)} steps)" for r in i.runs]
    opened = {run.runbook for run in i.runs}
    fit = [_runbook(i, r) for r in state.runbooks if i.is_open and r.name not in opened]
    how = " · `/incident runbook`" if fit else ""
    return f"*Runbook:* {_some([*followed, *fit], SHOWN_LINKS)}{how}" if followed or fit else ""


def _runbook(i: Incident, runbook: Runbook) -> str:
    """Its title; and when it was last looked at, where that was too long before the incident began."""
    title = link(runbook.url, cut(runbook.title, TITLE))
    if not runbook.is_stale(i.moments.declared or i.updated_at):
        return title
    return (
        f"{title} (last looked at on {runbook.reviewed})" if runbook.reviewed else f"{title} (not looked at for long)"
    )


def links_line(state: CardState) -> str:
    """The pages that somebody pinned, the newest first."""
    pinned = [link(page.url, cut(page.title, TITLE)) for page in reversed(state.incident.links)]
    return f"*Links:* {_some(pinned, SHOWN_LINKS)}" if pinned else ""


def alerts_line(state: CardState) -> str:
    """What fires, or that all is clear; of many services, how many and the gravest."""
    i = state.incident
    alarms = i.alarms
    if not alarms:
        return ""
    if is_many(i):
        return f"*Alerts:* {storm_line(i, state.policy, SHOWN_SERVICES)}"
    firing = [a for a in alarms if not a.clear]
    named = firing or alarms
    titles = [link(a.url, cut(a.title, TITLE)) for a in named[:SHOWN_ALERTS]]
    share = f"{len(firing)} of {len(alarms)} " if len(alarms) > 1 else ""
    timed_out = sum(a.ended is Ending.TIMED_OUT for a in alarms)
    clear = f"all clear, {timed_out} by time-out only" if timed_out else "all clear"
    count = f"{share}firing" if firing else clear
    return f"*Alerts:* {count}: {_some(titles, SHOWN_ALERTS, len(named))}"


def _some(told: list[str], most: int, count: int = 0) -> str:
    """The first few, and how many more there are; `count`: of how many, where not all of them were told."""
    left = max(count, len(told)) - most
    more = f" · and {left} more" if left > 0 else ""
    return " · ".join(told[:most]) + more
