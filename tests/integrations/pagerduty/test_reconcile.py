"""Back in step: what webhooks did not bring is read from the log, and what they did bring counts once."""

from datetime import timedelta

import pytest

from bot.engine.handle import Engine, utc_now
from bot.incident.mirror import Alert, What
from bot.incident.model import Incident
from bot.incident.values import Status
from bot.integrations.pagerduty import Options, build_pagerduty
from bot.integrations.pagerduty.history import state_report
from bot.integrations.pagerduty.names import Names
from bot.integrations.pagerduty.payloads import RestIncident
from bot.sandbox import SandboxClient
from tests.integrations.pagerduty.conftest import Bot


async def mirror(bot: Bot, alert: str) -> Alert:
    found = await bot.engine.reading.alert("pagerduty", alert)
    assert found is not None
    return found


async def first(bot: Bot) -> Incident:
    found = await bot.engine.reading.incident(1)
    assert found is not None
    return found


async def lines(bot: Bot) -> list[str]:
    return [s.event.line() for s in await bot.engine.reading.events(1)]


async def night(hands: SandboxClient) -> str:
    """A whole history of one alert, of every kind that the log tells of."""
    people = hands.pagerduty
    alert = await people.trigger("checkout", "5xx above 2 %", priority="P1")
    for act in (
        lambda: people.acknowledge(alert, "Bo"),
        lambda: people.note(alert, "looking at the database", by="Bo"),
        lambda: people.unacknowledge(alert, by="Bo"),
        lambda: people.escalate(alert, by="Bo"),
        lambda: people.reassign(alert, ["Finn", "Ada"], by="Ada"),
        lambda: people.delegate(alert, "Search", by="Ada"),
        lambda: people.set_priority(alert, "P2", by="Ada"),
        lambda: people.add_responder(alert, "Gus", "Ada"),
        lambda: people.answer_responder(alert, "Gus"),
        lambda: people.add_responder(alert, "Emi", "Ada"),
        lambda: people.answer_responder(alert, "Emi", accepted=False),
        lambda: people.resolve(alert, by="Ada", resolution="rolled back"),
        lambda: people.reopen(alert, by="Finn"),
        lambda: people.resolve(alert),
    ):
        await hands.advance(5)
        await act()
    return alert


async def test_what_the_webhooks_brought_is_not_told_again(subscribed: Bot, hands: SandboxClient) -> None:
    alert = await night(hands)
    await subscribed.settle(hands)
    told, known = await lines(subscribed), await mirror(subscribed, alert)
    subscribed.engine.clock = lambda: utc_now() + timedelta(minutes=3)
    await subscribed.room.jobs[0].run()
    assert await lines(subscribed) == told
    assert await mirror(subscribed, alert) == known


async def test_without_any_webhook_the_log_brings_the_same_story(
    bot: Bot, hands: SandboxClient, engine: Engine
) -> None:
    alert = await night(hands)
    bot.engine.clock = lambda: utc_now() + timedelta(minutes=3)
    await bot.room.jobs[0].run()
    read = await lines(bot)
    known = await mirror(bot, alert)
    assert [r.what for r in known.reports] == [
        What.TRIGGERED,
        What.ACKNOWLEDGED,
        What.NOTE,
        What.UNACKNOWLEDGED,
        What.ESCALATED,
        What.REASSIGNED,
        What.DELEGATED,
        What.PRIORITY,
        What.RESPONDER_ADDED,
        What.RESPONDER_REPLIED,
        What.RESPONDER_ADDED,
        What.RESPONDER_REPLIED,
        *sorted([What.RESOLVED, What.NOTE], key=lambda w: w is not What.NOTE),
        What.REOPENED,
        What.RESOLVED,
    ]
    assert "Bo Lind acknowledged the alert “5xx above 2 %”" in read
    assert "Ada Marsh reassigned the alert “5xx above 2 %” to Finn Okafor, Ada Marsh" in read
    assert "Emi Tanaka answered the request to respond: declined" in read
    assert "Ada Marsh noted in PagerDuty: Resolution: rolled back" in read
    assert (await first(bot)).status is Status.INVESTIGATING


async def test_what_the_log_brought_first_the_webhooks_do_not_tell_again(subscribed: Bot, hands: SandboxClient) -> None:
    await hands.pagerduty.hold()
    alert = await night(hands)
    subscribed.engine.clock = lambda: utc_now() + timedelta(minutes=3)
    await subscribed.room.jobs[0].run()
    read, known = await lines(subscribed), await mirror(subscribed, alert)
    await hands.pagerduty.release()
    await subscribed.settle(hands)
    assert await lines(subscribed) == read
    assert await mirror(subscribed, alert) == known


async def test_a_merge_read_from_the_log_is_no_resolution(bot: Bot, hands: SandboxClient) -> None:
    alert = await hands.pagerduty.trigger("checkout", "5xx above 2 %", priority="P1")
    target = await hands.pagerduty.trigger("search", "the cause", urgency="low")
    await hands.advance(5)
    await hands.pagerduty.merge(target, [alert], by="Ada")
    bot.engine.clock = lambda: utc_now() + timedelta(minutes=3)
    await bot.room.jobs[0].run()
    last = (await mirror(bot, alert)).reports[-1]
    assert (last.what, last.into, last.text) == (What.MERGED, target, "the cause")


@pytest.mark.parametrize(
    ("user", "name", "echo"), [("PMUSTER", "Muster", True), ("PUBO001", "Bo Lind", False), ("", "PagerDuty", False)]
)
async def test_a_resolution_that_only_the_state_tells_of_has_its_author(
    bot: Bot, hands: SandboxClient, user: str, name: str, echo: bool
) -> None:
    """The log was read a moment before: without its author, what we did ourselves would be told as news."""
    alert = await hands.pagerduty.trigger("checkout", "5xx above 2 %", priority="P1")
    await bot.room.jobs[0].run()
    by = {"id": user, "type": "user_reference"} if user else {"id": "PSCHECK", "type": "service_reference"}
    there = {"id": alert, "status": "resolved", "updated_at": "2026-03-04T03:10:00Z", "last_status_change_by": by}
    names = Names(bot.engine.directory, "muster@example.com")
    report = state_report(RestIncident.model_validate(there), await mirror(bot, alert), names)
    assert report is not None
    assert (report.what, report.by.name, report.echo) == (What.RESOLVED, name, echo)


async def test_after_a_restart_it_reads_from_where_it_was_last_in_step(
    bot: Bot, engine: Engine, options: Options, hands: SandboxClient
) -> None:
    alert = await hands.pagerduty.trigger("checkout", "5xx above 2 %", priority="P1")
    engine.clock = lambda: utc_now() + timedelta(hours=40)
    restarted = build_pagerduty(options, engine)
    await restarted.jobs[0].run()
    assert (await mirror(bot, alert)).triggered is not None
    await restarted.stop()


async def test_what_was_over_before_the_first_start_opens_nothing(
    engine: Engine, options: Options, hands: SandboxClient
) -> None:
    await hands.pagerduty.trigger("checkout", "of last year", priority="P1")
    engine.clock = lambda: utc_now() + timedelta(hours=1)
    room = build_pagerduty(options, engine)
    await room.jobs[0].run()
    assert await engine.reading.incident(1) is None
    await room.stop()


async def test_a_round_that_failed_is_made_up_for_by_the_next(bot: Bot, hands: SandboxClient) -> None:
    alert = await hands.pagerduty.trigger("checkout", "5xx above 2 %", priority="P1")
    await hands.add_fault("pagerduty", "GET /log_entries", "500", times=None)
    bot.engine.clock = lambda: utc_now() + timedelta(hours=1)
    await bot.room.jobs[0].run()
    assert bot.room.health.trouble
    await hands.clear_faults()
    bot.engine.clock = lambda: utc_now() + timedelta(hours=2)
    await bot.room.jobs[0].run()
    assert (await mirror(bot, alert)).triggered is not None
    assert bot.room.health.trouble == ""


async def test_more_than_pagerduty_gives_out_at_once_is_read_in_smaller_pieces(
    bot: Bot, hands: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.integrations.pagerduty.rest.DEEPEST", 100)
    monkeypatch.setattr("bot.integrations.pagerduty.reconcile.DEEPEST", 100)
    alerts = []
    for number in range(60):
        alerts.append(await hands.pagerduty.trigger("checkout", f"alert {number}", urgency="low"))
        await hands.advance(120)
    bot.engine.clock = lambda: utc_now() + timedelta(hours=2, minutes=5)
    await bot.room.jobs[0].run()
    assert [a for a in alerts if await bot.engine.reading.alert("pagerduty", a) is None] == []


async def test_a_token_that_may_not_read_the_log_still_learns_who_is_on_call(bot: Bot, hands: SandboxClient) -> None:
    await hands.add_fault("pagerduty", "GET /log_entries", "error", error="2010", times=None)
    await hands.pagerduty.set_on_call("Checkout primary", "Finn")
    await bot.room.jobs[0].run()
    assert bot.engine.directory.on_call("PSCHECK")[0].name == "Finn Okafor"


async def test_what_is_held_open_is_asked_for_where_the_log_says_nothing(subscribed: Bot, hands: SandboxClient) -> None:
    alert = await hands.pagerduty.trigger("checkout", "5xx above 2 %", priority="P1")
    await subscribed.settle(hands)
    await hands.pagerduty.hold()
    await hands.advance(5)
    await hands.pagerduty.rename(alert, "5xx above 9 %", by="Bo")
    await hands.pagerduty.resolve(alert, by="Bo")
    await hands.add_fault("pagerduty", "GET /log_entries", "error", error="2010", times=None)
    await subscribed.room._step._reconciler._compare()
    known = await mirror(subscribed, alert)
    assert (known.title, known.clear) == ("5xx above 9 %", True)
    assert (await first(subscribed)).alerts[0].clear
    assert await subscribed.room._step._reconciler._compare() == 0
