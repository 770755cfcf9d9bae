"""What somebody must know who comes late: how things stand, who decides, what was tried, what is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.incident.duties import Task
from bot.incident.model import Incident
from bot.incident.nudges import next_update
from bot.incident.policy import Policy
from bot.incident.timeline import Entry, Stored, timeline

TRIED = frozenset({"noted", "message_marked", "step_ticked", "action_finished"})
"""What people wrote down and did; everything else that matters is in the state."""
ENDS = frozenset({"resolved", "canceled", "merged"})
LATEST = 5


@dataclass(frozen=True)
class CatchUp:
    """The incident in the order in which it is asked about. `tried`: the latest entries, oldest first."""

    incident: Incident
    tried: tuple[Entry, ...]
    earlier: int
    """How many further such entries the timeline holds."""
    tasks: tuple[Task, ...]
    """What is still owed; follow-ups wait until it is over."""
    next_due: datetime | None
    ended: Entry | None
    """What was said at the end, once it is over."""


def catchup(i: Incident, stored: Sequence[Stored], policy: Policy) -> CatchUp:
    """How things stand, from the state and the journal (with those of the incidents that were merged into it)."""
    entries = timeline(stored)
    tried = [e for e in entries if e.kind in TRIED and not e.redacted]
    said_at_the_end = [e for e in entries if e.incident == i.number and e.kind in ENDS]
    return CatchUp(
        incident=i,
        tried=tuple(tried[-LATEST:]),
        earlier=max(len(tried) - LATEST, 0),
        tasks=tuple(task for task in i.tasks if task.is_open and not (i.is_open and task.followup)),
        next_due=next_update(i, policy),
        ended=max(said_at_the_end, key=lambda e: e.recorded) if said_at_the_end and not i.is_open else None,
    )
