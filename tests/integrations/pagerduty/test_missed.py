"""Deafness is noticed by what was said and not heard; silence alone is none."""

from datetime import timedelta

from bot.engine.handle import Engine, utc_now
from bot.integrations.pagerduty import Options, build_pagerduty
from bot.integrations.pagerduty.webhook import PATH
from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox.faults import Rule
from tests.integrations.pagerduty.conftest import Bot

LATER = timedelta(minutes=3)


async def in_step(bot: Bot) -> bool:
    """One round of reading PagerDuty's log; whether it found us deaf."""
    await bot.room.jobs[0].run()
    return bot.room.health.deaf_since is not None


async def happens(hands: SandboxClient) -> None:
    """An incident, at another second than our start: PagerDuty's log counts whole ones."""
    await hands.advance(2)
    await hands.pagerduty.trigger("checkout", "Checkout is slow")


def skip(engine: Engine, ahead: timedelta) -> None:
    engine.clock = lambda: utc_now() + ahead


async def test_what_no_webhook_told_in_time_is_missed_and_the_next_webhook_ends_it(
    bot: Bot, hands: SandboxClient
) -> None:
    await happens(hands)
    skip(bot.engine, timedelta(minutes=1))
    assert not await in_step(bot)  # its webhook may still come
    skip(bot.engine, LATER)
    assert await in_step(bot)
    assert await in_step(bot)  # nothing was heard since

    await hands.pagerduty.subscribe(bot.url + PATH)
    await hands.pagerduty.ping()
    await bot.settle(hands)
    assert not await in_step(bot)


async def test_each_miss_is_told_in_one_round_only(bot: Bot, hands: SandboxClient) -> None:
    await happens(hands)
    skip(bot.engine, LATER)
    assert await in_step(bot)
    await hands.pagerduty.subscribe(bot.url + PATH)
    await hands.pagerduty.ping()
    await bot.settle(hands)
    for minutes in (6, 7, 8):
        skip(bot.engine, timedelta(minutes=minutes))
        assert not await in_step(bot)


async def test_what_the_webhooks_told_is_not_missed(subscribed: Bot, hands: SandboxClient) -> None:
    await hands.advance(2)
    incident = await hands.pagerduty.trigger("checkout", "Checkout is slow")
    await hands.pagerduty.acknowledge(incident, "bo")
    await hands.pagerduty.resolve(incident, "bo")
    await subscribed.settle(hands)
    skip(subscribed.engine, LATER)

    assert not await in_step(subscribed)


async def test_a_webhook_that_comes_after_the_log_was_read_is_in_time(subscribed: Bot, hands: SandboxClient) -> None:
    await hands.pagerduty.hold()
    await happens(hands)
    assert not await in_step(subscribed)
    await hands.pagerduty.release()
    await subscribed.settle(hands)
    skip(subscribed.engine, LATER)

    assert not await in_step(subscribed)


async def test_a_quiet_day_is_no_deafness(bot: Bot, hands: SandboxClient) -> None:
    skip(bot.engine, timedelta(days=1))

    assert not await in_step(bot)


async def test_what_happened_while_we_were_away_is_not_counted(
    engine: Engine, options: Options, hands: SandboxClient
) -> None:
    await hands.pagerduty.trigger("checkout", "Checkout is slow")
    skip(engine, LATER)
    room = build_pagerduty(options, engine)
    await room.jobs[0].run()
    assert room.health.deaf_since is None
    await room.stop()


async def test_a_refused_token_is_told_from_a_bad_day(bot: Bot, sandbox: Sandbox) -> None:
    sandbox.faults.add(Rule("pagerduty", "*", "500", times=None))
    await bot.room.jobs[0].run()
    assert bot.room.health.trouble
    assert not bot.room.health.refused

    sandbox.faults.clear()
    sandbox.faults.add(Rule("pagerduty", "*", "error", times=None, error="2006"))
    await bot.room.jobs[0].run()
    assert bot.room.health.refused

    sandbox.faults.clear()
    await bot.room.jobs[0].run()
    assert (bot.room.health.refused, bot.room.health.trouble) == (False, "")


async def test_a_webhook_that_cannot_be_switched_on_again_stays_known_as_off(
    bot: Bot, hands: SandboxClient, sandbox: Sandbox
) -> None:
    subscription = await hands.pagerduty.subscribe(f"{sandbox.url}/nobody/webhooks/pagerduty")
    for title in ("one", "two", "three"):
        await hands.pagerduty.trigger("checkout", title)
    await hands.pagerduty.settle()
    sandbox.faults.add(Rule("pagerduty", "POST /webhook_subscriptions/{id}/enable", "error", times=None, error="2010"))
    await bot.room.jobs[1].run()

    assert subscription
    assert bot.room.health.webhook_disabled
