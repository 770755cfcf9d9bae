"""One webhook's journey, and the weather on its way."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.pagerduty.events import Event


@dataclass
class Weather:
    """How the way to the bot is today.

    `timeout` is PagerDuty's 5 s; `hurry` scales the pauses between tries and the 48 h (0.001 makes 5 s into 5 ms);
    each event is sent `copies` times; `delay` seconds pass before each try; events within a `window` of seconds are
    shuffled among themselves.
    """

    timeout: float = 5.0
    hurry: float = 1.0
    copies: int = 1
    delay: float = 0.0
    window: float = 0.0


@dataclass
class Try:
    """One attempt. `status` is None when no answer came; `error` then says why."""

    at: datetime
    status: int | None
    milliseconds: float
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def worth_repeating(self) -> bool:
        """No answer, 429 and 5xx are; every other status is final."""
        return self.status is None or self.status == 429 or self.status >= 500


@dataclass
class Delivery:
    """One webhook on its way. `outcome`: pending, delivered, dropped, lost (by a fault) or too_large."""

    webhook_id: str
    subscription: str
    event: Event
    body: bytes
    created_at: datetime
    tries: list[Try] = field(default_factory=list)
    outcome: str = "pending"
