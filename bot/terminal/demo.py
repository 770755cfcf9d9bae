"""`muster demo`: a workspace in the browser, with the real bot in it."""

import asyncio
import contextlib
import signal

from bot.terminal import backstage
from bot.terminal.ports import chosen
from bot.terminal.stage import set_up

WELCOME = """
Muster's demo: a Slack workspace and a PagerDuty account on this machine, the real bot between them.

  Bot  {bot}  its log: {log}

Another terminal can act, too:
  curl {sandbox}/control/pagerduty/trigger -d '{{"service": "checkout", "title": "Down", "priority": "P1"}}'
  curl {sandbox}/control/slack/command -d '{{"user": "ada", "channel": "#ops", "text": "declare Slow"}}'

Open {sandbox} · Ctrl-C stops it."""


def demo(port: int | None) -> None:
    """Runs until it is told to stop (Ctrl-C, SIGTERM), also while it still starts. Raises Problem."""
    asyncio.run(_until_told(chosen(port)))


async def _until_told(port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    playing, told = asyncio.create_task(_stand(port)), asyncio.create_task(stop.wait())
    await asyncio.wait({playing, told}, return_when=asyncio.FIRST_COMPLETED)
    if not told.done():
        told.cancel()
        playing.result()
    playing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await playing
    print("\nBoth are stopped; nothing of it is left on this machine.")


async def _stand(port: int) -> None:
    """Everything stands until this is cancelled."""
    async with set_up(port) as stage, backstage.let_in(stage):
        print(WELCOME.format(sandbox=stage.sandbox.url, bot=stage.bot.url, log=stage.bot.log), flush=True)
        await asyncio.Event().wait()
