"""How each outcome of the table is checked: a short night with the fault in it, and what must be true afterwards."""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.engine.effects import EFFECTS
from bot.engine.reading import Step
from bot.engine.tables import EffectState
from bot.incident import AddNote, AssignRole, Resolve, SetSeverity
from bot.incident.values import MUSTER, PageState
from bot.sandbox import Rule
from bot.sandbox.faults import CallFault
from bot.sandbox.slack import seed
from tests.campaign import faults_rooms
from tests.campaign.faults_replies import again
from tests.campaign.faults_table import LOOKS, PAGES, STEPS, UNSURE, Outcome, Refusal
from tests.campaign.faults_world import ADA, Brisk, Named, OpenBrisk, act, lived, timeless, unless
from tests.stories.plot import differences, end_state
from tests.stories.screen import words

End = Mapping[str, object]
Parts = tuple[Callable[[Brisk], Awaitable[None]], ...]
TROUBLE = (
    "Could not ",
    "Worked at a later try",
    "cannot write in its room",
    "The room is still ",
    "The room was renamed to ",
    "The room was archived while ",
    "PagerDuty could not be paged",
    "card had been deleted",
)
"""How what is said of a trouble begins: it differs from a calm night, and should."""


async def opening(world: Brisk) -> None:
    """An alert opens a room."""
    await world.hands.pagerduty.trigger("checkout", "Checkout answers 5xx", priority="P2")
    await world.settled()


async def middle(world: Brisk) -> None:
    """Somebody takes command, writes something down, and it gets worse: a page goes out."""
    await act(world, AssignRole(incident=1, role="commander", person=ADA))
    await act(world, AddNote(incident=1, text="the errors began with the deploy of 4.2"))
    await act(world, SetSeverity(incident=1, to=1))


async def ending(world: Brisk) -> None:
    """It is over: PagerDuty is told, and a draft is written."""
    await act(world, Resolve(incident=1, words_said="rolled back"))


PARTS: Parts = (opening, middle, ending)


def parts_of(rows: Sequence[Refusal]) -> Parts:
    """The night in which these are met."""
    return faults_rooms.PARTS if rows[0].method in faults_rooms.METHODS else PARTS


async def calm_night(open_world: OpenBrisk, parts: Parts = PARTS) -> End:
    """How a short night ends when nothing fails."""
    async with open_world() as world:
        for part in parts:
            await part(world)
            await world.all_kept()
        right: End = calm(timeless(await end_state(world)))
        return right


def fault(row: Refusal, times: int | None = None) -> Rule:
    """The row's refusal, for so many calls (None: for all of them)."""
    if row.system == "slack":
        return Rule("slack", row.method, "error", times=times, error=row.code)
    status, _, number = row.code.partition("/")
    body = json.dumps({"error": {"message": "Refused", "code": int(number), "errors": ["for this test"]}})
    headers = {"content-type": "application/json"}
    return Rule("pagerduty", row.method, "answer", times=times, status=int(status), body=body, headers=headers)


def calm(end: Any) -> Any:
    """An end without what was said of troubles on the way."""
    if isinstance(end, Mapping):
        return {k: calm(v) for k, v in end.items() if not any(word in str(k) for word in TROUBLE)}
    return [calm(one) for one in end] if isinstance(end, list) else end


async def _differs(world: Brisk, right: End) -> list[str]:
    return [*differences(calm(timeless(await end_state(world))), right)]


async def _mended(world: Brisk) -> list[str]:
    """One Retry for each reason, after the mend, and one for each message that was skipped; what is left."""
    given_up = await world.given_up()
    parked = {s.reason: s for s in given_up if s.state is EffectState.PARKED}
    for step in (*parked.values(), *(s for s in given_up if s.state is EffectState.SKIPPED)):
        await world.app.outbox.retry(step.effect)
        await world.all_kept()
    return [f"{s.key} is not mended by one Retry: {s.state}, {s.reason}" for s in await world.given_up()]


async def parked(open_world: OpenBrisk, rows: Sequence[Refusal], right: End) -> list[str]:
    """Rows of different methods, all in one night: in each part of it the calls are refused, and mended afterwards."""
    async with open_world() as world:
        flight = world.people(world.fly())
        struck: set[str] = set()
        wrong: list[str] = []
        for part in parts_of(rows):
            faults = [fault(row) for row in rows]
            world.sandbox.faults.add(*faults)
            await part(world)
            await world.all_kept()
            hit = [row for row, rule in zip(rows, faults, strict=True) if rule.struck]
            struck |= {str(row) for row in hit}
            wrong += [line for row in hit for line in await _is_parked(world, row)]
            world.sandbox.faults.clear()
            wrong += await _mended(world)
        flight.cancel()
        wrong += [f"{row} was never met" for row in rows if str(row) not in struck]
        return wrong + await _differs(world, right)


async def _is_parked(world: Brisk, row: Refusal) -> list[str]:
    """Whether what hangs on the method is parked with a reason, and told in the timeline; but a person who cannot be
    written to is skipped."""
    mine = [s for s in await world.given_up() if s.kind in STEPS[row.method] and s.kind != "tell"]
    told = [line for i in await world.app.engine.reading.recent(MUSTER) for line in await world.timeline(i.number)]
    if not mine:
        return [f"{row}: nothing is parked"]
    wrong = [f"{row}: {s.key} is {s.state} without a reason" for s in mine if not s.reason]
    wrong += [f"{row}: {s.key} is skipped" for s in mine if s.state is EffectState.SKIPPED]
    return wrong + [
        f"{row}: nobody is told of {s.key}"
        for s in mine
        if not any(line.startswith(f"Could not {s.step}: ") for line in told)
    ]


def _is_blind(given_up: Step, look: str) -> bool:
    """Whether it was given up because of that look: it could not be settled, or is itself nothing but a look."""
    return "cannot look" in given_up.reason or getattr(EFFECTS[given_up.kind], "method", "") == look


async def unseen(open_world: OpenBrisk, rows: Sequence[Refusal], right: End) -> list[str]:
    """The answer to the first call is lost although it is done, and the look for it is refused."""
    (row,) = rows
    look = LOOKS[row.method][0]
    async with open_world() as world:
        flight = world.people(world.fly())
        lost = Rule("slack", row.method, "reset_after")
        blind = Rule("slack", look, "error", times=None, error=row.code)
        wrong: list[str] = []
        for part in parts_of(rows):
            before = lost.struck
            world.sandbox.faults.add(lost, blind)
            await part(world)
            await world.all_kept()
            if lost.struck > before:
                wrong += await _is_parked(world, row)
                wrong += [f"{s.key}: {s.reason}" for s in await world.given_up() if not _is_blind(s, look)]
            world.sandbox.faults.clear()
            wrong += await _mended(world)
        flight.cancel()
        wrong += [] if blind.struck else [f"{row} was never met"]
        return wrong + await _differs(world, right)


async def waits(open_world: OpenBrisk, rows: Sequence[Refusal], right: End) -> list[str]:
    """For two minutes nothing is given up; within another, after the mend, all of it is there."""
    (row,) = rows
    async with open_world() as world:
        world.sandbox.faults.add(rule := fault(row))
        await opening(world)
        await world.wait(122)
        left = await world.unkept()
        wrong = [] if any(s.reason for s in left) else [f"{row}: no reason is to be seen"]
        wrong += [f"{row}: {s.key} is {s.state}" for s in left if s.state is EffectState.PARKED]
        wrong += [] if rule.struck else [f"{row} was never met"]
        world.sandbox.faults.clear()
        await world.wait(61)
        await world.all_kept()
        for part in PARTS[1:]:
            await part(world)
            await world.all_kept()
        return wrong + await _differs(world, right)


async def same(open_world: OpenBrisk, rows: Sequence[Refusal], right: End) -> list[str]:
    """The whole story, each of its calls refused once; with a code that says no more, also where the act was done."""
    (row,) = rows
    calls: list[Named] = [(row.system, row.method)]
    if row.method == "*":
        async with open_world() as world:
            calls = [call for call in (await lived(world))[1] if call[0] == row.system]
    wrong: list[str] = []
    for kind in _kinds(row):
        async with open_world() as world:
            rules = [_once(row, call, kind) for call in calls]
            end, made = await lived(world, *rules)
            wrong += [f"{kind}: {line}" for line in differences(end, right)]
            wrong += [f"{r.method} was never met" for r in rules if made[r.system, r.method] and not r.struck]
    return wrong


def _kinds(row: Refusal) -> tuple[CallFault, ...]:
    if row.system == "pagerduty":
        return ("answer",)
    return ("error", "error_after") if row.code in UNSURE.split() else ("error",)


def _once(row: Refusal, call: Named, kind: CallFault) -> Rule:
    rule = fault(row, times=1)
    rule.method, rule.kind = call[1], kind
    return rule


async def done(open_world: OpenBrisk, rows: Sequence[Refusal], right: End) -> list[str]:
    return await _through(open_world, rows, lambda world: _nothing(world))


async def plain_words(open_world: OpenBrisk, rows: Sequence[Refusal], right: End) -> list[str]:
    async def check(world: Brisk) -> list[str]:
        posts = world.sandbox.calls.all("slack", "chat.postMessage")
        bare = [call for call in posts if call.acted and not call.args.get("blocks")]
        return [] if bare else ["it was not said in plain words"]

    return await _through(open_world, rows, check)


async def named(open_world: OpenBrisk, rows: Sequence[Refusal], right: End) -> list[str]:
    async def check(world: Brisk) -> list[str]:
        told, room = await world.timeline(), await world.room()
        whom = "@payments" if rows[0].method.startswith("usergroups.") else "Bo Lind"
        wrong = [] if any(f"{whom} could not be invited: " in line for line in told) else [f"{whom} is not named"]
        return wrong + ([] if seed.ADA in room["members"] else ["Ada did not come"])

    return await _through(open_world, rows, check)


async def next_name(open_world: OpenBrisk, rows: Sequence[Refusal], right: End) -> list[str]:
    async def check(world: Brisk) -> list[str]:
        name = (await world.room())["name"]
        return [] if name.endswith("-2") else [f"the room is called {name}"]

    return await _through(open_world, rows, check)


async def said(open_world: OpenBrisk, rows: Sequence[Refusal], right: End) -> list[str]:
    """What was asked for is not done: people are told why, and what is on record is what Slack shows."""
    (row,) = rows
    async with open_world() as world:
        world.sandbox.faults.add(rule := fault(row))
        for part in parts_of(rows)[:2]:
            await part(world)
            await world.all_kept()
        there, room = (await world.room())["name"], (await world.incident()).room
        told = [line for line in await world.timeline() if line.startswith("The room is still ")]
        return unless(
            (rule.struck, f"{row} was never met"),
            (not await world.unkept(), "something is left to be tried"),
            (room and room.name == there, f"on record it is {room}, in Slack {there}"),
            (told, f"nobody is told: {await world.timeline()}"),
        )


async def let_in(open_world: OpenBrisk, rows: Sequence[Refusal], right: End) -> list[str]:
    (row,) = rows
    async with open_world() as world:
        world.sandbox.faults.add(rule := fault(row))
        for part in parts_of(rows):
            await part(world)
            await world.all_kept()
        skipped = [s for s in await world.given_up() if s.kind in STEPS[row.method]]
        told = " ".join(words(m) for m in await world.hands.slack.dm("ada")) + " ".join(await world.timeline())
        return unless(
            (rule.struck, f"{row} was never met"),
            (all(s.state is EffectState.SKIPPED for s in skipped), f"it is to be tried again: {skipped}"),
            ("/invite @Muster" in told, f"nobody is told how: {told}"),
        )


async def own_page(open_world: OpenBrisk, rows: Sequence[Refusal], right: End) -> list[str]:
    async def check(world: Brisk) -> list[str]:
        ours = [p for p in world.sandbox.pagerduty.pages if p.incident_key.startswith("muster/")]
        return [] if len(ours) == 1 else [f"{len(ours)} incidents were opened for the page"]

    return await _through(open_world, rows, check, times=None)


async def _through(
    open_world: OpenBrisk,
    rows: Sequence[Refusal],
    check: Callable[[Brisk], Awaitable[list[str]]],
    times: int | None = 1,
) -> list[str]:
    """The night with the fault in it, to its end, without anybody's help; nothing may be left undone."""
    (row,) = rows
    async with open_world() as world:
        flight = world.people(world.fly())
        world.sandbox.faults.add(rule := fault(row, times))
        for part in parts_of(rows):
            await part(world)
            await world.all_kept()
        flight.cancel()
        wrong = [] if rule.struck else [f"{row} was never met"]
        wrong += [f"{s.key} is {s.state}: {s.reason}" for s in [*await world.unkept(), *await world.given_up()]]
        return wrong + await check(world)


async def _nothing(world: Brisk) -> list[str]:
    return []


async def by_hand(open_world: OpenBrisk, rows: Sequence[Refusal], right: End) -> list[str]:
    """Neither on the incident that is there nor by one of its own can anybody be paged."""
    (row,) = rows
    async with open_world() as world:
        await opening(world)
        await world.all_kept()
        for method in PAGES:
            world.sandbox.faults.add(fault(Refusal(row.system, method, row.code, row.outcome)))
        await middle(world)
        await world.all_kept()
        (page,) = (await world.incident()).pages
        wrong = [] if page.state is PageState.FAILED else [f"the page is {page.state}"]
        wrong += [] if any("call" in line for line in _of_page(await world.timeline())) else ["nobody is told to call"]
        wrong += [] if "page" in {s.kind for s in await world.given_up()} else ["the page is not parked"]
        world.sandbox.faults.clear()
        wrong += await _mended(world)
        (page,) = (await world.incident()).pages
        return wrong + ([] if page.state is PageState.SENT else [f"after the mend the page is {page.state}"])


def _of_page(told: Sequence[str]) -> Iterator[str]:
    return (line.lower() for line in told if "page" in line.lower())


Check = Callable[[OpenBrisk, Sequence[Refusal], End], Awaitable[list[str]]]
CHECKS: dict[Outcome, Check] = {
    Outcome.SAME: same,
    Outcome.DONE: done,
    Outcome.WAITS: waits,
    Outcome.PARKED: parked,
    Outcome.PLAIN: plain_words,
    Outcome.NAMED: named,
    Outcome.NEXT: next_name,
    Outcome.SAID: said,
    Outcome.LET_IN: let_in,
    Outcome.AGAIN: again,
    Outcome.UNSEEN: unseen,
    Outcome.OWN: own_page,
    Outcome.BY_HAND: by_hand,
}
"""Opens a world, tries rows in it, and says what is wrong. `right`: the end of the calm night (for SAME, story)."""
