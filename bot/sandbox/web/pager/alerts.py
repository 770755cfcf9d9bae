"""What a monitor might say: alerts to choose from on the PagerDuty page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.sandbox.pagerduty.records import Urgency


@dataclass(frozen=True, slots=True)
class Example:
    """One alert: which service is hit, what the monitor calls it, how bad it is, and what else it knows."""

    service: str
    title: str
    priority: str
    details: Mapping[str, str] = field(default_factory=dict)
    urgency: Urgency = "high"

    @property
    def says(self) -> str:
        """The particulars on one line."""
        return " · ".join([self.service, self.priority, *self.details.values()])

    @property
    def args(self) -> str:
        """What `pagerduty/trigger` takes, as JSON."""
        told = {"service": self.service, "title": self.title, "priority": self.priority, "urgency": self.urgency}
        return json.dumps(told | {"alert": dict(self.details)})


EXAMPLES = (
    Example(
        "checkout",
        "Checkout fails for one customer in eight",
        "P1",
        {"Measured": "12.4 % of requests answer 500", "Since": "deploy 2026.11.3", "Region": "eu-central-1"},
    ),
    Example(
        "payments",
        "Card payments time out",
        "P1",
        {"Measured": "41 % of payments end after 30 s", "Where": "the card provider's API", "Region": "all"},
    ),
    Example(
        "identity",
        "Sign-in fails for people with a passkey",
        "P2",
        {"Measured": "310 failed sign-ins in 5 minutes", "Error": "challenge expired"},
    ),
    Example(
        "search",
        "Search takes four seconds to answer",
        "P3",
        {"Measured": "p95 is 4.2 s, twice that of yesterday", "Host": "search-index-3"},
    ),
    Example(
        "payments",
        "Refunds are not paid out",
        "P3",
        {"Measured": "18,400 wait in the queue, none leaves it", "Since": "03:10 UTC"},
    ),
    Example(
        "identity",
        "One address tries the passwords of 2,300 accounts",
        "P1",
        {"Measured": "64 sign-ins succeeded", "Address": "203.0.113.77", "Rule": "credential stuffing"},
    ),
    Example(
        "identity",
        "The certificate of login.example.com ends in four hours",
        "P2",
        {"Ends": "today, 23:59 UTC", "Renewal": "failed three times: DNS challenge refused"},
    ),
    Example(
        "search",
        "The disk of search-index-3 is 91 % full",
        "P4",
        {"Full": "in about 20 hours", "Growing": "1.1 GB an hour"},
        "low",
    ),
)
"""`low` urgency calls nobody: it is there in the morning."""
