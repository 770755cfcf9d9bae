"""Bad days that people make: rooms archived, renamed and deleted, a card deleted, somebody gone, words refused."""

from collections.abc import Sequence

from bot.engine.tables import EffectState
from bot.incident import AddNote
from bot.sandbox import Rule
from bot.sandbox.slack import seed
from tests.campaign.faults_nights import ending, middle, opening
from tests.campaign.faults_weather import Weather, whole
from tests.campaign.faults_world import ADA, Brisk, OpenBrisk, unless
from tests.stories.screen import words


async def the_room_is_archived_by_hand(open_world: OpenBrisk) -> list[str]:
    """Who has a duty is told in private; what is said meanwhile waits; unarchived, one Retry posts all of it, once."""
    async with open_world() as world:
        await opening(world)
        await world.all_kept()
        await middle(world)
        await world.all_kept()
        room = (await world.room())["id"]
        await world.hands.slack.archive("bo", room)
        for n in range(3):
            await world.app.engine.handle(AddNote(incident=1, text=f"said in vain {n}"), ADA)
        await world.all_kept()
        parked = await world.given_up()
        told = [words(m) for m in await world.hands.slack.dm("ada")]
        await world.hands.slack.unarchive("bo", room)
        await world.all_kept()
        await world.app.outbox.retry(parked[0].effect)
        await world.all_kept()
        said = " ".join(await world.said())
        return unless(
            (all("unarchive it, then Retry" in s.reason for s in parked), f"parked otherwise: {parked}"),
            (sum("cannot write in its room" in one for one in told) == 1, f"Ada was told {told}"),
            (all(f"said in vain {n}" in said for n in range(3)), "what was said meanwhile is lost"),
        ) + await whole(world)


async def the_archived_room_is_unarchived_and_nobody_presses(open_world: OpenBrisk) -> list[str]:
    """Unarchived, everything goes out by itself within a quarter of an hour, if not in its order."""
    async with open_world() as world:
        await opening(world)
        await world.all_kept()
        room = (await world.room())["id"]
        await world.hands.slack.archive("bo", room)
        await world.app.engine.handle(AddNote(incident=1, text="said in vain"), ADA)
        await world.all_kept()
        await world.hands.slack.unarchive("bo", room)
        await _audited(world, 900)
        wrong = [line for line in await whole(world) if not line.startswith("out of order")]
        return unless(("said in vain" in " ".join(await world.said()), "it is not said")) + wrong


async def _audited(world: Brisk, seconds: float) -> None:
    """Time passes in which the auditor has its turns."""
    auditor = next(t for t in world.app.ticker._ticks if t.name == "auditor")
    for _ in range(int(seconds // 60)):
        await world.wait(60)
        await auditor.act()
        await world.all_kept()


async def the_room_is_renamed_by_hand(open_world: OpenBrisk) -> list[str]:
    """Nothing is lost: rooms are known by their ids."""
    async with open_world() as world:
        await opening(world)
        await world.all_kept()
        await world.hands.slack.rename("bo", (await world.room())["id"], "the-checkout-mess")
        await middle(world)
        await world.all_kept()
        await ending(world)
        await world.all_kept()
        room = await world.room()
        files = [file for m in room["messages"] for file in m.get("files", [])]
        rooms = [c for c in await world.hands.slack.channels() if c["name"].startswith("inc-")]
        return unless(
            (room["name"] == "the-checkout-mess", "it was renamed back"),
            (files, "no draft"),
            (not rooms, "another room was opened"),
            (not await world.unkept(), "something is left"),
        )


async def the_room_is_deleted_by_a_person(open_world: OpenBrisk) -> list[str]:
    """Who has a duty is told in private; the incident goes on without it: PagerDuty is resolved, a draft is written."""
    async with open_world() as world:
        await opening(world)
        await world.all_kept()
        await middle(world)
        await world.all_kept()
        await world.hands.slack.delete_channel("ada", (await world.room())["id"])
        await world.app.engine.handle(AddNote(incident=1, text="after all"), ADA)
        await world.all_kept()
        await ending(world)
        await world.all_kept()
        told = [words(m) for m in await world.hands.slack.dm("ada")]
        there = {i.status for i in world.sandbox.pagerduty.incidents.values()}
        left = await world.given_up()
        return unless(
            (sum("cannot write in its room" in one for one in told) == 1, f"Ada was told {told}"),
            (there == {"resolved"}, f"PagerDuty's incidents are {there}"),
            (await world.app.engine.reading.document(1, "postmortem"), "no draft is written"),
            (left and all("the channel is not there" in s.reason for s in left), f"left: {left}"),
        )


async def muster_is_removed_from_the_room(open_world: OpenBrisk) -> list[str]:
    """It is told in private; invited again, one Retry posts all that was said meanwhile."""
    async with open_world() as world:
        await opening(world)
        await world.all_kept()
        await middle(world)
        await world.all_kept()
        room = (await world.room())["id"]
        await world.hands.slack.kick("ada", room, "muster")
        await world.app.engine.handle(AddNote(incident=1, text="said in vain"), ADA)
        await world.all_kept()
        parked, told = await world.given_up(), [words(m) for m in await world.hands.slack.dm("ada")]
        await world.hands.slack.invite("bo", room, "muster")
        for step in parked:
            await world.app.outbox.retry(step.effect)
        await world.all_kept()
        return unless(
            (parked, "nothing was parked"),
            (any("invite @Muster" in one for one in told), f"Ada was told {told}"),
            ("said in vain" in " ".join(await world.said()), "what was said meanwhile is lost"),
        ) + await whole(world)


async def the_card_is_deleted_by_hand(open_world: OpenBrisk) -> list[str]:
    """A new one is posted and pinned, and it is the card from then on."""
    async with open_world() as world:
        await opening(world)
        await world.all_kept()
        old = await world.card()
        room = (await world.room())["id"]
        await world.hands.slack.delete_message("muster", room, old["ts"])
        await middle(world)
        await world.all_kept()
        new = await world.card()
        cards = [m for m in await world.hands.slack.messages(room) if "INC-1 · SEV" in m["text"]]
        return unless(
            (new["ts"] != old["ts"], "it is the old one"),
            (len(cards) == 1, f"there are {len(cards)} cards"),
            ("SEV1" in words(new), "it shows what was"),
            ("What is known" in words(new), "it is no card"),
        ) + await whole(world)


async def somebody_is_deactivated(open_world: OpenBrisk) -> list[str]:
    """Who has left is named with the reason; the others come, and are told what they are to be told."""
    async with open_world() as world:
        await world.hands.slack.change_person("bo", deleted=True)
        await opening(world)
        await world.all_kept()
        await middle(world)
        await world.all_kept()
        told = " ".join(await world.timeline())
        room = await world.room()
        return unless(
            ("Bo Lind could not be invited" in told or seed.BO not in room["members"], "Bo was invited"),
            (seed.ADA in room["members"], "Ada did not come"),
        ) + [line for line in await whole(world) if "tell" not in line]


async def the_announcement_channel_is_archived(open_world: OpenBrisk) -> list[str]:
    """The room says so; the incident goes on; unarchived, one Retry announces it."""
    async with open_world() as world:
        await world.hands.slack.archive("ada", seed.INCIDENTS)
        await opening(world)
        await world.all_kept()
        said, parked = " ".join(await world.said()), await world.given_up()
        await world.hands.slack.unarchive("ada", seed.INCIDENTS)
        for step in parked:
            await world.app.outbox.retry(step.effect)
        await world.all_kept()
        announced = [m for m in await world.hands.slack.messages("#incidents") if "INC-1" in m["text"]]
        return unless(
            ("Could not announce it" in said, f"the room says: {said}"),
            (len(announced) == 1, f"{len(announced)} cards"),
        ) + await whole(world)


async def slack_asks_to_wait_for_a_day(open_world: OpenBrisk) -> list[str]:
    """It is asked again after five minutes: a day's silence in an incident is too long to take on trust."""
    async with open_world() as world:
        world.sandbox.faults.add(Rule("slack", "chat.postMessage", "429", retry_after=86_400))
        await opening(world)
        early = await world.unkept()
        await world.wait(310, step=10)
        return unless((early, "nobody was asked to wait")) + await whole(world)


async def a_sentence_is_refused_in_plain_words_too(open_world: OpenBrisk) -> list[str]:
    """It is skipped, the card says so with the reason, and what comes after it is said."""
    async with open_world() as world:
        await opening(world)
        await world.all_kept()
        world.sandbox.faults.add(Rule("slack", "chat.postMessage", "error", times=2, error="msg_too_long"))
        await world.app.engine.handle(AddNote(incident=1, text="first"), ADA)
        await world.all_kept()
        await world.app.engine.handle(AddNote(incident=1, text="second"), ADA)
        await world.all_kept()
        said, card = await world.said(), words(await world.card())
        skipped = [s.state for s in await world.given_up()]
        return unless(
            (skipped == [EffectState.SKIPPED], f"it is {skipped}"),
            ("Could not post entry" in card, f"the card says: {card}"),
            (any("second" in line for line in said), "the next one is not said"),
        )


DAYS: Sequence[Weather] = (
    the_room_is_archived_by_hand,
    the_archived_room_is_unarchived_and_nobody_presses,
    the_room_is_renamed_by_hand,
    the_room_is_deleted_by_a_person,
    muster_is_removed_from_the_room,
    the_card_is_deleted_by_hand,
    somebody_is_deactivated,
    the_announcement_channel_is_archived,
    slack_asks_to_wait_for_a_day,
    a_sentence_is_refused_in_plain_words_too,
)
"""Every such day."""
