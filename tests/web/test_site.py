"""What the outside sees of the bot's health: plain answers, no secret, no incident."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from bot.engine.durations import Durations
from bot.web.site import build_site
from bot.web.vitals import Check, Sample, State, Vitals


class Webhook:
    path = "/webhooks/pagerduty"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("heard", 202)(scope, receive, send)


class World:
    """What the bot finds when it looks."""

    def __init__(self) -> None:
        self.database = Check("database")
        self.took = Durations((0.1, 1.0))

    async def look(self) -> list[Check]:
        return [self.database, Check("clock")]

    async def count(self) -> list[Sample]:
        return [
            Sample("muster_outbox_waiting", "Promises not kept yet", 3, {"system": "slack"}),
            Sample("muster_outbox_waiting", "Promises not kept yet", 1, {"system": "pagerduty"}),
            Sample("muster_webhooks", "Webhooks by outcome", 7, {"outcome": "accepted"}, kind="counter"),
            Sample("muster_answer_seconds", "How long an answer took", self.took, {"kind": "command"}, "histogram"),
        ]


@pytest.fixture
def world() -> World:
    return World()


async def slack(request: Request) -> Response:
    return PlainTextResponse("slack")


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx2.AsyncClient]:
    site = build_site(Vitals(world.look, [world.count]), version="1.2.3", hooks=(Webhook(),), slack=slack)
    transport = httpx2.ASGITransport(app=site, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://muster") as client:
        yield client


async def test_it_is_alive_whatever_is_wrong_outside(client: httpx2.AsyncClient, world: World) -> None:
    world.database = Check("database", State.DOWN, "gone")

    assert (await client.get("/healthz")).status_code == 200


async def test_it_is_ready_when_every_look_is_fine(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "checks": {"database": "fine", "clock": "fine"}}


async def test_what_is_only_degraded_is_told_and_takes_no_work_away(client: httpx2.AsyncClient, world: World) -> None:
    world.database = Check("slack", State.DEGRADED, "Slack does not answer.")

    answer = await client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["checks"] == {"slack": "degraded: Slack does not answer.", "clock": "fine"}
    assert "! degraded" in (await client.get("/")).text


async def test_it_says_why_it_is_not_ready(client: httpx2.AsyncClient, world: World) -> None:
    world.database = Check("database", State.DOWN, "run `muster migrate`")

    answer = await client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert answer.json()["checks"]["database"] == "down: run `muster migrate`"


async def test_metrics_are_in_prometheus_text_format(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'muster_outbox_waiting{system="slack"} 3.0\n' in answer.text
    assert 'muster_outbox_waiting{system="pagerduty"} 1.0\n' in answer.text
    assert 'muster_webhooks_total{outcome="accepted"} 7.0\n' in answer.text
    assert answer.text.count("# TYPE muster_outbox_waiting gauge") == 1


async def test_durations_are_a_histogram_that_prometheus_can_read(client: httpx2.AsyncClient, world: World) -> None:
    for seconds in (0.05, 0.1, 0.5, 7.0):
        world.took.add(seconds)

    told = (await client.get("/metrics")).text

    for line in (
        "# TYPE muster_answer_seconds histogram",
        'muster_answer_seconds_bucket{kind="command",le="0.1"} 2.0',
        'muster_answer_seconds_bucket{kind="command",le="1.0"} 3.0',
        'muster_answer_seconds_bucket{kind="command",le="+Inf"} 4.0',
        'muster_answer_seconds_count{kind="command"} 4.0',
        'muster_answer_seconds_sum{kind="command"} 7.65',
    ):
        assert line in told


async def test_the_page_escapes_what_it_shows(client: httpx2.AsyncClient, world: World) -> None:
    world.database = Check("database", State.DOWN, "<script>alert(1)</script>")

    answer = await client.get("/")

    assert answer.status_code == 200
    assert "<script>" not in answer.text
    assert "Muster 1.2.3" in answer.text


async def test_webhooks_and_slack_reach_their_rooms(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/webhooks/pagerduty")).status_code == 202
    assert (await client.post("/slack/events")).text == "slack"
    assert (await client.get("/slack/events")).status_code == 405
    assert (await client.get("/nowhere")).status_code == 404


async def test_without_slack_over_http_there_is_no_such_path() -> None:
    transport = httpx2.ASGITransport(app=build_site(Vitals(), version="1"))
    async with httpx2.AsyncClient(transport=transport, base_url="http://muster") as client:
        assert (await client.post("/slack/events")).status_code == 404


async def test_a_page_that_breaks_says_one_plain_word_and_is_recorded(expected_errors: list[str]) -> None:
    expected_errors.append("page_failed")

    async def broken() -> list[Sample]:
        raise RuntimeError("canary")

    transport = httpx2.ASGITransport(app=build_site(Vitals(counts=[broken]), version="1"), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://muster") as client:
        answer = await client.get("/metrics")

    assert answer.status_code == 500
    assert "canary" not in answer.text
