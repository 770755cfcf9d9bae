"""The sandbox's Events API v2, told by the real pdpyras client; and the one who waits for signs of life."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pdpyras
import pytest
import requests

from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox.pagerduty.seed import ROUTING_KEY
from tests.sandbox import sources

Json = dict[str, Any]


@pytest.fixture
def monitoring(sandbox: Sandbox) -> Iterator[pdpyras.EventsAPISession]:
    logging.getLogger("pdpyras").setLevel(logging.CRITICAL)
    with pdpyras.EventsAPISession(ROUTING_KEY) as session:
        session.url = sandbox.events_url.removesuffix("/v2/enqueue")
        session.trust_env, session.max_network_attempts, session.retry = False, 0, {}
        yield session


def send(sandbox: Sandbox, **changed: Any) -> requests.Response:
    event: Json = {
        "routing_key": ROUTING_KEY,
        "event_action": "trigger",
        "dedup_key": "disk",
        "payload": {"summary": "The disk is full", "source": "db-1", "severity": "critical"},
    }
    return requests.post(sandbox.events_url, json=event | changed, timeout=5)


def beat(sandbox: Sandbox, method: str = "GET") -> int:
    return requests.request(method, f"{sandbox.url}/heartbeats/muster", timeout=5).status_code


@pytest.mark.fact(sources.PD_EVENTS)
def test_a_trigger_opens_an_incident_on_the_keys_service_and_wakes_its_people(
    sandbox: Sandbox, monitoring: pdpyras.EventsAPISession
) -> None:
    key = monitoring.trigger("The disk is full", "db-1", severity="critical", custom_details={"free": "0 %"})

    [incident] = sandbox.pagerduty.incidents.values()
    assert (incident.title, incident.service, incident.urgency) == ("The disk is full", "PSIDENT", "high")
    assert incident.incident_key == key
    assert [page.user for page in sandbox.pagerduty.pages] == ["PUDEV01"]


@pytest.mark.fact(sources.PD_ALERTS)
def test_the_same_key_again_is_the_same_incident_until_it_is_resolved(
    sandbox: Sandbox, monitoring: pdpyras.EventsAPISession
) -> None:
    for _ in range(3):
        assert monitoring.trigger("The disk is full", "db-1", dedup_key="disk") == "disk"
    assert len(sandbox.pagerduty.incidents) == len(sandbox.pagerduty.pages) == 1

    monitoring.resolve("disk")
    assert [i.status for i in sandbox.pagerduty.incidents.values()] == ["resolved"]
    monitoring.trigger("The disk is full", "db-1", dedup_key="disk")
    assert [i.status for i in sandbox.pagerduty.incidents.values()] == ["resolved", "triggered"]


@pytest.mark.fact(sources.PD_ALERTS)
def test_an_acknowledgement_stops_the_calls_and_what_is_unknown_is_taken_and_changes_nothing(
    sandbox: Sandbox, monitoring: pdpyras.EventsAPISession
) -> None:
    monitoring.trigger("The disk is full", "db-1", dedup_key="disk")
    monitoring.acknowledge("disk")
    monitoring.resolve("never heard of")

    assert [i.status for i in sandbox.pagerduty.incidents.values()] == ["acknowledged"]


@pytest.mark.parametrize(
    "changed",
    [
        {"routing_key": "0" * 32},
        {"routing_key": "short"},
        {"event_action": "shout"},
        {"payload": None},
        {"payload": {"summary": "x", "source": "y", "severity": "bad"}},
        {"payload": {"summary": "", "source": "y", "severity": "critical"}},
        {"payload": {"summary": "x" * 1025, "source": "y", "severity": "critical"}},
        {"dedup_key": "x" * 256},
        {"event_action": "resolve", "dedup_key": ""},
    ],
    ids=[
        "a routing_key of nobody",
        "a routing_key that is not of 32 letters",
        "a fourth event_action",
        "a trigger without a payload",
        "a fifth severity",
        "an empty summary",
        "a summary of 1025 letters",
        "a dedup_key of 256 letters",
        "a resolve without a dedup_key",
    ],
)
@pytest.mark.fact(sources.PD_ALERTS)
def test_what_is_no_event_is_refused_with_a_reason(sandbox: Sandbox, changed: Json) -> None:
    answer = send(sandbox, **changed)

    assert answer.status_code == 400
    assert answer.json()["status"] == "invalid event"
    assert answer.json()["errors"]
    assert not sandbox.pagerduty.incidents


def test_an_argument_that_no_page_knows_is_refused_here(sandbox: Sandbox) -> None:
    assert send(sandbox, incident_key="of the old API").status_code == 400


@pytest.mark.parametrize(
    "changed",
    [
        {"dedup_key": "x" * 255},
        {"dedup_key": ""},
        {"payload": {"summary": "x" * 1024, "source": "y", "severity": "critical"}},
        {"payload": {"summary": "x", "source": "y", "severity": "error"}},
        {"payload": {"summary": "x", "source": "y", "severity": "warning"}},
        {"payload": {"summary": "x", "source": "y", "severity": "info"}},
        {"event_action": "acknowledge"},
        {"event_action": "resolve"},
    ],
    ids=[
        "a dedup_key of 255 letters",
        "a trigger without a dedup_key",
        "a summary of 1024 letters",
        "severity error",
        "severity warning",
        "severity info",
        "acknowledge",
        "resolve",
    ],
)
@pytest.mark.fact(sources.PD_ALERTS)
def test_what_is_an_event_is_accepted(sandbox: Sandbox, changed: Json) -> None:
    answer = send(sandbox, **changed)

    assert (answer.status_code, answer.json()["status"]) == (202, "success")
    assert answer.json()["dedup_key"]


@pytest.mark.parametrize(("size", "status"), [(512 * 1024, 202), (512 * 1024 + 1, 400)])
@pytest.mark.fact(sources.PD_EVENTS)
def test_an_event_is_512_kilobytes_at_most(sandbox: Sandbox, size: int, status: int) -> None:
    payload = {"summary": "x", "source": "y", "severity": "info", "custom_details": {"log": ""}}
    event = {"routing_key": ROUTING_KEY, "event_action": "trigger", "payload": payload}
    body = json.dumps(event)
    body = body.replace('"log": ""', f'"log": "{"x" * (size - len(body))}"')
    answer = requests.post(sandbox.events_url, data=body, headers={"Content-Type": "application/json"}, timeout=5)

    assert (len(body), answer.status_code) == (size, status)


def test_a_key_may_send_120_events_a_minute(sandbox: Sandbox) -> None:
    statuses = [send(sandbox).status_code for _ in range(122)]

    assert statuses == [202] * 120 + [429] * 2
    sandbox.clock.advance(60)
    assert send(sandbox).status_code == 202


async def test_it_stands_while_the_rest_api_is_down_and_has_bad_days_of_its_own(
    sandbox: Sandbox, hands: SandboxClient
) -> None:
    await hands.add_fault("pagerduty", "*", "500", times=None)
    assert send(sandbox).status_code == 202

    await hands.add_fault("events", "*", "503")
    assert [send(sandbox).status_code for _ in range(2)] == [503, 202]


async def test_signs_of_life_are_counted_by_name(sandbox: Sandbox, hands: SandboxClient) -> None:
    for _ in range(2):
        assert beat(sandbox) == 200
    await hands.answer_heartbeats_with(503)
    assert beat(sandbox, "POST") == 503

    assert len(await hands.heartbeats("muster")) == 2
    assert await hands.heartbeats("another") == []
