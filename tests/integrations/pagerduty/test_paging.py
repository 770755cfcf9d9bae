"""A page against the account: it goes out once, to the right people, whatever PagerDuty does meanwhile."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.engine.effects import Attempt
from bot.engine.handle import utc_now
from bot.incident.ladder import PageNextLevel, PageOut
from bot.incident.lifecycle import Declare, Resolve
from bot.incident.model import Incident
from bot.incident.paging import AnswerPages, PageFailed
from bot.incident.values import PageLine, PageState, Service, Target, TargetKind
from bot.integrations.pagerduty.effects import NoteThere
from bot.sandbox import SandboxClient
from bot.sandbox.faults import Kind
from tests.integrations.pagerduty.conftest import ADA, Bot

CHECKOUT = Service(id="PSCHECK", name="checkout")
COMMANDERS = Target(kind=TargetKind.POLICY, id="PECOMMA", name="Incident commanders")
CHECKOUT_CALL = Target(kind=TargetKind.SERVICE, id="PSCHECK", name="checkout")
GUS = Target(kind=TargetKind.USER, id="PUGUS01", name="Gus Contractor")


async def declare(bot: Bot, severity: int = 1, **more: bool) -> int:
    wish = Declare(title="Checkout is down", severity=severity, services=(CHECKOUT,), **more)
    outcome = await bot.engine.handle(wish, ADA)
    assert outcome.incident is not None
    return outcome.incident.number


async def page(bot: Bot, number: int, target: Target) -> None:
    await bot.engine.handle(PageOut(incident=number, target=target, why="we need you"), ADA)
    await bot.outbox.idle()


async def of(bot: Bot, number: int) -> Incident:
    incident = await bot.engine.reading.incident(number)
    assert incident is not None
    return incident


async def line_of(bot: Bot, number: int, page: int = 1) -> PageLine:
    line = (await of(bot, number)).page(page)
    assert line is not None
    return line


async def until(bot: Bot, number: int, holds: Callable[[PageLine], bool], page: int = 1) -> PageLine:
    async with asyncio.timeout(40):
        while not holds(line := await line_of(bot, number, page)):  # noqa: ASYNC110  (the world outside is polled)
            await asyncio.sleep(0.05)
    return line


async def test_declaring_at_a_severity_that_pages_calls_the_on_call_with_one_request(
    bot: Bot, hands: SandboxClient
) -> None:
    since = await hands.last_call()
    number = await declare(bot)
    await bot.outbox.idle()
    assert [c["method"] for c in await hands.calls("pagerduty", since=since)] == ["POST /incidents"]
    pages = await hands.pagerduty.pages()
    assert [(p.user, p.incident_key) for p in pages] == [("PUBO001", f"muster/INC-{number}/page-1")]
    line = await line_of(bot, number)
    assert (line.state, line.people, line.outside) == (PageState.SENT, ("Bo Lind",), pages[0].incident)
    there = await hands.pagerduty.incident(pages[0].incident)
    assert (there.title, there.urgency, there.service) == (f"[SEV1] INC-{number}: Checkout is down", "high", "PSCHECK")
    assert await bot.engine.reading.refs(number) == {"pagerduty.page.1": there.id}


async def test_a_private_incident_pages_without_saying_what_it_is_about(bot: Bot, hands: SandboxClient) -> None:
    number = await declare(bot, private=True)
    await bot.outbox.idle()
    told = (await hands.pagerduty.state()).incidents[0]
    assert told.title == f"[SEV1] INC-{number}: private incident"
    assert "Checkout" not in f"{told.title} {told.details}"


async def test_a_person_is_paged_by_an_incident_assigned_to_them(bot: Bot, hands: SandboxClient) -> None:
    number = await declare(bot, severity=3)
    await page(bot, number, GUS)
    assert [p.user for p in await hands.pagerduty.pages()] == ["PUGUS01"]
    assert (await line_of(bot, number)).people == ("Gus Contractor",)


async def test_a_policy_is_paged_on_the_incidents_service(bot: Bot, hands: SandboxClient) -> None:
    number = await declare(bot, severity=3)
    await page(bot, number, COMMANDERS)
    there = (await hands.pagerduty.state()).incidents[0]
    assert (there.service, there.policy, there.assignees) == ("PSCHECK", "PECOMMA", ("PUADA01",))


async def joined(subscribed: Bot, hands: SandboxClient) -> tuple[int, str]:
    """An incident that an alert opened, and the alert's id."""
    alert = await hands.pagerduty.trigger("checkout", "5xx above 2 %", priority="P1")
    await subscribed.settle(hands)
    return 1, alert


async def test_where_pagerduty_has_the_incident_already_help_is_asked_for_on_it(
    subscribed: Bot, hands: SandboxClient
) -> None:
    number, alert = await joined(subscribed, hands)
    await page(subscribed, number, COMMANDERS)
    state = await hands.pagerduty.state()
    assert [i.id for i in state.incidents] == [alert]
    assert [(r.user, r.policy, r.requester) for r in state.responders] == [("PUADA01", "PECOMMA", "PMUSTER")]
    assert "we need you" in state.responders[0].message
    line = await line_of(subscribed, number)
    assert (line.state, line.people, line.outside) == (PageState.SENT, ("Ada Marsh",), alert)


async def test_a_responders_yes_answers_the_page(subscribed: Bot, hands: SandboxClient) -> None:
    number, alert = await joined(subscribed, hands)
    await page(subscribed, number, GUS)
    await hands.pagerduty.answer_responder(alert, "Gus")
    await subscribed.settle(hands)
    line = await line_of(subscribed, number)
    assert (line.state, line.answered_by) == (PageState.ANSWERED, "Gus Contractor")


async def test_without_the_plan_for_responders_the_page_opens_an_incident_of_its_own(
    subscribed: Bot, hands: SandboxClient
) -> None:
    number, alert = await joined(subscribed, hands)
    await hands.pagerduty.set_abilities([])
    await page(subscribed, number, GUS)
    opened = [i for i in (await hands.pagerduty.state()).incidents if i.id != alert]
    assert [i.assignees for i in opened] == [("PUGUS01",)]
    assert (await line_of(subscribed, number)).outside == opened[0].id


async def test_on_an_alert_that_is_resolved_there_the_page_opens_an_incident_of_its_own(
    subscribed: Bot, hands: SandboxClient
) -> None:
    number, alert = await joined(subscribed, hands)
    await hands.pagerduty.hold()
    await hands.pagerduty.resolve(alert)
    await page(subscribed, number, GUS)
    assert "PUGUS01" in [p.user for p in await hands.pagerduty.pages()]


async def test_the_next_level_is_called_on_the_same_incident_and_above_the_last_there_is_none(
    bot: Bot, hands: SandboxClient
) -> None:
    number = await declare(bot)
    await bot.outbox.idle()
    await bot.engine.handle(PageNextLevel(incident=number, page=1), ADA)
    await bot.outbox.idle()
    assert [(p.kind, p.user) for p in await hands.pagerduty.pages()] == [
        ("incident", "PUBO001"),
        ("escalation", "PUDEV01"),
    ]
    second = await line_of(bot, number, 2)
    assert (second.state, second.people) == (PageState.SENT, ("Dev Anand",))
    await bot.engine.handle(PageNextLevel(incident=number, page=2), ADA)
    await bot.outbox.idle()
    third = await line_of(bot, number, 3)
    assert (third.state, third.above_top) == (PageState.FAILED, True)
    assert len((await hands.pagerduty.state()).incidents) == 1


async def test_the_next_level_on_an_incident_of_another_policy_asks_its_people_by_name(
    subscribed: Bot, hands: SandboxClient
) -> None:
    number, alert = await joined(subscribed, hands)
    await page(subscribed, number, Target(kind=TargetKind.SERVICE, id="PSSEARC", name="search"))
    await subscribed.engine.handle(PageNextLevel(incident=number, page=1), ADA)
    await subscribed.outbox.idle()
    responders = (await hands.pagerduty.state()).responders
    assert sorted(r.user for r in responders) == ["PUADA01", "PUDEV01", "PUZOE01"]
    assert {r.incident for r in responders} == {alert}


AFTER: tuple[Kind, ...] = ("500_after", "reset_after", "hang_after")
BEFORE: tuple[Kind, ...] = ("500", "503", "429", "reset", "malformed", "hang")


@pytest.mark.parametrize("kind", AFTER)
async def test_a_page_whose_answer_was_lost_is_found_again_and_not_repeated(
    bot: Bot, hands: SandboxClient, kind: Kind
) -> None:
    await hands.add_fault("pagerduty", "POST /incidents", kind)
    number = await declare(bot)
    line = await until(bot, number, lambda p: p.state is PageState.SENT)
    assert [p.user for p in await hands.pagerduty.pages()] == ["PUBO001"]
    assert line.people == ("Bo Lind",)


@pytest.mark.parametrize("kind", BEFORE)
async def test_a_page_that_never_arrived_is_sent_again(bot: Bot, hands: SandboxClient, kind: Kind) -> None:
    await hands.add_fault("pagerduty", "POST /incidents", kind)
    number = await declare(bot)
    await until(bot, number, lambda p: p.state is PageState.SENT)
    assert [p.user for p in await hands.pagerduty.pages()] == ["PUBO001"]


async def test_a_page_repeated_in_doubt_says_so(bot: Bot, hands: SandboxClient) -> None:
    await hands.add_fault("pagerduty", "POST /incidents", "500")
    number = await declare(bot)
    await until(bot, number, lambda p: p.state is PageState.SENT)
    assert (await hands.pagerduty.state()).incidents[0].title.startswith("(repeat) [SEV1]")


@pytest.mark.parametrize("kind", ["500_after", "reset_after"])
async def test_a_request_for_help_whose_answer_was_lost_is_found_again(
    subscribed: Bot, hands: SandboxClient, kind: Kind
) -> None:
    number, _ = await joined(subscribed, hands)
    await hands.add_fault("pagerduty", "POST /incidents/{id}/responder_requests", kind)
    await subscribed.engine.handle(PageOut(incident=number, target=GUS), ADA)
    line = await until(subscribed, number, lambda p: p.state is PageState.SENT)
    assert line.people == ("Gus Contractor",)
    assert len((await hands.pagerduty.state()).responders) == 1
    assert len((await hands.pagerduty.state()).incidents) == 1


async def test_an_escalation_whose_answer_was_lost_is_found_again(bot: Bot, hands: SandboxClient) -> None:
    number = await declare(bot)
    await bot.outbox.idle()
    await hands.add_fault("pagerduty", "PUT /incidents/{id}", "500_after")
    await bot.engine.handle(PageNextLevel(incident=number, page=1), ADA)
    line = await until(bot, number, lambda p: p.state is PageState.SENT, page=2)
    assert line.people == ("Dev Anand",)
    assert [p.user for p in await hands.pagerduty.pages()] == ["PUBO001", "PUDEV01"]


async def test_while_pagerduty_is_down_people_are_told_whom_to_call_and_the_page_goes_out_after_all(
    bot: Bot, hands: SandboxClient
) -> None:
    await hands.add_fault("pagerduty", "*", "503", times=None)
    number = await declare(bot)
    failed = await until(bot, number, lambda p: p.state is PageState.FAILED)
    assert "Bo Lind, Dev Anand" in failed.reason
    assert "goes on trying" in failed.reason
    await hands.clear_faults()
    await until(bot, number, lambda p: p.state is PageState.SENT)
    assert [p.user for p in await hands.pagerduty.pages()] == ["PUBO001"]
    facts = [s.event for s in await bot.engine.reading.events(number)]
    assert sum(isinstance(f, PageFailed) for f in facts) == 1


async def test_a_page_does_not_wait_behind_notes_and_looks_that_hang(bot: Bot, hands: SandboxClient) -> None:
    alert = await hands.pagerduty.trigger("search", "slow")
    for method in ("POST /incidents/{id}/notes", "GET /services"):
        await hands.add_fault("pagerduty", method, "hang", times=None)
    note = NoteThere(incident=1, outside=alert, name="slow", words="words")
    attempt = Attempt(key="note", tries=1, since=utc_now(), refs={})
    stuck = [asyncio.create_task(bot.room.performer.perform(note, attempt)) for _ in range(12)]
    stuck_round = asyncio.ensure_future(bot.room.jobs[0].run())
    await asyncio.sleep(0.2)
    started = time.monotonic()
    number = await declare(bot)
    await until(bot, number, lambda p: p.state is PageState.SENT)
    assert time.monotonic() - started < 2
    for task in (*stuck, stuck_round):
        task.cancel()


async def test_once_somebody_answered_nobody_is_woken_by_a_page_that_comes_late(bot: Bot, hands: SandboxClient) -> None:
    await hands.add_fault("pagerduty", "*", "503", times=None)
    number = await declare(bot)
    await asyncio.sleep(0.3)
    await bot.engine.handle(AnswerPages(incident=number), ADA)
    await hands.clear_faults()
    async with asyncio.timeout(20):
        while not (over := [s for s in await bot.engine.reading.setup(number) if s.state == "skipped"]):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert await bot.outbox.retry(over[0].effect)
    await bot.outbox.idle()
    assert await hands.pagerduty.pages() == [], "not even where somebody asks for it to be tried again"


async def test_a_page_waits_for_a_token_that_works_and_people_are_told_at_once(bot: Bot, hands: SandboxClient) -> None:
    await hands.add_fault("pagerduty", "*", "error", error="2006", times=None)
    number = await declare(bot)
    await bot.outbox.idle()
    line = await line_of(bot, number)
    assert line.state is PageState.FAILED
    assert "does not accept Muster's API token" in line.reason
    await hands.clear_faults()
    bot.engine.clock = lambda: utc_now() + timedelta(minutes=2)
    bot.outbox.wake()
    await bot.outbox.idle()
    assert (await line_of(bot, number)).state is PageState.SENT


async def test_a_key_that_an_earlier_database_used_does_not_swallow_the_page(bot: Bot, hands: SandboxClient) -> None:
    old = await hands.pagerduty.trigger("checkout", "of another life", key="muster/INC-1/page-1")
    bot.engine.clock = lambda: utc_now() + timedelta(hours=1)
    number = await declare(bot)
    await bot.outbox.idle()
    line = await line_of(bot, number)
    assert line.state is PageState.SENT
    assert line.outside != old


async def test_a_page_that_went_out_after_all_was_over_is_called_off(bot: Bot, hands: SandboxClient) -> None:
    await hands.set_latency("pagerduty", 0.4)
    since = await hands.last_call()
    number = await declare(bot)
    while not await hands.calls("pagerduty", since=since):  # noqa: ASYNC110  (the page is under way)
        await asyncio.sleep(0.02)
    await bot.engine.handle(Resolve(incident=number), ADA)
    await bot.outbox.idle()
    await bot.outbox.idle()
    assert [i.status for i in (await hands.pagerduty.state()).incidents] == ["resolved"]
