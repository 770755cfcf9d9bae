"""Rooms are opened once and furnished once, whatever goes wrong on the way; against the sandbox, over HTTP."""

import pytest

from bot.engine.effects import Doubtful, GiveUp, Receipt, Ref, Retry
from bot.engine.outbox import Outbox
from bot.incident import Declare, StoreDraft
from bot.incident.values import MUSTER
from bot.integrations.slack import effects as slack
from bot.integrations.slack.drafts import file_name
from bot.sandbox import Rule, Sandbox, SandboxClient
from tests.integrations.slack.hand import ADA, Hand, writes


async def test_a_room_is_one_call_and_its_receipt_tells_where_it_is(hand: Hand, sandbox: Sandbox) -> None:
    made = await hand.kept(slack.OpenRoom(incident=7, name="inc-7-checkout"), "room/7")
    assert writes(sandbox, "conversations.create") == 1
    channel = str(made.data["channel"])
    assert made.refs == (Ref("slack", "channel", channel, "slack.channel"),)
    assert made.data["name"] == "inc-7-checkout"
    assert str(made.data["url"]).endswith(f"/archives/{channel}")


async def test_a_name_taken_by_a_stranger_gets_a_suffix(hand: Hand, hands: SandboxClient) -> None:
    await hands.slack.create_channel("ada", "inc-7-checkout")
    made = await hand.kept(slack.OpenRoom(incident=7, name="inc-7-checkout"))
    assert made.data["name"] == "inc-7-checkout-2"


async def test_when_all_names_are_taken_it_says_so(hand: Hand, hands: SandboxClient) -> None:
    for name in ("r", "r-2", "r-3", "r-4", "r-5"):
        await hands.slack.create_channel("ada", name)
    answer = await hand.do(slack.OpenRoom(incident=7, name="r"))
    assert isinstance(answer, GiveUp)
    assert "all taken" in answer.reason


@pytest.mark.parametrize("private", [False, True])
async def test_a_room_that_a_lost_answer_left_behind_is_found(hand: Hand, sandbox: Sandbox, private: bool) -> None:
    effect = slack.OpenRoom(incident=7, name="inc-7-x", private=private)
    sandbox.faults.add(Rule("slack", "conversations.create", "reset_after"))
    assert isinstance(await hand.do(effect), Doubtful)
    found = await hand.look(effect)
    assert isinstance(found, Receipt)
    (room,) = [c for c in sandbox.slack.channels.values() if c.name == "inc-7-x"]
    assert found.data["channel"] == room.id
    assert room.is_private is private


async def test_a_room_that_was_never_made_is_not_found(hand: Hand, sandbox: Sandbox) -> None:
    effect = slack.OpenRoom(incident=7, name="inc-7-x")
    sandbox.faults.add(Rule("slack", "conversations.create", "reset"))
    assert isinstance(await hand.do(effect), Doubtful)
    assert await hand.look(effect) is None


async def test_a_strangers_channel_of_the_same_name_is_never_taken_for_ours(hand: Hand, hands: SandboxClient) -> None:
    await hands.slack.create_channel("ada", "inc-7-x")
    await hands.slack.invite("ada", "inc-7-x", "muster")
    assert await hand.look(slack.OpenRoom(incident=7, name="inc-7-x")) is None


async def test_a_room_older_than_the_try_or_of_another_incident_is_not_taken(
    hand: Hand, sandbox: Sandbox, outbox: Outbox
) -> None:
    await hand.engine.handle(Declare(title="one", severity=3), ADA)
    await outbox.idle()
    taken = slack.OpenRoom(incident=9, name="inc-1-one")
    assert await hand.look(taken) is None, "it belongs to INC-1"
    await hand.kept(slack.OpenRoom(incident=8, name="inc-8"), "room/8")
    sandbox.clock.advance(3600)
    assert await hand.look(slack.OpenRoom(incident=8, name="inc-8")) is None, "it is older than the try"


async def test_the_topic_is_read_before_it_is_set_again(hand: Hand, sandbox: Sandbox) -> None:
    i = await hand.room()
    effect = slack.SetTopic(incident=i.number)
    assert await hand.look(effect) is None
    sandbox.faults.add(Rule("slack", "conversations.setTopic", "500_after"))
    assert isinstance(await hand.do(effect), Doubtful)
    assert isinstance(await hand.look(effect), Receipt)
    topic = sandbox.slack.channels[hand.refs["slack.channel"]].topic["value"]
    assert topic == "SEV3 · Investigating · Incident Commander: Ada"


async def test_a_topic_that_says_so_already_is_not_set_again(hand: Hand, sandbox: Sandbox) -> None:
    i = await hand.room()
    await hand.kept(slack.SetTopic(incident=i.number))
    await hand.kept(slack.SetTopic(incident=i.number))
    assert writes(sandbox, "conversations.setTopic") == 1, "each time is a line that the whole room reads"


async def test_a_bookmark_is_looked_for_by_its_link(hand: Hand, sandbox: Sandbox) -> None:
    i = await hand.room()
    effect = slack.AddBookmark(incident=i.number, title="PagerDuty", link="https://pd.example/Q1")
    assert await hand.look(effect) is None
    sandbox.faults.add(Rule("slack", "bookmarks.add", "reset_after"))
    assert isinstance(await hand.do(effect), Doubtful)
    assert isinstance(await hand.look(effect), Receipt)


async def test_pinning_twice_is_as_good_as_once(hand: Hand, sandbox: Sandbox) -> None:
    i = await hand.room()
    await hand.kept(slack.PostCard(incident=i.number), "card/1")
    await hand.kept(slack.PinCard(incident=i.number))
    await hand.kept(slack.PinCard(incident=i.number), tries=2)
    assert len(sandbox.slack.channels[hand.refs["slack.channel"]].pins) == 1


async def test_the_draft_is_a_file_with_our_mark_in_its_name(hand: Hand, sandbox: Sandbox) -> None:
    i = await hand.room()
    await hand.engine.handle(StoreDraft(incident=i.number, body="# What happened\n"), MUSTER)
    effect = slack.UploadDraft(incident=i.number, version=1)
    assert await hand.look(effect, "draft/1/1") is None
    sandbox.faults.add(Rule("slack", "files.completeUploadExternal", "500_after"))
    assert isinstance(await hand.do(effect, "draft/1/1"), Doubtful)
    found = await hand.look(effect, "draft/1/1")
    assert isinstance(found, Receipt)
    file = sandbox.slack.files[found.refs[0].foreign_id]
    assert (file.name, file.content) == (file_name(effect, "draft/1/1"), b"# What happened\n")


async def test_a_doubt_before_the_file_is_shared_is_no_doubt(hand: Hand, sandbox: Sandbox) -> None:
    i = await hand.room()
    await hand.engine.handle(StoreDraft(incident=i.number, body="text"), MUSTER)
    sandbox.faults.add(Rule("slack", "files.getUploadURLExternal", "500_after"))
    assert isinstance(await hand.do(slack.UploadDraft(incident=i.number, version=1)), Retry)
