"""The ways in which the sandbox can be told to fail."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

System = Literal["slack", "pagerduty", "events"]
"""`events`: PagerDuty's Events API, which stands when its REST API is down."""
CallFault = Literal[
    "429",
    "500",
    "503",
    "500_after",
    "reset",
    "reset_after",
    "hang",
    "hang_after",
    "malformed",
    "error",
    "error_after",
    "answer",
    "answer_after",
]
DeliveryFault = Literal["duplicate", "hold", "lose"]
Kind = CallFault | DeliveryFault

DELIVERY_KINDS = frozenset({"duplicate", "hold", "lose"})
HANG_SECONDS = 60.0


@dataclass(slots=True)
class Rule:
    """One fault: what it strikes, how often, and what then happens.

    `method` is "chat.postMessage", "POST /incidents" or, for a delivery, what is delivered ("incident.triggered",
    "app_mention"); "*" is any. `after` skips the first n matches; `times` limits how often it strikes (None: always).

    Kinds for calls to us: "429" (with `retry_after` seconds), "500", "503", "reset" (the connection is cut), "hang" (no
    answer until the caller gives up, or 60 s), "malformed" (200 with a page that is no JSON), "error" (the API's own
    error code `error`), "answer" (exactly `status`, `headers` and `body`). With "_after" the act takes effect and only
    its answer is lost, or odd.

    Kinds for what we deliver: "duplicate" (sent twice), "hold" (kept back until the next one has gone out: out of
    order), "lose" (never sent).
    """

    system: System
    method: str = "*"
    kind: Kind = "500"
    times: int | None = 1
    after: int = 0
    retry_after: float = 1.0
    error: str = "internal_error"
    probability: float = 1.0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    struck: int = 0
    seen: int = 0

    def strikes(self, rng: random.Random) -> bool:
        """Whether this match is one that the rule strikes; counts it either way."""
        if self.times is not None and self.struck >= self.times:
            return False
        self.seen += 1
        if self.seen <= self.after or (self.probability < 1 and rng.random() >= self.probability):
            return False
        self.struck += 1
        return True

    @property
    def is_share(self) -> bool:
        """Whether it strikes a share of all calls for as long as it stands."""
        return self.method == "*" and self.times is None and not self.after

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass
class Faults:
    """An ordered list of rules, the first that strikes wins; and a latency per system, in seconds per call."""

    rules: list[Rule] = field(default_factory=list)
    latency: dict[str, float] = field(default_factory=lambda: {"slack": 0.0, "pagerduty": 0.0, "events": 0.0})
    rng: random.Random = field(default_factory=lambda: random.Random(1))

    def add(self, *rules: Rule) -> None:
        self.rules.extend(rules)

    def share(self, system: System, kind: CallFault) -> float:
        """Which share of all calls to that system fails in that way; 0 to 1."""
        return next((rule.probability for rule in self.rules if _is_of(rule, system, kind)), 0.0)

    def set_share(self, system: System, kind: CallFault, share: float) -> None:
        """Let that share of all calls fail in that way, instead of what was said of it before; 0 ends it."""
        self.rules[:] = [rule for rule in self.rules if not _is_of(rule, system, kind)]
        if share > 0:
            self.add(Rule(system, kind=kind, times=None, probability=share))

    def clear(self) -> None:
        self.rules.clear()
        self.latency.update(slack=0.0, pagerduty=0.0, events=0.0)

    def seed(self, number: int) -> None:
        self.rng.seed(number)

    def call(self, system: System, method: str) -> Rule | None:
        """The fault that strikes this API call, if one does."""
        return self._take(system, method, (rule for rule in self.rules if rule.kind not in DELIVERY_KINDS))

    def delivery(self, system: System, what: str) -> Rule | None:
        """The fault that strikes this webhook or event on its way to the bot, if one does."""
        return self._take(system, what, (rule for rule in self.rules if rule.kind in DELIVERY_KINDS))

    def _take(self, system: str, method: str, rules: Iterable[Rule]) -> Rule | None:
        for rule in rules:
            if rule.system == system and rule.method in ("*", method) and rule.strikes(self.rng):
                return rule
        return None


def _is_of(rule: Rule, system: System, kind: CallFault) -> bool:
    return rule.is_share and (rule.system, rule.kind) == (system, kind)
