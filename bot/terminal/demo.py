"""`muster demo`: a workspace in the browser, with the real bot in it."""

import asyncio

from bot.terminal import backstage
from bot.terminal.ports import chosen
from bot.terminal.stage import set_up
from bot.terminal.standing import until_told

WELCOME = """
Muster's demo: a Slack workspace and a PagerDuty account on this machine, the real bot between them.

  Bot  {bot}  its log: {log}

Another terminal can act, too:
  curl {sandbox}/control/pagerduty/trigger -d '{{"service": "checkout", "title": "Down", "priority": "P1"}}'
  curl {sandbox}/control/slack/command -d '{{"user": "ada", "channel": "#ops", "text": "declare Slow"}}'

Open {sandbox} · Ctrl-C stops it."""


def demo(port: int | None) -> None:
    """Runs until it is told to stop. Raises Problem where it cannot."""
    asyncio.run(until_told(_stand(chosen(port))))
    print("\nBoth are stopped; nothing of it is left on this machine.")


async def _stand(port: int) -> None:
    """Everything stands until this is cancelled."""
    async with set_up(port) as stage, backstage.let_in(stage):
        print(WELCOME.format(sandbox=stage.sandbox.url, bot=stage.bot.url, log=stage.bot.log), flush=True)
        await asyncio.Event().wait()
