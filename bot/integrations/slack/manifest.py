"""The app's manifest: what Slack must be told so that commands, forms and events reach us.

https://docs.slack.dev/reference/app-manifest
"""

from collections.abc import Iterator
from typing import Any, Literal

import yaml

from bot.integrations.slack import actions

Manifest = dict[str, Any]
Mode = Literal["socket", "http"]

SCOPES = (
    "app_mentions:read",
    "bookmarks:read",
    "bookmarks:write",
    "channels:history",
    "channels:join",
    "channels:manage",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "im:history",
    "im:write",
    "pins:read",
    "pins:write",
    "reactions:read",
    "users:read",
    "users:read.email",
)
PRIVATE_SCOPES = ("groups:history", "groups:read", "groups:write")
"""For private incidents; whoever installs the app may decline them."""
GROUP_SCOPES = ("usergroups:read",)
"""For inviting whole groups; may be declined as well, and is of no use where the plan has none."""
EVENTS = (
    "app_home_opened",
    "app_mention",
    "channel_archive",
    "channel_rename",
    "channel_unarchive",
    "group_archive",
    "group_rename",
    "group_unarchive",
    "member_joined_channel",
    "member_left_channel",
    "pin_added",
    "pin_removed",
    "reaction_added",
    "reaction_removed",
)
FOLLOWING = ("message.channels", "message.groups")
"""Where marked messages are to be followed: Slack then sends all that is said where the bot is, and all but edits and
deletions of marked messages is dropped unread."""
SHORTCUTS = (
    ("global", actions.DECLARE_SHORTCUT, "Declare an incident", "Open a war room and call who is needed"),
    ("message", actions.DECLARE_FROM_MESSAGE, "Declare from message", "Declare an incident about this message"),
    ("message", actions.ADD_TO_TIMELINE, "Add to timeline", "Put this message on the incident's timeline"),
    ("message", actions.TASK_FROM_MESSAGE, "Add as task", "Ask someone to do what this message says"),
)
DESCRIPTION = "Runs incidents: war rooms, roles, pages, a timeline and a postmortem draft"


def manifest(
    mode: Mode = "socket", *, url: str = "", command: str = "/incident", name: str = "Muster", follow: bool = False
) -> Manifest:
    """The manifest for Socket Mode, or for HTTP at the bot's public `url`; `follow`: with edits of marked messages.

    Raises ValueError for HTTP without an address.
    """
    if mode == "http" and not url.startswith("https://"):
        raise ValueError("Slack delivers over HTTP to an https:// address only; say where the bot is reached.")
    endpoint = f"{url.rstrip('/')}/slack/events" if mode == "http" else ""
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {"name": name, "description": DESCRIPTION, "background_color": "#7a1f2b"},
        "features": _features(endpoint, command, name),
        "oauth_config": {"scopes": {"bot": list(SCOPES), "bot_optional": [*PRIVATE_SCOPES, *GROUP_SCOPES]}},
        "settings": _settings(endpoint, follow=follow),
    }


def _features(endpoint: str, command: str, name: str) -> dict[str, Any]:
    slash: dict[str, Any] = {
        "command": command,
        "description": "Declare and run incidents",
        "usage_hint": "[declare|sev|status|note|lead|page|oncall|resolve|help]",
        "should_escape": True,
    }
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": True,
        },
        "bot_user": {"display_name": name, "always_online": True},
        "shortcuts": [
            {"type": kind, "callback_id": callback, "name": called, "description": does}
            for kind, callback, called, does in SHORTCUTS
        ],
        "slash_commands": [slash | {"url": endpoint} if endpoint else slash],
    }


def _settings(endpoint: str, *, follow: bool) -> dict[str, Any]:
    subscriptions: dict[str, Any] = {"bot_events": [*EVENTS, *(FOLLOWING if follow else ())]}
    interactivity: dict[str, Any] = {"is_enabled": True}
    if endpoint:
        subscriptions["request_url"] = endpoint
        interactivity["request_url"] = endpoint
    return {
        "event_subscriptions": subscriptions,
        "interactivity": interactivity,
        "org_deploy_enabled": False,
        "socket_mode_enabled": not endpoint,
        "token_rotation_enabled": False,
    }


def problems(made: Manifest) -> list[str]:
    """What Slack would not take, a line each (limits: https://docs.slack.dev/reference/app-manifest)."""
    return [*_too_long(made), *_commands(made)]


def _too_long(made: Manifest) -> Iterator[str]:
    shown, features = made["display_information"], made["features"]
    measured = [
        ("name", shown["name"], 35),
        ("description", shown["description"], 140),
        ("bot's name", features["bot_user"]["display_name"], 80),
    ]
    for shortcut in features["shortcuts"]:
        measured += [("shortcut", shortcut["name"], 24), ("shortcut's description", shortcut["description"], 150)]
    for slash in features["slash_commands"]:
        measured += [("command's description", slash["description"], 2000), ("usage hint", slash["usage_hint"], 1000)]
    yield from (f"{what}: {len(said)} characters, at most {most}" for what, said, most in measured if len(said) > most)


def _commands(made: Manifest) -> Iterator[str]:
    commands = [slash["command"] for slash in made["features"]["slash_commands"]]
    for command in commands:
        if not (command.startswith("/") and 2 <= len(command) <= 32 and " " not in command):
            yield f"command: {command} must begin with / and have 2 to 32 characters without spaces"
    if len(made["settings"]["event_subscriptions"]["bot_events"]) > 100:
        yield "events: at most 100"


def as_yaml(made: Manifest) -> str:
    """The manifest as Slack's form takes it."""
    return yaml.safe_dump(made, sort_keys=False, allow_unicode=True)
