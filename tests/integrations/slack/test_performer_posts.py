"""Messages are posted once, found again after a doubt, and edited in place; against the sandbox, over HTTP."""

import pytest

from bot.engine.effects import Doubtful, GiveUp, Receipt, Ref, Retry
from bot.engine.handle import Engine
from bot.engine.outbox import Outbox
from bot.incident import AddNote, Declare, RecordCard, RedactEntry, SetSeverity
from bot.integrations.slack import effects as slack
from bot.integrations.slack.client import Connection
from bot.integrations.slack.performer import SlackPerformer
from bot.integrations.slack.refs import card_of
from bot.sandbox import Rule, Sandbox, SandboxClient
from bot.sandbox.slack import posting, seed
from tests.integrations.slack.hand import ADA, AMBIGUOUS, Hand, writes


async def test_the_card_is_posted_with_our_mark_and_found_by_it(hand: Hand, hands: SandboxClient) -> None:
    i = await hand.room()
    posted = await hand.kept(slack.PostCard(incident=i.number), "card/1")
    channel = await hands.slack.channel("inc-1-x")
    (message,) = [m for m in channel["messages"] if not m.get("subtype")]
    assert message["metadata"] == {"event_type": "muster", "event_payload": {"key": "card/1"}}
    assert posted.refs == (Ref("slack", "message", f"{channel['id']}/{message['ts']}", "slack.card"),)
    found = await hand.look(slack.PostCard(incident=i.number), "card/1")
    assert isinstance(found, Receipt)
    assert found.refs == posted.refs
    assert await hand.look(slack.PostCard(incident=i.number), "card/2") is None


@pytest.mark.parametrize("fault", AMBIGUOUS)
async def test_after_an_unclear_answer_the_look_tells_whether_it_was_posted(
    hand: Hand, sandbox: Sandbox, fault: str
) -> None:
    i = await hand.room()
    effect = slack.Say(incident=i.number, seq=3, text="hello")
    sandbox.faults.add(Rule("slack", "chat.postMessage", fault))  # type: ignore[arg-type]
    assert isinstance(await hand.do(effect, "say/1/3"), Doubtful)
    found = await hand.look(effect, "say/1/3")
    assert (found is not None) is fault.endswith("_after")


async def test_internal_errors_are_doubts(hand: Hand, sandbox: Sandbox) -> None:
    i = await hand.room()
    for code in ("internal_error", "fatal_error"):
        sandbox.faults.add(Rule("slack", "chat.postMessage", "error", error=code))
        assert isinstance(await hand.do(slack.Say(incident=i.number, seq=3, text="x")), Doubtful)


async def test_a_429_waits_as_long_as_slack_says_and_pauses_the_method(hand: Hand, sandbox: Sandbox) -> None:
    i = await hand.room()
    sandbox.faults.add(Rule("slack", "chat.postMessage", "429", retry_after=17))
    answer = await hand.do(slack.Say(incident=i.number, seq=3, text="x"))
    assert isinstance(answer, Retry)
    assert (answer.after, answer.pause) == (17.0, "slack/chat.postMessage")


async def test_slack_out_of_reach_is_a_retry(hand: Hand, engine: Engine) -> None:
    nowhere = await Connection.open("xoxb-x", "http://127.0.0.1:9/api/", timeout=1)
    performer = SlackPerformer(nowhere, engine.directory, engine.reading, engine.policy)
    answer = await performer.perform(slack.OpenRoom(incident=1, name="inc-1"), hand.attempt("room/1"))
    assert isinstance(answer, Retry)
    await nowhere.close()


async def test_a_card_is_updated_to_what_is_true_now(hand: Hand, hands: SandboxClient) -> None:
    i = await hand.room()
    await hand.kept(slack.PostCard(incident=i.number), "card/1")
    await hand.engine.handle(SetSeverity(incident=i.number, to=2), ADA)
    await hand.kept(slack.RefreshCard(incident=i.number))
    channel = await hands.slack.channel("inc-1-x")
    (message,) = [m for m in channel["messages"] if not m.get("subtype")]
    assert "*SEV2*" in str(message["blocks"])
    assert message["metadata"]["event_payload"] == {"key": "card/1"}


async def test_a_failed_step_stands_on_the_card_with_retry(
    hand: Hand, sandbox: Sandbox, hands: SandboxClient, outbox: Outbox
) -> None:
    sandbox.faults.add(Rule("slack", "pins.add", "error", error="restricted_action"))
    await hand.engine.handle(Declare(title="one", severity=3), ADA)
    await outbox.idle()
    messages = (await hands.slack.channel("inc-1-one"))["messages"]
    assert [m["text"] for m in messages if m["text"].startswith("Could not pin the card: a setting")]
    (card,) = [m for m in messages if "retry_step" in str(m.get("blocks"))]
    assert "ask an admin" in str(card["blocks"])
    parked = next(s for s in await hand.engine.reading.setup(1) if s.state == "parked")
    assert await outbox.retry(parked.effect)
    await outbox.idle()
    channel = await hands.slack.channel("inc-1-one")
    assert channel["pins"] == [card["ts"]]
    assert "Could not" not in str(next(m for m in channel["messages"] if m["ts"] == card["ts"])["blocks"])


async def test_a_card_that_somebody_deleted_is_posted_anew_and_is_the_card_from_then_on(
    hand: Hand, hands: SandboxClient, sandbox: Sandbox
) -> None:
    i = await hand.room()
    await hand.kept(slack.PostCard(incident=i.number), "card/1")
    for nth in (1, 2):
        channel, _, ts = card_of(hand.refs).partition("/")
        sandbox.slack.channels[channel].messages[ts].deleted = True
        refresh = slack.RefreshCard(incident=i.number)
        receipt = await hand.kept(refresh, f"refresh/{nth}")
        assert refresh.kept(receipt) == RecordCard(incident=i.number, step=refresh.step)
        assert card_of(hand.refs) != f"{channel}/{ts}"
    await hand.kept(slack.RefreshCard(incident=i.number), "refresh/3")
    await hand.kept(slack.PinCard(incident=i.number))
    room = await hands.slack.channel("inc-1-x")
    (card,) = [m["ts"] for m in room["messages"] if "INC-1" in m["text"]]
    assert room["pins"] == [card]


async def test_a_card_posted_anew_by_a_try_whose_outcome_was_lost_is_found(
    hand: Hand, hands: SandboxClient, sandbox: Sandbox
) -> None:
    i = await hand.room()
    await hand.kept(slack.PostCard(incident=i.number), "card/1")
    channel, _, ts = hand.refs["slack.card"].partition("/")
    sandbox.slack.channels[channel].messages[ts].deleted = True
    sandbox.faults.add(Rule("slack", "chat.postMessage", "reset_after"))
    assert isinstance(await hand.do(slack.RefreshCard(incident=i.number), "refresh"), Doubtful)
    await hand.kept(slack.RefreshCard(incident=i.number), "refresh", tries=2)
    room = await hands.slack.channel("inc-1-x")
    assert len([m for m in room["messages"] if "INC-1" in m["text"]]) == 1


async def test_an_announcement_that_somebody_deleted_stays_deleted(
    hand: Hand, hands: SandboxClient, sandbox: Sandbox
) -> None:
    i = await hand.room()
    await hand.kept(slack.PostAnnouncement(incident=i.number), "announcement/1")
    channel, _, ts = hand.refs["slack.announcement"].partition("/")
    sandbox.slack.channels[channel].messages[ts].deleted = True
    await hand.kept(slack.RefreshAnnouncement(incident=i.number))
    assert not [m for m in await hands.slack.messages("#incidents") if "INC-1" in m["text"]]


async def test_a_sentence_refused_in_plain_words_too_is_given_up_for_good(hand: Hand, sandbox: Sandbox) -> None:
    i = await hand.room()
    sandbox.faults.add(Rule("slack", "chat.postMessage", "error", error="msg_too_long", times=None))
    answer = await hand.do(slack.Say(incident=i.number, seq=3, text="hello"))
    assert isinstance(answer, GiveUp)
    assert answer.final


async def test_who_cannot_be_written_to_is_named(hand: Hand, sandbox: Sandbox) -> None:
    sandbox.faults.add(Rule("slack", "chat.postMessage", "error", error="channel_not_found"))
    answer = await hand.do(slack.Tell(incident=1, person=f"slack:{seed.BO}", name="Bo", about="x", text="hello"))
    assert isinstance(answer, GiveUp)
    assert "write to Bo" in answer.reason


async def test_what_slack_refuses_for_its_shape_is_said_in_plain_words(hand: Hand, sandbox: Sandbox) -> None:
    i = await hand.room()
    sandbox.faults.add(Rule("slack", "chat.postMessage", "error", error="invalid_blocks"))
    await hand.kept(slack.Say(incident=i.number, seq=3, text=f"<@{seed.ADA}> says &lt;hi&gt;"))
    sent = sandbox.calls.all("slack", "chat.postMessage")[-1].args
    assert not sent.get("blocks")
    assert sent["text"] == f"@{seed.ADA} says &lt;hi&gt;"


async def test_an_announcement_finds_its_channel_by_name_and_is_edited_in_place(
    hand: Hand, hands: SandboxClient
) -> None:
    i = await hand.room()
    await hand.kept(slack.PostAnnouncement(incident=i.number), "announcement/1")
    assert isinstance(await hand.look(slack.PostAnnouncement(incident=i.number), "announcement/1"), Receipt)
    await hand.engine.handle(SetSeverity(incident=i.number, to=1), ADA)
    await hand.kept(slack.RefreshAnnouncement(incident=i.number))
    (message,) = [m for m in (await hands.slack.channel("#incidents"))["messages"] if "INC-1" in m["text"]]
    assert "SEV1" in str(message["blocks"])
    assert f"<#{hand.refs['slack.channel']}>" in str(message["blocks"])


async def test_a_shared_channel_that_we_are_not_in_is_joined(
    hand: Hand, engine: Engine, connection: Connection, hands: SandboxClient, sandbox: Sandbox
) -> None:
    i = await hand.room()
    sandbox.slack.tokens[seed.BOT_TOKEN].scopes.discard("chat:write.public")
    performer = SlackPerformer(connection, engine.directory, engine.reading, engine.policy, announce="ops")
    answer = await performer.perform(slack.PostAnnouncement(incident=i.number), hand.attempt("announcement/1"))
    assert isinstance(answer, Receipt), answer
    assert "INC-1" in str((await hands.slack.channel("#ops"))["messages"])


async def test_an_announcement_channel_that_is_not_there_is_named(
    hand: Hand, engine: Engine, connection: Connection
) -> None:
    i = await hand.room()
    performer = SlackPerformer(connection, engine.directory, engine.reading, engine.policy, announce="#nowhere")
    answer = await performer.perform(slack.PostAnnouncement(incident=i.number), hand.attempt("a"))
    assert isinstance(answer, GiveUp)
    assert "#nowhere" in answer.reason


async def test_a_sentence_brings_its_own_ref_and_buttons(hand: Hand, hands: SandboxClient) -> None:
    i = await hand.room()
    button = slack.Button(label="Page next level", action="page_next", value="1/1")
    said = await hand.kept(slack.Say(incident=i.number, seq=3, text="*Nobody answered*", buttons=(button,)))
    assert [ref.name for ref in said.refs] == ["slack.say.3"]
    (message,) = [m for m in (await hands.slack.channel("inc-1-x"))["messages"] if not m.get("subtype")]
    assert message["blocks"][1]["elements"][0]["value"] == "1/1"


async def test_redacted_words_leave_the_room(hand: Hand, hands: SandboxClient) -> None:
    i = await hand.room()
    noted = await hand.engine.handle(AddNote(incident=i.number, text="the password is hunter2"), ADA)
    seq = noted.first_seq
    await hand.kept(slack.Say(incident=i.number, seq=seq, text="Ada noted: the password is hunter2"))
    await hand.engine.handle(RedactEntry(incident=i.number, entry=seq), ADA)
    await hand.kept(slack.BlankMessage(incident=i.number, entry=seq))
    messages = (await hands.slack.channel("inc-1-x"))["messages"]
    assert "hunter2" not in str([(m["text"], m.get("blocks")) for m in messages])
    assert "redacted" in messages[0]["text"] or "redacted" in messages[-1]["text"]


async def test_a_sentence_that_was_never_posted_needs_no_blanking(hand: Hand, sandbox: Sandbox) -> None:
    i = await hand.room()
    await hand.kept(slack.BlankMessage(incident=i.number, entry=99))
    assert writes(sandbox, "chat.update") == 0


async def test_our_mark_is_found_under_pages_of_later_messages(hand: Hand, sandbox: Sandbox) -> None:
    i = await hand.room()
    said = await hand.kept(slack.Say(incident=i.number, seq=3, text="first"), "say/1/3")
    room = sandbox.slack.channels[hand.refs["slack.channel"]]
    for n in range(450):
        posting.post(sandbox.slack, room, seed.BO, {"text": f"chatter {n}"})
    before = sandbox.calls.last
    found = await hand.look(slack.Say(incident=i.number, seq=3, text="first"), "say/1/3")
    assert isinstance(found, Receipt)
    assert found.refs == said.refs
    assert len(sandbox.calls.all("slack", "conversations.history", since=before)) == 3


async def test_where_muster_may_not_look_a_person_must_and_nothing_is_posted_twice(
    hand: Hand, sandbox: Sandbox
) -> None:
    i = await hand.room()
    sandbox.faults.add(Rule("slack", "conversations.history", "error", error="missing_scope"))
    found = await hand.look(slack.Say(incident=i.number, seq=3, text="hello"))
    assert isinstance(found, GiveUp)
    assert found.reason.startswith("it may have been done, and Muster cannot look: the Slack app lacks the scope")


async def test_a_look_into_an_answer_without_messages_is_made_again_and_nothing_is_posted_twice(
    hand: Hand, sandbox: Sandbox
) -> None:
    i = await hand.room()
    say = slack.Say(incident=i.number, seq=3, text="hello")
    await hand.kept(say, "say/3")
    headers = {"content-type": "application/json"}
    sandbox.faults.add(Rule("slack", "conversations.history", "answer", body='{"ok": true}', headers=headers))
    assert isinstance(await hand.look(say, "say/3"), Retry)
    assert isinstance(await hand.look(say, "say/3"), Receipt)


@pytest.mark.parametrize("status", [302, 307])
async def test_a_redirect_is_a_doubt_and_takes_our_words_nowhere(hand: Hand, sandbox: Sandbox, status: int) -> None:
    i = await hand.room()
    elsewhere = {"location": f"{sandbox.slack_url.rstrip('/')}/elsewhere"}
    sandbox.faults.add(Rule("slack", "chat.postMessage", "answer", status=status, headers=elsewhere))
    assert isinstance(await hand.do(slack.Say(incident=i.number, seq=3, text="hello")), Doubtful)
    assert sandbox.calls.all("slack", "elsewhere") == []
