"""`muster sandbox`: the Slack workspace and the PagerDuty account alone, for any bot."""

import asyncio
from pathlib import Path

from bot.sandbox import Impossible, Sandbox, SandboxClient, start
from bot.sandbox.pagerduty import seed as pagerduty
from bot.sandbox.seed_file import Seed, read, sow
from bot.sandbox.slack import seed as slack
from bot.terminal.ports import chosen
from bot.terminal.problem import Problem
from bot.terminal.standing import until_told

WELCOME = """
A Slack workspace and a PagerDuty account on this machine, for any bot. None of these secrets is one.

  Slack's API         {slack}
    bot token         {bot_token}
    app token         {app_token}  (Socket Mode)
    signing secret    {signing}
  PagerDuty's API     {pagerduty}
    API token         {api_token}
    webhook secret    {webhook}
  PagerDuty's events  {events}
    routing key       {routing}
  Everything as JSON  {url}/state
  Act as people do    POST {url}/control/{{slack|pagerduty|sandbox}}/{{act}}, its arguments as JSON

Open {url} · Ctrl-C stops it."""


def sandbox(port: int | None, seed: Path | None) -> None:
    """Serves until it is told to stop. Raises Problem where it cannot, or where the seed file makes no sense."""
    asyncio.run(until_told(_stand(chosen(port), _seed(seed))))
    print("\nIt is stopped; nothing of it is left on this machine.")


def _seed(file: Path | None) -> Seed:
    try:
        return read(file) if file else Seed()
    except OSError as error:
        raise Problem(f"{error.filename or file} cannot be read: {error.strerror}.", code=2) from None
    except ValueError as error:
        raise Problem(str(error), code=2) from None


async def _stand(port: int, seed: Seed) -> None:
    """It stands until this is cancelled."""
    running = await asyncio.to_thread(start, port)
    try:
        async with SandboxClient(running.url) as hands:
            await sow(seed, hands)
        print(welcome(running), flush=True)
        await asyncio.Event().wait()
    except (Impossible, RuntimeError) as error:
        raise Problem(f"The seed file asks for what cannot be: {error}.", code=2) from None
    finally:
        await asyncio.to_thread(running.stop)


def welcome(running: Sandbox) -> str:
    """Where everything is, and by which secrets."""
    return WELCOME.format(
        url=running.url,
        slack=running.slack_url,
        bot_token=slack.BOT_TOKEN,
        app_token=slack.APP_TOKEN,
        signing=slack.SIGNING_SECRET,
        pagerduty=running.pagerduty_url,
        api_token=pagerduty.API_TOKEN,
        webhook=pagerduty.WEBHOOK_SECRET,
        events=running.events_url,
        routing=pagerduty.ROUTING_KEY,
    )
