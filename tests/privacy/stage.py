"""The stage of a night, in one process: the real rules, outbox and Slack room, against the sandbox; and who plays."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copyfile

from bot.documents.postmortem import Style
from bot.engine.db import Database
from bot.engine.handle import Engine
from bot.engine.outbox import Outbox
from bot.engine.pace import Pace
from bot.engine.timers import Ticker
from bot.incident import (
    HearAlert,
    RecordMember,
    RecordRoom,
)
from bot.incident.mirror import Report, What
from bot.incident.model import Command, Incident
from bot.incident.nudges import Nudge
from bot.incident.people import KnownService, OnCall, Person
from bot.incident.policy import Policy
from bot.incident.steps import Call, Runbook, Step
from bot.incident.values import MUSTER, Service, Target, TargetKind
from bot.integrations import calling_out, drafting, pagerduty
from bot.integrations.drafting import Drafting
from bot.integrations.slack.clicks import Clicks
from bot.integrations.slack.client import Connection
from bot.integrations.slack.fact import Places
from bot.integrations.slack.kept import Kept
from bot.integrations.slack.outbound import alert_announcer, announcer
from bot.integrations.slack.people import People
from bot.integrations.slack.performer import SlackPerformer
from bot.integrations.slack.presses import Hands
from bot.integrations.slack.text import channel_name
from bot.integrations.slack.verbs import House
from bot.sandbox import Sandbox, SandboxClient, running
from bot.sandbox.slack import seed

ADA, BO, CARLA, DEV, EMI = (
    Person(slack=id, pagerduty=f"P{name[:2].upper()}", name=name, email=f"{name.split()[0].lower()}@example.com")
    for id, name in (
        (seed.ADA, "Ada Marsh"),
        (seed.BO, "Bo Lind"),
        (seed.CARLA, "Carla Reyes"),
        (seed.DEV, "Dev Anand"),
        (seed.EMI, "Emi Tanaka"),
    )
)
OUTSIDERS = (CARLA, EMI, DEV)
CHECKOUT, SEARCH = Service(id="PCHECK", name="Checkout"), Service(id="PSEARCH", name="Search")
PAGE = "https://acme.pagerduty.com/incidents/page"
"""Where the alerts are seen in PagerDuty."""
ON_CALL = Target(kind=TargetKind.SERVICE, id=CHECKOUT.id, name=CHECKOUT.name)
CALL = Call(name="Scale up", url="https://ops.example/{title}", body='{{"title": "{title}"}}')
BOOK = Runbook(
    name="search-slow",
    title="Search is slow",
    owner=EMI.email,
    reviewed=date(2020, 1, 1),
    stale_after=30,
    steps=(Step(number=1, text="Look at the index."), Step(number=2, text="Scale up.", action=CALL)),
)


@dataclass
class Night:
    """The stage. Nothing that is promised is kept before `kept` is awaited.

    `in_slack`: whether it plays in Slack at all; else rooms are on record as opened, which is all that rules ask for.
    """

    engine: Engine
    performer: SlackPerformer
    house: House
    clicks: Clicks
    hands: SandboxClient
    sandbox: Sandbox
    url: str
    logged: list[str]
    in_slack: bool = True

    def now(self) -> datetime:
        """One clock for everybody: the sandbox's."""
        return datetime.fromtimestamp(self.sandbox.clock.now(), UTC)

    async def ask(self, *wishes: Command, by: Person = ADA) -> None:
        """Wishes of somebody, a minute after one another."""
        for wish in wishes:
            self.sandbox.clock.advance(60)
            await self.engine.handle(wish, by.actor)

    async def kept(self) -> None:
        """All that was promised by now is done in Slack, and drafts are written; PagerDuty's promises lie."""
        if not self.in_slack:
            await self._rooms_opened()
            return
        outbox = Outbox(
            self.engine,
            {"slack": self.performer, "drafting": Drafting(self.engine.reading, Style())},
            Pace(),
        )
        await outbox.start()
        await outbox.idle()
        await outbox.stop()

    async def _rooms_opened(self) -> None:
        for i in await self.engine.reading.recent(MUSTER):
            if i.room is None:
                name = channel_name(i.number, i.title)
                opened = RecordRoom(incident=i.number, channel=f"C{i.number}{len(i.former_rooms)}", name=name)
                await self.engine.handle(opened, MUSTER)

    async def passes(self, minutes: float) -> None:
        """What falls due meanwhile is said."""
        self.sandbox.clock.advance(60 * minutes)
        await Ticker(self.engine, nudge=lambda incident, key: Nudge(incident=incident, key=key)).say_what_is_due()

    async def incident(self, number: int) -> Incident:
        found = await self.engine.reading.incident(number)
        assert found is not None
        return found

    async def enters(self, who: Person, number: int, *, here: bool = True) -> None:
        """Somebody comes into its room, or leaves it; Muster hears of it."""
        room = (await self.incident(number)).room
        assert room is not None
        if self.in_slack and here:
            await self.hands.slack.invite("ada", room.channel, who.slack)
        elif self.in_slack:
            await self.hands.slack.leave(who.slack, room.channel)
        await self.ask(RecordMember(incident=number, channel=room.channel, person=who.actor, here=here), by=who)

    async def fires(self, alert: str, title: str, service: Service, urgency: str = "high") -> None:
        report = Report(
            source="pagerduty",
            alert=alert,
            key=f"{alert}/triggered",
            what=What.TRIGGERED,
            by=MUSTER,
            at=self.now(),
            title=title,
            url=PAGE,
            urgency=urgency,
            service=service,
        )
        await self.engine.handle(HearAlert(report=report), MUSTER)

    async def entry(self, number: int, kind: str) -> int:
        """The first entry of that kind on its timeline."""
        return next(s.seq for s in await self.engine.reading.events(number) if s.event.kind == kind)


class Recorder(logging.Handler):
    """Keeps every line of the log."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.msg} {record.args}")


@contextmanager
def recorded() -> Iterator[list[str]]:
    """The log, as long as that lasts."""
    recorder = Recorder()
    logging.getLogger().addHandler(recorder)
    try:
        yield recorder.lines
    finally:
        logging.getLogger().removeHandler(recorder)


@asynccontextmanager
async def stage(folder: Path, migrated: Path, *, in_slack: bool = True) -> AsyncIterator[Night]:
    """An empty night on a copy of an empty database."""
    url = f"sqlite:///{copyfile(migrated, folder / 'muster.db')}"
    with running() as sandbox, recorded() as logged:
        sandbox.clock.advance(_until_monday(datetime.now(UTC)))
        connection = await Connection.open(seed.BOT_TOKEN, sandbox.slack_url, timeout=5)
        async with SandboxClient(sandbox.url) as hands:
            database = Database.open(url)
            places = Places(runbooks=(BOOK,))
            facts = [pagerduty.announce, announcer(places), drafting.announce, calling_out.announce]
            night: Night
            engine = Engine(
                database, _policy(), facts=facts, alerts=[alert_announcer(places)], clock=lambda: night.now()
            )
            night = Night(engine, *_furnished(engine, connection), hands, sandbox, url, logged, in_slack)
            await engine.start()
            try:
                await _acquainted(engine)
                yield night
            finally:
                await engine.stop()
                database.close()
                await connection.close()


def _furnished(engine: Engine, connection: Connection) -> tuple[SlackPerformer, House, Clicks]:
    """Slack's room: who keeps its promises, what verbs look into, and what buttons mean."""
    people = People(connection.web, engine.directory, engine.reading, engine.clock, Kept())
    house = House(engine.policy, engine.directory, engine.reading, lambda: True, people.admit, runbooks=(BOOK,))
    performer = SlackPerformer(
        connection, engine.directory, engine.reading, engine.policy, announce="#incidents", runbooks=(BOOK,)
    )

    async def retry(effect: int) -> bool:
        return False

    async def hear(source: str, key: str, group: str, body: bytes) -> None:
        return None

    return performer, house, Clicks(Hands(house, connection.web, retry, hear))


def _until_monday(now: datetime) -> float:
    """Seconds until people are at work: what is not urgent waits for that."""
    monday = (now + timedelta(days=7 - now.weekday())).replace(hour=9, minute=0)
    return (monday - now).total_seconds()


def _policy() -> Policy:
    """As it comes; only that at the worst severity customer support, Carla, is asked in."""
    policy = Policy()
    levels = [s.model_copy(update={"invite": ("@support",)}) if s.level == 1 else s for s in policy.severities]
    return policy.model_copy(update={"severities": tuple(levels)})


async def _acquainted(engine: Engine) -> None:
    await engine.directory.remember_people([ADA, BO, CARLA, DEV, EMI])
    calls = tuple(
        KnownService(
            id=s.id,
            name=s.name,
            policy=f"E{s.id}",
            policy_name=f"{s.name} first line",
            on_call=(OnCall(service=s.id, level=1, pagerduty=BO.pagerduty, name=BO.name),),
            seen_at=engine.clock(),
        )
        for s in (CHECKOUT, SEARCH)
    )
    await engine.directory.remember_services(calls)
