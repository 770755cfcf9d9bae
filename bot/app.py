"""The wiring: the only module that knows everybody. Settings in, a bot that can be started and stopped out."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot import __version__, pulse
from bot.acts import acts_on
from bot.documents.postmortem import Style
from bot.documents.runbooks import Shelf, load_runbooks
from bot.documents.wording import Wording, load_wording
from bot.engine.auditor import Auditor
from bot.engine.clock import steady_clock
from bot.engine.db import Database
from bot.engine.effects import FactAnnouncer, Performer
from bot.engine.handle import Engine
from bot.engine.inbox import Inbox, Reader
from bot.engine.outbox import Outbox
from bot.engine.pace import Pace, Rate
from bot.engine.schema import migrate
from bot.engine.soundness import Soundness
from bot.engine.timers import Ticker
from bot.engine.wakes import REPLACED
from bot.incident.nudges import Nudge
from bot.incident.steps import Runbook
from bot.integrations import calling_out, drafting, pagerduty, watch
from bot.integrations.pagerduty import PagerDuty, build_pagerduty
from bot.integrations.slack import rates
from bot.integrations.slack.client import Connection
from bot.integrations.slack.fact import Places
from bot.integrations.slack.inbound import Inbound, build_inbound
from bot.integrations.slack.outbound import alert_announcer, announcer
from bot.integrations.slack.performer import SlackPerformer
from bot.integrations.watch import Watchman
from bot.pulse import Feeling, Watched, Workers
from bot.settings import Settings
from bot.web.control import Control, socket_of
from bot.web.server import Server
from bot.web.site import build_site

log = structlog.get_logger(__name__)

ROLES = ("all", "web", "worker")
DRAIN = 10.0
"""Seconds that work in hand may take when the process is told to stop; the rest is done by the next one."""
HOUR = 3600.0
AUDIT = 60.0
"""Seconds between two looks at what was given up."""
KEEP_HEARD = timedelta(days=30)
"""How long handled inbox entries are kept: PagerDuty sends again for two days, people look back for some weeks."""


class App:
    """A bot. Its parts are there for tests to wait on."""

    def __init__(self, parts: "Parts", server: Server) -> None:
        self._parts = parts
        self._server = server
        self._stopped = False
        self._to_stop = AsyncExitStack()
        self.engine, self.inbox, self.outbox, self.ticker = parts.engine, parts.inbox, parts.outbox, parts.ticker

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._server.url

    async def start(self, listening: Callable[[], None] = lambda: None) -> None:
        """Returns when it works; `listening` is called once HTTP answers.

        Slack and PagerDuty are reached for in the background, for as long as it takes. Raises OSError when the port
        cannot be had.
        """
        parts = self._parts
        if parts.watchman:
            parts.watchman.start()
        await self._server.start()
        await self._begun(parts.engine)
        listening()
        if parts.feeling:
            await self._begun(parts.feeling)
        if parts.pagerduty:
            await self._begun(parts.pagerduty)
        await self._begun(parts.connection)
        introduced = asyncio.create_task(parts.slack.start(), name="slack-introduced")
        self._to_stop.push_async_callback(parts.slack.stop)
        if parts.control:
            await self._begun(parts.control)
        for worker in (self.outbox, self.ticker, self.inbox) if parts.acts else ():
            await self._begun(worker)
        await introduced  # the workers did not wait: with Slack down, pages leave all the same
        if parts.sockets:
            self._to_stop.push_async_callback(parts.slack.stop_sockets)
            await parts.slack.start_sockets()
            parts.engine.wakes.on(REPLACED, parts.slack.hang_up)

    async def _begun(self, part: "Part") -> None:
        """Starts it, to be stopped before everything that was started before it."""
        await part.start()
        self._to_stop.push_async_callback(part.stop)

    async def stop(self) -> None:
        """Hears nothing new, finishes what is in hand, lets go; harmless after a failed start, and the second time.

        What takes too long is left: it is written down, and the next process finds it.
        """
        if self._stopped:
            return
        self._stopped = True
        try:
            async with asyncio.timeout(DRAIN):
                await self._server.stop()
                await self._to_stop.aclose()
        except TimeoutError:
            log.warning("stopped_before_all_was_done", seconds=DRAIN)
        if self._parts.watchman:
            await asyncio.to_thread(self._parts.watchman.stop)
        await self._parts.soundness.stop()
        await self._parts.connection.close()
        await asyncio.to_thread(self.engine.database.close)


class Part(Protocol):
    """What can be started and stopped."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


@dataclass(frozen=True)
class Parts:
    """What a bot is made of. `sockets`: Slack is heard over Socket Mode here; `acts`: not a web role."""

    engine: Engine
    inbox: Inbox
    outbox: Outbox
    ticker: Ticker
    connection: Connection
    slack: Inbound
    pagerduty: PagerDuty | None
    control: Control | None
    soundness: Soundness
    watchman: Watchman | None
    feeling: Feeling | None
    sockets: bool
    acts: bool


async def build(settings: Settings, *, role: str = "all", clock: Callable[[], datetime] | None = None) -> App:
    """Opens the database (an SQLite file is brought up to date first) and puts a bot together; nobody is called yet.

    `role`: all, web (hears only), worker (acts only). Raises AlreadyRunning, Outdated.
    """
    database = await asyncio.to_thread(_opened, settings.database_url)
    clock = clock or await steady_clock(database)
    runbooks, wording = await asyncio.to_thread(_read, settings)
    places = _places(settings, runbooks, wording)
    facts, alerts = _facts(settings, places), [alert_announcer(places)]
    engine = Engine(database, settings.policy, facts=facts, alerts=alerts, clock=clock)
    room = build_pagerduty(pagerduty_options(settings), engine) if settings.pagerduty.in_use else None
    connection = await Connection.open(
        settings.slack.bot_token.get_secret_value(), settings.slack.base_url, command=settings.policy.command
    )
    outbox = Outbox(engine, _performers(settings, engine, connection, room, places), Pace(_rate_of))
    slack = _inbound(settings, engine, connection, outbox, room, places)
    inbox = Inbox(engine, _readers(slack, room))
    ticker = _ticker(engine, inbox, slack, room, Auditor(engine, outbox))
    hears, acts = role != "worker", role != "web"
    watched = Watched(
        engine=engine,
        soundness=Soundness(engine.database, engine.clock),
        workers=Workers(inbox, outbox, ticker) if acts else None,
        slack=slack if hears else None,
        pagerduty=room,
        watchman=Watchman(_watch_options(settings)) if settings.watch.in_use else None,
    )
    site = build_site(
        pulse.vitals(watched),
        version=__version__,
        hooks=(room.webhook,) if room and hears else (),
        slack=slack.http_handler if hears and settings.slack.mode == "http" else None,
    )
    path = socket_of(settings.database_url)
    parts = Parts(
        engine=engine,
        inbox=inbox,
        outbox=outbox,
        ticker=ticker,
        connection=connection,
        slack=slack,
        pagerduty=room,
        control=Control(path, acts_on(inbox, outbox)) if path else None,
        soundness=watched.soundness,
        watchman=watched.watchman,
        feeling=Feeling(watched, watched.watchman) if watched.watchman else None,
        sockets=hears and settings.slack.mode == "socket",
        acts=acts,
    )
    return App(parts, Server(site, settings.http.host, settings.http.port))


def _opened(url: str) -> Database:
    if socket_of(url):
        migrate(url, thorough=False)  # one file, one process: nobody else could be surprised by it
    return Database.open(url)


def _read(settings: Settings) -> tuple[tuple[Runbook, ...], Wording]:
    """The runbooks and messages that can be used; `muster config check` says what is wrong with the others, too."""
    shelf = load_runbooks(Shelf(**dict(settings.runbooks)), settings.policy)
    for problem in shelf.problems:
        log.warning("runbook_unusable", told=problem)
    phrasebook = load_wording(settings.messages.folder, settings.policy)
    for problem in phrasebook.problems:
        log.warning("message_unusable", told=problem)
    return shelf.runbooks, phrasebook.wording


def _places(settings: Settings, runbooks: tuple[Runbook, ...], wording: Wording) -> Places:
    slack = settings.slack
    return Places(
        announcements=bool(slack.announce_channel),
        triage=bool(slack.triage_channel or slack.announce_channel),
        bridge=slack.bridge,
        runbooks=runbooks,
        wording=wording,
    )


def _facts(settings: Settings, places: Places) -> list[FactAnnouncer]:
    """Who makes something of a fact. Pages come first: they are promised before the room is."""
    paging = [pagerduty.announce] if settings.pagerduty.in_use else []
    return [*paging, announcer(places), drafting.announce, calling_out.announce]


def pagerduty_options(settings: Settings) -> pagerduty.Options:
    """What the PagerDuty room is given of the settings."""
    group = settings.pagerduty
    return pagerduty.Options(
        api_token=group.api_token.get_secret_value(),
        from_email=group.from_email,
        base_url=group.base_url,
        webhook_secrets=tuple(secret.get_secret_value() for secret in group.webhook_secrets),
    )


def _watch_options(settings: Settings) -> watch.Options:
    group = settings.watch
    return watch.Options(
        routing_key=group.routing_key.get_secret_value(),
        events_url=group.events_url,
        heartbeat_url=group.heartbeat_url.get_secret_value(),
        every=group.heartbeat_seconds,
    )


def _performers(
    settings: Settings,
    engine: Engine,
    connection: Connection,
    room: PagerDuty | None,
    places: Places,
) -> dict[str, Performer]:
    slack = SlackPerformer(
        connection,
        engine.directory,
        engine.reading,
        engine.policy,
        announce=settings.slack.announce_channel,
        triage=settings.slack.triage_channel,
        bridge=places.bridge,
        runbooks=places.runbooks,
        wording=places.wording,
    )
    secrets = {name.casefold(): kept.get_secret_value() for name, kept in settings.runbooks.secrets.items()}
    performers: dict[str, Performer] = {
        "slack": slack,
        drafting.SYSTEM: drafting.Drafting(
            engine.reading, Style(**dict(settings.postmortem), command=settings.policy.command)
        ),
        calling_out.SYSTEM: calling_out.CallingOut(engine.reading, engine.clock, secrets),
    }
    return performers | ({"pagerduty": room.performer} if room else {})


def _rate_of(bucket: str) -> Rate | None:
    return pagerduty.rate_of(bucket) if bucket.startswith("pagerduty") else rates.rate_of(bucket)


def _inbound(
    settings: Settings,
    engine: Engine,
    connection: Connection,
    outbox: Outbox,
    room: PagerDuty | None,
    places: Places,
) -> Inbound:
    slack = settings.slack
    by_http = slack.mode == "http"
    return build_inbound(
        engine=engine,
        client=connection.web,
        retry=outbox.retry,
        signing_secret=slack.signing_secret.get_secret_value() if by_http else "",
        app_token="" if by_http else slack.app_token.get_secret_value(),
        clock=engine.clock,
        pagerduty_up=lambda: room is not None and not room.health.trouble,
        runbooks=places.runbooks,
        wording=places.wording,
    )


def _readers(slack: Inbound, room: PagerDuty | None) -> dict[str, Reader]:
    return {"slack": slack.reader} | ({"pagerduty": room.reader} if room else {})


def _ticker(engine: Engine, inbox: Inbox, slack: Inbound, room: PagerDuty | None, auditor: Auditor) -> Ticker:
    ticker = Ticker(engine, nudge=lambda incident, key: Nudge(incident=incident, key=key))
    ticker.every(6 * HOUR, "slack-people", slack.refresh_people, singleton=True)
    ticker.every(AUDIT, "auditor", auditor.turn, singleton=True)
    ticker.every(24 * HOUR, "prune-inbox", lambda: inbox.prune(KEEP_HEARD), singleton=True)
    for job in room.jobs if room else ():
        ticker.every(job.seconds, job.name, job.run, singleton=True)
    return ticker
