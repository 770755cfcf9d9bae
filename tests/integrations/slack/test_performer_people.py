"""People are found, invited, told and called by hand; against the sandbox, over HTTP."""

from collections.abc import Mapping

from bot.engine.effects import Doubtful, GiveUp, Receipt
from bot.incident import AssignRole, RecordMember
from bot.incident.values import MUSTER
from bot.integrations.slack import effects as slack
from bot.integrations.slack.refs import tell_ref, tells
from bot.sandbox import Rule, Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.integrations.slack.hand import ADA, BO, ON_CALL, Hand, known, writes
from tests.stories.screen import words


async def invited(hand: Hand, *people: str, services: tuple[str, ...] = (), **names: str) -> Mapping[str, object]:
    effect = slack.Invite(incident=1, people=people, names=names, services=services)
    return (await hand.kept(effect)).data


async def test_who_is_on_call_and_who_declared_come_in_with_one_call(hand: Hand, sandbox: Sandbox) -> None:
    await hand.room()
    await known(hand.engine)
    told = await invited(hand, ADA.id, services=("PCHECK",))
    assert writes(sandbox, "conversations.invite") == 1
    assert told == {"people": [ADA.id, "Bo"], "missing": []}
    assert {seed.ADA, seed.BO} <= set(sandbox.slack.channels[hand.refs["slack.channel"]].members)


async def test_someone_known_by_pagerduty_only_is_asked_for_by_e_mail_once(hand: Hand, sandbox: Sandbox) -> None:
    await hand.room()
    await known(hand.engine)
    assert (await invited(hand, "pagerduty:PDEV"))["people"] == ["Dev"]
    assert hand.engine.directory.by_pagerduty("PDEV") == hand.engine.directory.by_slack(seed.DEV)
    await invited(hand, "pagerduty:PDEV")
    assert writes(sandbox, "users.lookupByEmail") == 1


async def test_whoever_cannot_be_invited_is_named_with_a_plain_reason_and_the_others_come(
    hand: Hand, sandbox: Sandbox
) -> None:
    await hand.room()
    await known(hand.engine)
    xenia, gone = f"slack:{seed.XENIA}", "slack:UGONE"
    effect = slack.Invite(
        incident=1,
        people=(BO.id, xenia, "pagerduty:PZOE", gone, f"slack:{seed.BOT_USER}"),
        names={xenia: "Xenia", gone: "Gone", "pagerduty:PZOE": "Zoe"},
    )
    receipt = await hand.kept(effect)
    reasons = {m["name"]: m["reason"] for m in receipt.data["missing"]}
    assert receipt.data["people"] == ["Bo"]
    assert "another company" in reasons["Xenia"]
    assert "no Slack account" in reasons["Zoe"]
    assert "does not know" in reasons["Gone"]
    assert len(reasons) == 3
    assert seed.BO in sandbox.slack.channels[hand.refs["slack.channel"]].members
    assert writes(sandbox, "conversations.invite") == 1
    command = effect.kept(receipt)
    assert command is not None
    facts = (await hand.engine.handle(command, MUSTER)).events
    assert facts[0].line().startswith("Invited Bo; ")


async def test_whoever_is_there_already_is_no_news_but_counts_after_a_doubt(hand: Hand) -> None:
    await hand.room()
    await known(hand.engine)
    assert (await invited(hand, BO.id))["people"] == ["Bo"]
    assert (await invited(hand, BO.id))["people"] == []
    doubtful = slack.Invite(incident=1, people=(BO.id,))
    again = await hand.kept(doubtful, tries=2)
    assert again.data["people"] == ["Bo"]
    told = doubtful.kept(again)
    assert told is not None
    await hand.engine.handle(told, MUSTER)
    assert (await hand.kept(doubtful, tries=2)).data["people"] == [], "they were told of once"


async def test_into_a_private_room_nobody_is_let_who_lost_meanwhile_what_they_were_to_come_for(hand: Hand) -> None:
    """As after an outage, through which the invitation was kept."""
    i = await hand.room(private=True)
    await hand.engine.handle(AssignRole(incident=1, role="scribe", person=BO), ADA)
    await hand.engine.handle(AssignRole(incident=1, role="scribe", person=ADA, sure=True), ADA)
    assert await invited(hand, BO.id, Bo="Bo") == {"people": [], "missing": []}
    assert seed.BO not in hand.sandbox.slack.channels[hand.refs["slack.channel"]].members
    await hand.engine.handle(AssignRole(incident=i.number, role="scribe", person=BO, sure=True), ADA)
    assert len((await invited(hand, BO.id))["people"]) == 1  # type: ignore[arg-type]


async def test_who_was_called_in_may_come_without_a_part_in_it_unless_they_left_since(hand: Hand) -> None:
    await hand.room(private=True)
    called = hand.engine.clock()
    asked = slack.Invite(incident=1, people=(BO.id,), called_at=called)
    for here in (True, False):
        member = RecordMember(incident=1, channel=hand.refs["slack.channel"], person=BO, here=here)
        await hand.engine.handle(member, MUSTER)
    assert (await hand.kept(asked)).data["people"] == []
    again = asked.model_copy(update={"called_at": hand.engine.clock()})
    assert len((await hand.kept(again)).data["people"]) == 1


async def test_nobody_to_invite_is_no_call(hand: Hand, sandbox: Sandbox) -> None:
    await hand.room()
    await invited(hand, services=("PNONE",))
    assert writes(sandbox, "conversations.invite") == 0


async def test_a_direct_message_is_found_again_after_a_doubt(
    hand: Hand, sandbox: Sandbox, hands: SandboxClient
) -> None:
    sandbox.slack.tokens[seed.BOT_TOKEN].scopes |= {"im:history", "im:write"}
    i = await hand.room()
    tell = slack.Tell(incident=i.number, person=BO.id, name="Bo", about="x", text="You are *Scribe*")
    sandbox.faults.add(Rule("slack", "chat.postMessage", "500_after"))
    assert isinstance(await hand.do(tell, "duties"), Doubtful)
    assert isinstance(await hand.look(tell, "duties"), Receipt)
    assert await hand.look(tell, "others") is None
    assert len(await hands.slack.dm("bo")) == 1


async def test_a_direct_message_about_a_fact_can_be_found_by_it(
    hand: Hand, sandbox: Sandbox, hands: SandboxClient
) -> None:
    sandbox.slack.tokens[seed.BOT_TOKEN].scopes |= {"im:history", "im:write"}
    i = await hand.room()
    tell = slack.Tell(incident=i.number, person=BO.id, name="Bo", about="x", text="You are *Scribe*", seq=4)
    await hand.kept(tell, "duties")
    (told,) = await hands.slack.dm("bo")
    where = hand.refs[tell_ref(4, BO.id)]
    assert where.startswith("D")
    assert where.endswith(f"/{told['ts']}")
    found = await hand.look(tell, "duties")
    assert isinstance(found, Receipt)
    assert [(r.name, r.foreign_id) for r in found.refs] == [(f"{tells(4)}{seed.BO}", where)]
    other = await hand.kept(tell.model_copy(update={"seq": 0}), "other")
    assert other.refs == (), "what tells of no fact is known by nothing"


async def test_without_the_right_to_read_direct_messages_the_look_finds_nothing(hand: Hand, sandbox: Sandbox) -> None:
    sandbox.slack.tokens[seed.BOT_TOKEN].scopes -= {"im:history", "im:write", "*"}
    i = await hand.room()
    tell = slack.Tell(incident=i.number, person=BO.id, name="Bo", about="x", text="hello")
    await hand.kept(tell, "duties")
    assert await hand.look(tell, "duties") is None


async def test_someone_without_a_slack_account_cannot_be_told(hand: Hand) -> None:
    await known(hand.engine)
    tell = slack.Tell(incident=1, person="pagerduty:PZOE", name="Zoe", about="x", text="hello")
    assert await hand.do(tell) == GiveUp("Zoe has no Slack account that is known", final=True)


async def test_numbers_are_told_in_private_only(hand: Hand, hands: SandboxClient) -> None:
    i = await hand.room()
    await known(hand.engine)
    say = slack.Say(incident=i.number, seq=3, text="The page did not go out.", call=(ON_CALL,), wake=("PCHECK",))
    tell = slack.Tell(incident=i.number, person=ADA.id, name="Ada", about="x", text="Call:", call=(ON_CALL,))
    await hand.kept(say, "say/1/3")
    await hand.kept(tell, "tell")
    room = next(words(m) for m in (await hands.slack.channel("inc-1-x"))["messages"] if "did not" in m["text"])
    assert room == f"<@{seed.BO}> The page did not go out.\n• level 1: Bo\n• level 2: Zoe"
    (private,) = await hands.slack.dm("ada")
    assert words(private) == "Call:\n• level 1: Bo · +1 555 0100\n• level 2: Zoe · no number known"


async def test_an_unknown_on_call_is_admitted(hand: Hand, hands: SandboxClient) -> None:
    i = await hand.room()
    await hand.kept(slack.Say(incident=i.number, seq=3, text="Call by hand:", call=(ON_CALL,)))
    assert "No on-call names are known here" in str((await hands.slack.channel("inc-1-x"))["messages"])


async def test_a_refusal_that_does_not_say_whom_it_is_about_keeps_nobody_else_out(hand: Hand, sandbox: Sandbox) -> None:
    await hand.room()
    sandbox.faults.add(Rule("slack", "conversations.invite", "error", error="user_is_restricted", times=3))
    asked = slack.Invite(incident=1, people=(ADA.id, BO.id, f"slack:{seed.DEV}"), names={ADA.id: "Ada"})
    told = (await hand.kept(asked)).data
    assert [m["name"] for m in told["missing"]] == ["Ada"], "refused: all three, then Ada alone, then the other two"
    assert len(told["people"]) == 2


async def test_someone_who_is_the_only_one_asked_and_refused_is_named(hand: Hand) -> None:
    await hand.room()
    xenia = f"slack:{seed.XENIA}"
    told = (await hand.kept(slack.Invite(incident=1, people=(xenia,), names={xenia: "Xenia"}))).data
    assert told["people"] == []
    assert [m["name"] for m in told["missing"]] == ["Xenia"]
