"""Pages pinned to the room and people asked into it: what is understood, promised, and told where it cannot be."""

from datetime import timedelta

import pytest

from bot.engine.effects import Promise, Receipt
from bot.engine.handle import Engine
from bot.engine.outbox import Outbox
from bot.incident import AddLink, AskIn, Declare, RedactEntry
from bot.incident.inviting import Group, PeopleAsked
from bot.incident.lifecycle import Declared
from bot.incident.links import LinkAdded
from bot.incident.model import Birth, Event, Incident
from bot.incident.policy import DEFAULT_SEVERITIES, Policy
from bot.incident.severity import SeverityChanged
from bot.integrations.slack import effects as slack
from bot.integrations.slack.fact import Places
from bot.integrations.slack.outbound import announcer
from bot.integrations.slack.words import web_page
from bot.sandbox import Rule, Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.integrations.slack.hand import ADA as SEED_ADA
from tests.integrations.slack.hand import Hand, writes
from tests.integrations.slack.nights import ADA, BO, NIGHT, SEV1, SEV2, SEV3, TWO

GRAPH = "https://graphs.example/checkout?a=1&b=2"
PAYMENTS = Group(id="S0PAYMENTS", name="@payments")
WORST, *MILDER = DEFAULT_SEVERITIES
LEADS = Policy(severities=(WORST.model_copy(update={"invite": ("leads", "@payments")}), *MILDER))
AT = TWO + timedelta(minutes=5)


def promised(event: Event, before: Incident | None = NIGHT, policy: Policy = LEADS) -> list[Promise]:
    if isinstance(event, Birth):
        return list(announcer(Places())(event, None, event.begin().but(seq=1), policy))
    assert before is not None
    return list(announcer(Places())(event, before, event.apply(before).but(seq=before.seq + 1), policy))


def invitations(event: Event, before: Incident = NIGHT) -> list[slack.Invite]:
    return [p.effect for p in promised(event, before) if isinstance(p.effect, slack.Invite)]


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        (
            "<https://graphs.example/x?a=1&amp;b=2|graphs.example/x?a=1&amp;b=2>",
            ("https://graphs.example/x?a=1&b=2", ""),
        ),
        ("<https://graphs.example|Checkout &amp; tills>", ("https://graphs.example", "Checkout & tills")),
        ("<https://graphs.example>", ("https://graphs.example", "")),
        ("https://graphs.example/x?a=1&amp;b=2", ("https://graphs.example/x?a=1&b=2", "")),
        ("<http://graphs.example|graphs.example>", ("http://graphs.example", "")),
        ("graphs.example", None),
        ("<mailto:ada@example.com|ada@example.com>", None),
        ("<@U0ADA00001|ada>", None),
        ("", None),
    ],
)
def test_a_link_is_read_as_slack_sends_it(typed: str, page: tuple[str, str] | None) -> None:
    assert web_page(typed) == page


def test_a_link_is_said_and_pinned_and_its_key_does_not_hold_its_words() -> None:
    made = promised(LinkAdded(incident=42, at=AT, by=ADA, url=GRAPH, title="Check<out"))
    assert [p.effect.kind for p in made] == ["say", "add_bookmark", "refresh_card"]
    said, pinned = made[0].effect, made[1].effect
    assert isinstance(said, slack.Say)
    assert said.text == f"Ada Nwosu linked <{GRAPH}|Check&lt;out>."
    assert pinned == slack.AddBookmark(incident=42, title="Check<out", link=GRAPH)
    assert not [p.key for p in made if "graphs" in p.key or "Check" in p.key]
    assert pinned.redacted() is None


def test_people_and_groups_are_promised_one_invitation_anew_each_time() -> None:
    asked = PeopleAsked(incident=42, at=AT, by=ADA, people=(BO,), groups=(PAYMENTS,))
    (invitation,) = invitations(asked)
    assert (invitation.people, invitation.groups) == ((BO.id,), ("S0PAYMENTS",))
    assert invitation.names == {BO.id: "Bo Carter", "S0PAYMENTS": "@payments"}
    keys = {p.key for seq in (9, 10) for p in promised(asked, NIGHT.but(seq=seq)) if p.effect.kind == "invite"}
    assert len(keys) == 2, "who left is asked in once more"


def test_a_severity_brings_its_groups_along_when_it_is_declared_or_raised_to() -> None:
    declared = Declared(incident=42, at=AT, by=ADA, title="x", severity=SEV1)
    assert [i.groups for i in invitations(declared) if i.groups] == [("@leads", "@payments")]
    raised = SeverityChanged(incident=42, at=AT, by=ADA, was=SEV3, now=SEV1)
    assert [i.groups for i in invitations(raised, NIGHT.but(severity=SEV3))] == [("@leads", "@payments")]


def test_nobody_is_brought_along_by_a_lowered_severity_a_drill_or_a_private_incident() -> None:
    begun = {"incident": 42, "at": AT, "by": ADA, "title": "x", "severity": SEV1}
    for more in ({"drill": True}, {"private": True}, {"quiet": True}, {"severity": SEV2}):
        assert [i for i in invitations(Declared.model_validate({**begun, **more})) if i.groups] == []
    lowered = SeverityChanged(incident=42, at=AT, by=ADA, was=SEV1.model_copy(update={"level": 0}), now=SEV1)
    assert invitations(lowered) == []


async def invited(hand: Hand, group: str) -> Receipt:
    await hand.room()
    return await hand.kept(slack.Invite(incident=1, names={group: "@payments"}, groups=(group,)))


@pytest.mark.parametrize("group", ["S0PAYMENTS", "@payments"])
async def test_a_group_by_its_id_or_its_handle_is_everybody_in_it(hand: Hand, hands: SandboxClient, group: str) -> None:
    await invited(hand, group)
    members = (await hands.slack.channel(hand.refs["slack.channel"]))["members"]
    assert {seed.BO, seed.FINN} <= set(members)


@pytest.mark.parametrize(
    ("group", "fault", "why"),
    [
        ("S0NOBODY", "", "knows no such group"),
        ("@nobody", "", "knows no such group"),
        ("S0PAYMENTS", "missing_scope", "usergroups:read"),
        ("S0PAYMENTS", "plan_upgrade_required", "plan of Slack has no groups"),
    ],
)
async def test_a_group_that_cannot_be_read_is_told_of_with_the_reason(
    hand: Hand, sandbox: Sandbox, group: str, fault: str, why: str
) -> None:
    if fault:
        sandbox.faults.add(Rule("slack", "usergroups.users.list", "error", error=fault))
    receipt = await invited(hand, group)
    (missing,) = receipt.data["missing"]
    assert missing["name"] == "@payments"
    assert why in missing["reason"]
    assert receipt.data["people"] == []


async def test_a_redacted_link_leaves_the_bar_and_the_others_stay(
    engine: Engine, outbox: Outbox, hands: SandboxClient, sandbox: Sandbox
) -> None:
    await engine.handle(Declare(title="Checkout errors", severity=3), SEED_ADA)
    entries = []
    for url in (GRAPH, "https://status.example"):
        i = (await engine.handle(AddLink(incident=1, url=url), SEED_ADA)).incident
        assert i is not None
        entries.append(i.seq)
    await outbox.idle()
    await engine.handle(RedactEntry(incident=1, entry=entries[1]), SEED_ADA)
    await outbox.idle()
    room = await hands.slack.channel((await engine.reading.refs(1))["slack.channel"])
    assert [bookmark["link"] for bookmark in room["bookmarks"]] == [GRAPH]
    assert writes(sandbox, "bookmarks.remove") == 1


async def test_who_is_asked_in_is_there_and_told_of_once(engine: Engine, outbox: Outbox, hands: SandboxClient) -> None:
    await engine.handle(Declare(title="Checkout errors", severity=3), SEED_ADA)
    await outbox.idle()
    await engine.handle(AskIn(incident=1, groups=(PAYMENTS,)), SEED_ADA)
    await outbox.idle()
    kinds = [s.event.kind for s in await engine.reading.events(1)]
    assert kinds.count("people_invited") == 2, "the declarer, then the group"
