"""The whole sandbox as JSON, for whoever tests a bot of their own against it."""

from bot.sandbox.pagerduty.account import Account
from bot.sandbox.slack.records import Json
from bot.sandbox.slack.shapes import channel_json, message_json, user_json
from bot.sandbox.slack.workspace import Workspace


def everything(workspace: Workspace, account: Account) -> Json:
    """`{"slack": {"people", "channels"}, "pagerduty": {"incidents"}}`, each as its API shows it."""
    channels = [
        channel_json(channel, channel.creator)
        | {"messages": [message_json(message) for message in channel.messages.values() if not message.deleted]}
        for channel in workspace.channels.values()
        if not channel.deleted
    ]
    people = [user_json(person) for person in workspace.people.values()]
    return {"slack": {"people": people, "channels": channels}, "pagerduty": {"incidents": sorted(account.incidents)}}
