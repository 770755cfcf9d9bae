"""Whether PagerDuty still sends us webhooks: a subscription whose webhooks were refused is switched off for a day."""

from collections.abc import Iterable

import structlog

from bot.integrations.pagerduty.health import Health
from bot.integrations.pagerduty.payloads import Subscription
from bot.integrations.pagerduty.rest import Rest
from bot.integrations.pagerduty.webhook import PATH

log = structlog.get_logger(__name__)


class SubscriptionWatch:
    """Looks at the subscriptions that deliver to our path; `reenable`: switches them on again by itself."""

    def __init__(self, rest: Rest, health: Health, *, reenable: bool) -> None:
        self._rest, self._health, self._reenable = rest, health, reenable

    async def run(self) -> None:
        """Raises Trouble."""
        found = ours(await self._rest.subscriptions())
        off = [s for s in found if s.active and s.delivery_method.temporarily_disabled]
        self._health.webhook_disabled = bool(off)
        for subscription in off:
            log.warning("webhook_switched_off", subscription=subscription.id, reenabled=self._reenable)
            if self._reenable:
                await self._rest.enable(subscription.id)
        self._health.webhook_disabled = bool(off) and not self._reenable


def ours(subscriptions: Iterable[Subscription]) -> list[Subscription]:
    """Those that deliver to our path."""
    return [s for s in subscriptions if s.delivery_method.url.rstrip("/").endswith(PATH)]
