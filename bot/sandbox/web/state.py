"""The whole sandbox as JSON, for whoever tests a bot of their own against it."""

from bot.sandbox.pagerduty import rendering
from bot.sandbox.pagerduty.account import Account
from bot.sandbox.slack import seed
from bot.sandbox.slack.records import Channel, Json
from bot.sandbox.slack.shapes import channel_json, file_json, group_json, shown_message, user_json
from bot.sandbox.slack.workspace import Workspace


def everything(workspace: Workspace, account: Account) -> Json:
    """`{"slack": {"people", "groups", "channels", "files"}, "pagerduty": {"incidents", "alerts", "notes", …}}`.

    Each as its API shows it; a channel has its `members` and its `messages` besides, a note its `incident_id`.
    """
    return {"slack": _slack(workspace), "pagerduty": _pagerduty(account)}


def _slack(workspace: Workspace) -> Json:
    files = [file for file in workspace.files.values() if file.complete and not file.deleted]
    return {
        "people": [user_json(person) for person in workspace.people.values()],
        "groups": [group_json(group, with_users=True) for group in workspace.groups.values()],
        "channels": [_channel(workspace, channel) for channel in workspace.channels.values() if not channel.deleted],
        "files": [file_json(workspace, file) for file in files],
    }


def _channel(workspace: Workspace, channel: Channel) -> Json:
    there = [message for message in channel.messages.values() if not message.deleted]
    return channel_json(channel, seed.BOT_USER, with_count=True) | {
        "members": list(channel.members),
        "messages": [shown_message(workspace, message, channel, all_metadata=True) for message in there],
    }


def _pagerduty(account: Account) -> Json:
    return {
        "incidents": [rendering.incident(account, one, []) for one in account.incidents.values()],
        "alerts": [rendering.alert(account, one) for one in account.alerts.values()],
        "notes": [rendering.note(account, one) | {"incident_id": one.incident} for one in account.notes.values()],
        "log_entries": [rendering.log_entry(account, one, []) for one in account.log],
    }
