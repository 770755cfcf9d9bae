"""Whose phone rings when, in the sandbox's PagerDuty."""

import asyncio

from bot.sandbox import SandboxClient


async def rung(hands: SandboxClient) -> list[tuple[str, str]]:
    return [(page.kind, page.user) for page in await hands.pagerduty.pages()]


async def first_held(hands: SandboxClient) -> str:
    """The type of the first event that is held back, as soon as there is one."""
    async with asyncio.timeout(5):
        while True:
            if held := await hands.pagerduty.held():
                return held[0]
            await asyncio.sleep(0.01)


async def test_a_new_incident_pages_whoever_is_on_call(hands: SandboxClient) -> None:
    await hands.pagerduty.trigger("checkout", "Slow", key="k")
    [page] = await hands.pagerduty.pages()
    assert (page.kind, page.user, page.incident_key, page.message) == ("incident", "PUBO001", "k", "Slow")


async def test_low_urgency_wakes_nobody(hands: SandboxClient) -> None:
    await hands.pagerduty.trigger("checkout", "Slow", urgency="low")
    assert await rung(hands) == []


async def test_an_escalation_pages_the_next_level_and_there_is_an_end_to_it(hands: SandboxClient) -> None:
    incident = await hands.pagerduty.trigger("search", "Slow")
    await hands.pagerduty.acknowledge(incident, "Dev")
    await hands.pagerduty.escalate(incident, by="Dev")
    assert await rung(hands) == [("incident", "PUDEV01"), ("escalation", "PUADA01"), ("escalation", "PUZOE01")]
    fresh = await hands.pagerduty.incident(incident)
    assert (fresh.status, fresh.acknowledgements, fresh.assignees) == ("triggered", (), ("PUADA01", "PUZOE01"))


async def test_what_nobody_acknowledges_escalates_if_told_to(hands: SandboxClient) -> None:
    await hands.pagerduty.escalate_after(300)
    waiting = await hands.pagerduty.trigger("checkout", "Waiting")
    taken = await hands.pagerduty.trigger("payments", "Taken")
    await hands.pagerduty.acknowledge(taken, "Finn")
    await hands.pagerduty.hold()
    await hands.advance(301)
    assert await first_held(hands) == "incident.escalated"
    assert await rung(hands) == [("incident", "PUBO001"), ("incident", "PUFINN1"), ("escalation", "PUDEV01")]
    await hands.advance(900)
    assert (await hands.pagerduty.incident(waiting)).level == 2
    assert (await hands.pagerduty.incident(taken)).level == 1


async def test_nothing_escalates_by_itself_unless_told_to(hands: SandboxClient) -> None:
    await hands.pagerduty.escalate_after(None)
    incident = await hands.pagerduty.trigger("checkout", "Waiting")
    await hands.pagerduty.snooze(await hands.pagerduty.trigger("search", "Snoozed"), 60, by="Dev")
    await hands.pagerduty.hold()
    await hands.advance(86_400)
    # The snoozed one woke, so time was seen to pass.
    assert await first_held(hands) == "incident.unacknowledged"
    assert (await hands.pagerduty.incident(incident)).level == 1


async def test_a_snooze_that_runs_out_rings_again(hands: SandboxClient) -> None:
    await hands.pagerduty.escalate_after(None)
    incident = await hands.pagerduty.trigger("checkout", "Slow")
    await hands.pagerduty.snooze(incident, 60, by="Bo")
    await hands.pagerduty.hold()
    await hands.advance(61)
    assert await first_held(hands) == "incident.unacknowledged"
    assert await rung(hands) == [("incident", "PUBO001"), ("unacknowledged", "PUBO001")]


async def test_each_request_for_help_pages_and_each_answer_is_kept(hands: SandboxClient) -> None:
    incident = await hands.pagerduty.trigger("checkout", "Slow")
    await hands.pagerduty.add_responder(incident, "Gus", by="Bo", message="Need the DBA")
    await hands.pagerduty.add_responder(incident, "policy:Incident commanders", by="Bo")
    await hands.pagerduty.add_responder(incident, "Gus", by="Bo", message="Need the DBA")
    asked = [("responder_request", user) for user in ("PUGUS01", "PUADA01", "PUGUS01")]
    assert (await rung(hands))[1:] == asked
    await hands.pagerduty.answer_responder(incident, "Gus", accepted=False)
    await hands.pagerduty.answer_responder(incident, "Ada")
    states = [(r.user, r.state) for r in (await hands.pagerduty.state()).responders]
    assert states == [("PUGUS01", "pending"), ("PUADA01", "joined"), ("PUGUS01", "declined")]


async def test_reopening_starts_again_at_level_one(hands: SandboxClient) -> None:
    incident = await hands.pagerduty.trigger("checkout", "Slow")
    await hands.pagerduty.escalate(incident)
    await hands.pagerduty.resolve(incident, by="Dev")
    await hands.pagerduty.reopen(incident, by="Dev")
    fresh = await hands.pagerduty.incident(incident)
    assert (fresh.status, fresh.level, fresh.resolved_at) == ("triggered", 1, None)
    assert (await rung(hands))[-1] == ("reopened", "PUBO001")
