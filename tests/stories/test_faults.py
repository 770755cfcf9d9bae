"""Slack or PagerDuty failing at each call in turn, in every way: the story ends the same, and nobody had to help.

A sample of the fault campaign (`python -m tests.campaign faults`), which has every row of the table and whole bad days.
"""

import os
from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest

from bot.sandbox import Rule
from bot.sandbox.faults import CallFault
from tests.campaign.faults_nights import CHECKS, End, calm_night
from tests.campaign.faults_people import the_card_is_deleted_by_hand, the_room_is_archived_by_hand
from tests.campaign.faults_table import ODD, TABLE, Outcome, Refusal
from tests.campaign.faults_weather import Weather, slack_down_for_an_hour, the_token_is_revoked_for_two_hours
from tests.campaign.faults_world import PLAN, Brisk, Named, OpenBrisk, lived
from tests.stories.conftest import BriefWorld
from tests.stories.deaths import quietly
from tests.stories.plot import differences
from tests.stories.world import Plan

ALL = os.environ.get("MUSTER_ALL_POINTS") == "1"
"""Each call alone at its later occurrence too, and on both databases."""
POSTGRESQL = Plan("socket", "postgresql")
NIGHTS = [(PLAN, 0), (PLAN, 1), (POSTGRESQL, 0), *([(POSTGRESQL, 1)] if ALL else ())]
"""On which database, and at which occurrence of each call."""
KINDS: tuple[CallFault, ...] = ("429", "500", "500_after", "reset", "reset_after", "hang", "malformed")
SAMPLE = 5
"""Otherwise each call fails alone in a fifth of the ways; in one night with all others it fails in every way."""
UNDISTURBED: dict[str, tuple[End, Counter[Named]]] = {}
"""How the story ends, and which calls it takes, when nothing fails: lived once for each plan."""
CALM: list[End] = []
"""The same of the short night."""


@pytest.fixture(autouse=True)
def _quietly() -> Iterator[None]:
    """Worlds are not closed in order, so that a tick of theirs may be cut short."""
    with quietly():
        yield


@pytest.fixture
def open_brisk(brief_world: BriefWorld) -> OpenBrisk:
    return partial(brief_world, PLAN, Brisk)


async def undisturbed(brief_world: BriefWorld, plan: Plan) -> tuple[End, Counter[Named]]:
    if str(plan) not in UNDISTURBED:
        async with brief_world(plan, Brisk) as world:
            UNDISTURBED[str(plan)] = await lived(world)
    return UNDISTURBED[str(plan)]


async def calm(open_brisk: OpenBrisk) -> End:
    if not CALM:
        CALM.append(await calm_night(open_brisk))
    return CALM[0]


def rule(call: Named, kind: CallFault, after: int = 0) -> Rule:
    return Rule(*call, kind=kind, after=after, retry_after=0.1)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", KINDS)
async def test_each_call_may_fail_once_and_the_story_ends_the_same(brief_world: BriefWorld, kind: CallFault) -> None:
    right, calls = await undisturbed(brief_world, PLAN)
    wrong = {}
    mine = [call for n, call in enumerate(sorted(calls)) if ALL or n % SAMPLE == KINDS.index(kind) % SAMPLE]
    for call in mine:
        for after in (0, 1) if ALL and calls[call] > 1 else (0,):
            fault = rule(call, kind, after)
            async with brief_world(PLAN, Brisk) as world:
                end, made = await lived(world, fault)
            if end != right or (not fault.struck and made[call] > after):
                wrong[call, after] = [*differences(end, right)]
    assert not wrong, "\n".join(f"{where} failed: {line}" for where, lines in wrong.items() for line in lines or ["-"])


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("plan", "after"), NIGHTS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
async def test_every_call_may_fail_in_one_night_and_the_story_ends_the_same(
    brief_world: BriefWorld, kind: CallFault, after: int, plan: Plan
) -> None:
    right, calls = await undisturbed(brief_world, plan)
    faults = [rule(call, kind, after) for call, times in calls.items() if times > after]
    async with brief_world(plan, Brisk) as world:
        end, made = await lived(world, *faults)
    assert not [*differences(end, right)]
    assert all(fault.struck for fault in faults if made[fault.system, fault.method] > after)


SAMPLES = {
    Outcome.SAME: ["PUT /incidents/{id} 400/1005"],
    Outcome.DONE: ["pins.add already_pinned", "conversations.invite already_in_channel"],
    Outcome.WAITS: ["slack * account_inactive", "pagerduty * 401/2006"],
    Outcome.PARKED: ["conversations.create restricted_action", "chat.postMessage not_in_channel"],
    Outcome.PLAIN: ["chat.postMessage invalid_blocks"],
    Outcome.NAMED: ["conversations.invite user_is_restricted"],
    Outcome.NEXT: ["conversations.create name_taken"],
    Outcome.UNSEEN: ["chat.postMessage missing_scope"],
    Outcome.SAID: ["conversations.rename name_taken"],
    Outcome.LET_IN: ["conversations.join is_archived"],
    Outcome.AGAIN: ["views.open expired_trigger_id"],
    Outcome.OWN: ["responder_requests 402/2014"],
    Outcome.BY_HAND: ["POST /incidents 403/2010"],
}
"""Which rows of the table are tried here, by the end of their names."""


def sampled() -> list[Refusal]:
    return [r for r in TABLE if any(str(r).endswith(name) for name in SAMPLES[r.outcome])]


def test_the_sample_has_rows_of_every_outcome() -> None:
    assert {row.outcome for row in sampled()} == set(Outcome) == set(CHECKS)


@pytest.mark.parametrize("row", sampled(), ids=str)
async def test_what_is_refused_ends_as_the_table_promises(
    brief_world: BriefWorld, open_brisk: OpenBrisk, row: Refusal
) -> None:
    right = (await undisturbed(brief_world, PLAN))[0] if row.outcome is Outcome.SAME else await calm(open_brisk)
    assert await CHECKS[row.outcome](open_brisk, [row], right) == []


async def test_what_is_refused_in_many_places_at_once_is_parked_and_mended(open_brisk: OpenBrisk) -> None:
    codes = {
        "conversations.invite": "restricted_action",
        "conversations.setTopic": "is_archived",
        "pins.add": "not_in_channel",
        "bookmarks.add": "missing_scope",
        "chat.update": "cant_update_message",
        "files.getUploadURLExternal": "file_uploads_disabled",
        "POST /incidents/{id}/notes": "404/2100",
        "PUT /incidents/{id}": "403/2010",
    }
    rows = [Refusal("slack" if "." in m else "pagerduty", m, code, Outcome.PARKED) for m, code in codes.items()]
    assert await CHECKS[Outcome.PARKED](open_brisk, rows, await calm(open_brisk)) == []


@pytest.mark.parametrize("name", ["a page instead of JSON", "ok without the rest", "nothing at all"])
async def test_an_answer_as_nobody_documents_it_changes_nothing(brief_world: BriefWorld, name: str) -> None:
    (odd,) = [odd for odd in ODD if odd.name == name]
    right, calls = await undisturbed(brief_world, PLAN)
    async with brief_world(PLAN, Brisk) as world:
        end, _ = await lived(world, *(odd.rule(*call) for call in calls))
    assert not [*differences(end, right)]


@pytest.mark.parametrize(
    "weather",
    [
        slack_down_for_an_hour,
        the_token_is_revoked_for_two_hours,
        the_room_is_archived_by_hand,
        the_card_is_deleted_by_hand,
    ],
    ids=lambda weather: weather.__name__,
)
async def test_a_bad_day_ends_as_promised(open_brisk: OpenBrisk, weather: Weather) -> None:
    assert await weather(open_brisk) == []
