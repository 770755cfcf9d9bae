"""A storm's alerts are resolved with few calls, whichever of them PagerDuty refuses."""

from datetime import timedelta

import pytest

from bot.engine.effects import Attempt, Effect, GiveUp, Receipt, Retry
from bot.engine.handle import utc_now
from bot.incident.lifecycle import Canceled, Resolved
from bot.incident.policy import Policy
from bot.incident.values import AlertLine
from bot.integrations.pagerduty import announce
from bot.integrations.pagerduty.effects import ResolveAllThere, ResolveThere
from bot.sandbox import Rule, Sandbox, SandboxClient
from tests.integrations.pagerduty.conftest import Bot
from tests.integrations.pagerduty.test_outbound import OPEN, STAMP

MANY = OPEN.but(alerts=tuple(AlertLine(source="pagerduty", id=f"QA{n}", title="", clear=n < 3) for n in range(253)))


def promised(fact: Resolved | Canceled) -> list[Effect]:
    return [p.effect for p in announce(fact, MANY, MANY, Policy())]


def attempt() -> Attempt:
    return Attempt(key="a-key", tries=1, since=utc_now() - timedelta(seconds=1), refs={})


def over(*outside: str) -> ResolveAllThere:
    return ResolveAllThere(incident=1, outside=outside, first=1, words="Ada ended INC-1 in Muster.")


async def firing(hands: SandboxClient, count: int) -> list[str]:
    return [await hands.pagerduty.trigger("checkout", f"fault {n}") for n in range(count)]


def calls(sandbox: Sandbox) -> int:
    return len(list(sandbox.calls.all("pagerduty", "PUT /incidents")))


def test_a_storms_alerts_take_a_call_for_each_hundred_and_our_page_one_of_its_own() -> None:
    effects = promised(Resolved(**STAMP, review=True))
    together = [e for e in effects if isinstance(e, ResolveAllThere)]
    assert [(len(e.outside), e.step) for e in together] == [
        (100, "resolve alerts 1–100 in PagerDuty"),
        (100, "resolve alerts 101–200 in PagerDuty"),
        (50, "resolve alerts 201–250 in PagerDuty"),
    ]
    assert {o for e in together for o in e.outside} == {f"QA{n}" for n in range(3, 253)}, "what is clear is over there"
    assert [e.outside for e in effects if isinstance(e, ResolveThere)] == ["Q9"]


def test_a_false_alarm_ends_our_page_and_asks_about_no_alert_of_monitoring() -> None:
    assert [(e.outside, e.only_ours) for e in promised(Canceled(**STAMP)) if isinstance(e, ResolveThere)] == [
        ("Q9", True)
    ]
    assert len(promised(Canceled(**STAMP))) == 1


async def test_one_call_resolves_them_all_and_says_who_ended_it(
    bot: Bot, hands: SandboxClient, sandbox: Sandbox
) -> None:
    alerts = await firing(hands, 30)
    assert await bot.room.performer.perform(over(*alerts), attempt()) == Receipt()
    state = await hands.pagerduty.state()
    assert {i.status for i in state.incidents} == {"resolved"}
    assert {n.content for n in state.notes} == {"Resolution Note: Ada ended INC-1 in Muster."}
    assert calls(sandbox) == 1


async def test_what_is_over_or_gone_there_keeps_none_of_the_others_open(
    bot: Bot, hands: SandboxClient, sandbox: Sandbox
) -> None:
    alerts = await firing(hands, 29)
    await hands.pagerduty.resolve(alerts[7])
    answer = await bot.room.performer.perform(over(*alerts, "PNONE"), attempt())
    assert answer == GiveUp("1 of 30 are not: PagerDuty does not know that incident any more.")
    assert {i.status for i in (await hands.pagerduty.state()).incidents} == {"resolved"}
    assert calls(sandbox) <= 17


@pytest.mark.parametrize(("code", "kind"), [("2006", Retry), ("1005", Retry), ("1008", GiveUp), ("2010", GiveUp)])
async def test_what_is_refused_for_all_of_them_is_asked_once(
    bot: Bot, hands: SandboxClient, sandbox: Sandbox, code: str, kind: type[Retry | GiveUp]
) -> None:
    alerts = await firing(hands, 12)
    sandbox.faults.add(Rule("pagerduty", "PUT /incidents", "error", error=code, times=None))
    assert isinstance(await bot.room.performer.perform(over(*alerts), attempt()), kind)
    assert calls(sandbox) == 1
