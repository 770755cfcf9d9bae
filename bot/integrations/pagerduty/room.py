"""PagerDuty's room, furnished: the webhook, the reader, the performer and the jobs that keep it in step."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog

from bot.engine.effects import Performer
from bot.engine.handle import Engine
from bot.engine.inbox import Reader
from bot.integrations.pagerduty.client import CHORES, PAGES, READING, Account, Line
from bot.integrations.pagerduty.events import EventReader
from bot.integrations.pagerduty.health import Health
from bot.integrations.pagerduty.missed import Missed
from bot.integrations.pagerduty.names import Names
from bot.integrations.pagerduty.oncall import Contacts, OnCallReader
from bot.integrations.pagerduty.pager import Pager
from bot.integrations.pagerduty.performer import PagerDutyPerformer
from bot.integrations.pagerduty.reconcile import Reconciler
from bot.integrations.pagerduty.rest import Rest
from bot.integrations.pagerduty.subscription import SubscriptionWatch
from bot.integrations.pagerduty.trouble import Refused, Trouble
from bot.integrations.pagerduty.webhook import Webhook

IN_STEP_EVERY = 180.0
SUBSCRIPTION_EVERY = 300.0
AGAIN = 10.0
"""Seconds between two looks while PagerDuty was never reached yet."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Options:
    """How to reach the account, as whom, and the secrets that its webhooks are signed with."""

    api_token: str
    from_email: str
    base_url: str = "https://api.pagerduty.com"
    webhook_secrets: Sequence[str] = ()
    reenable_webhook: bool = True


@dataclass(frozen=True)
class Job:
    """Something that the ticker runs so often. Never fails because PagerDuty does."""

    seconds: float
    name: str
    run: Callable[[], Awaitable[None]]


@dataclass
class PagerDuty:
    """What the rest of the program needs of this room."""

    webhook: Webhook
    reader: Reader
    performer: Performer
    health: Health
    jobs: tuple[Job, ...]
    _lines: tuple[Line, ...]
    _step: "InStep"
    _first: asyncio.Task[None] | None = field(default=None)
    _again: float = AGAIN

    async def start(self) -> None:
        """Begins the first look-ups and returns; PagerDuty's bad day keeps nobody from starting."""
        self._first = asyncio.create_task(self._all_jobs(), name="pagerduty-first-look")

    async def _all_jobs(self) -> None:
        """Once each; and until PagerDuty was once reached not as seldom as later: without names nobody can be paged."""
        for job in self.jobs:
            await job.run()
        while self.health.reached_at is None:
            await asyncio.sleep(self._again)
            await self._step.run()

    async def stop(self) -> None:
        """Ends what is under way without waiting for PagerDuty."""
        tasks = [t for t in (self._first, self._step.asked) if t is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for line in self._lines:
            line.close()


def build_pagerduty(options: Options, engine: Engine) -> PagerDuty:
    """Nothing is called yet. The directory and the reading of the engine are this room's memory."""
    account = Account(options.base_url, options.api_token, options.from_email)
    lines = tuple(Line(account, manner) for manner in (PAGES, CHORES, READING))
    pages, chores, reading = (Rest(line) for line in lines)
    names, health = Names(engine.directory, options.from_email), Health()
    step = InStep(engine, reading, names, options.from_email, health)
    watch = SubscriptionWatch(reading, health, reenable=options.reenable_webhook)
    return PagerDuty(
        webhook=Webhook(engine, options.webhook_secrets, engine.clock),
        reader=EventReader(names, chores, step.soon),
        performer=PagerDutyPerformer(
            Pager(pages, engine.directory, names), chores, Contacts(engine.directory), engine, health
        ),
        health=health,
        jobs=(
            Job(IN_STEP_EVERY, "pagerduty in step", step.run),
            Job(SUBSCRIPTION_EVERY, "pagerduty webhook", Unfailing(watch.run, health).run),
        ),
        _lines=lines,
        _step=step,
    )


class InStep:
    """First what happened there since we last were in step, then who is on call.

    The services' `seen_at` is the time of the last whole round: it is saved last, and survives a restart.
    """

    def __init__(self, engine: Engine, rest: Rest, names: Names, own_email: str, health: Health) -> None:
        self._engine, self._health = engine, health
        self._reconciler = Reconciler(engine, rest, names, Missed(engine, health))
        self._on_call = OnCallReader(rest, engine.directory, own_email)
        self._one_at_a_time = asyncio.Lock()
        self.asked: asyncio.Task[None] | None = None

    def soon(self) -> None:
        """Something in the account changed: a round as soon as may be, without anybody waiting for it."""
        if self.asked is None or self.asked.done():
            self.asked = asyncio.create_task(self.run(), name="pagerduty-in-step")

    async def run(self) -> None:
        """One round; another that is under way is waited for. PagerDuty's failures go to the log and to `health`."""
        async with self._one_at_a_time:
            await Unfailing(self._round, self._health).run()

    async def _round(self) -> None:
        now = self._engine.clock()
        since = max((s.seen_at for s in self._engine.directory.services()), default=now)
        await self._on_call.read_people(now)
        try:
            await self._reconciler.run(since, now)
        except Refused as refusal:
            # A token without the right to read the log must not cost us the names of who is on call.
            log.warning("log_unreadable", reason=str(refusal))
        await self._on_call.read_services(now)
        self._health.reached(now)


class Unfailing:
    """A round of looking things up whose failure is told, and tried again at the next."""

    def __init__(self, act: Callable[[], Awaitable[None]], health: Health) -> None:
        self._act, self._health = act, health

    async def run(self) -> None:
        try:
            await self._act()
        except Trouble as error:
            self._health.failed(error)
            log.warning("pagerduty_unread", reason=str(error))
