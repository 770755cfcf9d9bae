"""What happened in PagerDuty that no webhook told us of: the one honest sign that we are deaf.

That nothing is heard is none: on a quiet Sunday nothing happens. Nor is a webhook that is signed with a secret we do
not know: anybody can send one. PagerDuty's log is read every few minutes anyway; an incident that was opened,
acknowledged or resolved there more than two minutes ago must have brought a webhook about that incident.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog

from bot.engine.handle import Engine
from bot.engine.heard import was_heard
from bot.incident.mirror import Report, What
from bot.integrations.pagerduty.health import Health
from bot.integrations.pagerduty.reports import SOURCE

IN_TIME = timedelta(minutes=2)
"""How long a webhook may take: PagerDuty sends it at once, and again when we did not answer."""
CLOCKS = timedelta(seconds=30)
"""How far PagerDuty's clock and ours may be apart."""
TOLD = frozenset({What.TRIGGERED, What.ACKNOWLEDGED, What.RESOLVED})
"""What every webhook subscription is asked to tell."""

log = structlog.get_logger(__name__)


class Missed:
    """Shown each piece of the log that is read, asked for its judgement at the end of the round.

    What happened before we listened, or while we were away, is not counted: its webhooks come late by right.
    """

    def __init__(self, engine: Engine, health: Health) -> None:
        self._engine, self._health = engine, health
        self._judged_until = engine.clock()
        self._missed = 0

    async def look(self, reports: Iterable[Report], now: datetime) -> None:
        """Counts those whose webhook has had its time and did not come."""
        due = [r for r in reports if r.what in TOLD and self._judged_until < r.at <= now - IN_TIME]
        for report in due:
            since = report.at - CLOCKS
            self._missed += not await was_heard(self._engine.database, SOURCE, since, report.alert)

    async def judge(self, now: datetime) -> None:
        """Each report counts in one round only; whatever is heard later ends the deafness."""
        deaf_since = self._health.deaf_since
        if deaf_since is not None and await was_heard(self._engine.database, SOURCE, deaf_since):
            self._health.deaf_since = None
        if self._missed:
            self._health.deaf_since = now
            log.warning("webhooks_missed", count=self._missed)
        self._missed = 0
        self._judged_until = max(self._judged_until, now - IN_TIME)
