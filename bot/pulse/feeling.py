"""The bot feels its own pulse every few seconds, and shows the watchman what it found."""

import asyncio

import structlog

from bot.engine.line import Unavailable
from bot.engine.look import Look
from bot.engine.queues import Urgent, count_urgent
from bot.integrations.watch import Glance, Watchman
from bot.pulse.watched import Watched

log = structlog.get_logger(__name__)

EVERY = 2.0
PATIENCE = 5.0
"""Seconds that the database may take: less than the watchman waits for us."""
MAY_PAGE = ("pagerduty",)
"""Whose deliveries may call somebody."""


class Feeling:
    """On the event loop on purpose: if that stands still, nothing comes, and the watchman notices."""

    def __init__(
        self, watched: Watched, watchman: Watchman, *, every: float = EVERY, patience: float = PATIENCE
    ) -> None:
        self._watched, self._watchman = watched, watchman
        self._every, self._patience = every, patience
        self._urgent = Look(self._count, fresh=0.0)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="feeling")
        self._task.add_done_callback(_told)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._urgent.stop()

    async def _run(self) -> None:
        while True:
            self._watchman.saw(await self.glance())
            await asyncio.sleep(self._every)

    async def glance(self) -> Glance:
        """What there is to see now."""
        watched = self._watched
        health = watched.pagerduty.health if watched.pagerduty else None
        slack = watched.slack
        trouble = await watched.soundness.trouble(self._patience)
        urgent = await self._urgent_or_none()
        return Glance(
            page_waits=urgent.oldest_page if urgent else None,
            pages_waiting=urgent.pages if urgent else 0,
            delivery_waits=urgent.oldest_delivery if urgent else None,
            deliveries_waiting=urgent.deliveries if urgent else 0,
            parked=urgent.parked if urgent else None,
            tick_late=watched.workers.late if watched.workers else None,
            writable=not trouble,
            slack_refuses=bool(slack.health.refused) if slack else None,
            slack_open=slack.open if slack else None,
            pagerduty_refuses=health.refused if health else None,
            pagerduty_unheard=health.webhook_disabled or health.deaf_since is not None if health else None,
        )

    async def _urgent_or_none(self) -> Urgent | None:
        """None where the database does not tell; that it does not is told by itself."""
        try:
            return await self._urgent.found(self._patience)
        except Unavailable:
            return None

    async def _count(self) -> Urgent:
        engine = self._watched.engine
        return await count_urgent(engine.database, engine.clock, MAY_PAGE)


def _told(task: asyncio.Task[None]) -> None:
    """A bug ends it, and the watchman, shown nothing more, alarms."""
    if not task.cancelled() and (error := task.exception()):
        log.error("feeling_ended", exc_info=error)
