"""Every V3 event type that PagerDuty documents, as the sandbox's account tells it."""

import asyncio
from typing import Any

import pytest

from bot.sandbox import Impossible, SandboxClient, running
from bot.sandbox.pagerduty.subscriptions import EVENT_TYPES
from tests.sandbox import sources

Json = dict[str, Any]

STORY = (
    *("triggered", "acknowledged", "unacknowledged", "escalated", "delegated", "reassigned", "reopened", "resolved"),
    *("priority_updated", "service_updated", "incident_type.changed"),
)
INVOCATION = ("created", "updated", "terminated")

# The keys of each data type, from "Event data types" in PagerDuty's webhook documentation.
KEYS = {
    "incident": "id type self html_url number status incident_key created_at title incident_type service assignees "
    "escalation_policy teams priority urgency conference_bridge resolve_reason",
    "incident_note": "incident id content trimmed type",
    "incident_status_update": "incident id message trimmed type",
    "incident_responder": "incident user escalation_policy message state type",
    "incident_conference_bridge": "incident conference_numbers conference_url type",
    "incident_field_values": "incident custom_fields changed_custom_fields type",
    "incident_task": "name description id summary type status assignees incident",
    "incident_role_assignment": "type incident_role_assignments",
    "incident_workflow_instance": "id type summary incident_workflow workflow_trigger incident service",
    "incident_action_invocation": "id self html_url incident action state type",
    "service": "html_url id self summary alert_creation teams type",
    "service_field_values": "service custom_fields changed_custom_fields type",
}


# Which data each event type carries, from "Event types" there.
DATA = {
    **dict.fromkeys((f"incident.{what}" for what in STORY), "incident"),
    "incident.annotated": "incident_note",
    "incident.conference_bridge.updated": "incident_conference_bridge",
    "incident.custom_field_values.updated": "incident_field_values",
    **dict.fromkeys(("incident.responder.added", "incident.responder.replied"), "incident_responder"),
    "incident.role.assigned": "incident_role_assignment",
    "incident.status_update_published": "incident_status_update",
    **dict.fromkeys((f"incident.task.{what}" for what in ("created", "updated", "completed")), "incident_task"),
    **dict.fromkeys((f"incident.action_invocation.{what}" for what in INVOCATION), "incident_action_invocation"),
    **dict.fromkeys((f"incident.workflow.{what}" for what in ("started", "completed")), "incident_workflow_instance"),
    **dict.fromkeys((f"service.{what}" for what in ("created", "updated", "deleted")), "service"),
    "service.custom_field_values.updated": "service_field_values",
}


async def everything(hands: SandboxClient) -> None:
    """One of each."""
    pd = hands.pagerduty
    incident = await pd.trigger("checkout", "Slow", priority="P2")
    await pd.acknowledge(incident, "Bo")
    await pd.unacknowledge(incident)
    await pd.escalate(incident)
    await pd.delegate(incident, "Search", by="Ada")
    await pd.reassign(incident, ["Gus"], by="Ada")
    await pd.set_priority(incident, "P1", by="Ada")
    await pd.move(incident, "payments", by="Ada")
    await pd.set_type(incident, "major", by="Ada")
    await pd.note(incident, "Rolled back", by="Ada")
    await pd.add_responder(incident, "Finn", by="Ada")
    await pd.answer_responder(incident, "Finn")
    await pd.status_update(incident, "We are on it", by="Ada")
    await pd.set_bridge(incident, number="+1 202 555 0100", url="https://meet.example.com/1", by="Ada")
    await pd.set_fields(incident, {"environment": "production"}, by="Ada")
    task = await pd.add_task(incident, "Tell support", to=["Dev"], by="Ada")
    await pd.change_task(task, name="Tell support and sales", by="Ada")
    await pd.complete_task(task, by="Dev")
    await pd.assign_role(incident, "Commander", "Ada", by="Ada")
    await pd.run_workflow(incident, "Major incident", by="Ada")
    await pd.run_action(incident, "Restart", by="Ada")
    await pd.resolve(incident, by="Ada", resolution="Fixed by rollback")
    await pd.reopen(incident, by="Ada")
    await pd.create_service("ledger", "Payments", by="Ada")
    await pd.update_service("ledger", "general ledger", by="Ada")
    await pd.set_service_field("general ledger", "tier", "1", by="Ada")
    await pd.delete_service("general ledger", by="Ada")


@pytest.fixture(scope="module")
def told() -> list[Json]:
    """What an account told of that had one of each happen to it."""

    async def lived_through(url: str) -> list[Json]:
        async with SandboxClient(url) as hands:
            await everything(hands)
            return await hands.pagerduty.events()

    with running() as sandbox:
        return asyncio.run(lived_through(sandbox.url))


def test_every_documented_event_type_can_be_brought_about(told: list[Json]) -> None:
    assert {event["event_type"] for event in told} == EVENT_TYPES == DATA.keys()
    assert {event["data"]["type"] for event in told} == set(KEYS)


@pytest.mark.parametrize("event_type", DATA)
@pytest.mark.fact(sources.PD_WEBHOOKS)
def test_an_event_has_the_shape_of_its_type(told: list[Json], event_type: str) -> None:
    for event in (event for event in told if event["event_type"] == event_type):
        assert list(event) == ["id", "event_type", "resource_type", "occurred_at", "agent", "client", "data"]
        assert event["resource_type"] == event_type.split(".")[0]
        assert (event["occurred_at"][-5], event["occurred_at"][-1]) == (".", "Z")
        data = event["data"]
        assert data["type"] == DATA[event_type]
        assert set(data) - {"reopened_at"} == set(KEYS[data["type"]].split())
        assert data["type"] == "incident" or "incident" in data or event["resource_type"] == "service" or roles(data)


def roles(data: Json) -> bool:
    return all(role["incident"]["type"] == "incident_reference" for role in data["incident_role_assignments"])


async def last(hands: SandboxClient, event_type: str) -> Json:
    found = [event for event in await hands.pagerduty.events() if event["event_type"] == event_type]
    newest: Json = found[-1]
    return newest


@pytest.mark.fact(sources.PD_WEBHOOKS)
async def test_who_did_it_is_the_agent_and_automation_is_nobody(hands: SandboxClient) -> None:
    incident = await hands.pagerduty.trigger("checkout", "Slow")
    assert (await last(hands, "incident.triggered"))["agent"] is None
    await hands.pagerduty.acknowledge(incident, "bo@example.com")
    agent = (await last(hands, "incident.acknowledged"))["agent"]
    assert (agent["id"], agent["summary"], agent["type"]) == ("PUBO001", "Bo Lind", "user_reference")


async def test_a_resolution_note_follows_the_resolution_as_an_event_of_its_own(hands: SandboxClient) -> None:
    incident = await hands.pagerduty.trigger("checkout", "Slow")
    await hands.pagerduty.resolve(incident, by="Bo", resolution="Rolled back")
    resolved, annotated = (await hands.pagerduty.events())[-2:]
    assert (resolved["event_type"], resolved["data"]["resolve_reason"]) == ("incident.resolved", None)
    assert annotated["data"]["content"] == "Resolution Note: Rolled back"


@pytest.mark.fact(sources.PD_REST)
async def test_a_merge_arrives_as_a_resolution_that_names_its_target(hands: SandboxClient) -> None:
    target = await hands.pagerduty.trigger("checkout", "Target")
    source = await hands.pagerduty.trigger("checkout", "Source")
    await hands.pagerduty.merge(target, [source], by="Ada")
    event = await last(hands, "incident.resolved")
    assert (event["data"]["id"], event["agent"]["id"]) == (source, "PUADA01")
    assert event["data"]["resolve_reason"]["type"] == "merge_resolve_reason"
    assert event["data"]["resolve_reason"]["incident"]["id"] == target
    assert {alert.incident for alert in (await hands.pagerduty.state()).alerts} == {target}


@pytest.mark.fact(sources.PD_WEBHOOKS)
async def test_a_role_taken_away_is_told_like_a_role_given(hands: SandboxClient) -> None:
    incident = await hands.pagerduty.trigger("checkout", "Slow")
    await hands.pagerduty.assign_role(incident, "Commander", "Ada")
    await hands.pagerduty.assign_role(incident, "Commander", None)
    [role] = (await last(hands, "incident.role.assigned"))["data"]["incident_role_assignments"]
    assert (role["assignee"], role["old_assignee"]["id"]) == (None, "PUADA01")


async def test_saying_what_is_already_so_tells_nobody(hands: SandboxClient) -> None:
    incident = await hands.pagerduty.trigger("checkout", "Slow", priority="P1")
    await hands.pagerduty.acknowledge(incident, "Bo")
    before = len(await hands.pagerduty.events())
    await hands.pagerduty.acknowledge(incident, "Bo")
    await hands.pagerduty.set_priority(incident, "P1")
    await hands.pagerduty.set_bridge(incident, url="https://meet.example.com/1")
    await hands.pagerduty.set_bridge(incident, url="https://meet.example.com/1")
    assert len(await hands.pagerduty.events()) == before + 1


async def test_what_pagerduty_would_refuse_is_impossible(hands: SandboxClient) -> None:
    incident = await hands.pagerduty.trigger("checkout", "Slow", key="k")
    with pytest.raises(Impossible, match="matching dedup key"):
        await hands.pagerduty.trigger("checkout", "Slow again", key="k")
    with pytest.raises(Impossible, match="no user is called 'Nobody'"):
        await hands.pagerduty.acknowledge(incident, "Nobody")
    with pytest.raises(Impossible, match="no open request"):
        await hands.pagerduty.answer_responder(incident, "Gus")
    await hands.pagerduty.resolve(incident, "Bo")
    with pytest.raises(Impossible, match="Already Resolved"):
        await hands.pagerduty.acknowledge(incident, "Bo")
