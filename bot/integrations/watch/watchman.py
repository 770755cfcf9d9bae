"""The watchman: a thread that tells the owner when the bot is unwell, and gives a sign of life while it is not.

It depends on nothing that it watches: neither on the event loop, whose silence it notices, nor on the database, the
outbox, or a token of Slack's or PagerDuty's REST API. The loop hands it a `Glance` every few seconds; all else is its
own. Whether it works itself is for the other end of the heartbeat to notice, for one thread does both: a process that
is gone, or holds the interpreter for good, or an alarm that hangs, end the signs of life as well.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import structlog

from bot.integrations.watch import wire
from bot.integrations.watch.alarms import Alarms, Notice
from bot.integrations.watch.conditions import CONDITIONS, Condition, Glance
from bot.integrations.watch.events import Fate, send

log = structlog.get_logger(__name__)

STEP = 1.0
"""Seconds between two looks."""
FIRST_WAIT, LONGEST_WAIT = 2.0, 60.0
"""Seconds until an alarm that did not arrive is tried again: doubling from the first to the last."""
BEAT_AGAIN = 15.0


@dataclass(frozen=True)
class Options:
    """Where alarms and signs of life go; what is empty is not sent. `every`: seconds between two signs of life."""

    routing_key: str = ""
    events_url: str = "https://events.pagerduty.com/v2/enqueue"
    heartbeat_url: str = ""
    every: float = 60.0


class Watchman:
    """Started before everything else and stopped last. `saw` may be called from any thread."""

    def __init__(
        self,
        options: Options,
        conditions: Sequence[Condition] = CONDITIONS,
        *,
        clock: Callable[[], float] = time.monotonic,
        step: float = STEP,
    ) -> None:
        self._options = options
        self._clock = clock
        self._step = step
        self._alarms = Alarms(conditions)
        self._seen: tuple[Glance | None, float] = (None, clock())
        self._wait, self._not_before = FIRST_WAIT, 0.0
        self._next_beat = 0.0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="muster-watchman", daemon=True)
        self.sent: Counter[tuple[str, str, str]] = Counter()
        """Events by condition, action and fate."""
        self.beats: Counter[str] = Counter()
        """Signs of life, `sent` or `failed`."""

    @property
    def raised(self) -> list[str]:
        """The conditions of which an alarm was raised and has not been cleared."""
        return self._alarms.raised

    @property
    def conditions(self) -> Sequence[Condition]:
        return self._alarms.conditions

    def saw(self, glance: Glance) -> None:
        """What the bot found when it looked at itself just now."""
        self._seen = (glance, self._clock())

    def start(self) -> None:
        self._seen = (None, self._clock())
        self._thread.start()

    def stop(self, patience: float = 2.0) -> None:
        """Blocks for `patience` seconds at most; what hangs then is left to end with the process."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(patience)

    def _run(self) -> None:
        while not self._ending.wait(self._step):
            self.look()

    def look(self) -> None:
        """One round: tells what is to be told, as far as it gets through, and gives a sign of life if one is due."""
        now = self._clock()
        glance = self._glance(now)
        notices = self._alarms.look(glance, now)
        if now >= self._not_before:
            self._tell(notices)
        if self._options.heartbeat_url and now >= self._next_beat and self._well(now):
            self._beat()

    def _glance(self, now: float) -> Glance:
        """What the bot found last; once that is old, only that it is silent: nobody knows how the rest stands."""
        glance, at = self._seen
        silent = max(0.0, now - at)
        limit = next((c.over for c in self.conditions if c.name == "silent"), 0.0)
        return replace(glance, silent=silent) if glance and silent <= limit else Glance(silent=silent)

    def _well(self, now: float) -> bool:
        """Not before it has looked at itself: one that dies again and again while it starts is not well."""
        return self._seen[0] is not None and self._alarms.well(now)

    def _tell(self, notices: Sequence[Notice]) -> None:
        for notice in notices:
            fate = self._send(notice)
            self.sent[notice.condition.name, notice.action, fate.value] += 1
            if fate is Fate.LATER:
                self._put_off(notice)
                return
            self._wait = FIRST_WAIT
            news = notice.action == "trigger" or notice.condition.name in self.raised
            self._alarms.told(notice, self._clock())
            _record(notice, fate, news=news)

    def _put_off(self, notice: Notice) -> None:
        wait, self._wait = self._wait, min(LONGEST_WAIT, self._wait * 2)
        self._not_before = self._clock() + wait
        log.warning("alarm_not_sent", condition=notice.condition.name, again_in=wait)

    def _send(self, notice: Notice) -> Fate:
        if not self._options.routing_key:
            return Fate.TAKEN
        return send(self._options.events_url, self._options.routing_key, notice)

    def _beat(self) -> None:
        sent = 200 <= wire.get(self._options.heartbeat_url) < 300
        self._next_beat = self._clock() + (self._options.every if sent else min(BEAT_AGAIN, self._options.every))
        self.beats["sent" if sent else "failed"] += 1
        if not sent:
            log.warning("heartbeat_not_sent")


def _record(notice: Notice, fate: Fate, *, news: bool) -> None:
    """After it was sent: a log that blocks must not hold an alarm up. To clear what an earlier life may have raised is
    no news."""
    if fate is Fate.REFUSED:
        log.error("alarm_refused", condition=notice.condition.name, told="PagerDuty does not take the routing key.")
    elif notice.action == "trigger":
        log.warning("alarm_raised", condition=notice.condition.name, told=notice.summary)
    elif news:
        log.info("alarm_cleared", condition=notice.condition.name)
