"""PagerDuty's REST API: its error numbers and their words, who must sign, how lists are cut, what is counted."""

import logging
from collections.abc import Iterator
from typing import Any

import pdpyras
import pytest
import requests

from bot.sandbox import Sandbox
from bot.sandbox.pagerduty.seed import API_TOKEN, BOT_USER, FROM_EMAIL, READ_ONLY_TOKEN
from tests.sandbox import sources

Json = dict[str, Any]
fact = pytest.mark.fact


@pytest.fixture(scope="module")
def pd(sandbox: Sandbox) -> Iterator[pdpyras.APISession]:
    logging.getLogger("pdpyras").setLevel(logging.CRITICAL)
    with pdpyras.APISession(API_TOKEN, default_from=FROM_EMAIL) as session:
        session.url, session.trust_env, session.max_network_attempts = sandbox.pagerduty_url, False, 0
        yield session


def ref(kind: str, id: str) -> Json:
    return {"id": id, "type": f"{kind}_reference"}


def change(**more: Any) -> Json:
    return {"incident": {"type": "incident_reference", **more}}


def create(**more: Any) -> Json:
    return {"incident": {"type": "incident", "title": "Slow", "service": ref("service", "PSCHECK"), **more}}


@pytest.fixture(scope="module")
def known(pd: pdpyras.APISession) -> dict[str, str]:
    """An open incident, a resolved one, one that was merged away, and its target."""
    made = {
        name: pd.rpost("incidents", json=create(title=name))["id"] for name in ("open", "resolved", "merged", "into")
    }
    pd.rput(f"incidents/{made['resolved']}", json=change(status="resolved"))
    pd.rput(f"incidents/{made['into']}/merge", json={"source_incidents": [ref("incident", made["merged"])]})
    return made


NOBODY = {"From": "nobody@example.com"}
READ_ONLY = {"Authorization": f"Token token={READ_ONLY_TOKEN}"}
AGAIN = {"source_incidents": ["$merged"]}

REFUSALS: list[tuple[int, int, str, str, str, Json, dict[str, str]]] = [
    (400, 1001, "Incident Already Resolved", "PUT", "incidents/$resolved", change(status="resolved"), {}),
    (400, 1006, "Cannot Escalate", "PUT", "incidents/$open", change(escalation_level=9), {}),
    (
        *(400, 1007, "Assigned To User Not Found", "PUT", "incidents/$open"),
        change(assignments=[{"assignee": ref("user", "PNOBODY")}]),
        {},
    ),
    (400, 1008, "Requester User Not Found", "POST", "incidents", create(), NOBODY),
    (400, 1013, "Snooze Duration is Invalid", "POST", "incidents/$open/snooze", {"duration": 604_801}, {}),
    (400, 1019, "Incident Already Merged", "PUT", "incidents/$into/merge", AGAIN, {}),
    (400, 1020, "Invalid Priority", "PUT", "incidents/$open", change(priority=ref("priority", "PX")), {}),
    (400, 2001, "Invalid Input Provided", "POST", "incidents", {}, {}),
    (
        *(400, 2004, "Invalid time values in 'since' and/or 'until' parameters", "GET", "incidents?since=soon"),
        *({}, {}),
    ),
    (401, 2006, "Authentication failed", "GET", "users", {}, {"Authorization": "Token token=x"}),
    (403, 2010, "Access Denied", "POST", "incidents", create(), READ_ONLY),
    (404, 2100, "Not Found", "GET", "incidents/QNOTHING", {}, {}),
]


@pytest.mark.parametrize(
    ("status", "code", "message", "verb", "path", "body", "headers"),
    [pytest.param(*row, id=f"{row[0]} {row[1]} {row[2]}", marks=fact(sources.PD_ERRORS)) for row in REFUSALS],
)
def test_refused_with(
    sandbox: Sandbox,
    known: dict[str, str],
    status: int,
    code: int,
    message: str,
    verb: str,
    path: str,
    body: Json,
    headers: dict[str, str],
) -> None:
    for name, id in known.items():
        path = path.replace(f"${name}", id)
    if body is AGAIN:
        body = {"source_incidents": [ref("incident", known["merged"])]}
    said = ask(sandbox, verb, path, body, **{"From": FROM_EMAIL, **headers})
    assert said.status_code == status
    assert said.json()["error"]["code"] == code
    assert said.json()["error"]["message"] == message


def ask(sandbox: Sandbox, verb: str, path: str, body: Json | None = None, **headers: str) -> requests.Response:
    """Without a client of anybody's."""
    sent = {"Authorization": f"Token token={API_TOKEN}"} | headers
    return requests.request(verb, f"{sandbox.pagerduty_url}/{path}", json=body or None, headers=sent, timeout=5)


SIGNED = [
    ("POST", "incidents", True),
    ("PUT", "incidents", True),
    ("PUT", "incidents/$open", True),
    ("PUT", "incidents/$open/merge", True),
    ("POST", "incidents/$open/notes", True),
    ("POST", "incidents/$open/snooze", True),
    ("POST", "incidents/$open/status_updates", True),
    ("POST", "incidents/$open/responder_requests", False),
    ("PUT", "incidents/$open/responder_requests/cancel", False),
    ("PUT", "incidents/$open/custom_fields/values", False),
    ("POST", "webhook_subscriptions", False),
]


@pytest.mark.parametrize(
    ("verb", "path", "needed"),
    [pytest.param(*row, id=f"{row[0]} {row[1]}: {row[2]}", marks=fact(sources.PD_REST)) for row in SIGNED],
)
def test_whether_a_call_names_who_makes_it(
    sandbox: Sandbox, known: dict[str, str], verb: str, path: str, needed: bool
) -> None:
    said = ask(sandbox, verb, path.replace("$open", known["open"]), {})
    assert (said.json()["error"]["code"] == 1008) is needed


@pytest.fixture(scope="module")
def many(pd: pdpyras.APISession) -> str:
    """The path of a list of 105 incidents."""
    for number in range(105):
        pd.rpost("incidents", json=create(title=f"Number {number}", service=ref("service", "PSIDENT")))
    return "incidents?service_ids[]=PSIDENT"


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        pytest.param("", {"limit": 25, "offset": 0, "more": True, "total": None}, id="25 unless told"),
        pytest.param("&limit=7&offset=90", {"limit": 7, "offset": 90, "more": True}, id="limit and offset come back"),
        pytest.param("&limit=101", {"limit": 100, "more": True}, id="100 at most"),
        pytest.param("&limit=100&offset=100", {"more": False}, id="more is false on the last page"),
        pytest.param("&total=true", {"total": 105}, id="the total is counted if asked for"),
    ],
)
@fact(sources.PD_PAGES)
def test_a_list_comes_in_pages(sandbox: Sandbox, many: str, query: str, shown: Json) -> None:
    page = ask(sandbox, "GET", many + query).json()
    assert {name: page[name] for name in shown} == shown
    assert len(page["incidents"]) == min(page["limit"], 105 - page["offset"])


@pytest.mark.parametrize(("offset", "status"), [(9_900, 200), (9_901, 400)])
@fact(sources.PD_PAGES)
def test_nothing_lies_beyond_ten_thousand(sandbox: Sandbox, offset: int, status: int) -> None:
    assert ask(sandbox, "GET", f"incidents?limit=100&offset={offset}").status_code == status


@fact(sources.PD_RATE_LIMITS)
def test_each_answer_counts_down_from_960_a_minute(sandbox: Sandbox) -> None:
    first, second = (ask(sandbox, "GET", "abilities").headers for _ in range(2))
    assert first["ratelimit-limit"] == "960"
    assert int(first["ratelimit-remaining"]) - int(second["ratelimit-remaining"]) == 1
    assert 0 < int(first["ratelimit-reset"]) <= 60


@pytest.mark.parametrize(("scheme", "status"), [("Token token=", 200), ("Bearer ", 200), ("Basic ", 401), ("", 401)])
@fact(sources.PD_AUTHENTICATION)
def test_a_token_is_taken_as(sandbox: Sandbox, scheme: str, status: int) -> None:
    assert ask(sandbox, "GET", "abilities", Authorization=f"{scheme}{API_TOKEN}").status_code == status


@pytest.mark.parametrize(("seconds", "status"), [(0, 400), (1, 201), (604_800, 201)])
@fact(sources.PD_REST)
def test_an_incident_is_snoozed_for_seconds(
    pd: pdpyras.APISession, known: dict[str, str], seconds: int, status: int
) -> None:
    assert pd.post(f"incidents/{known['open']}/snooze", json={"duration": seconds}).status_code == status


@pytest.mark.parametrize(("count", "status"), [(250, 200), (251, 413)])
@fact(sources.PD_REST)
def test_so_many_incidents_change_at_once(
    pd: pdpyras.APISession, known: dict[str, str], count: int, status: int
) -> None:
    one = {"type": "incident_reference", "id": known["open"], "title": "Slow"}
    assert pd.put("incidents", json={"incidents": [one] * count}).status_code == status


@pytest.mark.parametrize(
    ("verb", "path", "body", "status"),
    [
        pytest.param("POST", "incidents", create(), 201, id="create an incident", marks=fact(sources.PD_ERRORS)),
        pytest.param("GET", "incidents/1", {}, 200, id="read one by its number", marks=fact(sources.PD_REST)),
        pytest.param("PUT", "incidents/$open", change(title="x"), 200, id="change one", marks=fact(sources.PD_REST)),
        pytest.param("GET", "users/me", {}, 400, id="ask an account's key who it is", marks=fact(sources.PD_REST)),
    ],
)
def test_the_status_is_that_of_the_page(
    pd: pdpyras.APISession, known: dict[str, str], verb: str, path: str, body: Json, status: int
) -> None:
    assert pd.request(verb, path.replace("$open", known["open"]), json=body or None).status_code == status


@pytest.mark.parametrize(
    ("there", "not_there"),
    [
        pytest.param("incident_number", "number", id="incident_number, which webhooks call number"),
        pytest.param("assignments", "assignees", id="assignments, which webhooks call assignees"),
    ],
)
@fact(sources.PD_REST)
def test_an_incident_has(pd: pdpyras.APISession, known: dict[str, str], there: str, not_there: str) -> None:
    shown = pd.rget(f"incidents/{known['open']}")
    assert there in shown
    assert not_there not in shown


@fact(sources.PD_REST)
def test_who_asks_for_help_is_named_in_the_body(pd: pdpyras.APISession, known: dict[str, str]) -> None:
    target = {"responder_request_target": ref("user", "PUGUS01")}
    body = {"requester_id": BOT_USER, "message": "Please join", "responder_request_targets": [target]}
    path = f"incidents/{known['open']}/responder_requests"
    assert pd.post(path, json=body).ok
    assert pd.post(path, json={**body, "requester_id": "PNOBODY"}).json()["error"]["code"] == 1008


@fact(sources.PD_CLIENT)
def test_a_client_may_send_a_resource_back_by_its_own_address(pd: pdpyras.APISession, known: dict[str, str]) -> None:
    shown = pd.rget(f"incidents/{known['open']}")
    assert shown["self"] == f"{pd.url}/incidents/{known['open']}"
    assert pd.rget(shown) == shown
