"""What may go wrong between the bot and the outside, in words, and how much of it there is."""

from dataclasses import dataclass
from typing import Literal

from bot.sandbox.faults import CallFault, Faults, System

SYSTEMS: dict[System, str] = {"slack": "Slack", "pagerduty": "PagerDuty"}


@dataclass(frozen=True, slots=True)
class Trouble:
    """One way to fail: `clause` is what the system then does. Without a `kind` it is slowness."""

    kind: CallFault | Literal["slow"]
    title: str
    clause: str

    @property
    def steps(self) -> tuple[tuple[float, str], ...]:
        """Where its slider can stand, and what that means."""
        return DELAYS if self.kind == "slow" else SHARES

    def amount(self, faults: Faults, system: System) -> float:
        """How much of it there is: seconds, or a share of all calls."""
        return faults.latency[system] if self.kind == "slow" else faults.share(system, self.kind)

    def words(self, amount: float) -> str:
        """ "1.2 s", "one call in five"."""
        known = dict(self.steps).get(amount)
        return known or (f"{amount:g} s" if self.kind == "slow" else f"{amount:.0%} of the calls")

    def told(self, name: str, amount: float) -> str:
        """ "Slack answers 429: too many requests, for one call in five." """
        words = self.words(amount)
        return (
            f"{name} {self.clause}, for {words}." if self.kind != "slow" else f"{name} takes {words} for each answer."
        )

    def nearest(self, amount: float) -> int:
        """The number of the step that comes closest."""
        return min(range(len(self.steps)), key=lambda number: abs(self.steps[number][0] - amount))


DELAYS = ((0.0, "at once"), *((s, f"{s:g} s") for s in (0.1, 0.3, 0.6, 1.2, 2.0, 3.0, 5.0)))
SHARES = (
    (0.0, "never"),
    (0.05, "one call in twenty"),
    (0.1, "one call in ten"),
    (0.2, "one call in five"),
    (0.33, "one call in three"),
    (0.5, "every second call"),
    (0.75, "three calls in four"),
    (1.0, "every call"),
)
TROUBLES = (
    Trouble("slow", "Slow", "takes its time for each answer"),
    Trouble("429", "Too many requests", "answers 429: too many requests"),
    Trouble("500", "Broken", "answers 500 and has done nothing"),
    Trouble("500_after", "Broken, yet done", "does what was asked and then answers 500"),
    Trouble("hang", "Silent", "takes the call and never answers"),
    Trouble("reset", "Cut off", "cuts the connection before it answers"),
)


def told(faults: Faults) -> tuple[str, ...]:
    """What is wrong now, a sentence each."""
    return tuple(
        trouble.told(name, amount)
        for system, name in SYSTEMS.items()
        for trouble in TROUBLES
        if (amount := trouble.amount(faults, system))
    )


def elsewhere(faults: Faults) -> int:
    """How many faults stand that no slider here shows: set by a test, say, or for one method only."""
    standing = [rule for rule in faults.rules if rule.times is None or rule.struck < rule.times]
    shown = [rule for rule in standing if rule.is_share and rule.system in SYSTEMS and rule.kind in KINDS]
    return len(standing) - len(shown)


KINDS = {trouble.kind for trouble in TROUBLES}
