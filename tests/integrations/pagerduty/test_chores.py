"""What happens here happens there: resolutions, acknowledgements, the room's link; and their echoes change nothing."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.engine.effects import Attempt, Doubtful, GiveUp, Receipt, Retry
from bot.engine.handle import utc_now
from bot.incident.alerts import AlertReported
from bot.incident.lifecycle import Cancel, Declare, Resolve
from bot.incident.paging import AnswerPages
from bot.incident.people import Person
from bot.incident.rooms import RecordRoom
from bot.incident.values import Actor, PageState, Status, Target, TargetKind
from bot.integrations.pagerduty.client import SECONDS_UNTOLD
from bot.integrations.pagerduty.effects import AcknowledgeThere, NoteThere, Page, ResolveThere
from bot.sandbox import Rule, Sandbox, SandboxClient
from bot.sandbox.faults import Kind
from tests.integrations.pagerduty.conftest import ADA, Bot
from tests.integrations.pagerduty.test_paging import declare, joined, line_of, of

ROOM = {"channel": "C1", "name": "inc-1-checkout", "url": "https://slack.test/C1"}


async def open_room(bot: Bot, number: int) -> None:
    await bot.engine.handle(RecordRoom(incident=number, **ROOM), ADA)


async def resolve(bot: Bot, number: int) -> None:
    await bot.engine.handle(Resolve(incident=number), ADA)


async def told(bot: Bot, number: int) -> list[str]:
    """What the timeline says of its alerts."""
    return [s.event.line() for s in await bot.engine.reading.events(number) if isinstance(s.event, AlertReported)]


async def test_resolving_here_resolves_there_and_the_echo_says_nothing(subscribed: Bot, hands: SandboxClient) -> None:
    number, alert = await joined(subscribed, hands)
    await resolve(subscribed, number)
    await subscribed.settle(hands)
    assert (await hands.pagerduty.incident(alert)).status == "resolved"
    assert "Ada Marsh ended INC-1 in Muster." in (await hands.pagerduty.state()).notes[0].content
    incident = await of(subscribed, number)
    assert (incident.status, incident.alerts[0].clear) == (Status.RESOLVED, True)
    assert await told(subscribed, number) == []


async def test_resolving_what_is_resolved_there_is_no_failure(subscribed: Bot, hands: SandboxClient) -> None:
    number, alert = await joined(subscribed, hands)
    await hands.pagerduty.hold()
    await hands.pagerduty.resolve(alert)
    await resolve(subscribed, number)
    await subscribed.outbox.idle()
    assert (await of(subscribed, number)).failed_steps == {}


async def test_our_own_page_is_ended_too(subscribed: Bot, hands: SandboxClient) -> None:
    number = await declare(subscribed)
    await subscribed.settle(hands)
    await resolve(subscribed, number)
    await subscribed.settle(hands)
    assert [i.status for i in (await hands.pagerduty.state()).incidents] == ["resolved"]


async def test_a_false_alarm_ends_our_pages_and_leaves_monitorings_incident_alone(
    subscribed: Bot, hands: SandboxClient
) -> None:
    number = await declare(subscribed)
    await subscribed.settle(hands)
    alert = await hands.pagerduty.trigger("checkout", "5xx above 2 %")
    await subscribed.settle(hands)
    assert len((await of(subscribed, number)).alerts) == 2
    await subscribed.engine.handle(Cancel(incident=number), ADA)
    await subscribed.settle(hands)
    statuses = {i.id: i.status for i in (await hands.pagerduty.state()).incidents}
    assert statuses.pop(alert) == "triggered"
    assert list(statuses.values()) == ["resolved"]


async def test_who_answers_in_the_room_has_answered_in_pagerduty_by_name(bot: Bot, hands: SandboxClient) -> None:
    await bot.engine.directory.remember_people([Person(slack="UADA", name="Ada Marsh", email="ada@example.com")])
    number = await declare(bot)
    await bot.outbox.idle()
    await bot.engine.handle(AnswerPages(incident=number), ADA)
    await bot.outbox.idle()
    there = (await hands.pagerduty.state()).incidents[0]
    assert (there.status, [a.user for a in there.acknowledgements]) == ("acknowledged", ["PUADA01"])


@pytest.mark.parametrize("known", [False, True])
async def test_whom_pagerduty_does_not_know_answers_through_our_own_user(
    bot: Bot, hands: SandboxClient, known: bool
) -> None:
    stranger = Actor(id="slack:UCARLA", name="Carla Reyes")
    if known:
        person = Person(slack="UCARLA", pagerduty="PGONE", name="Carla Reyes", email="carla@elsewhere.test")
        await bot.engine.directory.remember_people([person])
    number = await declare(bot)
    await bot.outbox.idle()
    await bot.engine.handle(AnswerPages(incident=number), stranger)
    await bot.outbox.idle()
    there = (await hands.pagerduty.state()).incidents[0]
    assert [a.user for a in there.acknowledgements] == ["PMUSTER"]


async def test_an_acknowledgement_that_comes_late_does_not_reopen_what_is_resolved(
    bot: Bot, hands: SandboxClient
) -> None:
    alert = await hands.pagerduty.trigger("checkout", "5xx")
    await hands.pagerduty.resolve(alert)
    effect = AcknowledgeThere(incident=1, outside=alert, name="5xx", person=ADA)
    assert isinstance(await bot.room.performer.perform(effect, attempt()), Receipt)
    assert (await hands.pagerduty.incident(alert)).status == "resolved"


async def test_an_acknowledgement_in_pagerduty_answers_the_page(subscribed: Bot, hands: SandboxClient) -> None:
    number = await declare(subscribed)
    await subscribed.settle(hands)
    await hands.pagerduty.acknowledge(f"muster/INC-{number}/page-1", "Bo")
    await subscribed.settle(hands)
    line = await line_of(subscribed, number)
    assert (line.state, line.answered_by) == (PageState.ANSWERED, "Bo Lind")


async def test_every_pagerduty_incident_gets_the_rooms_link_once(subscribed: Bot, hands: SandboxClient) -> None:
    number = await declare(subscribed)
    await subscribed.settle(hands)
    await open_room(subscribed, number)
    alert = await hands.pagerduty.trigger("checkout", "5xx above 2 %")
    await subscribed.settle(hands)
    state = await hands.pagerduty.state()
    assert len(state.incidents) == 2
    assert sorted(n.incident for n in state.notes) == sorted(i.id for i in state.incidents)
    assert all("https://slack.test/C1" in n.content for n in state.notes)
    assert alert in {n.incident for n in state.notes}
    assert await told(subscribed, number) == []


async def test_a_private_incident_leaves_no_note(subscribed: Bot, hands: SandboxClient) -> None:
    number = await declare(subscribed, private=True)
    await subscribed.settle(hands)
    await open_room(subscribed, number)
    await subscribed.settle(hands)
    assert (await hands.pagerduty.state()).notes == ()


KINDS: tuple[Kind, ...] = ("500", "500_after", "reset", "reset_after", "429", "malformed")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("call", ["POST /incidents/{id}/notes", "PUT /incidents/{id}"])
async def test_whatever_fails_on_the_way_there_is_one_note_and_one_resolution(
    subscribed: Bot, hands: SandboxClient, kind: Kind, call: str
) -> None:
    number, alert = await joined(subscribed, hands)
    await hands.add_fault("pagerduty", call, kind)
    await open_room(subscribed, number)
    await subscribed.outbox.idle()
    await resolve(subscribed, number)
    async with asyncio.timeout(20):
        while await subscribed.engine.reading.effects():  # noqa: ASYNC110  (the backoff is real)
            await asyncio.sleep(0.1)
    links = [n for n in (await hands.pagerduty.state()).notes if "slack.test" in n.content]
    assert len(links) == 1
    assert (await hands.pagerduty.incident(alert)).status == "resolved"


def attempt() -> Attempt:
    return Attempt(key="a-key", tries=1, since=utc_now() - timedelta(seconds=1), refs={})


async def test_what_pagerduty_refuses_is_said_in_plain_words(bot: Bot, hands: SandboxClient) -> None:
    gone = ResolveThere(incident=1, outside="PNONE", name="5xx", words="over")
    answer = await bot.room.performer.perform(gone, attempt())
    assert answer == GiveUp("PagerDuty does not know that incident any more.")
    alert = await hands.pagerduty.trigger("checkout", "5xx")
    note = NoteThere(incident=1, outside=alert, name="5xx", words="words")
    await hands.add_fault("pagerduty", "POST /incidents/{id}/notes", "error", error="1008")
    answer = await bot.room.performer.perform(note, attempt())
    assert answer == GiveUp("PagerDuty does not know the user that Muster acts as (pagerduty.from_email).")


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        ({"error": "2006"}, "error"),
        ({"error": "1005"}, "error"),
        ({"status": 408}, "answer"),
        ({"status": 425}, "answer"),
    ],
    ids=str,
)
async def test_what_is_no_final_no_is_tried_again(
    bot: Bot, hands: SandboxClient, sandbox: Sandbox, refusal: dict[str, Any], kind: Kind
) -> None:
    alert = await hands.pagerduty.trigger("checkout", "5xx")
    sandbox.faults.add(Rule("pagerduty", "PUT /incidents/{id}", kind, **refusal))
    over = ResolveThere(incident=1, outside=alert, name="5xx", words="over")
    assert isinstance(await bot.room.performer.perform(over, attempt()), Retry | Doubtful)
    assert await bot.room.performer.perform(over, attempt()) == Receipt()


@pytest.mark.parametrize("reset", ["inf", "nan", "soon", "1e999"])
async def test_a_limit_that_resets_at_no_time_is_held_for_a_quarter_of_a_minute(
    bot: Bot, sandbox: Sandbox, reset: str
) -> None:
    sandbox.faults.add(Rule("pagerduty", "*", "answer", status=429, headers={"ratelimit-reset": reset}))
    note = NoteThere(incident=1, outside="PANY", name="5xx", words="words")
    answer = await bot.room.performer.perform(note, attempt())
    assert isinstance(answer, Retry)
    assert answer.after == SECONDS_UNTOLD


async def test_where_muster_may_not_look_a_page_goes_again_and_a_note_waits_for_a_person(
    bot: Bot, sandbox: Sandbox
) -> None:
    sandbox.faults.add(Rule("pagerduty", "*", "error", error="2010", times=None))
    target = Target(kind=TargetKind.SERVICE, id="PSCHECK", name="checkout")
    page = Page(incident=1, page=1, target=target, level=1, title="t", details="", outside="PANY")
    assert await bot.room.performer.look(page, attempt()) is None
    seen = await bot.room.performer.look(NoteThere(incident=1, outside="PANY", name="5xx", words="words"), attempt())
    assert isinstance(seen, GiveUp)
    assert seen.reason.startswith("It may have been done, and Muster cannot look")


async def test_the_rate_limit_pauses_chores_for_everybody(bot: Bot, hands: SandboxClient) -> None:
    await hands.add_fault("pagerduty", "*", "429", retry_after=7)
    note = NoteThere(incident=1, outside="PANY", name="5xx", words="words")
    answer = await bot.room.performer.perform(note, attempt())
    assert isinstance(answer, Retry)
    assert (answer.after, answer.pause) == (7, "pagerduty")


async def test_an_incident_that_was_declared_here_and_never_paged_concerns_pagerduty_not_at_all(
    bot: Bot, hands: SandboxClient
) -> None:
    since = await hands.last_call()
    outcome = await bot.engine.handle(Declare(title="Slow", severity=4), ADA)
    assert outcome.incident is not None
    await open_room(bot, outcome.incident.number)
    await resolve(bot, outcome.incident.number)
    await bot.outbox.idle()
    assert await hands.calls("pagerduty", since=since) == []
