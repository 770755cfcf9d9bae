"""The sandbox's PagerDuty REST API, asked by the real pdpyras client."""

import logging
from collections.abc import Iterator
from typing import Any

import pdpyras
import pytest
import requests

from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox.pagerduty.seed import API_TOKEN, BOT_USER, FROM_EMAIL
from tests.sandbox import sources

Json = dict[str, Any]


@pytest.fixture
def pd(sandbox: Sandbox) -> Iterator[pdpyras.APISession]:
    logging.getLogger("pdpyras").setLevel(logging.CRITICAL)  # it calls each 500 of the sandbox an error of ours
    with pdpyras.APISession(API_TOKEN, default_from=FROM_EMAIL) as session:
        session.url = sandbox.pagerduty_url
        session.timeout, session.trust_env, session.max_network_attempts = (3.05, 10), False, 0
        session.retry = {429: 1}
        session.sleep_timer = 0.01
        yield session


def ref(kind: str, id: str) -> Json:
    return {"id": id, "type": f"{kind}_reference"}


def new_incident(title: str = "Checkout is slow", **more: Any) -> Json:
    return {"incident": {"type": "incident", "title": title, "service": ref("service", "PSCHECK"), **more}}


def change(**more: Any) -> Json:
    return {"incident": {"type": "incident_reference", **more}}


def error_of(response: requests.Response) -> tuple[int, int]:
    return response.status_code, response.json()["error"]["code"]


def test_a_created_incident_is_the_one_that_is_read(pd: pdpyras.APISession) -> None:
    made = pd.rpost("incidents", json=new_incident(priority=ref("priority", "PPRIO01"), incident_key="key-1"))
    read = pd.rget(made)
    assert read == made
    assert (read["incident_number"], read["status"], read["urgency"]) == (1, "triggered", "high")
    assert read["priority"]["name"] == "P1"
    assert [a["assignee"]["summary"] for a in read["assignments"]] == ["Bo Lind"]
    assert pd.rget("incidents/1")["id"] == made["id"]


def test_the_link_of_an_incident_leads_to_a_page_that_trusts_no_words(pd: pdpyras.APISession) -> None:
    made = pd.rpost("incidents", json=new_incident("<b>Slow</b>"))
    page = requests.get(made["html_url"], timeout=5)
    assert page.status_code == 200
    assert "&lt;b&gt;Slow&lt;/b&gt;" in page.text
    assert "<b>" not in page.text
    assert requests.get(made["html_url"] + "X", timeout=5).status_code == 404


def test_an_open_incident_keeps_its_key_to_itself(pd: pdpyras.APISession) -> None:
    first = pd.rpost("incidents", json=new_incident(incident_key="key-1"))
    pd.rpost("incidents", json=new_incident(incident_key="key-2"))
    refused = pd.post("incidents", json=new_incident(incident_key="key-1"))
    assert error_of(refused) == (400, 2002)
    assert refused.json()["error"]["errors"] == ["Open incident with matching dedup key already exists on this service"]
    assert [i["id"] for i in pd.rget("incidents", params={"incident_key": "key-1"})] == [first["id"]]
    pd.rput(first, json=change(status="resolved"))
    assert pd.rpost("incidents", json=new_incident(incident_key="key-1"))["id"] != first["id"]


def plain_get(sandbox: Sandbox, path: str, token: str = API_TOKEN) -> requests.Response:
    """Without pdpyras, which raises at 401 and tries again at 429."""
    headers = {"Authorization": f"Token token={token}"}
    return requests.get(f"{sandbox.pagerduty_url}/{path}", headers=headers, timeout=5)


def test_a_wrong_token_is_401_with_code_2006(sandbox: Sandbox) -> None:
    asked = plain_get(sandbox, "users", token="x")
    assert error_of(asked) == (401, 2006)
    assert asked.json()["error"]["message"]
    assert error_of(requests.get(f"{sandbox.pagerduty_url}/users", timeout=5)) == (401, 2006)


@pytest.mark.fact(sources.PD_ERRORS)
def test_writing_needs_a_from_that_somebody_has(pd: pdpyras.APISession, sandbox: Sandbox) -> None:
    unknown = pd.post("incidents", json=new_incident(), headers={"From": "nobody@example.com"})
    assert error_of(unknown) == (400, 1008)
    missing = requests.post(
        f"{sandbox.pagerduty_url}/incidents",
        json=new_incident(),
        headers={"Authorization": f"Token token={API_TOKEN}"},
        timeout=5,
    )
    assert error_of(missing) == (400, 1008)
    assert not sandbox.pagerduty.incidents


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"incident": {"type": "incident", "title": "No service"}},
        {"incident": {"title": "No type", "service": ref("service", "PSCHECK")}},
        new_incident(title=""),
        new_incident(urgency="severe"),
        new_incident(titel="A typo"),
    ],
)
def test_a_body_that_the_schema_does_not_allow_is_refused(pd: pdpyras.APISession, body: Json) -> None:
    assert error_of(pd.post("incidents", json=body)) == (400, 2001)


@pytest.mark.parametrize(
    "path",
    [
        "incidents/QNOTHING",
        "incidents/QNOTHING/notes",
        "users/PNOTHING",
        "users/PNOTHING/contact_methods",
        "services/PNOTHING",
        "escalation_policies/PNOTHING",
        "schedules/PNOTHING",
        "webhook_subscriptions/PNOTHING",
        "nothing/of/the/sort",
    ],
)
def test_what_is_not_there_is_404_with_code_2100(pd: pdpyras.APISession, path: str) -> None:
    assert error_of(pd.get(path)) == (404, 2100)


def test_an_incident_needs_a_service_that_is_there(pd: pdpyras.APISession) -> None:
    wrong_service = {"incident": {"type": "incident", "title": "x", "service": ref("service", "PNOTHING")}}
    assert error_of(pd.post("incidents", json=wrong_service)) == (404, 2100)


def test_a_status_that_does_not_exist_cannot_be_asked_for(pd: pdpyras.APISession) -> None:
    assert error_of(pd.get("incidents", params={"statuses[]": ["open"]})) == (400, 2001)


@pytest.mark.fact(sources.PD_PAGES)
def test_lists_come_in_pages_until_there_is_no_more(pd: pdpyras.APISession) -> None:
    made = [pd.rpost("incidents", json=new_incident(f"Number {n}"))["id"] for n in range(5)]
    first = pd.jget("incidents", params={"limit": 2, "total": "true"})
    assert (len(first["incidents"]), first["more"], first["total"]) == (2, True, 5)
    assert [i["id"] for i in pd.iter_all("incidents", page_size=2)] == made
    assert error_of(pd.get("incidents", params={"offset": 9990})) == (400, 2001)


@pytest.mark.fact(sources.PD_REST)
def test_incidents_are_found_by_status_service_urgency_and_time(pd: pdpyras.APISession) -> None:
    resolved = pd.rpost("incidents", json=new_incident("Old"))
    pd.rput(resolved, json=change(status="resolved"))
    low = pd.rpost("incidents", json=new_incident("Low", urgency="low"))
    found = {
        "statuses[]": (["triggered", "acknowledged"], ["Low"]),
        "service_ids[]": (["PSSEARC"], []),
        "urgencies[]": (["high"], ["Old"]),
        "since": (low["created_at"], ["Old", "Low"]),
        "until": ("2001-01-01T00:00:00Z", []),
    }
    for name, (value, titles) in found.items():
        assert [i["title"] for i in pd.rget("incidents", params={name: value})] == titles, name


@pytest.mark.fact(sources.PD_REST)
def test_acknowledge_resolve_and_reopen_go_through_one_put(pd: pdpyras.APISession) -> None:
    incident = pd.rpost("incidents", json=new_incident())
    seen = [
        pd.rput(incident, json=change(status=status))["status"] for status in ("acknowledged", "resolved", "triggered")
    ]
    assert seen == ["acknowledged", "resolved", "triggered"]
    assert error_of(pd.put(f"incidents/{incident['id']}", json={"incident": {"status": "resolved"}})) == (400, 2001)


def test_what_is_resolved_cannot_be_resolved_again(pd: pdpyras.APISession) -> None:
    incident = pd.rpost("incidents", json=new_incident())
    pd.rput(incident, json=change(status="resolved"))
    assert error_of(pd.put(f"incidents/{incident['id']}", json=change(status="resolved"))) == (400, 1001)


@pytest.mark.fact(sources.PD_REST)
def test_several_incidents_change_in_one_call(pd: pdpyras.APISession) -> None:
    made = [pd.rpost("incidents", json=new_incident(f"Number {n}")) for n in range(3)]
    changes = [{"type": "incident_reference", "id": i["id"], "status": "acknowledged"} for i in made]
    assert [i["status"] for i in pd.rput("incidents", json={"incidents": changes})] == ["acknowledged"] * 3
    too_many = {"incidents": [changes[0]] * 251}
    assert pd.put("incidents", json=too_many).status_code == 413


@pytest.mark.fact(sources.PD_REST)
def test_a_put_hands_an_incident_to_a_level_a_policy_or_people(pd: pdpyras.APISession) -> None:
    incident = pd.rpost("incidents", json=new_incident())

    def assignees(**more: Any) -> list[str]:
        return [a["assignee"]["summary"] for a in pd.rput(incident, json=change(**more))["assignments"]]

    assert assignees(escalation_level=2) == ["Dev Anand"]
    assert assignees(escalation_policy=ref("escalation_policy", "PECOMMA")) == ["Ada Marsh"]
    assert assignees(assignments=[{"assignee": ref("user", "PUGUS01")}]) == ["Gus Contractor"]
    assert error_of(pd.put(f"incidents/{incident['id']}", json=change(escalation_level=9))) == (400, 1006)


def test_title_urgency_priority_and_bridge_can_be_put_and_priority_taken_away(pd: pdpyras.APISession) -> None:
    incident = pd.rpost("incidents", json=new_incident())
    bridge = {"conference_number": "+1 202 555 0100", "conference_url": "https://meet.example.com/1"}
    fresh = pd.rput(
        incident,
        json=change(title="Better words", urgency="low", priority=ref("priority", "PPRIO02"), conference_bridge=bridge),
    )
    assert (fresh["title"], fresh["urgency"], fresh["conference_bridge"]) == ("Better words", "low", bridge)
    assert fresh["priority"]["summary"] == "P2"
    assert pd.rput(incident, json=change(priority=None))["priority"] is None
    assert error_of(pd.put(f"incidents/{incident['id']}", json=change(priority=ref("priority", "PX")))) == (400, 1020)


@pytest.mark.fact(sources.PD_REST)
def test_merged_incidents_are_resolved_into_their_target(pd: pdpyras.APISession) -> None:
    target, source = (pd.rpost("incidents", json=new_incident(title)) for title in ("Target", "Source"))
    body = {"source_incidents": [ref("incident", source["id"])]}
    pd.rput(f"incidents/{target['id']}/merge", json=body)
    merged = pd.rget(source["self"])
    assert (merged["status"], merged["resolve_reason"]["type"]) == ("resolved", "merge_resolve_reason")
    assert merged["resolve_reason"]["incident"]["id"] == target["id"]
    assert error_of(pd.put(f"incidents/{target['id']}/merge", json=body)) == (400, 1019)


def test_a_snooze_is_between_a_second_and_a_week(pd: pdpyras.APISession, sandbox: Sandbox) -> None:
    incident = pd.rpost("incidents", json=new_incident())
    path = f"incidents/{incident['id']}/snooze"
    assert error_of(pd.post(path, json={"duration": 604_801})) == (400, 1013)
    assert error_of(pd.post(path, json={"duration": "1h"})) == (400, 2001)
    made = pd.post(path, json={"duration": 60})
    assert (made.status_code, made.json()["incident"]["status"]) == (201, "acknowledged")


def test_notes_are_kept_in_order_with_their_author(pd: pdpyras.APISession) -> None:
    incident = pd.rpost("incidents", json=new_incident())
    path = f"incidents/{incident['id']}/notes"
    pd.rpost(path, json={"note": {"content": "One"}})
    pd.rpost(path, json={"note": {"content": "Two"}}, headers={"From": "ada@example.com"})
    assert [(n["content"], n["user"]["summary"]) for n in pd.rget(path)] == [("One", "Muster"), ("Two", "Ada Marsh")]
    assert error_of(pd.post(path, json={"note": {"content": ""}})) == (400, 2001)


def test_a_status_update_is_published(pd: pdpyras.APISession) -> None:
    incident = pd.rpost("incidents", json=new_incident())
    update = pd.rpost(f"incidents/{incident['id']}/status_updates", json={"message": "We are on it"})
    assert (update["message"], update["sender"]["id"]) == ("We are on it", BOT_USER)


@pytest.mark.fact(sources.PD_REST)
def test_responders_are_asked_by_name_and_by_policy_and_can_be_unasked(
    pd: pdpyras.APISession, sandbox: Sandbox
) -> None:
    incident = pd.rpost("incidents", json=new_incident())
    path = f"incidents/{incident['id']}/responder_requests"
    targets = [ref("user", "PUGUS01"), ref("escalation_policy", "PECOMMA")]
    body = {
        "requester_id": BOT_USER,
        "message": "Please join",
        "responder_request_targets": [{"responder_request_target": target} for target in targets],
    }
    made = pd.rpost(path, json=body)
    asked = [target["responder_request_target"] for target in made["responder_request_targets"]]
    assert [(t["type"], t["incidents_responders"][0]["user"]["summary"]) for t in asked] == [
        ("user", "Gus Contractor"),
        ("escalation_policy", "Ada Marsh"),
    ]
    assert [p.user for p in sandbox.pagerduty.pages if p.kind == "responder_request"] == ["PUGUS01", "PUADA01"]
    pd.jput(f"{path}/cancel", json={"requester_id": BOT_USER, "responder_request_targets": targets})
    states = {r["user"]["summary"]: r["state"] for r in pd.rget(incident["self"])["incidents_responders"]}
    assert states == {"Gus Contractor": "cancelled", "Ada Marsh": "cancelled"}
    assert error_of(pd.post(path, json={**body, "requester_id": "PNOBODY"})) == (400, 1008)


@pytest.mark.fact(sources.PD_ERRORS)
async def test_a_plan_without_the_ability_answers_402(
    pd: pdpyras.APISession, sandbox: Sandbox, hands: SandboxClient
) -> None:
    incident = pd.rpost("incidents", json=new_incident())
    await hands.pagerduty.set_abilities(["teams"])
    assert pd.rget("abilities") == ["teams"]
    asked = pd.post(f"incidents/{incident['id']}/responder_requests", json={})
    assert error_of(asked) == (402, 2014)


def test_the_log_tells_what_happened_newest_first(pd: pdpyras.APISession) -> None:
    incident = pd.rpost("incidents", json=new_incident(body={"type": "incident_body", "details": "p99 is 9 s"}))
    pd.rpost(f"incidents/{incident['id']}/notes", json={"note": {"content": "Rolled back"}})
    pd.rput(incident, json=change(status="resolved"))
    brief = pd.rget(f"incidents/{incident['id']}/log_entries", params={"is_overview": "true"})
    assert [entry["type"] for entry in brief] == [
        "resolve_log_entry",
        "annotate_log_entry",
        "assign_log_entry",
        "trigger_log_entry",
    ]
    assert brief[1]["channel"] == {"type": "note"}
    full = pd.rget("log_entries", params={"include[]": ["channels"]})
    assert "notify_log_entry" in {entry["type"] for entry in full}
    assert full[1]["channel"]["summary"] == "Rolled back"
    assert full[-1]["channel"]["details"] == {"body": "p99 is 9 s"}
    assert pd.rget("log_entries", params={"since": "2099-01-01T00:00:00+01:00"}) == []


@pytest.mark.fact(sources.PD_REST)
async def test_an_alert_brings_what_monitoring_said(
    pd: pdpyras.APISession, sandbox: Sandbox, hands: SandboxClient
) -> None:
    incident = await hands.pagerduty.trigger("checkout", "5xx above 2 %", alert={"region": "eu-west-1"})
    [alert] = pd.rget(f"incidents/{incident}/alerts")
    assert (alert["body"]["details"], alert["status"]) == ({"region": "eu-west-1"}, "triggered")
    pd.rput(f"incidents/{incident}", json=change(status="resolved"))
    assert pd.rget(f"incidents/{incident}/alerts")[0]["status"] == "resolved"


@pytest.mark.fact(sources.PD_REST)
async def test_who_is_on_call_follows_the_shift(pd: pdpyras.APISession, sandbox: Sandbox, hands: SandboxClient) -> None:
    def on_call() -> list[tuple[int, str, bool]]:
        found = pd.rget("oncalls", params={"escalation_policy_ids[]": ["PECHECK"], "include[]": ["users"]})
        return [(o["escalation_level"], o["user"]["email"], o["end"] is None) for o in found]

    assert on_call() == [(1, "bo@example.com", False), (2, "dev@example.com", True)]
    await hands.pagerduty.set_on_call("Checkout primary", "Finn")
    assert on_call()[0] == (1, "finn@example.com", False)
    assert [u["name"] for u in pd.rget("schedules/PRCHEC1/users")] == ["Finn Okafor"]


def test_people_come_with_their_numbers_when_asked_for(pd: pdpyras.APISession) -> None:
    found = pd.find("users", "ada@example.com", attribute="email")
    assert found["name"] == "Ada Marsh"
    assert found["contact_methods"][1]["type"] == "phone_contact_method_reference"
    full = pd.rget(f"users/{found['id']}", params={"include[]": ["contact_methods"]})
    numbers = [m["address"] for m in full["contact_methods"] if m["type"] == "phone_contact_method"]
    assert numbers == ["2025550101"]
    assert full["contact_methods"] == pd.rget(f"users/{found['id']}/contact_methods")
    assert [u["name"] for u in pd.rget("users", params={"query": "LAUR"})] == ["Zoe Laurent"]


@pytest.mark.fact(sources.PD_REST)
def test_an_account_token_is_nobody(pd: pdpyras.APISession) -> None:
    assert pd.get("users/me").status_code == 400


@pytest.mark.parametrize("collection", ["services", "escalation_policies", "schedules"])
def test_each_entry_of_a_catalogue_can_be_read_alone(pd: pdpyras.APISession, collection: str) -> None:
    entries = list(pd.iter_all(collection))
    assert len(entries) >= 4
    assert all(pd.rget(entry["self"])["name"] == entry["name"] for entry in entries)


def test_priorities_and_teams_are_listed(pd: pdpyras.APISession) -> None:
    assert [p["name"] for p in pd.rget("priorities")] == ["P1", "P2", "P3", "P4", "P5"]
    assert [t["name"] for t in pd.rget("teams")] == ["Storefront", "Platform"]


async def test_changes_are_listed_newest_first(pd: pdpyras.APISession, sandbox: Sandbox, hands: SandboxClient) -> None:
    await hands.pagerduty.report_change("payments", "Deploy payments 7")
    assert [c["summary"] for c in pd.rget("change_events")] == ["Deploy payments 7", "Deploy checkout 2026.11.3"]
    assert [c["summary"] for c in pd.rget("services/PSPAYME/change_events")] == ["Deploy payments 7"]


def test_custom_fields_can_be_set_if_the_account_has_them(pd: pdpyras.APISession) -> None:
    incident = pd.rpost("incidents", json=new_incident())
    path = f"incidents/{incident['id']}/custom_fields/values"
    pd.jput(path, json={"custom_fields": [{"name": "region", "value": "EU"}]})
    read = {field["name"]: field["value"] for field in pd.jget(path)["custom_fields"]}
    assert read == {"environment": None, "region": "EU"}
    assert error_of(pd.put(path, json={"custom_fields": [{"name": "colour", "value": "red"}]})) == (400, 2001)


@pytest.mark.fact(sources.PD_RATE_LIMITS)
async def test_too_many_calls_a_minute_are_told_when_to_come_back(
    pd: pdpyras.APISession, sandbox: Sandbox, hands: SandboxClient
) -> None:
    await hands.pagerduty.set_rate_limit(2)
    assert [pd.get("abilities").status_code for _ in range(2)] == [200, 200]
    refused = plain_get(sandbox, "abilities")
    assert error_of(refused) == (429, 2020)
    assert refused.headers["ratelimit-limit"] == "2"
    assert refused.headers["ratelimit-remaining"] == "0"
    assert 0 < int(refused.headers["ratelimit-reset"]) <= 60
    await hands.advance(60)
    assert pd.get("abilities").status_code == 200


async def test_faults_strike_before_or_after_the_act(
    pd: pdpyras.APISession, sandbox: Sandbox, hands: SandboxClient
) -> None:
    await hands.add_fault("pagerduty", "POST /incidents", "500")
    assert error_of(pd.post("incidents", json=new_incident("Before"))) == (500, 2000)
    await hands.add_fault("pagerduty", "POST /incidents", "500_after")
    assert error_of(pd.post("incidents", json=new_incident("After"))) == (500, 2000)
    assert [i.title for i in sandbox.pagerduty.incidents.values()] == ["After"]
    await hands.add_fault("pagerduty", "POST /incidents", "reset_after")
    with pytest.raises(pdpyras.PDClientError):
        pd.post("incidents", json=new_incident("Cut"))
    assert [i.title for i in sandbox.pagerduty.incidents.values()] == ["After", "Cut"]
    await hands.add_fault("pagerduty", "POST /incidents", "error", error="1008")
    assert error_of(pd.post("incidents", json=new_incident())) == (400, 1008)
