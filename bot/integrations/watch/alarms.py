"""Which alarm is to be raised, repeated or cleared now: no state that must survive, and no flapping."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from bot.integrations.watch.conditions import Condition, Glance

MINUTE = 60.0
"""Seconds between two triggers of one condition, at least."""
REMIND = 300.0
"""Seconds after which a condition that still holds is told again: PagerDuty adds it to the open alarm and wakes nobody;
an alarm that somebody closed, or another replica cleared at its start, is opened anew."""
CALM = 30.0
"""Seconds for which all must be well before an alarm is cleared."""

Action = Literal["trigger", "resolve"]


@dataclass(frozen=True)
class Notice:
    """Something to be told now."""

    condition: Condition
    action: Action
    glance: Glance

    @property
    def summary(self) -> str:
        return self.condition.told(self.glance)


@dataclass
class _State:
    """`raised` is None until it was found to be well or ill in this life: an earlier one may have raised it."""

    raised: bool | None = None
    wrong_since: float | None = None
    fine_since: float | None = None
    told_at: float | None = None
    level: float = 0.0


@dataclass
class Alarms:
    """One state for each condition. Times are of any clock that only goes forward."""

    conditions: Sequence[Condition]
    _states: dict[str, _State] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._states = {condition.name: _State() for condition in self.conditions}

    def look(self, glance: Glance, now: float) -> list[Notice]:
        """What is to be told; the same again until `told` is called."""
        notices = []
        for condition in self.conditions:
            state = self._states[condition.name]
            wrong = condition.wrong(glance)
            _remember(state, wrong, now)
            if wrong and self._rings(condition, state, glance, now):
                notices.append(Notice(condition, "trigger", glance))
            if state.raised is not False and _lasts(state.fine_since, CALM, now):
                notices.append(Notice(condition, "resolve", glance))
        return notices

    def told(self, notice: Notice, now: float) -> None:
        """It has arrived."""
        state = self._states[notice.condition.name]
        state.raised = notice.action == "trigger"
        if state.raised:
            state.told_at, state.level = now, notice.condition.measure(notice.glance) or 0.0

    @property
    def raised(self) -> list[str]:
        """The names of what was told and has not been cleared."""
        return [name for name, state in self._states.items() if state.raised]

    def well(self, now: float) -> bool:
        """Whether nothing essential is wrong for longer than it may be; what nobody can say counts as well."""
        return not any(
            condition.essential and _lasts(self._states[condition.name].wrong_since, condition.holds, now)
            for condition in self.conditions
        )

    def _rings(self, condition: Condition, state: _State, glance: Glance, now: float) -> bool:
        if not _lasts(state.wrong_since, condition.holds, now):
            return False
        if state.told_at is not None and now - state.told_at < MINUTE:
            return False
        if not state.raised or state.told_at is None:
            return True
        worse = (condition.measure(glance) or 0.0) > state.level
        return now - state.told_at >= REMIND if condition.reminds else worse


def _remember(state: _State, wrong: bool | None, now: float) -> None:
    state.wrong_since = (now if state.wrong_since is None else state.wrong_since) if wrong else None
    state.fine_since = (now if state.fine_since is None else state.fine_since) if wrong is False else None


def _lasts(since: float | None, seconds: float, now: float) -> bool:
    return since is not None and now - since >= seconds
