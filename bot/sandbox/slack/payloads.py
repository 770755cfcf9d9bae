"""What Slack sends to an app: commands, clicks, forms, shortcuts, events, each with every field that Slack sends."""

from typing import Any

from bot.sandbox.slack import seed
from bot.sandbox.slack.records import Channel, Json, Message, Person, View
from bot.sandbox.slack.shapes import message_json, shown_message, thread_json, view_json
from bot.sandbox.slack.workspace import Workspace

TEAM = {"id": seed.TEAM_ID, "domain": seed.TEAM_DOMAIN}


def command(
    person: Person, channel: Channel, name: str, text: str, *, trigger_id: str, response_url: str
) -> dict[str, str]:
    """https://docs.slack.dev/interactivity/implementing-slash-commands: sent as a form."""
    return {
        "token": seed.VERIFICATION_TOKEN,
        "team_id": seed.TEAM_ID,
        "team_domain": seed.TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": "directmessage" if channel.is_im else "privategroup" if channel.is_private else channel.name,
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": text,
        "api_app_id": seed.APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def message_click(
    person: Person, channel: Channel, message: Message, action: Json, *, trigger_id: str, response_url: str, state: Json
) -> Json:
    """block_actions of an element in a message."""
    return {
        **_framed("block_actions", person),
        **in_message(channel, message),
        "response_url": response_url,
        "trigger_id": trigger_id,
        "state": state,
        "actions": [action],
    }


def view_click(person: Person, view: View, action: Json, *, trigger_id: str) -> Json:
    """block_actions of an element in a modal or a home tab."""
    return {
        **_framed("block_actions", person),
        **in_view(view),
        "trigger_id": trigger_id,
        "actions": [action],
    }


def in_message(channel: Channel, message: Message) -> Json:
    """Where an element stands that is in a message."""
    is_ephemeral = message.ephemeral_to is not None
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": is_ephemeral,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    shown: Json = {"container": container, "channel": {"id": channel.id, "name": _channel_name(channel)}}
    return shown if is_ephemeral else shown | {"message": message_json(message) | thread_json(message, channel)}


def in_view(view: View) -> Json:
    """Where an element stands that is in a modal or a home tab."""
    return {"container": {"type": "view", "view_id": view.id}, "view": view_json(view)}


def action(block: Json, element: Json, chosen: Json, ts: str) -> Json:
    """One entry of `actions`; `chosen` is the element's value or selection."""
    shown: Json = {
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "type": element["type"],
        "action_ts": ts,
        **chosen,
    }
    for name in ("text", "value", "url", "style", "placeholder", "confirm"):
        if name in element and name not in shown:
            shown[name] = element[name]
    return shown


def submission(person: Person, view: View, *, trigger_id: str) -> Json:
    return {
        **_framed("view_submission", person),
        "trigger_id": trigger_id,
        "view": view_json(view),
        "response_urls": [],
    }


def closed(person: Person, view: View, *, cleared: bool) -> Json:
    return {**_framed("view_closed", person), "view": view_json(view), "is_cleared": cleared}


def shortcut(person: Person, callback_id: str, ts: str, *, trigger_id: str) -> Json:
    """A global shortcut: it knows of no channel, and has no response URL."""
    return {
        "type": "shortcut",
        "token": seed.VERIFICATION_TOKEN,
        "action_ts": ts,
        "team": TEAM,
        "user": {"id": person.id, "username": person.name, "team_id": person.team_id},
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": callback_id,
        "trigger_id": trigger_id,
    }


def message_shortcut(
    workspace: Workspace,
    person: Person,
    channel: Channel,
    message: Message,
    callback_id: str,
    *,
    trigger_id: str,
    response_url: str,
) -> Json:
    return {
        "type": "message_action",
        "token": seed.VERIFICATION_TOKEN,
        "action_ts": workspace.ts(),
        "team": TEAM,
        "user": _user(person),
        "channel": {"id": channel.id, "name": _channel_name(channel)},
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": callback_id,
        "trigger_id": trigger_id,
        "response_url": response_url,
        "message_ts": message.ts,
        "message": shown_message(workspace, message, channel),
    }


def suggestion(person: Person, where: Json, block: Json, element: Json, typed: str) -> Json:
    """block_suggestion: what to offer in an external menu for the letters typed so far; `where` it stands.

    https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload
    """
    return {
        **_framed("block_suggestion", person),
        **where,
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "value": typed,
    }


def event(workspace: Workspace, inner: Json, channel: Channel | None) -> Json:
    """An event in the wrapper of the Events API: https://docs.slack.dev/apis/events-api."""
    is_shared = channel is not None and channel.is_ext_shared
    return {
        "token": seed.VERIFICATION_TOKEN,
        "team_id": seed.TEAM_ID,
        "context_team_id": seed.TEAM_ID,
        "context_enterprise_id": None,
        "api_app_id": seed.APP_ID,
        "event": inner,
        "type": "event_callback",
        "event_id": workspace.new_id("Ev"),
        "event_time": int(workspace.clock.now()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": seed.TEAM_ID,
                "user_id": seed.BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": is_shared,
        "event_context": f"4-{workspace.new_id('ctx')}",
    }


def app_home_opened(workspace: Workspace, person: Person, view: View | None) -> Json:
    direct = workspace.direct(seed.BOT_USER, person.id)
    shown: Json = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": direct.id,
        "tab": "home",
        "event_ts": workspace.ts(),
    }
    return shown | ({"view": view_json(view)} if view else {})


def _framed(kind: str, person: Person) -> dict[str, Any]:
    return {
        "type": kind,
        "user": _user(person),
        "api_app_id": seed.APP_ID,
        "token": seed.VERIFICATION_TOKEN,
        "team": TEAM,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _user(person: Person) -> Json:
    return {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team_id}


def _channel_name(channel: Channel) -> str:
    return "directmessage" if channel.is_im else "privategroup" if channel.is_private else channel.name
