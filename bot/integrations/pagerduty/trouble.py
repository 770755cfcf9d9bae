"""The four ways in which a call to PagerDuty can fail, told apart by what they mean for the next try."""


class Trouble(Exception):
    """A call to PagerDuty did not work."""


class Unreachable(Trouble):
    """It certainly did nothing: the call never got there, or it only read."""


class Ambiguous(Trouble):
    """It may have taken effect: the answer was lost, late, a 5xx, or no answer of PagerDuty's."""


class RateLimited(Trouble):
    """It was one call too many; `after` seconds it may be tried again."""

    def __init__(self, after: float) -> None:
        super().__init__(f"PagerDuty's rate limit is used up for {after:.0f} s")
        self.after = after


class Refused(Trouble):
    """PagerDuty said no, with its HTTP status and its own code, and will say so again."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(f"PagerDuty refused it ({status}, code {code}): {message}")
        self.status, self.code, self.message = status, code, message


ALREADY_RESOLVED = 1001
ALREADY_ACKNOWLEDGED = 1002
DATA_CHANGED = 1005
CANNOT_ESCALATE = 1006
UNKNOWN_REQUESTER = 1008
KEY_IN_USE = 2002
"""PagerDuty's error codes that mean something else than no. Source: "Errors" in its REST API documentation."""
