"""How we stand with PagerDuty, for metrics, doctor and the pages about health."""

from dataclasses import dataclass
from datetime import datetime


@dataclass
class Health:
    """Told by whoever last spoke with PagerDuty."""

    reached_at: datetime | None = None
    """When it last answered a look-up."""
    trouble: str = ""
    """What is wrong, in a sentence; "" when nothing is."""
    webhook_disabled: bool = False
    """Whether PagerDuty has switched our webhook off, as seen last."""

    def reached(self, now: datetime) -> None:
        self.reached_at, self.trouble = now, ""

    def failed(self, trouble: str) -> None:
        self.trouble = trouble
