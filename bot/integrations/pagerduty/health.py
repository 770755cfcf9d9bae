"""How we stand with PagerDuty, for metrics, doctor and the pages about health."""

from dataclasses import dataclass
from datetime import datetime

from bot.integrations.pagerduty.trouble import Refused, Trouble

TOKEN_REFUSED = 401
"""Source: "Errors" in PagerDuty's REST API documentation; 403 is about one right of a good token."""


@dataclass
class Health:
    """Told by whoever last spoke with PagerDuty."""

    reached_at: datetime | None = None
    """When it last answered a look-up."""
    trouble: str = ""
    """What is wrong, in a sentence; "" when nothing is."""
    webhook_disabled: bool = False
    """Whether PagerDuty has switched our webhook off, as seen last."""
    refused: bool = False
    """Whether it does not take our token, as said last."""
    deaf_since: datetime | None = None
    """When we last noticed that something happened there of which no webhook told us; None once one came since."""

    def reached(self, now: datetime) -> None:
        self.reached_at, self.trouble, self.refused = now, "", False

    def failed(self, trouble: Trouble) -> None:
        self.trouble = str(trouble)
        self.refused = isinstance(trouble, Refused) and trouble.status == TOKEN_REFUSED
