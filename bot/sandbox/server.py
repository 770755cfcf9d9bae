"""Puts the two halves together, serves them on 127.0.0.1, in a thread of its own or as a process."""

import argparse
import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.routing import Route

from bot.sandbox.calls import CallLog
from bot.sandbox.clock import Clock
from bot.sandbox.control import Bench, Control
from bot.sandbox.edge import Edge
from bot.sandbox.faults import Faults
from bot.sandbox.guard import Guard
from bot.sandbox.heartbeats import Heartbeats
from bot.sandbox.host import Host
from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.half import pagerduty
from bot.sandbox.slack.half import slack
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.web.backstage import Backstage
from bot.sandbox.web.half import Web
from bot.sandbox.wire import Connections

HOST = "127.0.0.1"


@dataclass
class Sandbox:
    """A running sandbox. Its state may be read from any thread; acts go through `SandboxClient(url)`."""

    url: str
    slack: Workspace
    pagerduty: Account
    faults: Faults
    calls: CallLog
    clock: Clock
    connections: Connections
    host: Host
    control: Control
    web: Web
    thread: threading.Thread | None = None

    @property
    def slack_url(self) -> str:
        """The base URL to give to slack_sdk (`https://slack.com/api/` in the real world)."""
        return f"{self.url}/slack/api/"

    @property
    def pagerduty_url(self) -> str:
        """The base URL to give to pdpyras (`https://api.pagerduty.com` in the real world)."""
        return f"{self.url}/pagerduty"

    @property
    def events_url(self) -> str:
        """Where monitoring sends its events (`https://events.pagerduty.com/v2/enqueue` in the real world)."""
        return f"{self.url}/events/v2/enqueue"

    def let_in(self, backstage: Backstage) -> None:
        """Show on the pages what stands behind them, and let it be worked from there."""
        self.web.backstage = backstage
        self.control.desks["backstage"] = (backstage,)

    def stop(self) -> None:
        """End it, hanging connections included; returns when the port is free."""
        self.host.stop()
        if self.thread is not None:
            self.thread.join(timeout=10)


def start(port: int = 0) -> Sandbox:
    """Run a sandbox in a thread with an event loop of its own; returns once it answers."""
    listener, sandbox, close = _built(port)
    ready = threading.Event()

    def run() -> None:
        asyncio.run(sandbox.host.run_on(listener, ready.set, close))

    sandbox.thread = threading.Thread(target=run, name="sandbox", daemon=True)
    sandbox.thread.start()
    if not ready.wait(timeout=10):
        raise RuntimeError("the sandbox did not start")
    return sandbox


@contextlib.contextmanager
def running(port: int = 0) -> Iterator[Sandbox]:
    """`with running() as sandbox:` for tests and scripts."""
    sandbox = start(port)
    try:
        yield sandbox
    finally:
        sandbox.stop()


def _built(port: int) -> tuple[socket.socket, Sandbox, Callable[[], Awaitable[None]]]:
    listener = _listener(port)
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    edge = Edge(Faults(), CallLog(), Connections())
    clock = Clock()
    slack_half, pagerduty_half = slack(edge, clock, url), pagerduty(edge, clock, url)

    def calm() -> None:
        slack_half.state.settings.link_disabled = False
        pagerduty_half.desk.fair_weather()

    bench = Bench(edge.faults, edge.calls, clock, edge.connections.cut_all, calm)
    heartbeats = Heartbeats(clock)
    desks = {"slack": slack_half.desk, "pagerduty": pagerduty_half.desk, "sandbox": (bench, heartbeats)}
    control = Control(desks, slack_half.state.touch)
    web = Web(slack_half.state, pagerduty_half.state, pagerduty_half.desk, edge.faults)
    routes = [
        *slack_half.routes,
        *pagerduty_half.routes,
        *heartbeats.routes,
        Route("/control/{desk}/{act}", control.__call__, methods=["POST"]),
        *web.routes,
    ]
    host = Host(Guard(Starlette(routes=routes)), edge.connections)

    async def close() -> None:
        await slack_half.close()
        await pagerduty_half.close()

    sandbox = Sandbox(
        url,
        slack_half.state,
        pagerduty_half.state,
        edge.faults,
        edge.calls,
        clock,
        edge.connections,
        host,
        control,
        web,
    )
    return listener, sandbox, close


def _listener(port: int) -> socket.socket:
    # The protocol must be named: asyncio sets TCP_NODELAY only then, and each answer would wait 40 ms without it.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    return listener


def main() -> None:
    """`python -m bot.sandbox --port N`: says `sandbox ready at URL` on stdout, then serves until it is told to stop."""
    parser = argparse.ArgumentParser(prog="bot.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    listener, sandbox, close = _built(parser.parse_args().port)

    def ready() -> None:
        print(f"sandbox ready at {sandbox.url}", flush=True)

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(sandbox.host.run_on(listener, ready, close))
