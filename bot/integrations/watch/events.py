"""An alarm as an event of PagerDuty's Events API v2, and what its answer means.

https://developer.pagerduty.com/docs/events-api-v2-overview: 202 is taken; 429, 5xx and no answer are worth another try;
any other 4xx will be refused again. A dedup key makes a repeated trigger one alarm, and a resolve of what is not open
changes nothing, so that nothing need be remembered between two lives of the bot.
"""

import socket
from enum import StrEnum

from bot.incident.mirror import WATCH_KEY
from bot.integrations.watch import wire
from bot.integrations.watch.alarms import Notice


class Fate(StrEnum):
    """What became of one event."""

    TAKEN = "taken"
    LATER = "later"
    REFUSED = "refused"


def send(url: str, routing_key: str, notice: Notice) -> Fate:
    """One try; blocks for some seconds at most."""
    status = wire.post(url, event(routing_key, notice))
    if 200 <= status < 300:
        return Fate.TAKEN
    return Fate.LATER if status == 0 or status == 429 or status >= 500 else Fate.REFUSED


def event(routing_key: str, notice: Notice) -> dict[str, object]:
    """The body. The key is one for all replicas: what ails all of them is one alarm."""
    condition = notice.condition
    head: dict[str, object] = {
        "routing_key": routing_key,
        "event_action": notice.action,
        "dedup_key": f"{WATCH_KEY}{condition.name}",
    }
    if notice.action == "resolve":
        return head
    figures = {name: round(value) for name, value in condition.figures(notice.glance).items()}
    payload = {
        "summary": notice.summary,
        "source": socket.gethostname(),
        "severity": condition.severity,
        "component": "muster",
        "class": condition.name,
        "custom_details": {"what to do": condition.do, **figures},
    }
    return {**head, "payload": payload, "client": "Muster"}
