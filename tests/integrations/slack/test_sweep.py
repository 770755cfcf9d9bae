"""What is offered at the end: only what people said to one another, once, and in one message that shrinks."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.engine.effects import Receipt
from bot.incident import MarkMessage, OfferMessages, TakeBackOffer
from bot.incident.values import MUSTER
from bot.integrations.slack import effects as slack
from bot.integrations.slack.timeline_effects import PostOffer, RefreshOffer, SweepRoom
from bot.sandbox import SandboxClient
from bot.sandbox.slack import seed
from tests.integrations.slack.hand import BO, Hand
from tests.stories.screen import Json, labels, words


async def opened(hand: Hand, hands: SandboxClient) -> str:
    """A room with Bo in it."""
    await hand.room()
    await hands.slack.join("bo", hand.refs["slack.channel"])
    return hand.refs["slack.channel"]


async def say(hand: Hand, hands: SandboxClient, text: str) -> str:
    """Bo says something in the room."""
    return str((await hands.slack.post("bo", hand.refs["slack.channel"], text, raw=True))["ts"])


async def found(hand: Hand) -> list[str]:
    receipt = await hand.kept(SweepRoom(incident=1))
    return list(receipt.data["messages"])


async def offer(hand: Hand, *messages: str) -> Receipt:
    await hand.engine.handle(OfferMessages(incident=1, messages=messages), MUSTER)
    return await hand.kept(PostOffer(incident=1, seq=7), "offer")


async def shown(hand: Hand, hands: SandboxClient) -> Json:
    channel, _, ts = hand.refs["slack.offer.7"].partition("/")
    return next(m for m in await hands.slack.messages(channel) if m["ts"] == ts)


async def test_only_what_people_say_to_one_another_is_found(hand: Hand, hands: SandboxClient) -> None:
    room = await opened(hand, hands)
    said = await say(hand, hands, "rolled back to 4.2")
    await say(hand, hands, f"<@{seed.BOT_USER}> note rolled back to 4.2")
    await hands.slack.set_topic("bo", room, "restarted both workers, rolled back to 4.2")
    await hand.kept(slack.Say(incident=1, seq=3, text="We restarted all workers"), "say")
    assert await found(hand) == [said]


async def test_what_is_on_the_timeline_is_not_found_again(hand: Hand, hands: SandboxClient) -> None:
    await opened(hand, hands)
    ts = await say(hand, hands, "rolled back to 4.2")
    wish = MarkMessage(incident=1, channel="C", ts=ts, author=BO, text="x", at=hand.engine.clock())
    await hand.engine.handle(wish, MUSTER)
    assert await found(hand) == []


async def test_what_was_marked_a_moment_ago_is_on_its_way_and_not_offered(hand: Hand, hands: SandboxClient) -> None:
    room = await opened(hand, hands)
    ts = await say(hand, hands, "rolled back to 4.2")
    await hands.slack.react("bo", room, ts, "pushpin")
    assert await found(hand) == []


async def test_a_room_without_milestones_leads_to_no_offer(hand: Hand, hands: SandboxClient) -> None:
    await opened(hand, hands)
    await say(hand, hands, "good morning everybody")
    told = SweepRoom(incident=1).kept(await hand.kept(SweepRoom(incident=1)))
    assert (await hand.engine.handle(told, MUSTER)).events == ()


async def test_an_offer_says_who_and_when_and_shrinks_until_nothing_is_left(hand: Hand, hands: SandboxClient) -> None:
    await opened(hand, hands)
    first, second = (
        await say(hand, hands, "rolled back <!channel> to 4.2"),
        await say(hand, hands, "errors dropped to 1 %"),
    )
    await offer(hand, first, second)
    message = await shown(hand, hands)
    assert ": rolled back @channel to 4.2" in words(message)
    assert labels(message) == ["Add", "Add", "None of them"]
    wish = MarkMessage(incident=1, channel="C", ts=first, author=BO, text="x", at=hand.engine.clock())
    await hand.engine.handle(wish, MUSTER)
    await hand.kept(RefreshOffer(incident=1))
    assert labels(await shown(hand, hands)) == ["Add", "None of them"]
    await hand.engine.handle(TakeBackOffer(incident=1), MUSTER)
    await hand.kept(RefreshOffer(incident=1))
    assert words(await shown(hand, hands)).startswith("_Nothing more is offered.")


async def test_an_offer_whose_messages_were_deleted_meanwhile_is_not_posted(hand: Hand, hands: SandboxClient) -> None:
    await opened(hand, hands)
    await offer(hand, "1.000100")
    assert "slack.offer.7" not in hand.refs
    await hand.kept(RefreshOffer(incident=1))


async def test_an_offer_that_somebody_deleted_stays_deleted(hand: Hand, hands: SandboxClient) -> None:
    await opened(hand, hands)
    await offer(hand, await say(hand, hands, "rolled back to 4.2"))
    channel, _, ts = hand.refs["slack.offer.7"].partition("/")
    token = await hands.slack.user_token(seed.BOT_USER)
    await AsyncWebClient(token=token, base_url=hand.sandbox.slack_url).chat_delete(channel=channel, ts=ts)
    await hand.kept(RefreshOffer(incident=1))
    assert not [m for m in await hands.slack.messages(channel) if m.get("bot_id")]
