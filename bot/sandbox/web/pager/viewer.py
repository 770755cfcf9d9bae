"""PagerDuty as one person sees it: the account by name, times by their clock, and what they may press."""

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.records import Incident, User
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el


@dataclass(frozen=True)
class Viewer:
    """Whoever looks; `login` is None for those without one in PagerDuty: they see all and press nothing."""

    eyes: Eyes
    account: Account

    @property
    def login(self) -> User | None:
        return self.account.directory.user_of_email(self.eyes.viewer.email)

    def names(self, users: tuple[str, ...]) -> str:
        """ "Bo Lind and Dev Anand"."""
        known = [self.account.directory.users[user].name for user in users]
        return " and ".join([", ".join(known[:-1]), known[-1]] if len(known) > 1 else known)

    def service(self, incident: Incident) -> str:
        return self.account.directory.services[incident.service].name

    def priority(self, incident: Incident) -> str | None:
        return self.account.directory.priorities[incident.priority].name if incident.priority else None

    def time(self, at: datetime) -> Markup:
        """A moment of today by the viewer's clock, to the second."""
        here = self.eyes.moment(at.timestamp())
        return el("time", f"{here:%H:%M:%S}", datetime=at.isoformat(timespec="seconds"), title=f"{here:%A, %d %B %Y}")
