"""Builds the PagerDuty half: its state, its routes and its control desk."""

from starlette.routing import Route

from bot.sandbox.clock import Clock
from bot.sandbox.edge import Edge
from bot.sandbox.half import Half
from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.desk_account import AccountDesk
from bot.sandbox.pagerduty.desk_incidents import IncidentDesk
from bot.sandbox.pagerduty.events_api import PATH, EventsApi
from bot.sandbox.pagerduty.rest import RestApi
from bot.sandbox.pagerduty.watch import Watch
from bot.sandbox.pagerduty.webhooks import Webhooks
from bot.sandbox.pagerduty.website import Website


class Desk(IncidentDesk, AccountDesk):
    """Everything that can be done at `/control/pagerduty/…`."""

    def __init__(self, account: Account, webhooks: Webhooks, rest: RestApi, watch: Watch) -> None:
        IncidentDesk.__init__(self, account)
        AccountDesk.__init__(self, account, webhooks, rest.quota, watch)


def pagerduty(edge: Edge, clock: Clock, url: str) -> Half[Account, Desk]:
    """The PagerDuty half, for a sandbox that is served at `url`."""
    account = Account(clock, f"{url}/pagerduty")
    webhooks, watch = Webhooks(account, edge.faults), Watch(account)
    rest = RestApi(account, webhooks, watch, edge, clock)

    async def close() -> None:
        await watch.close()
        await webhooks.close()

    routes = [
        Route("/pagerduty/web/incidents/{id}", Website(account).incident),
        Route("/pagerduty/{path:path}", rest),
        Route(PATH, EventsApi(account, edge, clock)),
    ]
    return Half(account, routes, Desk(account, webhooks, rest, watch), close)
