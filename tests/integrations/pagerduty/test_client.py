"""The real pdpyras against the sandbox: what a failure means for the next try, and that one call is one call."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.integrations.pagerduty.client import CHORES, READING, Account, Line, Manner
from bot.integrations.pagerduty.rest import NewIncident, Rest
from bot.integrations.pagerduty.room import Options
from bot.integrations.pagerduty.trouble import Ambiguous, RateLimited, Refused, Trouble, Unreachable
from bot.sandbox import Rule, Sandbox, SandboxClient
from bot.sandbox.faults import Kind

NEW = NewIncident(title="Checkout is down", service="PSCHECK", key="muster/INC-1/page-1")
HASTY = Manner("hasty", threads=2, connect=0.5, read=0.3, whole=1.0)


@pytest.fixture
def account(options: Options) -> Account:
    return Account(options.base_url, options.api_token, options.from_email)


@pytest.fixture
async def line(account: Account) -> AsyncIterator[Line]:
    opened = Line(account, CHORES)
    yield opened
    opened.close()


@pytest.fixture
async def hasty(account: Account) -> AsyncIterator[Rest]:
    rest = Rest(Line(account, HASTY))
    yield rest
    rest.close()


async def test_an_act_is_sent_once_whatever_becomes_of_it(hasty: Rest, hands: SandboxClient) -> None:
    kinds: tuple[Kind, ...] = ("500", "503", "500_after", "reset", "reset_after", "hang", "malformed", "429")
    for kind in kinds:
        await hands.clear_calls()
        await hands.add_fault("pagerduty", "POST /incidents", kind)
        with pytest.raises(Trouble):
            await hasty.open_incident(NEW.model_copy(update={"key": kind}))
        assert len(await hands.calls("pagerduty", "POST /incidents")) == 1, kind


@pytest.mark.parametrize("kind", ["500", "503", "500_after", "reset", "reset_after", "hang", "hang_after", "malformed"])
async def test_an_act_without_an_answer_may_have_taken_effect(hasty: Rest, hands: SandboxClient, kind: Kind) -> None:
    await hands.add_fault("pagerduty", "POST /incidents", kind)
    with pytest.raises(Ambiguous):
        await hasty.open_incident(NEW)


@pytest.mark.parametrize("kind", ["500", "reset", "hang", "malformed"])
async def test_a_read_without_an_answer_certainly_did_nothing(hasty: Rest, hands: SandboxClient, kind: Kind) -> None:
    await hands.add_fault("pagerduty", "GET /services", kind)
    with pytest.raises(Unreachable):
        await hasty.services()


async def test_where_nothing_listens_nothing_was_sent(account: Account) -> None:
    rest = Rest(Line(replace(account, base_url="http://127.0.0.1:9"), HASTY))
    with pytest.raises(Unreachable, match="cannot be reached"):
        await rest.open_incident(NEW)
    rest.close()


async def test_the_rate_limit_says_when_to_come_back(hasty: Rest, hands: SandboxClient) -> None:
    await hands.add_fault("pagerduty", "POST /incidents", "429", retry_after=7)
    with pytest.raises(RateLimited) as caught:
        await hasty.open_incident(NEW)
    assert caught.value.after == 7


async def test_a_no_carries_pagerdutys_own_code(line: Line) -> None:
    rest = Rest(line)
    with pytest.raises(Refused) as caught:
        await rest.incident("PNONE")
    assert (caught.value.status, caught.value.code) == (404, 2100)


@pytest.mark.parametrize("status", [302, 307, 403, 404, 407])
async def test_what_somebody_in_between_says_is_no_no_of_pagerdutys(hasty: Rest, sandbox: Sandbox, status: int) -> None:
    page = {"content-type": "text/html", "location": "/nowhere"}
    rule = Rule("pagerduty", "POST /incidents", "answer", status=status, headers=page, body="<html>Sign in</html>")
    sandbox.faults.add(rule)
    with pytest.raises(Ambiguous):
        await hasty.open_incident(NEW)
    assert len(sandbox.calls.all("pagerduty")) == 1, "nobody is followed anywhere"


async def test_a_wrong_token_is_a_no_and_is_not_named(account: Account) -> None:
    rest = Rest(Line(replace(account, token="u+secretsecret"), HASTY))
    with pytest.raises(Refused) as caught:
        await rest.services()
    assert caught.value.status == 401
    assert "secret" not in str(caught.value)
    rest.close()


async def test_background_reads_are_repeated_at_once(account: Account, hands: SandboxClient) -> None:
    rest = Rest(Line(account, replace(READING, whole=20)))
    await hands.add_fault("pagerduty", "GET /services", "503", times=2)
    assert len(await rest.services()) == 4
    assert len(await hands.calls("pagerduty", "GET /services")) == 3
    rest.close()


async def test_what_still_waits_for_a_thread_when_time_is_up_was_not_sent(
    account: Account, hands: SandboxClient
) -> None:
    rest = Rest(Line(account, replace(HASTY, threads=1, read=5)))
    await hands.add_fault("pagerduty", "POST /incidents", "hang")
    first = asyncio.create_task(rest.open_incident(NEW))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(rest.open_incident(NEW.model_copy(update={"key": "second"})))
    results = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(r) for r in results] == [Ambiguous, Unreachable]
    assert len(await hands.calls("pagerduty", "POST /incidents")) == 1
    rest.close()


async def test_lists_are_read_to_their_last_page(line: Line, hands: SandboxClient) -> None:
    for number in range(103):
        await hands.pagerduty.create_service(f"service {number}", "Checkout")
    assert len(await Rest(line).services()) == 107


async def test_ids_cannot_lead_elsewhere(line: Line, hands: SandboxClient) -> None:
    with pytest.raises(Refused):
        await Rest(line).incident("../services/PSCHECK")
    calls = await hands.calls("pagerduty")
    assert [c["method"] for c in calls if not c["method"].startswith("GET /incidents/")] == []


async def test_whose_act_it_is_can_be_said_for_each(line: Line, hands: SandboxClient) -> None:
    incident = await hands.pagerduty.trigger("checkout", "5xx")
    await Rest(line).acknowledge(incident, "ada@example.com")
    assert (await hands.pagerduty.incident(incident)).acknowledgements[0].user == "PUADA01"
