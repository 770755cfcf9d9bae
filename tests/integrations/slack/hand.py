"""The performer in a test's hand: one promise at a time, with the refs that earlier ones brought."""

from datetime import UTC, datetime, timedelta

from bot.engine.effects import Answer, Attempt, Effect, GiveUp, Receipt, Retry
from bot.engine.handle import Engine
from bot.incident import Declare, HearAlert
from bot.incident.mirror import Report, What
from bot.incident.model import Incident
from bot.incident.people import KnownService, OnCall, Person
from bot.incident.values import MUSTER, Actor, Service, Target, TargetKind
from bot.integrations.slack import effects as slack
from bot.integrations.slack.performer import SlackPerformer
from bot.sandbox import Sandbox
from bot.sandbox.slack import seed

ADA = Actor(id=f"slack:{seed.ADA}", name="Ada")
BO = Actor(id=f"slack:{seed.BO}", name="Bo")
CHECKOUT = Service(id="PCHECK", name="Checkout")
ON_CALL = Target(kind=TargetKind.SERVICE, id="PCHECK", name="Checkout")
AMBIGUOUS = ["500", "500_after", "reset", "reset_after", "malformed", "hang_after"]


class Hand:
    """Has the performer keep one promise at a time, as the outbox would, and remembers the refs that it brings."""

    def __init__(self, engine: Engine, performer: SlackPerformer, sandbox: Sandbox) -> None:
        self.engine = engine
        self.performer = performer
        self.sandbox = sandbox
        self.refs: dict[str, str] = {}

    def attempt(self, key: str, tries: int = 1) -> Attempt:
        since = datetime.fromtimestamp(self.sandbox.clock.now(), UTC) - timedelta(seconds=tries - 1)
        return Attempt(key=key, tries=tries, since=since, refs=dict(self.refs), repeated=tries > 1)

    async def do(self, effect: Effect, key: str = "k", tries: int = 1) -> Answer:
        answer = await self.performer.perform(effect, self.attempt(key, tries))
        if isinstance(answer, Receipt):
            self.refs |= {ref.name: ref.foreign_id for ref in answer.refs}
        return answer

    async def kept(self, effect: Effect, key: str = "k", tries: int = 1) -> Receipt:
        answer = await self.do(effect, key, tries)
        assert isinstance(answer, Receipt), answer
        return answer

    async def look(self, effect: Effect, key: str = "k") -> Receipt | Retry | GiveUp | None:
        return await self.performer.look(effect, self.attempt(key, tries=2))

    async def room(self, title: str = "Checkout errors", **more: object) -> Incident:
        """A declared incident with its room open."""
        wish = Declare.model_validate({"title": title, "severity": 3, **more})
        i = (await self.engine.handle(wish, ADA)).incident
        assert i is not None
        made = await self.kept(slack.OpenRoom(incident=i.number, name=f"inc-{i.number}-x", private=i.private), "room")
        if command := slack.OpenRoom(incident=i.number, name="x").kept(made):
            await self.engine.handle(command, MUSTER)
        return i


def writes(sandbox: Sandbox, method: str) -> int:
    return len(sandbox.calls.all("slack", method))


async def known(engine: Engine) -> None:
    """The directory after looks at both: Bo is on call for Checkout, then Zoe, who is not in Slack."""
    await engine.directory.remember_people(
        [
            Person(slack=seed.BO, pagerduty="PBO", name="Bo", email="bo@example.com", phones=("+1 555 0100",)),
            Person(pagerduty="PZOE", name="Zoe", email="zoe@contractor.example", phones=()),
            Person(pagerduty="PDEV", name="Dev", email="dev@example.com"),
        ]
    )
    calls = tuple(
        OnCall(service="PCHECK", level=level, pagerduty=who, name=name)
        for level, who, name in ((1, "PBO", "Bo"), (2, "PZOE", "Zoe"))
    )
    service = KnownService(id="PCHECK", name="Checkout", policy="PPOL", on_call=calls, seen_at=datetime.now(UTC))
    await engine.directory.remember_services([service])


async def hear(engine: Engine, alert: str, what: What = What.TRIGGERED, **more: object) -> None:
    base = {"source": "pagerduty", "alert": alert, "key": f"{alert}/{what}", "what": what, "by": MUSTER}
    fired = {"at": engine.clock(), "title": "Disk <!here> full", "urgency": "high", "service": CHECKOUT}
    report = Report.model_validate({**base, **fired, **more})
    await engine.handle(HearAlert(report=report), MUSTER)
