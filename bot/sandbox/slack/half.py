"""Builds the Slack half: its state, its routes and its control desk."""

from starlette.routing import Route, WebSocketRoute

from bot.sandbox.clock import Clock
from bot.sandbox.edge import Edge
from bot.sandbox.half import Half
from bot.sandbox.slack.api import WebApi
from bot.sandbox.slack.clicking import Clicking
from bot.sandbox.slack.courier import Courier
from bot.sandbox.slack.files import Downloads, Uploads
from bot.sandbox.slack.filling import Filling
from bot.sandbox.slack.http_delivery import HttpDelivery
from bot.sandbox.slack.response_urls import ResponseUrls
from bot.sandbox.slack.screens import Screens
from bot.sandbox.slack.setting_up import SettingUp
from bot.sandbox.slack.sockets import Sockets
from bot.sandbox.slack.talking import Talking
from bot.sandbox.slack.triggers import Triggers
from bot.sandbox.slack.watching import Watching
from bot.sandbox.slack.workspace import Workspace


def slack(edge: Edge, clock: Clock, url: str) -> Half[Workspace, tuple[object, ...]]:
    """The Slack half, for a sandbox that is served at `url`."""
    workspace = Workspace(clock, url)
    triggers, screens = Triggers(workspace), Screens(workspace)
    sockets, http = Sockets(workspace), HttpDelivery(workspace)
    courier = Courier(workspace, edge.faults, sockets, http)
    clicking = Clicking(workspace, courier, triggers, screens)
    desk = (
        Talking(workspace),
        clicking,
        Filling(workspace, courier, triggers, screens, clicking),
        Watching(workspace, courier, screens),
        SettingUp(workspace, courier, sockets, http),
    )
    routes = [
        Route("/slack/api/{method}", WebApi(workspace, triggers, edge), methods=["GET", "POST"]),
        Route("/slack/response/{name}", ResponseUrls(workspace, triggers, edge), methods=["POST"]),
        Route("/slack/upload/{name}", Uploads(workspace, edge), methods=["POST"]),
        Route("/slack/files/{name}", Downloads(workspace, edge), methods=["GET"]),
        WebSocketRoute("/slack/socket", sockets.endpoint),
    ]

    async def close() -> None:
        await courier.close()
        await http.close()

    return Half(workspace, routes, desk, close)
