"""Who is on call is known, also when PagerDuty cannot be asked."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from starlette.types import Receive, Scope, Send

from bot.engine.directory import Directory
from bot.engine.handle import Engine, utc_now
from bot.incident.people import Person
from bot.integrations.pagerduty import Options, build_pagerduty
from bot.integrations.pagerduty.oncall import person
from bot.integrations.pagerduty.payloads import User
from bot.integrations.pagerduty.webhook import PATH
from bot.sandbox import Rule, Sandbox, SandboxClient
from tests.integrations.pagerduty.conftest import Bot, served


async def test_services_are_known_with_who_is_on_call_at_each_level(bot: Bot) -> None:
    directory = bot.engine.directory
    assert [s.name for s in directory.services()] == ["checkout", "identity", "payments", "search"]
    search = directory.services()[-1]
    assert (search.policy, search.policy_name) == ("PESEARC", "Search")
    assert [(o.level, o.name) for o in search.on_call] == [(1, "Dev Anand"), (2, "Ada Marsh"), (2, "Zoe Laurent")]


async def test_people_are_known_with_zone_and_numbers_and_one_of_them_is_us(bot: Bot) -> None:
    directory = bot.engine.directory
    bo = directory.by_email("bo@example.com")
    assert bo is not None
    assert (bo.pagerduty, bo.zone, bo.phones, bo.bot) == ("PUBO001", "America/New_York", ("+1 2025550102",), False)
    us = directory.by_email("muster@example.com")
    assert us is not None
    assert (us.pagerduty, us.bot) == ("PMUSTER", True)


async def test_someone_of_slack_gets_their_pagerduty_id_by_e_mail(bot: Bot) -> None:
    await bot.engine.directory.remember_people([Person(slack="UBO", name="Bo", email="Bo@example.com")])
    known = bot.engine.directory.by_slack("UBO")
    assert known is not None
    assert (known.pagerduty, known.phones) == ("PUBO001", ("+1 2025550102",))


async def test_while_pagerduty_is_down_what_was_known_stays_and_survives_a_restart(
    bot: Bot, hands: SandboxClient
) -> None:
    await hands.add_fault("pagerduty", "*", "500", times=None)
    await bot.room.jobs[0].run()
    assert "500" in bot.room.health.trouble
    again = Directory(bot.engine.database)
    await again.load()
    assert [o.name for o in again.on_call("PSCHECK")] == ["Bo Lind", "Dev Anand"]


async def test_a_start_while_pagerduty_is_down_succeeds(engine: Engine, options: Options, hands: SandboxClient) -> None:
    await hands.add_fault("pagerduty", "*", "hang", times=None)
    room = build_pagerduty(options, engine)
    await room.start()
    await room.stop()


async def test_a_shift_change_is_seen_at_the_next_round(bot: Bot, hands: SandboxClient) -> None:
    await hands.pagerduty.set_on_call("Checkout primary", "Finn")
    await bot.room.jobs[0].run()
    assert bot.engine.directory.on_call("PSCHECK")[0].name == "Finn Okafor"
    assert bot.room.health.trouble == ""


async def test_a_changed_service_is_read_at_once(subscribed: Bot, hands: SandboxClient) -> None:
    await hands.pagerduty.update_service("search", "find")
    await subscribed.settle(hands)
    asked = subscribed.room._step.asked
    assert asked is not None
    await asked
    assert "find" in [s.name for s in subscribed.engine.directory.services()]


async def test_people_are_asked_for_once_an_hour(bot: Bot, hands: SandboxClient) -> None:
    since = await hands.last_call()
    await bot.room.jobs[0].run()
    assert await hands.calls("pagerduty", "GET /users", since) == []
    bot.engine.clock = lambda: utc_now() + timedelta(hours=1)
    await bot.room.jobs[0].run()
    assert len(await hands.calls("pagerduty", "GET /users", since)) == 1


def test_a_user_with_little_about_them_is_still_a_person() -> None:
    bare = person(User(id="P1", time_zone="Eastern Time (US & Canada)"), utc_now())
    assert (bare.name, bare.zone, bare.phones, bare.email) == ("P1", "UTC", (), "")


async def test_a_webhook_that_pagerduty_switched_off_is_switched_on(bot: Bot, hands: SandboxClient) -> None:
    await switch_off(hands)
    assert all(s["disabled_until"] for s in await hands.pagerduty.subscriptions())
    await bot.room.jobs[1].run()
    assert not any(s["disabled_until"] for s in await hands.pagerduty.subscriptions())
    assert bot.room.health.webhook_disabled is False


async def test_a_first_look_that_failed_is_made_again_soon(engine: Engine, options: Options, sandbox: Sandbox) -> None:
    sandbox.faults.add(Rule("pagerduty", "GET /users", "500"), Rule("pagerduty", "GET /services", "500"))
    room = build_pagerduty(options, engine)
    room._again = 0.01
    await room.start()
    assert room._first is not None
    async with asyncio.timeout(10):
        await room._first
    assert engine.directory.on_call("PSCHECK")
    await room.stop()


async def test_where_it_must_not_switch_it_on_it_says_so(
    engine: Engine, options: Options, hands: SandboxClient
) -> None:
    await switch_off(hands)
    room = build_pagerduty(replace(options, reenable_webhook=False), engine)
    await room.jobs[1].run()
    assert room.health.webhook_disabled is True
    await room.stop()


async def switch_off(hands: SandboxClient) -> None:
    """Three refusals in a row, as from a proxy in front of us that knows no such path."""
    await hands.pagerduty.set_weather(hurry=0.001)
    async with served(refuse) as url:
        subscription = await hands.pagerduty.subscribe(url + PATH)
        for _ in range(3):
            await hands.pagerduty.ping(subscription)
            await hands.pagerduty.settle()


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})
