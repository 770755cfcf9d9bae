"""Lets time pass in the account: snoozed incidents wake, unanswered ones escalate."""

import asyncio
from datetime import timedelta

from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.responding import let_time_pass

GLANCE = 0.05


class Watch:
    """Looks at the account's clock many times a second. `unanswered` is the escalation time-out; None is never."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._task: asyncio.Task[None] | None = None
        self.unanswered: timedelta | None = None

    def start(self) -> None:
        """Begin, on the running loop; once is enough."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        while True:
            let_time_pass(self._account, self.unanswered)
            await asyncio.sleep(GLANCE)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
