"""What `/metrics` tells after a story: a figure for each promise, and nothing about whom or what."""

import re
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from bot.engine.claim import Claim
from bot.engine.effects import EFFECTS, Answer, Attempt, Doubtful, Effect, GiveUp, Receipt, Retry
from bot.engine.finish import Finished, Tried
from bot.engine.queues import lane_kind
from bot.engine.tables import EffectState
from bot.integrations.slack.effects import Invite, SetTopic
from bot.pulse.happenings import Happenings
from bot.sandbox import Rule
from bot.sandbox.pagerduty.seed import ROUTING_KEY
from bot.settings import Watch
from tests.engine.toys import Ring
from tests.stories.conftest import OpenWorld
from tests.stories.world import Plan, World

NAMED = {
    "muster_outbox",
    "muster_outbox_oldest_seconds",
    "muster_outbox_tries",
    "muster_outbox_doubts",
    "muster_inbox",
    "muster_inbox_oldest_seconds",
    "muster_database_up",
    "muster_tries_total",
    "muster_doubts_total",
    "muster_room_seconds_bucket",
    "muster_room_seconds_count",
    "muster_room_seconds_sum",
    "muster_clock_late_seconds",
    "muster_tick_late_seconds",
    "muster_slack_connected",
    "muster_slack_refused",
    "muster_ack_seconds_bucket",
    "muster_ack_seconds_count",
    "muster_webhooks_total",
    "muster_webhook_seconds_bucket",
    "muster_webhook_seconds_count",
    "muster_webhook_disabled",
    "muster_webhook_unheard",
    "muster_pagerduty_up",
    "muster_pagerduty_refused",
}
NAMED_BY = {"person": "U1", "page": 1, "first": 1, "run": 1, "at_step": 1, "user": "U1"} | {
    "outside": "Q1",
    "source": "pagerduty",
    "alert": "Q1",
}
"""What else lanes are named by."""
LABELS = {"system", "lane", "state", "source", "outcome", "how", "step", "tick", "kind", "le", "condition", "fate"}


WORDS = re.compile(r"[a-z_][a-z_ -]*|\+Inf|[0-9.]+")


@pytest.fixture
async def world(open_world: OpenWorld) -> World:
    return await open_world(Plan())


async def scraped(world: World) -> list[Sample]:
    async with httpx2.AsyncClient(base_url=world.url) as client:
        text = (await client.get("/metrics")).text
    return [sample for family in text_string_to_metric_families(text) for sample in family.samples]


def figure(samples: list[Sample], name: str, **labels: str) -> float:
    return sum(s.value for s in samples if s.name == name and labels.items() <= s.labels.items())


async def test_after_a_story_every_promise_has_its_figure_and_no_label_names_anybody(world: World) -> None:
    number = await world.declare("canary of a title", severity=1, services=["PSPAYME"])
    await world.type("ada", "note canary of a note", number)
    await world.hands.pagerduty.trigger("search", "canary of an alert", priority="P1")
    await world.settled()

    samples = await scraped(world)

    assert {s.name for s in samples} >= NAMED
    for sample in samples:
        assert sample.labels.keys() <= LABELS, sample
        for value in sample.labels.values():
            assert WORDS.fullmatch(value), sample
            assert not any(word in value for word in ("canary", "ada", "inc-", "payments"))
    assert len(samples) < 400

    assert figure(samples, "muster_tries_total", lane="room", outcome="kept") >= 1
    assert figure(samples, "muster_tries_total", lane="page", outcome="kept") >= 1
    assert figure(samples, "muster_room_seconds_count", step="opened") >= 1
    assert figure(samples, "muster_room_seconds_count", step="usable") >= 1
    assert figure(samples, "muster_ack_seconds_count", kind="command") >= 2
    assert figure(samples, "muster_ack_seconds_count", kind="interaction") >= 1
    assert figure(samples, "muster_webhook_seconds_count") >= 1
    assert figure(samples, "muster_outbox", state="waiting") == 0


async def test_a_page_that_waits_and_one_that_was_given_up_are_seen_by_their_lane(world: World) -> None:
    world.sandbox.faults.add(Rule("pagerduty", "POST /incidents", "503", times=None))
    await world.declare("Nobody can pay", severity=1, services=["PSPAYME"], settle=False)
    world.clock.advance(timedelta(seconds=75))
    samples = await scraped(world)

    waiting = figure(samples, "muster_outbox", lane="page", system="pagerduty")
    assert waiting >= 1
    assert 75 <= figure(samples, "muster_outbox_oldest_seconds", lane="page", system="pagerduty") < 400
    world.sandbox.faults.clear()


async def test_alarms_and_signs_of_life_are_counted_where_there_is_a_watchman(open_world: OpenWorld) -> None:
    world = await open_world(Plan())
    watch = {"routing_key": ROUTING_KEY, "events_url": world.sandbox.events_url}
    world.settings = world.settings.model_copy(update={"watch": Watch.model_validate(watch)})
    await world.restart()
    samples = await scraped(world)

    assert figure(samples, "muster_alarm", condition="page_waits") == 0
    assert {s.labels["condition"] for s in samples if s.name == "muster_alarm"} >= {"silent", "unheard", "parked"}
    assert figure(samples, "muster_heartbeats_total", fate="sent") == 0


NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TOPIC, GUESTS, ASKED = SetTopic(incident=1), Invite.model_construct(incident=1), Ring(incident=1)
"""What looks before it repeats, what is repeated, what a person decides."""


def tried(effect: Effect, answer: Answer, *, doubtful: bool = False, looked: bool = False) -> Tried:
    claim = Claim(
        id=1,
        owner="us",
        epoch=1,
        effect=effect,
        attempt=Attempt("key", 2, since=NOW, refs={}),
        doubt_since=NOW if doubtful else None,
        bugs=0,
        send_by=0.0,
        answer_by=0.0,
    )
    return Tried(claim, answer, looked)


def settled(done: Tried) -> dict[str, int]:
    """The doubts that were counted for one try."""
    happenings = Happenings(lambda: NOW)
    kept = isinstance(done.answer, Receipt)
    parked = isinstance(done.answer, GiveUp)
    state = EffectState.KEPT if kept else EffectState.PARKED if parked else EffectState.WAITING
    happenings.tried(Finished(done, state))
    return {how: count for how, count in happenings.doubts.items() if count}


@pytest.mark.parametrize(
    ("done", "counted"),
    [
        (tried(TOPIC, Receipt()), {}),
        (tried(TOPIC, Doubtful("no answer")), {"raised": 1}),
        (tried(TOPIC, Receipt(), doubtful=True), {"found": 1}),
        (tried(TOPIC, Receipt(), doubtful=True, looked=True), {"repeated": 1}),
        (tried(TOPIC, Doubtful("no answer"), doubtful=True, looked=True), {"raised": 1}),
        (tried(TOPIC, Retry("could not look"), doubtful=True), {}),
        (tried(GUESTS, Receipt(), doubtful=True), {"repeated": 1}),
        (tried(GUESTS, Doubtful("again"), doubtful=True), {}),
        (tried(ASKED, GiveUp("who knows"), doubtful=True), {"asked": 1}),
        (tried(ASKED, GiveUp("refused")), {}),
    ],
)
def test_a_doubt_is_counted_when_it_begins_and_by_how_it_ends(done: Tried, counted: dict[str, int]) -> None:
    assert settled(done) == counted


@pytest.mark.parametrize(
    ("answer", "state", "outcome"),
    [
        (Receipt(), EffectState.KEPT, "kept"),
        (Retry("later"), EffectState.WAITING, "put_off"),
        (Doubtful("no answer"), EffectState.WAITING, "doubted"),
        (GiveUp("no"), EffectState.PARKED, "parked"),
        (GiveUp("no", final=True), EffectState.SKIPPED, "skipped"),
        (Receipt(), None, "fenced"),
    ],
)
def test_a_try_is_counted_by_its_sort_of_lane_and_its_outcome(
    answer: Answer, state: EffectState | None, outcome: str
) -> None:
    happenings = Happenings(lambda: NOW)
    happenings.tried(Finished(tried(TOPIC, answer), state))

    assert dict(happenings.tries) == {("topic", outcome): 1}


def test_there_are_few_sorts_of_lanes() -> None:
    kinds = {kind for kind in EFFECTS.values() if kind.__module__.startswith("bot.")}
    lanes = {lane_kind(kind.model_construct(None, incident=7, **NAMED_BY).lane) for kind in kinds}

    assert len(kinds) > 15
    assert len(lanes) < 20
    assert all(lane.isalpha() for lane in lanes)
