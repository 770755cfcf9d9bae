"""Bad days: hours without Slack or PagerDuty, sockets that drop, and people who archive, rename and delete."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from bot.engine.tables import EffectState
from bot.incident import AddNote, Declare, Resolve
from bot.incident.values import PageState, Service
from bot.sandbox import Impossible, Rule
from bot.sandbox.faults import System
from bot.sandbox.slack import seed
from tests.campaign.faults_nights import ADA, ending, middle, opening
from tests.campaign.faults_world import Brisk, OpenBrisk
from tests.stories.screen import words

HOUR = 3600.0
CHECKOUT = Service(id="PSCHECK", name="checkout")
Weather = Callable[[OpenBrisk], Awaitable[list[str]]]
"""Opens a world, has the day in it, and says what is wrong; its docstring is what is promised."""


def _unless(*promises: tuple[object, str]) -> list[str]:
    """The sentences of those that do not hold."""
    return [sentence for holds, sentence in promises if not holds]


def _down(system: System) -> Rule:
    return Rule(system, "*", "503", times=None)


async def _whole(world: Brisk) -> list[str]:
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
        *_unless(
            (len(rooms) == 1, f"there are {len(rooms)} rooms"),
            (len(set(filter(None, keys))) == len([k for k in keys if k]), f"said twice: {keys}"),
            (said == sorted(said), f"out of order: {said}"),
            (room["pins"], "no card is pinned"),
        ),
    ]


async def slack_down_for_an_hour(open_world: OpenBrisk) -> list[str]:
    """A page leaves while Slack is down; after the hour all is there within minutes, once and in order."""
    async with open_world() as world:
        world.sandbox.faults.add(_down("slack"))
        await world.app.engine.handle(Declare(title="Checkout is down", severity=1, services=(CHECKOUT,)), ADA)
        await world.settled()
        paged = [p for p in (await world.incident()).pages if p.state is PageState.SENT]
        await world.wait(HOUR)
        waiting = await world.unkept()
        world.sandbox.faults.clear()
        await world.wait(6 * 60)
        return _unless(
            (paged, "the page waited for Slack"),
            (all(s.state is not EffectState.PARKED for s in waiting), "something was given up within the hour"),
            (any(s.reason for s in waiting), "no reason is to be seen"),
        ) + await _whole(world)


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
        return _unless(
            (failed and "call" in told, f"nobody was told to call: {told}"),
            (sent, "the page never went out"),
        ) + await _whole(world)


async def both_down_for_an_hour(open_world: OpenBrisk) -> list[str]:
    """An incident that is declared on the web or from the queue meanwhile is all there after the hour."""
    async with open_world() as world:
        world.sandbox.faults.add(_down("slack"), _down("pagerduty"))
        await world.app.engine.handle(Declare(title="Everything is down", severity=1), ADA)
        await world.wait(HOUR)
        world.sandbox.faults.clear()
        await world.wait(6 * 60)
        return await _whole(world)


async def the_token_is_revoked_for_two_hours(open_world: OpenBrisk) -> list[str]:
    """Everything waits with the reason; once the token works again it goes out by itself, once."""
    async with open_world() as world:
        await world.hands.slack.revoke_token()
        await opening(world)
        await world.wait(2 * HOUR)
        waiting = [s for s in await world.unkept() if s.kind == "open_room"]
        await world.hands.slack.restore_token()
        await world.wait(6 * 60)
        return _unless(
            ([s.state for s in waiting] == [EffectState.WAITING], f"the room does not wait: {waiting}"),
            (waiting and "revoked" in waiting[0].reason, "the reason is not to be seen"),
        ) + await _whole(world)


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
        return _unless(
            (page.state is PageState.FAILED, f"the page is {page.state} meanwhile"),
            (all(s.state is not EffectState.PARKED for s in waiting), "something was given up"),
            (set(there) == {"resolved"}, f"PagerDuty's incidents are {there}"),
        ) + [line for line in await _whole(world) if "page" not in line]


async def the_room_is_archived_by_hand(open_world: OpenBrisk) -> list[str]:
    """Who has a duty is told in private; what is said meanwhile waits; unarchived, one Retry posts all of it, once."""
    async with open_world() as world:
        await opening(world)
        await world.all_kept()
        await middle(world)
        await world.all_kept()
        room = (await world.room())["id"]
        await world.hands.slack.archive("bo", room)
        for n in range(3):
            await world.app.engine.handle(AddNote(incident=1, text=f"said in vain {n}"), ADA)
        await world.all_kept()
        parked = await world.given_up()
        told = [words(m) for m in await world.hands.slack.dm("ada")]
        await world.hands.slack.unarchive("bo", room)
        await world.app.outbox.retry(parked[0].effect)
        await world.all_kept()
        said = " ".join(await world.said())
        return _unless(
            (all("unarchive it, then Retry" in s.reason for s in parked), f"parked otherwise: {parked}"),
            (sum("cannot write in its room" in one for one in told) == 1, f"Ada was told {told}"),
            (all(f"said in vain {n}" in said for n in range(3)), "what was said meanwhile is lost"),
        ) + await _whole(world)


async def the_archived_room_is_unarchived_and_nobody_presses(open_world: OpenBrisk) -> list[str]:
    """Unarchived, everything goes out by itself within a quarter of an hour, if not in its order."""
    async with open_world() as world:
        await opening(world)
        await world.all_kept()
        room = (await world.room())["id"]
        await world.hands.slack.archive("bo", room)
        await world.app.engine.handle(AddNote(incident=1, text="said in vain"), ADA)
        await world.all_kept()
        await world.hands.slack.unarchive("bo", room)
        await _audited(world, 900)
        wrong = [line for line in await _whole(world) if not line.startswith("out of order")]
        return _unless(("said in vain" in " ".join(await world.said()), "it is not said")) + wrong


async def _audited(world: Brisk, seconds: float) -> None:
    """Time passes in which the auditor has its turns."""
    auditor = next(t for t in world.app.ticker._ticks if t.name == "auditor")
    for _ in range(int(seconds // 60)):
        await world.wait(60)
        await auditor.act()
        await world.all_kept()


async def the_room_is_renamed_by_hand(open_world: OpenBrisk) -> list[str]:
    """Nothing is lost: rooms are known by their ids."""
    async with open_world() as world:
        await opening(world)
        await world.all_kept()
        await world.hands.slack.rename("bo", (await world.room())["id"], "the-checkout-mess")
        await middle(world)
        await world.all_kept()
        await ending(world)
        await world.all_kept()
        room = await world.room()
        files = [file for m in room["messages"] for file in m.get("files", [])]
        rooms = [c for c in await world.hands.slack.channels() if c["name"].startswith("inc-")]
        return _unless(
            (room["name"] == "the-checkout-mess", "it was renamed back"),
            (files, "no draft"),
            (not rooms, "another room was opened"),
            (not await world.unkept(), "something is left"),
        )


async def the_room_is_deleted_by_a_person(open_world: OpenBrisk) -> list[str]:
    """Who has a duty is told in private; the incident goes on without it: PagerDuty is resolved, a draft is written."""
    async with open_world() as world:
        await opening(world)
        await world.all_kept()
        await middle(world)
        await world.all_kept()
        await world.hands.slack.delete_channel("ada", (await world.room())["id"])
        await world.app.engine.handle(AddNote(incident=1, text="after all"), ADA)
        await world.all_kept()
        await ending(world)
        await world.all_kept()
        told = [words(m) for m in await world.hands.slack.dm("ada")]
        there = {i.status for i in world.sandbox.pagerduty.incidents.values()}
        left = await world.given_up()
        return _unless(
            (sum("cannot write in its room" in one for one in told) == 1, f"Ada was told {told}"),
            (there == {"resolved"}, f"PagerDuty's incidents are {there}"),
            (await world.app.engine.reading.document(1, "postmortem"), "no draft is written"),
            (left and all("the channel is not there" in s.reason for s in left), f"left: {left}"),
        )


async def muster_is_removed_from_the_room(open_world: OpenBrisk) -> list[str]:
    """It is told in private; invited again, one Retry posts all that was said meanwhile."""
    async with open_world() as world:
        await opening(world)
        await world.all_kept()
        await middle(world)
        await world.all_kept()
        room = (await world.room())["id"]
        await world.hands.slack.kick("ada", room, "muster")
        await world.app.engine.handle(AddNote(incident=1, text="said in vain"), ADA)
        await world.all_kept()
        parked, told = await world.given_up(), [words(m) for m in await world.hands.slack.dm("ada")]
        await world.hands.slack.invite("bo", room, "muster")
        for step in parked:
            await world.app.outbox.retry(step.effect)
        await world.all_kept()
        return _unless(
            (parked, "nothing was parked"),
            (any("invite @Muster" in one for one in told), f"Ada was told {told}"),
            ("said in vain" in " ".join(await world.said()), "what was said meanwhile is lost"),
        ) + await _whole(world)


async def the_card_is_deleted_by_hand(open_world: OpenBrisk) -> list[str]:
    """A new one is posted and pinned, and it is the card from then on."""
    async with open_world() as world:
        await opening(world)
        await world.all_kept()
        old = await world.card()
        room = (await world.room())["id"]
        await world.hands.slack.delete_message("muster", room, old["ts"])
        await middle(world)
        await world.all_kept()
        new = await world.card()
        cards = [m for m in await world.hands.slack.messages(room) if "INC-1 · SEV" in m["text"]]
        return _unless(
            (new["ts"] != old["ts"], "it is the old one"),
            (len(cards) == 1, f"there are {len(cards)} cards"),
            ("SEV1" in words(new), "it shows what was"),
            ("What is known" in words(new), "it is no card"),
        ) + await _whole(world)


async def somebody_is_deactivated(open_world: OpenBrisk) -> list[str]:
    """Who has left is named with the reason; the others come, and are told what they are to be told."""
    async with open_world() as world:
        await world.hands.slack.change_person("bo", deleted=True)
        await opening(world)
        await world.all_kept()
        await middle(world)
        await world.all_kept()
        told = " ".join(await world.timeline())
        room = await world.room()
        return _unless(
            ("Bo Lind could not be invited" in told or seed.BO not in room["members"], "Bo was invited"),
            (seed.ADA in room["members"], "Ada did not come"),
        ) + [line for line in await _whole(world) if "tell" not in line]


async def the_announcement_channel_is_archived(open_world: OpenBrisk) -> list[str]:
    """The room says so; the incident goes on; unarchived, one Retry announces it."""
    async with open_world() as world:
        await world.hands.slack.archive("ada", seed.INCIDENTS)
        await opening(world)
        await world.all_kept()
        said, parked = " ".join(await world.said()), await world.given_up()
        await world.hands.slack.unarchive("ada", seed.INCIDENTS)
        for step in parked:
            await world.app.outbox.retry(step.effect)
        await world.all_kept()
        announced = [m for m in await world.hands.slack.messages("#incidents") if "INC-1" in m["text"]]
        return _unless(
            ("Could not announce it" in said, f"the room says: {said}"),
            (len(announced) == 1, f"{len(announced)} cards"),
        ) + await _whole(world)


async def a_sentence_is_refused_in_plain_words_too(open_world: OpenBrisk) -> list[str]:
    """It is skipped, the card says so with the reason, and what comes after it is said."""
    async with open_world() as world:
        await opening(world)
        await world.all_kept()
        world.sandbox.faults.add(Rule("slack", "chat.postMessage", "error", times=2, error="msg_too_long"))
        await world.app.engine.handle(AddNote(incident=1, text="first"), ADA)
        await world.all_kept()
        await world.app.engine.handle(AddNote(incident=1, text="second"), ADA)
        await world.all_kept()
        said, card = await world.said(), words(await world.card())
        skipped = [s.state for s in await world.given_up()]
        return _unless(
            (skipped == [EffectState.SKIPPED], f"it is {skipped}"),
            ("Could not post entry" in card, f"the card says: {card}"),
            (any("second" in line for line in said), "the next one is not said"),
        )


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
        return _unless((once == [1, 1], f"done so often: {once}, {told}")) + await _whole(world)


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


WEATHERS: Sequence[Weather] = (
    slack_down_for_an_hour,
    pagerduty_down_for_an_hour,
    both_down_for_an_hour,
    the_token_is_revoked_for_two_hours,
    pagerdutys_token_is_revoked_for_two_hours,
    the_room_is_archived_by_hand,
    the_archived_room_is_unarchived_and_nobody_presses,
    the_room_is_renamed_by_hand,
    the_room_is_deleted_by_a_person,
    muster_is_removed_from_the_room,
    the_card_is_deleted_by_hand,
    somebody_is_deactivated,
    the_announcement_channel_is_archived,
    a_sentence_is_refused_in_plain_words_too,
    sockets_drop_again_and_again,
    slack_asks_for_other_sockets_again_and_again,
)
"""Every bad day."""
