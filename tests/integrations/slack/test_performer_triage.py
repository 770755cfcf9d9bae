"""Triage cards are posted once, found by their mark, and tell nobody what is private."""

from bot.engine.effects import Receipt
from bot.incident import Declare
from bot.incident.mirror import What
from bot.integrations.slack import effects as slack
from bot.sandbox import Sandbox, SandboxClient
from tests.integrations.slack.hand import ADA, Hand, hear


async def test_a_triage_card_is_found_by_its_mark_and_says_what_became_of_it(
    hand: Hand, hands: SandboxClient, sandbox: Sandbox
) -> None:
    sandbox.slack.settings.limits = "off"
    await hear(hand.engine, "Q1")
    effect = slack.PostTriage(source="pagerduty", alert="Q1")
    await hand.kept(effect, slack.triage_key("pagerduty", "Q1"))
    assert isinstance(await hand.look(effect, slack.triage_key("pagerduty", "Q1")), Receipt)
    await hear(hand.engine, "Q1", What.RESOLVED)
    await hand.kept(slack.RefreshTriage(source="pagerduty", alert="Q1"))
    (card,) = [m for m in (await hands.slack.channel("#incidents"))["messages"] if "Disk" in m["text"]]
    assert "Clear since" in str(card["blocks"])
    assert await hands.slack.pings("#incidents") == []


async def test_a_private_incident_is_neither_offered_nor_named_in_triage(hand: Hand, hands: SandboxClient) -> None:
    await hand.engine.handle(Declare(title="secret", severity=3, private=True), ADA)
    await hand.engine.handle(Declare(title="open", severity=3), ADA)
    await hear(hand.engine, "Q1")
    await hand.kept(slack.PostTriage(source="pagerduty", alert="Q1"), "triage")
    (card,) = [m for m in (await hands.slack.channel("#incidents"))["messages"] if "Disk" in m["text"]]
    assert "Join INC-2" in str(card["blocks"])
    assert "INC-1" not in str(card["blocks"])


async def test_an_alert_that_was_never_in_triage_has_no_card_to_refresh(hand: Hand, sandbox: Sandbox) -> None:
    await hear(hand.engine, "Q1", urgency="low")
    await hand.kept(slack.RefreshTriage(source="pagerduty", alert="Q1"))
    assert sandbox.calls.all("slack") == []
