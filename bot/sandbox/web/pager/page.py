"""PagerDuty in a window: fire an alert, see who is called, press what a person on call would press."""

from collections.abc import Iterator

from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.half import Desk
from bot.sandbox.pagerduty.records import Priority, Service
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.pager import duty, incidents, one, way
from bot.sandbox.web.pager.alerts import EXAMPLES, Example
from bot.sandbox.web.pager.viewer import Viewer
from bot.sandbox.web.windows import Region


class PagerPage:
    """All of the account, or one incident of it."""

    template = "pager.html.j2"
    title = "PagerDuty"
    place = "pager"

    def __init__(self, eyes: Eyes, account: Account, desk: Desk, incident: str | None) -> None:
        self.viewer, self.incident = Viewer(eyes, account), incident
        self._account, self._webhooks = account, desk.webhooks

    @property
    def examples(self) -> list[Example]:
        """The alerts to choose from; a seeded account may have other services."""
        known = {service.name for service in self.services}
        return [example for example in EXAMPLES if example.service in known]

    @property
    def services(self) -> list[Service]:
        return [service for service in self._account.directory.services.values() if not service.deleted]

    @property
    def priorities(self) -> list[Priority]:
        return list(self._account.directory.priorities.values())

    @property
    def is_known(self) -> bool:
        """Whether the incident that the address names is there."""
        return self.incident in self._account.incidents

    def regions(self) -> Iterator[Region]:
        if self.incident is None:
            yield from incidents.regions(self.viewer)
            yield from duty.regions(self.viewer)
            yield from way.regions(self.viewer, self._webhooks)
        elif self.is_known:
            yield from one.regions(self.viewer, self.incident)
            yield from duty.pages(self.viewer, self.incident)
            yield from way.deliveries(self.viewer, self._webhooks, self.incident)

    def looked_at(self) -> None:
        """Nothing is unread there."""

    def earlier(self) -> None:
        """All is shown."""
