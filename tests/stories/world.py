"""A whole Muster against a whole sandbox, in one process: the stage that every story plays on."""

import asyncio
import hashlib
import hmac
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeVar

import aiohttp
from sqlalchemy import create_engine, text

from bot.app import App, build
from bot.engine.pace import Pace
from bot.engine.reading import Step
from bot.engine.schema import driver_url
from bot.engine.tables import EffectState
from bot.incident.habits import Storm
from bot.incident.model import Incident
from bot.incident.policy import Paging, Policy
from bot.incident.timeline import Stored, timeline
from bot.incident.values import MUSTER, Actor, Target, TargetKind
from bot.sandbox import Sandbox, SandboxClient, running
from bot.sandbox.pagerduty import seed as pagerduty
from bot.sandbox.slack import seed as slack
from bot.settings import Settings
from tests.stories.screen import Json, button_of, words

COMMANDERS = Target(kind=TargetKind.POLICY, id="PECOMMA", name="Incident commanders")
IN_BOTH = ("PUADA01", "PUBO001", "PUDEV01", "PUEMI01", "PUFINN1", "PUGUS01")
"""PagerDuty's ids of those who are in both systems."""
SERVICES = ("PSCHECK", "PSPAYME", "PSSEARC", "PSIDENT")
VIEWER = Actor(id=f"slack:{slack.ADA}", name="Ada Marsh")
"""Somebody who reads."""
PATIENCE = 15.0
"""Seconds that a world may take to come to rest."""
STEP = timedelta(seconds=2)
"""What lies between two chapters of a story."""


@dataclass(frozen=True)
class Plan:
    """What sort of world: how Slack reaches the bot, and on which database it works."""

    slack: Literal["socket", "http"] = "socket"
    database: Literal["sqlite", "postgresql"] = "sqlite"
    paced: bool = False
    """Whether Slack's rate limits hold (a message a second per room); a story has no time for them."""

    def __str__(self) -> str:
        return f"{self.slack}-{self.database}"


_HUMAN: ContextVar[set[asyncio.Task[Any]] | None] = ContextVar("_HUMAN", default=None)
"""Set within what people do: their tasks so far, which the bot's death leaves alone."""


class Killed(BaseException):
    """The bot's process is gone. No handler of the program may catch it, as none survives SIGKILL."""


class Clock:
    """The bot's clock: the wall's, which a story may put forward."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, ahead: timedelta) -> None:
        self._ahead += ahead


class World:
    """A sandbox, a bot that lives in this event loop, and people's hands.

    The bot can be stopped, killed and started again on the same database, address and sandbox.
    """

    def __init__(self, sandbox: Sandbox, hands: SandboxClient, plan: Plan, database_url: str) -> None:
        self.sandbox, self.hands, self.plan = sandbox, hands, plan
        self.clock = Clock()
        self.port = free_port()
        self.settings = settings_for(sandbox, plan, database_url, self.port)
        self._app: App | None = None
        self._before: set[asyncio.Task[Any]] = set()
        self._people: set[asyncio.Task[Any]] = set()

    @property
    def app(self) -> App:
        assert self._app is not None, "the bot is not running"
        return self._app

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        """The first start: Slack and PagerDuty know where the bot is, and the bot knows who is there."""
        await self.hands.slack.configure(retry_scale=0.01, limits="strict" if self.plan.paced else "off")
        await self.hands.pagerduty.set_weather(hurry=0.01)
        await self.start()
        if self.plan.slack == "http":
            assert await self.hands.slack.reach_by("http", self.url, verify=True)
        await self.hands.pagerduty.subscribe(f"{self.url}/webhooks/pagerduty")
        await self.acquainted()

    async def start(self) -> None:
        """The bot comes up, on the same port as before."""
        asyncio.get_running_loop().set_task_factory(_counted)
        self._before = asyncio.all_tasks()
        self._app = await build(self.settings, clock=self.clock)
        self.furnish(self._app)
        await self._app.start()

    def furnish(self, app: App) -> None:
        """What is different in this world, before the bot begins."""
        if not self.plan.paced:
            app.outbox._pace = Pace()

    def people(self, acts: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """What people do while the bot may live or die: a task that no death of the bot ends."""
        loop = asyncio.get_running_loop()
        was = _HUMAN.set(self._people)
        try:
            return loop.create_task(acts)
        finally:
            _HUMAN.reset(was)

    def calm(self) -> None:
        """From now on many services at once are no storm: each has its own room."""
        policy = self.app.engine.policy
        self.app.engine.policy = policy.model_copy(update={"storm": Storm(services=1_000, rooms=1_000)})

    async def stop(self) -> None:
        """The bot is told to stop, and does so in order."""
        if self._app is not None:
            await self._app.stop()
        self._app = None

    async def kill(self) -> None:
        """The bot is gone in the middle of whatever it did: nothing is finished, nothing is said goodbye to.

        What is cut is its life in the event loop; a write that is under way in the writer's thread may still be
        committed, as with a real process that dies a moment later. What the system closes when a process dies, its
        sockets and its lock, is closed by hand; what was sent still arrives; leases of the dead have ended.
        """
        app, self._app = self.app, None
        app.ticker._scheduler.shutdown(wait=False)
        app.engine.wakes.detach()
        http, control = app._server._uvicorn, app._parts.control
        servers = [*http.servers, *([control._server] if control and control._server else ())]
        for listener in (listener for server in servers for listener in server.sockets):
            asyncio.get_running_loop().remove_reader(listener)
        await asyncio.sleep(0)  # what was just accepted becomes a connection; with its server closed it would be lost
        for server in servers:
            server.close()
        mine = asyncio.all_tasks() - self._before - self._people - {asyncio.current_task()}
        for task in mine:
            task.cancel()
        for _ in range(2):  # the second time those that were just being accepted
            for connection in list(http.server_state.connections):
                connection.transport.abort()
            await asyncio.gather(*mine, return_exceptions=True)
        await app._parts.connection.close()
        for line in app._parts.pagerduty._lines if app._parts.pagerduty else ():
            await asyncio.to_thread(line._threads.shutdown, wait=True, cancel_futures=True)
        await asyncio.to_thread(app.engine.database.close)
        await _until(lambda: all(call.outcome for call in self.sandbox.calls.all()))
        if self.plan.database == "postgresql":
            await asyncio.to_thread(_end_leases, self.settings.database_url)

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def turn_page(self, seconds: float = STEP.total_seconds()) -> None:
        """Between two chapters: PagerDuty's log counts whole seconds, and nobody acts twice within one."""
        self.clock.advance(timedelta(seconds=seconds))
        await self.hands.advance(seconds)
        if self._app is not None:
            self._app.outbox.wake()

    async def acquainted(self, seconds: float = PATIENCE) -> None:
        """Returns once the bot is connected, knows who is who in both systems, and who is on call."""
        directory, connected = self.app.engine.directory, self.app._parts.slack
        async with asyncio.timeout(seconds):
            await _until(lambda: connected.connected)
            await _until(lambda: all((p := directory.by_pagerduty(user)) and p.slack for user in IN_BOTH))
            await _until(lambda: all(directory.on_call(service) for service in SERVICES))

    async def settled(self, seconds: float = PATIENCE) -> None:
        """Returns once nothing is on its way: webhooks and events delivered, inbox empty, promises kept or put off."""
        async with asyncio.timeout(seconds):
            while True:
                before = await self._marks()
                await self.hands.pagerduty.settle()
                await self.app.inbox.idle()
                await self.app.outbox.idle()
                if before == await self._marks() and await self._all_heard():
                    return
                await asyncio.sleep(0.005)

    async def _marks(self) -> tuple[object, ...]:
        """What changes as long as something happens."""
        health = await self.app.engine.reading.health()
        calls = self.sandbox.calls.last
        return calls, tuple(sorted(health.inbox.items())), tuple(sorted(health.effects.items()))

    async def _all_heard(self) -> bool:
        return all(d["attempts"] for d in await self.hands.slack.deliveries())

    async def pass_time(self, *, minutes: float) -> None:
        """The clocks of the bot and of the world go forward; what falls due meanwhile is done."""
        ahead = timedelta(minutes=minutes)
        self.clock.advance(ahead)
        await self.hands.advance(ahead.total_seconds())
        await self.app.ticker.say_what_is_due()
        self.app.outbox.wake()
        await self.settled()

    async def declare(
        self,
        title: str,
        *,
        by: str = "ada",
        severity: int = 3,
        services: Sequence[str] = (),
        command: bool = True,
        settle: bool = True,
    ) -> int:
        """Somebody declares an incident with the form; its number."""
        await self.hands.slack.command(by, "#ops", f"declare {title}")
        await self.hands.slack.wait_for_modal(by, "What is wrong?")
        values: Json = {"severity": str(severity), "services": list(services)}
        await self.hands.slack.submit(by, values | ({} if command else {"command": []}))
        if settle:
            await self.settled()
        return max(i.number for i in await self.app.engine.reading.recent(MUSTER))

    async def incident(self, number: int = 1) -> Incident:
        found = await self.app.engine.reading.incident(number)
        assert found is not None, f"there is no INC-{number}"
        return found

    async def timeline(self, number: int = 1) -> list[str]:
        """The sentences of the timeline, in the order in which things happened."""
        return [entry.text for entry in timeline(await self._stored(number))]

    async def _stored(self, number: int) -> list[Stored]:
        return await self.app.engine.reading.events(number)

    async def facts(self, number: int = 1) -> list[str]:
        """The kinds of its facts, in the order of recording."""
        return [stored.event.kind for stored in await self.app.engine.reading.events(number)]

    async def room(self, number: int = 1) -> Json:
        """Its war room as Slack has it, with everything in it."""
        channel = (await self.app.engine.reading.refs(number))["slack.channel"]
        return await self.hands.slack.channel(channel)

    async def card(self, number: int = 1) -> Json:
        """The pinned card of its room."""
        room = await self.room(number)
        return next(message for message in room["messages"] if message["ts"] in room["pins"])

    async def said(self, number: int = 1) -> list[str]:
        """What the bot wrote in the room, as people read it, oldest first; the card too."""
        return [words(m) for m in (await self.room(number))["messages"] if m.get("bot_id") and not m.get("subtype")]

    async def type(self, who: str, text: str = "", number: int = 1, **more: Any) -> Json:
        """Somebody types `/incident …` in the room."""
        return await self.hands.slack.command(who, (await self.room(number))["id"], text, **more)

    async def press(self, who: str, action: str, number: int = 1, *, value: str | None = None, **more: Any) -> Json:
        """Somebody presses the newest such button in the room."""
        room = await self.room(number)
        for message in reversed(room["messages"]):
            element = button_of(message, action, value)
            if element is not None:
                return await self.hands.slack.click(
                    who, element["action_id"], channel=room["id"], ts=message["ts"], value=element.get("value"), **more
                )
        raise AssertionError(f"there is no button {action} {value or ''} in #{room['name']}")

    async def unkept(self) -> list[Step]:
        """Promises that are not kept: waiting, in doubt or parked."""
        reading = self.app.engine.reading
        return [*await reading.effects(), *await reading.effects(EffectState.PARKED)]

    async def deliver(self, body: bytes, *, signature: str | Literal[True] | None = True) -> int:
        """A webhook straight to the bot, well signed (True), with this signature, or without one; the status."""
        said = signed(body) if signature is True else signature
        headers = {"content-type": "application/json"} | ({} if said is None else {"x-pagerduty-signature": said})
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/webhooks/pagerduty", data=body, headers=headers) as answer,
        ):
            return answer.status


AnyWorld = TypeVar("AnyWorld", bound=World)


@asynccontextmanager
async def brief(kind: type[AnyWorld], plan: Plan, database_url: str) -> AsyncIterator[AnyWorld]:
    """A world in the middle of its day, for a block; at its end nobody waits for an orderly stop."""
    with running() as sandbox:
        async with SandboxClient(sandbox.url) as hands:
            world = kind(sandbox, hands, plan, database_url)
            await world.open()
            await hands.slack.configure(retry_scale=0.002)
            try:
                yield world
            finally:
                await world.kill()


async def _until(holds: Callable[[], object]) -> None:
    """Looks now and now again: what is waited for happens elsewhere and rings no bell."""
    while not holds():  # noqa: ASYNC110
        await asyncio.sleep(0.005)


def _counted(loop: asyncio.AbstractEventLoop, acts: Any, **how: Any) -> asyncio.Task[Any]:
    """A task factory that tells people's tasks from the bot's, and mourns for nobody who was killed."""
    task: asyncio.Task[Any] = asyncio.Task(acts, loop=loop, **how)
    task.add_done_callback(_buried)
    human = _HUMAN.get()
    if human is not None:
        human.add(task)
        task.add_done_callback(human.discard)
    return task


def _buried(task: asyncio.Task[Any]) -> None:
    """Its end was asked for, so that asyncio does not report it."""
    if not task.cancelled() and isinstance(task._exception, Killed):
        task.exception()


def _end_leases(database_url: str) -> None:
    """What time does by itself on a shared database, within seconds: what the dead had claimed is free again."""
    server = create_engine(driver_url(database_url))
    with server.begin() as connection:
        connection.execute(text("DELETE FROM lease WHERE name LIKE 'process/%'"))
        connection.execute(text("UPDATE timer SET lease_until = NULL"))
    server.dispose()


def signed(body: bytes, secret: str = pagerduty.WEBHOOK_SECRET) -> str:
    """The signature that PagerDuty puts on a body."""
    return f"v1={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def settings_for(sandbox: Sandbox, plan: Plan, database_url: str, port: int) -> Settings:
    """The settings of a bot in this sandbox: commanders are set up, everything else is as it comes."""
    return Settings.model_validate(
        {
            "database_url": database_url,
            "http": {"host": "127.0.0.1", "port": port},
            "slack": {
                "mode": plan.slack,
                "base_url": sandbox.slack_url,
                "bot_token": slack.BOT_TOKEN,
                "app_token": slack.APP_TOKEN,
                "signing_secret": slack.SIGNING_SECRET,
                "announce_channel": "#incidents",
            },
            "pagerduty": {
                "base_url": sandbox.pagerduty_url,
                "api_token": pagerduty.API_TOKEN,
                "from_email": pagerduty.FROM_EMAIL,
                "webhook_secrets": [pagerduty.WEBHOOK_SECRET],
            },
            "policy": Policy(paging=Paging(commanders=COMMANDERS, fallback=COMMANDERS)),
        }
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
