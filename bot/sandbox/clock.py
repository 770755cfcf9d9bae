"""The sandbox's own time: the real one, plus whatever a test has skipped."""

import time


class Clock:
    """Wall time in seconds since 1970 that a test may move forward, so that nobody waits 30 minutes for an expiry."""

    def __init__(self) -> None:
        self._skipped = 0.0

    def now(self) -> float:
        return time.time() + self._skipped

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("time only moves forward")
        self._skipped += seconds
