"""The incoming half of Slack at work: the real engine, the real Bolt, and the sandbox's people using it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.engine.effects import Ref
from bot.engine.handle import Engine
from bot.engine.inbox import Inbox
from bot.incident import Declare, RecordRoom
from bot.incident.model import Incident
from bot.incident.people import KnownService, OnCall, Person
from bot.incident.values import Actor
from bot.integrations.slack.client import Connection
from bot.integrations.slack.inbound import Inbound, build_inbound
from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox.slack import seed

ADA = Actor(id=f"slack:{seed.ADA}", name="Ada Marsh")
CHECKOUT = KnownService(
    id="PCHECK",
    name="Checkout",
    policy="PPOLICY",
    policy_name="Shop first line",
    on_call=(OnCall(service="PCHECK", level=1, pagerduty="PBO", name="Bo Lind"),),
    seen_at="2026-01-01T00:00:00Z",
)
BO_IN_PAGERDUTY = Person(pagerduty="PBO", name="Bo Lind", email="bo@example.com", phones=("+1 555 0100",))


@dataclass
class Bot:
    """What a test drives and asks."""

    inbound: Inbound
    inbox: Inbox
    engine: Engine
    hands: SandboxClient
    retried: list[int] = field(default_factory=list)
    pagerduty_up: bool = True

    async def say(self, who: str, channel: str, words: str) -> Any:
        """Types `/incident <words>`."""
        return await self.hands.slack.command(who, channel, words, wait=0.3)

    async def incident(self, number: int = 1) -> Incident:
        found = await self.engine.reading.incident(number)
        assert found is not None
        return found

    async def lines(self, number: int = 1) -> list[str]:
        """The sentences of the incident's facts."""
        return [s.event.line() for s in await self.engine.reading.events(number)]


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 4.0) -> None:
    """Waits for what the inbox does by and by."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110  (the inbox works in the background)
            await asyncio.sleep(0.02)


@asynccontextmanager
async def listening(
    engine: Engine, connection: Connection, sandbox: Sandbox, hands: SandboxClient, *, sockets: bool = True
) -> AsyncIterator[Bot]:
    """The bot listening. Nobody keeps its promises: what it says by itself goes nowhere."""
    await engine.directory.remember_people([BO_IN_PAGERDUTY])
    await engine.directory.remember_services([CHECKOUT])
    retried: list[int] = []

    async def retry(effect: int) -> bool:
        retried.append(effect)
        return True

    inbound = build_inbound(
        engine=engine,
        client=connection.web,
        retry=retry,
        signing_secret=seed.SIGNING_SECRET,
        app_token=seed.APP_TOKEN if sockets else "",
        pagerduty_up=lambda: bot.pagerduty_up,
    )
    inbox = Inbox(engine, {"slack": inbound.reader})
    bot = Bot(inbound, inbox, engine, hands, retried)
    await inbound.start()
    await inbox.start()
    await inbound.start_sockets()
    try:
        yield bot
    finally:
        await inbound.stop_sockets()
        await inbox.stop()
        await inbound.stop()


async def room_of(bot: Bot, connection: Connection, *people: str, title: str = "Checkout errors") -> str:
    """A declared incident with a real room, as the outbox would have opened it; its channel's name."""
    outcome = await bot.engine.handle(Declare(title=title, command=False), ADA)
    assert outcome.incident is not None
    number, name = outcome.incident.number, f"inc-{outcome.incident.number}"
    made = (await connection.web.conversations_create(name=name)).data
    channel = made["channel"]["id"]  # type: ignore[call-overload]
    await bot.engine.handle(RecordRoom(incident=number, channel=channel, name=name), ADA)
    bot.engine.directory.learn(number, [Ref("slack", "channel", channel, "slack.channel")])
    for person in people:
        await bot.hands.slack.join(person, name)
    async with asyncio.timeout(4):
        while bot.inbound.open and len((await bot.incident(number)).members) < len(people):  # noqa: ASYNC110  (joins are heard by and by)
            await asyncio.sleep(0.01)  # that they came in is heard by and by, and rings no bell
    return name
