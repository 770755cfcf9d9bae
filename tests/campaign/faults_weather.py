"""Bad days: hours without Slack or PagerDuty, tokens that are dead, sockets that drop again and again."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from bot.engine.tables import EffectState
from bot.incident import Declare, Resolve
from bot.incident.values import PageState, Service
from bot.integrations.slack.sockets import CONNECTIONS
from bot.sandbox import Impossible, Rule
from bot.sandbox.faults import CallFault, System
from tests.campaign.faults_nights import middle, opening
from tests.campaign.faults_world import ADA, Brisk, OpenBrisk, unless
from tests.stories.world import free_port

HOUR = 3600.0
CHECKOUT = Service(id="PSCHECK", name="checkout")
Weather = Callable[[OpenBrisk], Awaitable[list[str]]]
"""Opens a world, has the day in it, and says what is wrong; its docstring is what is promised."""


def _down(system: System) -> Rule:
    return Rule(system, "*", "503", times=None)


async def whole(world: Brisk) -> list[str]:
    """One room, nothing said twice, nothing left over, and the sentences in the order of what they tell.

    A page that nobody needs any more, or that no level is left for, is rightly skipped.
    """
    left = [s for s in await world.given_up() if s.kind != "page" or s.state is not EffectState.SKIPPED]
    rooms = [c for c in await world.hands.slack.channels() if c["name"].startswith("inc-")]
    room = await world.room()
    keys = [m.get("metadata", {}).get("event_payload", {}).get("key", "") for m in room["messages"]]
    said = [int(key.rpartition("/")[2]) for key in keys if key.startswith("say/")]
    return [
        *(f"{s.key} is {s.state}: {s.reason}" for s in [*await world.unkept(), *left]),
        *unless(
            (len(rooms) == 1, f"there are {len(rooms)} rooms"),
            (len(set(filter(None, keys))) == len([k for k in keys if k]), f"said twice: {keys}"),
            (said == sorted(said), f"out of order: {said}"),
            (room["pins"], "no card is pinned"),
        ),
    ]


async def slack_down_for_an_hour(open_world: OpenBrisk) -> list[str]:
    """A page leaves while Slack is down; after the hour all is there within minutes, once and in order."""
    return await _without_slack(open_world, "503")


async def slack_resets_everything_for_an_hour(open_world: OpenBrisk) -> list[str]:
    """The same where connections are cut: every try may have been heard, and nothing is there twice."""
    return await _without_slack(open_world, "reset")


async def _without_slack(open_world: OpenBrisk, kind: CallFault) -> list[str]:
    async with open_world() as world:
        world.sandbox.faults.add(Rule("slack", "*", kind, times=None))
        await world.app.engine.handle(Declare(title="Checkout is down", severity=1, services=(CHECKOUT,)), ADA)
        await world.settled()
        paged = [p for p in (await world.incident()).pages if p.state is PageState.SENT]
        await world.wait(HOUR)
        waiting = await world.unkept()
        world.sandbox.faults.clear()
        await world.wait(6 * 60)
        return unless(
            (paged, "the page waited for Slack"),
            (all(s.state is not EffectState.PARKED for s in waiting), "something was given up within the hour"),
            (any(s.reason for s in waiting), "no reason is to be seen"),
        ) + await whole(world)


async def pagerduty_down_for_an_hour(open_world: OpenBrisk) -> list[str]:
    """People are told within seconds whom to call; after the hour the page goes out once, and all is in step."""
    async with open_world() as world:
        world.sandbox.faults.add(_down("pagerduty"))
        world.sandbox.pagerduty.pages.clear()
        await world.app.engine.handle(Declare(title="Checkout is down", severity=1, services=(CHECKOUT,)), ADA)
        await world.settled()
        await world.wait(10, step=2)
        told = " ".join(await world.said()).lower()
        failed = [p for p in (await world.incident()).pages if p.state is PageState.FAILED]
        await world.wait(HOUR)
        world.sandbox.faults.clear()
        await world.wait(3 * 60)
        sent = [p for p in (await world.incident()).pages if p.sent_at]
        return unless(
            (failed and "call" in told, f"nobody was told to call: {told}"),
            (sent, "the page never went out"),
        ) + await whole(world)


async def both_down_for_an_hour(open_world: OpenBrisk) -> list[str]:
    """An incident that is declared on the web or from the queue meanwhile is all there after the hour."""
    async with open_world() as world:
        world.sandbox.faults.add(_down("slack"), _down("pagerduty"))
        await world.app.engine.handle(Declare(title="Everything is down", severity=1), ADA)
        await world.wait(HOUR)
        world.sandbox.faults.clear()
        await world.wait(6 * 60)
        return await whole(world)


async def the_token_is_revoked_for_two_hours(open_world: OpenBrisk) -> list[str]:
    """Everything waits with the reason; once the token works again it goes out by itself, once."""
    async with open_world() as world:
        await world.hands.slack.revoke_token()
        await opening(world)
        await world.wait(2 * HOUR)
        waiting = [s for s in await world.unkept() if s.kind == "open_room"]
        await world.hands.slack.restore_token()
        await world.wait(6 * 60)
        return unless(
            ([s.state for s in waiting] == [EffectState.WAITING], f"the room does not wait: {waiting}"),
            (waiting and "revoked" in waiting[0].reason, "the reason is not to be seen"),
        ) + await whole(world)


async def pagerdutys_token_is_revoked_for_two_hours(open_world: OpenBrisk) -> list[str]:
    """Whom to call is told at once; once the token works again, page and resolution go out by themselves."""
    async with open_world() as world:
        await opening(world)
        await world.all_kept()
        world.sandbox.faults.add(Rule("pagerduty", "*", "error", error="2006", times=None))
        await middle(world)
        (page,) = (await world.incident()).pages
        await world.app.engine.handle(Resolve(incident=1), ADA)
        await world.wait(2 * HOUR)
        waiting = await world.unkept()
        world.sandbox.faults.clear()
        await world.wait(3 * 60)
        there = [i.status for i in world.sandbox.pagerduty.incidents.values()]
        return unless(
            (page.state is PageState.FAILED, f"the page is {page.state} meanwhile"),
            (all(s.state is not EffectState.PARKED for s in waiting), "something was given up"),
            (set(there) == {"resolved"}, f"PagerDuty's incidents are {there}"),
        ) + [line for line in await whole(world) if "page" not in line]


DROP_EVERY = 0.3


async def sockets_drop_again_and_again(open_world: OpenBrisk) -> list[str]:
    """Whatever people type or press is answered or can be typed again; nothing is done twice."""

    async def drop(world: Brisk) -> None:
        await world.hands.slack.drop_sockets()

    return await _by_sockets(open_world, drop)


async def slack_asks_for_other_sockets_again_and_again(open_world: OpenBrisk) -> list[str]:
    """A connection that Slack is about to close is replaced first: nothing is lost."""

    async def refresh(world: Brisk) -> None:
        await world.hands.slack.disconnect_sockets("refresh_requested")

    return await _by_sockets(open_world, refresh)


async def slack_warns_of_its_sockets_again_and_again(open_world: OpenBrisk) -> list[str]:
    """A connection of which Slack says that it will end soon is listened to until it does, beside a new one."""

    async def warn(world: Brisk) -> None:
        await world.hands.slack.disconnect_sockets("warning")

    return await _by_sockets(open_world, warn)


async def slack_has_room_for_one_socket_only(open_world: OpenBrisk) -> list[str]:
    """The second is refused (`too_many_websockets`) and asked for again with growing pauses; one is enough."""

    async def squeeze(world: Brisk) -> None:
        await world.hands.slack.configure(max_connections=1)

    return await _by_sockets(open_world, squeeze)


async def a_socket_hangs_without_a_close(open_world: OpenBrisk) -> list[str]:
    """A link that is silently gone is noticed within a quarter of a minute, and replaced."""
    async with open_world() as world, _mute_socket() as url:
        body = json.dumps({"ok": True, "url": url})
        headers = {"content-type": "application/json"}
        world.sandbox.faults.add(
            Rule("slack", "apps.connections.open", "answer", times=CONNECTIONS, body=body, headers=headers)
        )
        await _to_sockets(world)
        hung = await world.hands.slack.sockets()
        end = time.monotonic() + NOTICED
        while not await world.hands.slack.sockets() and time.monotonic() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        await opening(world)
        await world.all_kept()
        await world.hands.slack.join("ada", (await world.room())["id"])
        await _insist(world, "note it began at noon")
        await world.all_kept()
        return unless((hung == 0, "the mute socket was not used")) + await whole(world)


NOTICED = 30.0
"""Seconds of ours: a connection that answers no ping is given up after a quarter of a minute."""


@asynccontextmanager
async def _mute_socket() -> AsyncIterator[str]:
    """A server that greets as Slack does and is never heard of again: no answer, no pong, no close."""

    async def greet(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=False, autoclose=False)
        await socket.prepare(request)
        await socket.send_json({"type": "hello"})
        await asyncio.sleep(NOTICED)
        return socket

    app = web.Application()
    app.router.add_get("/", greet)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"ws://127.0.0.1:{port}/"
    finally:
        await runner.cleanup()


async def _by_sockets(open_world: OpenBrisk, act: Callable[[Brisk], Awaitable[None]]) -> list[str]:
    """The night by Socket Mode, its sockets in trouble all the time; people type until they are answered."""
    async with open_world() as world:
        await _to_sockets(world)
        trouble = world.people(_again_and_again(world, act))
        await opening(world)
        await world.all_kept()
        await world.hands.slack.join("ada", (await world.room())["id"])
        for typed in ("lead", "note it began at noon", "sev1", "resolve rolled back"):
            await _insist(world, typed)
        trouble.cancel()
        await world.all_kept()
        told = await world.timeline()
        once = [sum(part in line for line in told) for part in ("it began at noon", "resolved")]
        return unless((once == [1, 1], f"done so often: {once}, {told}")) + await whole(world)


async def _to_sockets(world: Brisk) -> None:
    """The same bot, started again with Socket Mode."""
    await world.stop()
    slack = world.settings.slack.model_copy(update={"mode": "socket"})
    world.settings = world.settings.model_copy(update={"slack": slack})
    await world.hands.slack.reach_by("socket")
    await world.start()
    await world.acquainted()


async def _again_and_again(world: Brisk, act: Callable[[Brisk], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(DROP_EVERY)
        await act(world)


async def _insist(world: Brisk, typed: str, tries: int = 60) -> None:
    """Types it until it is answered. Raises Impossible."""
    for _ in range(tries):
        with suppress(Impossible):
            answer = await world.type("ada", typed, wait=0.2)
            if answer["acked"] and not answer["error"]:
                return
        await asyncio.sleep(0.1)
    raise Impossible(f"/incident {typed} was never answered")


HOURS: Sequence[Weather] = (
    slack_down_for_an_hour,
    slack_resets_everything_for_an_hour,
    pagerduty_down_for_an_hour,
    both_down_for_an_hour,
    the_token_is_revoked_for_two_hours,
    pagerdutys_token_is_revoked_for_two_hours,
    sockets_drop_again_and_again,
    slack_asks_for_other_sockets_again_and_again,
    slack_warns_of_its_sockets_again_and_again,
    slack_has_room_for_one_socket_only,
    a_socket_hangs_without_a_close,
)
"""Every such day."""
