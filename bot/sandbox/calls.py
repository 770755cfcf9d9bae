"""What the sandbox was asked: one entry for every API call, so that a test can count and time them."""

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

KEPT = 200_000


@dataclass(slots=True)
class Call:
    """One API call. `at` is monotonic seconds at arrival, `when` wall time, `connection` its TCP connection's serial.

    `outcome` is "ok", the API's error code, an HTTP status as text, or the fault that struck; None while under way.
    `acted` says whether the call took effect, which after a lost answer only the sandbox knows.
    """

    number: int
    system: str
    method: str
    args: dict[str, Any]
    connection: int
    at: float = field(default_factory=time.monotonic)
    when: float = field(default_factory=time.time)
    seconds: float | None = None
    status: int | None = None
    outcome: str | None = None
    acted: bool = False

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


class CallLog:
    """Every call received, oldest first; the last 200,000 are kept. Safe to read from another thread."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT)
        self._number = 0
        self.outcomes: Counter[tuple[str, str]] = Counter()

    def begin(self, system: str, method: str, args: dict[str, Any], connection: int) -> Call:
        self._number += 1
        call = Call(self._number, system, method, args, connection)
        self._calls.append(call)
        return call

    def finish(self, call: Call, status: int | None, outcome: str) -> None:
        call.status, call.outcome = status, outcome
        call.seconds = time.monotonic() - call.at
        self.outcomes[call.system, outcome] += 1

    def all(self, system: str | None = None, method: str | None = None, since: int = 0) -> list[Call]:
        """The calls after number `since`, of one system and one method if named."""
        return [
            call
            for call in self._calls.copy()
            if call.number > since and system in (None, call.system) and method in (None, call.method)
        ]

    def rate_limited(self, system: str = "slack") -> int:
        """How many calls were answered 429."""
        return self.outcomes[system, "429"]

    def connections(self, system: str | None = None, since: int = 0) -> int:
        """How many TCP connections those calls came in on."""
        return len({call.connection for call in self.all(system, since=since)})

    @property
    def last(self) -> int:
        """The number of the newest call; pass it as `since` later."""
        return self._number

    def clear(self) -> None:
        self._calls.clear()
        self.outcomes.clear()
