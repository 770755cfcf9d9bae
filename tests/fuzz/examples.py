"""One good delivery of each kind, as the vendors document them: what fuzzing and the corpus begin from and spoil."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack import seed

Json = dict[str, Any]


def reference(kind: str, id: str, summary: str) -> Json:
    return {"id": id, "type": f"{kind}_reference", "summary": summary, "self": None, "html_url": f"https://p.test/{id}"}


ADA = reference("user", "PUADA01", "Ada Marsh")
ALERT: Json = {
    "id": "QFUZZ1",
    "type": "incident",
    "html_url": "https://acme.pagerduty.test/incidents/QFUZZ1",
    "number": 37,
    "status": "triggered",
    "incident_key": "dfead9d88e0649e8",
    "title": "5xx above 2 %",
    "service": reference("service", "PSFUZZ", "Fuzz"),
    "assignees": [ADA],
    "escalation_policy": reference("escalation_policy", "PESC", "First line"),
    "priority": reference("priority", "PPRIO", "P3"),
    "urgency": "high",
    "incident_type": {"name": "major"},
    "conference_bridge": {"conference_number": "+1 555 0100", "conference_url": "https://meet.test/1"},
    "resolve_reason": None,
}
ABOUT = reference("incident", "QFUZZ1", "[#37] 5xx above 2 %")
MERGED = {"type": "merge_resolve_reason", "incident": reference("incident", "QFUZZ2", "[#38] another")}
DATA: Mapping[str, Json] = {
    "incident.triggered": ALERT,
    "incident.acknowledged": ALERT | {"status": "acknowledged"},
    "incident.resolved": ALERT | {"status": "resolved", "resolve_reason": MERGED},
    "incident.priority_updated": ALERT,
    "incident.annotated": {"incident": ABOUT, "id": "PNOTE1", "content": "rolled back", "trimmed": False},
    "incident.status_update_published": {"incident": ABOUT, "message": "we look", "trimmed": False},
    "incident.conference_bridge.updated": {
        "incident": ABOUT,
        "conference_numbers": [{"label": "US", "number": "+1 555 0100"}],
        "conference_url": "https://meet.test/1",
    },
    "incident.custom_field_values.updated": {
        "incident": ABOUT,
        "custom_fields": [{"name": "region", "value": ["eu", 2, None]}],
        "changed_custom_fields": [{"name": "region", "value": "us"}],
    },
    "incident.responder.replied": {"incident": ABOUT, "user": ADA, "state": "joined", "escalation_policy": None},
    "incident.role.assigned": {
        "incident_role_assignments": [{"incident": ABOUT, "role": reference("role", "R1", "Lead"), "assignee": ADA}]
    },
    "incident.task.completed": {"incident": ABOUT, "name": "call them", "summary": None},
    "incident.action_invocation.updated": {
        "incident": ABOUT,
        "action": reference("action", "A1", "Restart"),
        "state": "completed",
    },
    "incident.workflow.completed": {
        "incident": ABOUT,
        "summary": "a workflow",
        "incident_workflow": reference("workflow", "W1", "Major"),
    },
}
"""PagerDuty's event types and their data; one for each shape that is read differently."""


def webhook(event_type: str, data: Json | None = None) -> Json:
    """A V3 webhook's body."""
    return {
        "event": {
            "id": "01FUZZ",
            "event_type": event_type,
            "resource_type": "incident",
            "occurred_at": "2026-03-04T03:10:00.000Z",
            "agent": ADA,
            "client": None,
            "data": DATA[event_type] if data is None else data,
        }
    }


WEBHOOKS: Mapping[str, Json] = {event_type: webhook(event_type) for event_type in DATA}

TEAM = {"id": seed.TEAM_ID, "domain": seed.TEAM_DOMAIN}
PERSON = {"id": seed.ADA, "username": "ada", "name": "ada", "team_id": seed.TEAM_ID}
MESSAGE = {"type": "message", "user": seed.BO, "text": "found it: <@U0ADA00001> & co", "ts": "1772593800.000100"}
FRAME = {"team": TEAM, "user": PERSON, "enterprise": None, "is_enterprise_install": False, "trigger_id": "1.2.fuzz"}
FORM: Json = {
    "id": "V0FUZZ0001",
    "type": "modal",
    "callback_id": "form",
    "title": {"type": "plain_text", "text": "Note"},
    "private_metadata": '{"verb":"note","incident":1,"channel":"C0FUZZ0001","reply":"","nonce":"n1","extra":{}}',
    "blocks": [{"type": "input", "block_id": "text"}, {"type": "input", "block_id": "at"}],
    "state": {
        "values": {
            "text": {"in/text": {"type": "plain_text_input", "value": "rolled back"}},
            "at": {"in/at": {"type": "plain_text_input", "value": "03:10"}},
        }
    },
}


def command(channel: str, text: str) -> Json:
    return {
        "team_id": seed.TEAM_ID,
        "channel_id": channel,
        "channel_name": "inc-1",
        "user_id": seed.ADA,
        "user_name": "ada",
        "command": "/incident",
        "text": text,
        "api_app_id": seed.APP_ID,
        "response_url": "",
        "trigger_id": "1.2.fuzz",
    }


def pressed(channel: str, action: str, value: str) -> Json:
    """A button in a message."""
    button = {"type": "button", "action_id": action, "block_id": "b", "action_ts": "1772593800.1", "value": value}
    return {
        "type": "block_actions",
        **FRAME,
        "container": {"type": "message", "channel_id": channel, "is_ephemeral": True},
        "channel": {"id": channel, "name": "inc-1"},
        "response_url": "",
        "actions": [button],
    }


def chosen(channel: str) -> Json:
    """A choice in an open form, told at once."""
    option = {"text": {"type": "plain_text", "text": "SEV2"}, "value": "2"}
    menu = {"type": "static_select", "action_id": "in/severity", "action_ts": "1.1", "selected_option": option}
    memo = f'{{"verb":"declare","incident":null,"channel":"{channel}","reply":"","nonce":"n2","extra":{{}}}}'
    state = {"values": {"severity": {"in/severity": {"type": "static_select", "selected_option": option}}}}
    shown = FORM | {"private_metadata": memo, "state": state}
    return {"type": "block_actions", **FRAME, "container": {"type": "view"}, "view": shown, "actions": [menu]}


def submitted(channel: str, verb: str, values: Mapping[str, Json], nonce: str = "n1") -> Json:
    """A form that was sent."""
    memo = f'{{"verb":"{verb}","incident":1,"channel":"{channel}","reply":"","nonce":"{nonce}","extra":{{}}}}'
    blocks = [{"type": "input", "block_id": name} for name in values]
    state = {"values": {name: {f"in/{name}": element} for name, element in values.items()}}
    view = FORM | {"private_metadata": memo, "state": state, "blocks": blocks}
    return {"type": "view_submission", **FRAME, "view": view}


def shortcut(channel: str, name: str) -> Json:
    """A message's shortcut."""
    return {
        "type": "message_action",
        **FRAME,
        "callback_id": name,
        "channel": {"id": channel, "name": "inc-1"},
        "response_url": "",
        "message_ts": MESSAGE["ts"],
        "message": MESSAGE,
    }


def event(inner: Json) -> Json:
    """An event in its wrapper."""
    return {
        "type": "event_callback",
        "team_id": seed.TEAM_ID,
        "api_app_id": seed.APP_ID,
        "event_id": "Ev0FUZZ001",
        "event_time": 1772593800,
        "event": inner,
        "authorizations": [{"enterprise_id": None, "team_id": seed.TEAM_ID, "user_id": seed.BOT_USER, "is_bot": True}],
        "is_ext_shared_channel": False,
    }


def events(channel: str) -> Mapping[str, Json]:
    """Each event that is kept."""
    item = {"type": "message", "channel": channel, "ts": MESSAGE["ts"]}
    pin = {"type": "message", "channel": channel, "message": MESSAGE, "created": 1772593801}
    mark = {"user": seed.ADA, "reaction": "pushpin", "item_user": seed.BO, "item": item, "event_ts": "1.1"}
    said = {"user": seed.ADA, "team": seed.TEAM_ID, "channel": channel, "ts": "1.2", "thread_ts": "1.1"}
    return {
        "reaction_added": event({"type": "reaction_added", **mark}),
        "reaction_removed": event({"type": "reaction_removed", **mark}),
        "pin_added": event({"type": "pin_added", "user": seed.ADA, "channel_id": channel, "item": pin}),
        "app_mention": event({"type": "app_mention", **said, "text": f"<@{seed.BOT_USER}> note all is well"}),
        "app_home_opened": event({"type": "app_home_opened", "user": seed.ADA, "tab": "home", "channel": "D1"}),
        "member_joined_channel": event({"type": "member_joined_channel", "user": "U0NEWBIE1", "channel": channel}),
    }


def slack(channel: str) -> Mapping[str, Json]:
    """One of everything that Slack delivers, by name."""
    words = {"type": "plain_text_input", "value": "03:10"}
    return {
        "command": command(channel, "note all is well"),
        "button": pressed(channel, "take_role", "1/scribe"),
        "choice": chosen(channel),
        "form note": submitted(channel, "note", {"text": words, "at": words}),
        "form edit": submitted(channel, "edit", {"title": words, "impact_start": words}),
        "form declare": submitted(
            channel,
            "declare",
            {
                "title": words,
                "severity": {"type": "static_select", "selected_option": {"value": "3"}},
                "services": {"type": "multi_static_select", "selected_options": [{"value": "PSCHECK"}]},
            },
        ),
        "form role": submitted(
            channel,
            "role",
            {
                "role": {"type": "static_select", "selected_option": {"value": "scribe"}},
                "person": {"type": "users_select", "selected_user": seed.BO},
            },
        ),
        "shortcut mark": shortcut(channel, "add_to_timeline"),
        "shortcut declare": shortcut(channel, "declare_from_message"),
        **events(channel),
    }
