"""What there is to look at in this process."""

from dataclasses import dataclass

from bot.engine.handle import Engine
from bot.engine.inbox import Inbox
from bot.engine.outbox import Outbox
from bot.engine.soundness import Soundness
from bot.engine.timers import TIMERS, Ticker
from bot.integrations.pagerduty import PagerDuty
from bot.integrations.slack.inbound import Inbound
from bot.integrations.watch import Watchman


@dataclass(frozen=True)
class Workers:
    """What only a process that acts has."""

    inbox: Inbox
    outbox: Outbox
    ticker: Ticker

    @property
    def ended(self) -> tuple[str, ...]:
        """Those that do not go their rounds."""
        return tuple(name for name, one in (("inbox", self.inbox), ("outbox", self.outbox)) if not one.alive)

    @property
    def late(self) -> float:
        """Seconds by which the tick is late that says what falls due. The others read PagerDuty or Slack, and may well
        take as long as those do on a bad day."""
        return self.ticker.late()[TIMERS]


@dataclass(frozen=True)
class Watched:
    """The parts. None: not of this process' role, or not set up."""

    engine: Engine
    soundness: Soundness
    workers: Workers | None
    slack: Inbound | None
    pagerduty: PagerDuty | None
    watchman: Watchman | None
