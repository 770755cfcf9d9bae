"""What each documented event says, in the rules' words."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from bot.incident.mirror import Report, What
from bot.incident.people import Person
from bot.incident.values import MUSTER, Actor, Service
from bot.integrations.pagerduty.envelopes import Event
from bot.integrations.pagerduty.names import PAGERDUTY, Names
from bot.integrations.pagerduty.reports import HAPPENED, TELLERS, report_of
from bot.sandbox.pagerduty.subscriptions import EVENT_TYPES

NOW = datetime(2026, 3, 4, 3, 10, tzinfo=UTC)


class People:
    """Ada is in Slack too, Bo is not; the bot is PMUSTER."""

    known = (
        Person(slack="UADA", pagerduty="PADA", name="Ada Marsh", email="ada@example.com"),
        Person(pagerduty="PMUSTER", name="Muster", email="muster@example.com", bot=True),
    )

    def by_pagerduty(self, id: str) -> Person | None:
        return next((p for p in self.known if p.pagerduty == id), None)

    def by_email(self, email: str) -> Person | None:
        return next((p for p in self.known if p.email == email), None)


NAMES = Names(People(), "muster@example.com")


def ref(kind: str, id: str, summary: str | None = None) -> dict[str, Any]:
    return {"id": id, "type": f"{kind}_reference", "summary": summary, "self": f"https://x.test/{id}", "html_url": None}


ADA, BO, BOT = ref("user", "PADA", "Ada M."), ref("user", "PBO", "Bo Lind"), ref("user", "PMUSTER", "Muster")
ADA_ACTOR, BO_ACTOR = Actor(id="slack:UADA", name="Ada Marsh"), Actor(id="pagerduty:PBO", name="Bo Lind")
INCIDENT = {
    "id": "Q2CKYRLH85UNN4",
    "type": "incident",
    "html_url": "https://acme.pagerduty.test/incidents/Q2CKYRLH85UNN4",
    "number": 37,
    "status": "triggered",
    "incident_key": "dfead9d88e0649e8",
    "title": "5xx above 2 %",
    "service": ref("service", "PF9KMXH", "checkout"),
    "assignees": [ADA, BO],
    "escalation_policy": ref("escalation_policy", "PESC", "Checkout people"),
    "priority": ref("priority", "PPRIO", "P1"),
    "urgency": "high",
    "incident_type": {"name": "major"},
    "conference_bridge": {"conference_number": 1000, "conference_url": None},
    "resolve_reason": None,
}
ABOUT = {"incident": ref("incident", "Q2CKYRLH85UNN4", "5xx above 2 %")}


def said(event_type: str, data: dict[str, Any], agent: dict[str, Any] | None = BO, **more: Any) -> Report:
    event = {"id": "01E", "event_type": event_type, "occurred_at": "2026-03-04T03:10:05.125Z", "agent": agent, **more}
    report = report_of(Event.model_validate({**event, "data": data}), NAMES, NOW, "fallback")
    assert report is not None
    return Report.model_validate_json(report.model_dump_json())


def test_a_trigger_tells_everything_about_the_incident() -> None:
    report = said("incident.triggered", INCIDENT)
    assert report == Report(
        source="pagerduty",
        alert="Q2CKYRLH85UNN4",
        key="01E",
        at=datetime(2026, 3, 4, 3, 10, 5, 125_000, tzinfo=UTC),
        what=What.TRIGGERED,
        by=BO_ACTOR,
        title="5xx above 2 %",
        url="https://acme.pagerduty.test/incidents/Q2CKYRLH85UNN4",
        number=37,
        service=Service(id="PF9KMXH", name="checkout"),
        priority="P1",
        urgency="high",
        status="triggered",
        assignees=(ADA_ACTOR, BO_ACTOR),
        incident_key="dfead9d88e0649e8",
        bridge="1000",
    )


@pytest.mark.parametrize(
    ("event_type", "what", "text"),
    [
        ("incident.acknowledged", What.ACKNOWLEDGED, ""),
        ("incident.unacknowledged", What.UNACKNOWLEDGED, ""),
        ("incident.escalated", What.ESCALATED, "Ada M., Bo Lind"),
        ("incident.delegated", What.DELEGATED, "Checkout people"),
        ("incident.reassigned", What.REASSIGNED, "Ada M., Bo Lind"),
        ("incident.reopened", What.REOPENED, ""),
        ("incident.resolved", What.RESOLVED, ""),
        ("incident.priority_updated", What.PRIORITY, "P1"),
        ("incident.service_updated", What.SERVICE, "checkout"),
        ("incident.incident_type.changed", What.TYPE, "major"),
    ],
)
def test_what_happened_to_an_incident_names_what_it_changed_to(event_type: str, what: What, text: str) -> None:
    report = said(event_type, INCIDENT)
    assert (report.what, report.text) == (what, text)


def test_a_removed_priority_is_the_empty_one_and_not_unknown() -> None:
    report = said("incident.priority_updated", {**INCIDENT, "priority": None})
    assert (report.priority, report.text) == ("", "none")


def test_a_merge_is_no_resolution_and_says_into_what() -> None:
    reason = {"type": "merge_resolve_reason", "incident": ref("incident", "Q1TARGET", "[#41] Checkout is down")}
    report = said("incident.resolved", {**INCIDENT, "status": "resolved", "resolve_reason": reason})
    assert (report.what, report.into, report.text) == (What.MERGED, "Q1TARGET", "Checkout is down")


WORDS = [
    ("incident.annotated", {"id": "PN1", "content": " rolled back\n"}, What.NOTE, "rolled back"),
    ("incident.annotated", {"id": "PN1", "content": "Resolution Note: DNS"}, What.NOTE, "Resolution: DNS"),
    ("incident.annotated", {"id": "PN1", "content": "long", "trimmed": True}, What.NOTE, "long …"),
    ("incident.status_update_published", {"message": "On it"}, What.STATUS_UPDATE, "On it"),
    (
        "incident.conference_bridge.updated",
        {"conference_numbers": [{"label": "", "number": "+1-555"}], "conference_url": "https://meet.test"},
        What.BRIDGE,
        "https://meet.test",
    ),
    (
        "incident.conference_bridge.updated",
        {"conference_numbers": [{"number": 15}], "conference_url": None},
        What.BRIDGE,
        "15",
    ),
    ("incident.conference_bridge.updated", {}, What.BRIDGE, "none"),
    (
        "incident.custom_field_values.updated",
        {
            "custom_fields": [{"name": "env", "value": "prod"}, {"name": "region", "value": ["eu", "us"]}],
            "changed_custom_fields": [{"name": "region", "value": None}],
        },
        What.FIELDS,
        "region to eu, us",
    ),
    (
        "incident.custom_field_values.updated",
        {
            "custom_fields": [{"name": "env", "value": None}],
            "changed_custom_fields": [{"name": "env", "value": "prod"}],
        },
        What.FIELDS,
        "env to nothing",
    ),
    ("incident.task.created", {"name": "Fail over"}, What.TASK, "“Fail over” created"),
    ("incident.task.updated", {"summary": "Fail over"}, What.TASK, "“Fail over” updated"),
    ("incident.task.completed", {"name": "Fail over"}, What.TASK, "“Fail over” completed"),
    (
        "incident.action_invocation.terminated",
        {"action": ref("action", "01A", "Restart"), "state": "failed"},
        What.ACTION,
        "Restart (failed)",
    ),
    ("incident.action_invocation.created", {"action": ref("action", "01A")}, What.ACTION, "01A (created)"),
    (
        "incident.workflow.started",
        {"incident_workflow": ref("incident_workflow", "PW", "Major")},
        What.WORKFLOW,
        "Major started",
    ),
    ("incident.workflow.completed", {"summary": "Major"}, What.WORKFLOW, "Major completed"),
]


@pytest.mark.parametrize(("event_type", "data", "what", "text"), WORDS)
def test_what_is_said_beside_an_incident_reaches_it_in_words(
    event_type: str, data: dict[str, Any], what: What, text: str
) -> None:
    report = said(event_type, {**ABOUT, **data})
    assert (report.what, report.text, report.alert, report.title) == (what, text, "Q2CKYRLH85UNN4", "5xx above 2 %")


def test_role_assignments_name_role_and_person_and_their_withdrawal() -> None:
    given = {**ABOUT, "role": ref("role", "PR1", "Scribe"), "assignee": ADA}
    taken = {**ABOUT, "role": ref("role", "PR2", "Deputy"), "assignee": None}
    report = said("incident.role.assigned", {"incident_role_assignments": [given, taken]})
    assert (report.what, report.text, report.alert) == (
        What.ROLE,
        "Scribe to Ada M.; Deputy to nobody",
        "Q2CKYRLH85UNN4",
    )


@pytest.mark.parametrize(("state", "text"), [("joined", "accepted"), ("declined", "declined")])
def test_a_responders_answer_is_theirs_in_the_rules_words(state: str, text: str) -> None:
    report = said("incident.responder.replied", {**ABOUT, "user": ADA, "state": state}, agent=None)
    assert (report.what, report.person, report.text) == (What.RESPONDER_REPLIED, ADA_ACTOR, text)


def test_a_request_for_help_names_whom_it_asks() -> None:
    report = said("incident.responder.added", {**ABOUT, "user": BO, "state": "pending"}, agent=ADA)
    assert (report.what, report.by, report.person) == (What.RESPONDER_ADDED, ADA_ACTOR, BO_ACTOR)


def test_a_note_goes_by_its_own_id_so_that_the_list_of_notes_tells_nothing_twice() -> None:
    assert said("incident.annotated", {**ABOUT, "id": "PN1", "content": "x"}).key == "note/PN1"


def test_our_own_act_is_an_echo_and_nobody_elses() -> None:
    mine, automatic = said("incident.resolved", INCIDENT, BOT), said("incident.resolved", INCIDENT, None)
    assert (mine.echo, mine.by) == (True, MUSTER)
    assert (automatic.echo, automatic.by) == (False, PAGERDUTY)
    integration = said("incident.resolved", INCIDENT, ref("inbound_integration", "PMUSTER2", "Prometheus"))
    assert (integration.echo, integration.by) == (False, PAGERDUTY)


def test_while_our_own_user_is_unknown_nothing_is_an_echo() -> None:
    class Nobody:
        def by_pagerduty(self, id: str) -> Person | None:
            return None

        def by_email(self, email: str) -> Person | None:
            return None

    blank = Event.model_validate({"event_type": "incident.resolved", "agent": {"id": ""}, "data": INCIDENT})
    report = report_of(blank, Names(Nobody(), "muster@example.com"), NOW, "fallback")
    assert report is not None
    assert (report.echo, report.by) == (False, PAGERDUTY)


def test_what_is_missing_is_made_up_for_by_the_delivery() -> None:
    bare = Event.model_validate({"event_type": "incident.triggered", "data": {"id": "PGR0VU2"}})
    report = report_of(bare, NAMES, NOW, "fallback")
    assert report is not None
    assert (report.alert, report.key, report.at, report.assignees) == ("PGR0VU2", "fallback", NOW, ())


def test_every_documented_event_about_incidents_is_understood() -> None:
    documented = {name for name in EVENT_TYPES if name.startswith("incident.")}
    assert documented == {*HAPPENED, *TELLERS}


def test_an_unknown_event_says_nothing() -> None:
    event = Event.model_validate({"event_type": "incident.sang_a_song", "data": {"anything": 1}})
    assert report_of(event, NAMES, NOW, "k") is None


@pytest.mark.parametrize(
    "odd",
    [
        {"service": "checkout"},
        {"assignees": None},
        {"assignees": [None]},
        {"priority": {"summary": {}}},
        {"conference_bridge": "call me"},
        {"number": "many"},
        {"urgency": []},
        {"incident_key": "k" * 300},
        {"resolve_reason": 7},
    ],
)
def test_an_alert_is_not_held_back_for_an_odd_field(odd: dict[str, Any]) -> None:
    told = said("incident.triggered", {**INCIDENT, **odd})
    assert (told.alert, told.what, told.title) == (INCIDENT["id"], What.TRIGGERED, INCIDENT["title"])


@pytest.mark.parametrize(
    ("event_type", "data"),
    [
        ("incident.triggered", {}),
        ("incident.triggered", {"id": ""}),
        ("incident.annotated", {"content": "to what?"}),
        ("incident.annotated", {"incident": {}, "id": "PN1"}),
        ("incident.role.assigned", {"incident_role_assignments": []}),
        ("incident.role.assigned", {"incident_role_assignments": [{}]}),
    ],
)
def test_a_known_event_of_another_shape_is_refused_so_that_it_is_parked(event_type: str, data: dict[str, Any]) -> None:
    with pytest.raises((ValueError, ValidationError)):
        report_of(Event.model_validate({"event_type": event_type, "data": data}), NAMES, NOW, "k")
