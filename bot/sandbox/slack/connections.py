"""apps.connections.open: a URL at which the app may open one socket."""

import secrets

from bot.sandbox.slack import seed
from bot.sandbox.slack.asking import Asking
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Json


def open_connection(asking: Asking) -> Json:
    workspace = asking.workspace
    if workspace.settings.link_disabled or workspace.settings.mode != "socket":
        raise SlackError("forbidden_team")
    ticket = secrets.token_hex(16)
    workspace.socket_tickets.add(ticket)
    host = workspace.url.replace("http://", "ws://", 1)
    return {"url": f"{host}/slack/socket?ticket={ticket}&app_id={seed.APP_ID}"}


METHODS = {"apps.connections.open": open_connection}
