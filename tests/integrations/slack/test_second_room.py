"""An incident in its second room: what is done there, what the first one still gets, who is let through the door."""

import pytest

from bot.engine.effects import GiveUp, Receipt, Ref
from bot.incident import AssignRole, Declare, Edit, MakePrivate, Merge, RecordRoom
from bot.incident.model import Refused
from bot.incident.people import Person
from bot.incident.policy import Policy
from bot.incident.values import MUSTER
from bot.integrations.slack import effects as slack
from bot.integrations.slack.seeing import seen
from bot.integrations.slack.verbs import House
from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.integrations.slack.hand import ADA, Hand, writes
from tests.stories.screen import words

SECRET = "Umbrella"
CARLA = Person(slack=seed.CARLA, name="Carla")


async def moved(hand: Hand) -> None:
    """INC-1 with its card in a room, announced; then private, in a second room with its card, its title a secret."""
    await hand.room()
    await hand.kept(slack.PostCard(incident=1), "card/1")
    await hand.kept(slack.PostAnnouncement(incident=1), "announcement/1")
    await hand.engine.handle(MakePrivate(incident=1), ADA)
    effect = slack.OpenRoom(incident=1, name="inc-1-private", private=True, room=2)
    opened = await hand.kept(effect, "room/1/2")
    command = effect.kept(opened)
    assert command is not None
    await hand.engine.handle(command, MUSTER)
    hand.engine.directory.learn(1, opened.refs)
    await hand.engine.handle(Edit(incident=1, title=SECRET), ADA)


async def said(hands: SandboxClient, channel: str) -> str:
    """What the bot wrote there, as it stands now."""
    shown = [m for m in await hands.slack.messages(channel) if not m.get("subtype")]
    return "\n".join(f"{m['text']}\n{words(m)}" for m in shown)


async def test_the_second_room_is_private_and_known_beside_the_first(hand: Hand, hands: SandboxClient) -> None:
    await moved(hand)
    assert (await hands.slack.channel("inc-1-private"))["is_private"]
    assert hand.refs["slack.channel"] != hand.refs["slack.channel.2"]
    i = await hand.engine.reading.incident(1)
    assert i is not None
    assert i.room is not None
    assert i.room.channel == hand.refs["slack.channel.2"]


async def test_its_card_topic_and_sentences_go_to_the_room_that_they_are_about(
    hand: Hand, hands: SandboxClient
) -> None:
    await moved(hand)
    for effect in (slack.PostCard, slack.SetTopic, slack.PinCard):
        await hand.kept(effect(incident=1, room=2), effect.kind)
    await hand.kept(slack.Say(incident=1, seq=7, text=f"about {SECRET}", room=2))
    new = await hands.slack.channel("inc-1-private")
    assert SECRET in await said(hands, "inc-1-private")
    assert new["topic"]["value"].startswith("SEV3")
    assert new["pins"]
    assert SECRET not in await said(hands, "inc-1-x")
    assert not (await hands.slack.channel("inc-1-x"))["topic"]["value"]


async def test_what_was_promised_for_the_room_that_it_left_shows_nothing_new_there(
    hand: Hand, hands: SandboxClient
) -> None:
    await moved(hand)
    for effect in (slack.RefreshCard(incident=1), slack.SetTopic(incident=1), slack.PostCard(incident=1)):
        await hand.kept(effect, effect.kind)
    await hand.kept(slack.Say(incident=1, seq=5, text="said before it moved"), "late")
    old = await said(hands, "inc-1-x")
    assert "*INC-1* goes on in a private room" in old
    assert "said before it moved" in old
    assert "Checkout errors" not in old, "the card is gone from there"
    assert SECRET not in old
    assert (await hands.slack.channel("inc-1-x"))["topic"]["value"] == "Goes on in a private room"


async def test_what_draws_the_present_is_not_done_in_a_room_that_was_left(hand: Hand, sandbox: Sandbox) -> None:
    await moved(hand)
    answer = await hand.do(slack.UploadDraft(incident=1, version=1))
    assert answer == GiveUp("the incident goes on in another room", final=True)
    assert writes(sandbox, "files.completeUploadExternal") == 0


async def test_a_deleted_card_of_a_room_that_was_left_stays_deleted(hand: Hand, hands: SandboxClient) -> None:
    await moved(hand)
    channel, _, ts = hand.refs["slack.card"].partition("/")
    await hands.slack.delete_message("muster", channel, ts)
    assert (await hand.kept(slack.RefreshCard(incident=1))).refs == ()
    assert await said(hands, "inc-1-x") == ""


async def test_the_announcement_forgets_what_it_was_about(hand: Hand, hands: SandboxClient) -> None:
    await moved(hand)
    await hand.kept(slack.RefreshAnnouncement(incident=1))
    shown = await said(hands, "#incidents")
    assert "*INC-1* is private now." in shown
    assert SECRET not in shown
    assert "Checkout errors" not in shown


async def test_one_that_is_private_before_it_is_announced_is_not_announced(hand: Hand, sandbox: Sandbox) -> None:
    await hand.room(private=True)
    assert await hand.kept(slack.PostAnnouncement(incident=1)) == Receipt()
    assert writes(sandbox, "chat.postMessage") == 0


async def test_card_and_announcement_of_a_merged_one_say_where_it_goes_on(hand: Hand, hands: SandboxClient) -> None:
    await hand.room()
    await hand.kept(slack.PostCard(incident=1), "card/1")
    await hand.kept(slack.PostAnnouncement(incident=1), "announcement/1")
    await hand.engine.handle(Declare(title="the other"), ADA)
    await hand.engine.handle(RecordRoom(incident=2, channel="C0OTHER", name="inc-2"), MUSTER)
    await hand.engine.handle(Merge(incident=1, into=2), ADA)
    await hand.kept(slack.RefreshCard(incident=1))
    await hand.kept(slack.RefreshAnnouncement(incident=1))
    for shown in (await said(hands, "inc-1-x"), await said(hands, "#incidents")):
        assert "*INC-1* was merged into INC-2 · <#C0OTHER>" in shown


def door(hand: Hand) -> House:
    async def admit(person: Person, incident: object) -> None:
        return None

    return House(Policy(), hand.engine.directory, hand.engine.reading, lambda: True, admit)


async def test_in_the_room_of_today_everybody_is_let_through(hand: Hand) -> None:
    await moved(hand)
    i = await seen(door(hand), CARLA, 1, hand.refs["slack.channel.2"])
    assert i is not None
    assert i.number == 1


async def test_in_the_room_that_it_left_only_who_is_in_it_is_let_through(hand: Hand) -> None:
    await moved(hand)
    hand.engine.directory.learn(1, [Ref("slack", "channel", hand.refs["slack.channel"], "slack.channel")])
    with pytest.raises(Refused, match=r"INC-1 goes on in a private room\. Ask someone who is in there"):
        await seen(door(hand), CARLA, 1, hand.refs["slack.channel"])
    await hand.engine.handle(AssignRole(incident=1, role="scribe", person=CARLA.actor), ADA)
    assert await seen(door(hand), CARLA, 1, hand.refs["slack.channel"]) is not None


@pytest.mark.parametrize("channel", ["", "C0NOWHERE"])
async def test_anywhere_else_it_is_not_there_at_all(hand: Hand, channel: str) -> None:
    await moved(hand)
    with pytest.raises(Refused, match=r"There is no INC-1\."):
        await seen(door(hand), CARLA, 1, channel)
    assert await seen(door(hand), Person(slack=seed.ADA, name="Ada"), 1, channel) is not None
