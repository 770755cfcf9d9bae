"""Builds the PagerDuty half: its state, its routes and its control desk."""

from bot.sandbox.clock import Clock
from bot.sandbox.edge import Edge
from bot.sandbox.half import Half
from bot.sandbox.pagerduty.account import Account


def pagerduty(edge: Edge, clock: Clock, url: str) -> Half[Account]:
    """The PagerDuty half, for a sandbox that is served at `url`."""

    async def close() -> None:
        return None

    return Half(Account(), [], object(), close)
