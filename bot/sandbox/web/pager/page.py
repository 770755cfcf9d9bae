"""PagerDuty in a window."""

from collections.abc import Iterator
from functools import partial

from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.half import Desk
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el
from bot.sandbox.web.windows import Region


class PagerPage:
    """Services, incidents, and what was delivered."""

    template = "pager.html.j2"
    title = "PagerDuty"
    place = "pager"

    def __init__(self, eyes: Eyes, account: Account, desk: Desk, incident: str | None) -> None:
        self.eyes, self.account, self.desk, self.incident = eyes, account, desk, incident

    def regions(self) -> Iterator[Region]:
        for id, incident in list(self.account.incidents.items()):
            face = (incident.title, incident.status)
            yield Region(f"i-{id}", "pager-incidents", face, partial(el, "li", *face, id=f"i-{id}"))

    def looked_at(self) -> None:
        """Nothing is unread there."""

    def earlier(self) -> None:
        """All is shown."""
