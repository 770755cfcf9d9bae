"""A room's channel in Slack: renamed by verb or by hand, archived, opened; who comes and goes, and who is told."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.engine.effects import Doubtful, GiveUp, Receipt
from bot.engine.handle import Engine
from bot.incident import AssignRole, Nudge, RecordArchived, ReportRename, SetSeverity
from bot.incident.dues import stamp_of
from bot.incident.lifecycle import Reopened
from bot.incident.members import MemberJoined
from bot.incident.model import Incident
from bot.incident.nudges import Nudged, due
from bot.incident.rooms import StepFailed
from bot.incident.upkeep import NameRefused, RoomRenamed, RoomUnarchived, UnarchiveAsked
from bot.incident.values import MUSTER, Actor, Holding
from bot.incident.watching import ARCHIVE, ARCHIVE_SOON, GONE, IDLE, RELIEF, SHUT
from bot.integrations.slack import actions
from bot.integrations.slack import effects as slack
from bot.integrations.slack.client import Connection
from bot.integrations.slack.errors import BY_HAND
from bot.integrations.slack.upkeep_effects import ArchiveRoom, RenameRoom, UnarchiveRoom
from bot.sandbox import Rule, Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.integrations.slack.hand import AMBIGUOUS, Hand, writes
from tests.integrations.slack.listening import ADA as LISTENING_ADA
from tests.integrations.slack.listening import Bot, listening, room_of, until
from tests.integrations.slack.nights import ADA, BO, NIGHT, TWO
from tests.integrations.slack.test_clicks import press
from tests.integrations.slack.test_outbound import kinds, promised, said, stamp, told

DEPUTY = Holding(role="deputy", label="Deputy", person=BO, since=TWO)
EVE = Actor(id="slack:U0EVE00001", name="Eve <Stranger>")


@pytest.fixture
async def bot(engine: Engine, connection: Connection, sandbox: Sandbox, hands: SandboxClient) -> AsyncIterator[Bot]:
    async with listening(engine, connection, sandbox, hands) as started:
        yield started


@pytest.fixture
async def room(bot: Bot, connection: Connection) -> str:
    return await room_of(bot, connection, "ada", "bo")


async def known(bot: Bot, holds: Callable[[Incident], bool]) -> None:
    """Waits until the incident is as it should be."""

    async def there() -> bool:
        return holds(await bot.incident())

    await until(there)


# What happens by hand is heard.


async def test_who_comes_and_goes_is_known(bot: Bot, room: str) -> None:
    await known(bot, lambda i: i.members == (f"slack:{seed.ADA}", f"slack:{seed.BO}"))
    await bot.hands.slack.leave("bo", room)
    await known(bot, lambda i: i.left == (f"slack:{seed.BO}",))
    await bot.hands.slack.join("bo", room)
    await known(bot, lambda i: i.left == ())


async def test_we_ourselves_and_other_apps_are_no_members(bot: Bot, room: str, connection: Connection) -> None:
    await known(bot, lambda i: len(i.members) == 2)
    channel = (await bot.hands.slack.channel(room))["id"]
    await connection.web.conversations_leave(channel=channel)
    await connection.web.conversations_join(channel=channel)
    await bot.hands.slack.leave("ada", room)
    await known(bot, lambda i: f"slack:{seed.ADA}" in i.left)
    assert (await bot.incident()).members == (f"slack:{seed.BO}",)


async def test_a_room_renamed_by_hand_is_known_by_its_new_name(bot: Bot, room: str) -> None:
    await bot.hands.slack.rename("ada", room, "tills")
    await known(bot, lambda i: i.room is not None and i.room.name == "tills")
    assert (await bot.lines())[-1] == "The room was renamed to #tills (it was #inc-1)"


async def test_a_room_archived_by_hand_is_known_and_by_whom_and_that_it_was_opened(bot: Bot, room: str) -> None:
    await bot.hands.slack.archive("bo", room)
    await known(bot, lambda i: i.room is not None and i.room.archived is not None)
    assert (await bot.lines())[-1] == "Bo Lind archived the room"
    await bot.hands.slack.unarchive("ada", room)
    await known(bot, lambda i: i.room is not None and i.room.archived is None)
    assert (await bot.lines())[-1] == "Ada Marsh opened the room again"


async def test_whoever_lets_us_into_a_room_again_has_opened_it(bot: Bot, room: str, sandbox: Sandbox) -> None:
    channel = (await bot.hands.slack.channel(room))["id"]
    await bot.engine.handle(RecordArchived(incident=1, channel=channel, archived=True), ADA)
    del sandbox.slack.channels[channel].members[seed.BOT_USER]
    await bot.hands.slack.invite("ada", room, "muster")
    await known(bot, lambda i: i.room is not None and i.room.archived is None)
    assert (await bot.lines())[-1] == "Ada Marsh opened the room again"


async def test_what_we_did_ourselves_is_no_news_when_slack_tells_it(
    bot: Bot, room: str, connection: Connection
) -> None:
    channel = (await bot.hands.slack.channel(room))["id"]
    await connection.web.conversations_archive(channel=channel)
    await bot.hands.slack.unarchive(seed.BOT_USER, room)
    await bot.hands.slack.rename("ada", room, "tills")
    await known(bot, lambda i: i.room is not None and i.room.name == "tills")
    assert not [line for line in await bot.lines() if "archived" in line or "opened the room again" in line]


# The verb.


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("tills down", "inc-1-tills-down"),
        ("#Tills_Down!", "inc-1-tills-down"),
        ("inc-1-tills", "inc-1-tills"),
        ("inc-1", "inc-1"),
        ("“Zürich 2”", "inc-1-zurich-2"),
        ("same as INC-7", "inc-1-same-as-inc-7"),
        ("x" * 200, "inc-1-" + "x" * 71),
    ],
)
async def test_the_room_is_named_after_what_was_typed_with_its_number_in_front(
    bot: Bot, room: str, typed: str, name: str
) -> None:
    shown = await bot.say("ada", room, f"rename {typed}")
    assert shown["ephemerals"][0]["text"] in (f"The room becomes #{name}.", f"The room is #{name} already.")
    found = (await bot.incident()).room
    assert found
    assert found.name == name


async def test_a_name_without_a_letter_is_refused_and_said_twice_it_counts_once(bot: Bot, room: str) -> None:
    refused = await bot.say("ada", room, "rename 🔥🔥")
    assert "needs letters from a to z, or digits" in refused["ephemerals"][0]["text"]
    await bot.say("ada", room, "rename tills")
    again = await bot.say("bo", room, "rename tills")
    assert again["ephemerals"][0]["text"] == "The room is #inc-1-tills already."
    assert [line for line in await bot.lines() if "renamed" in line] == [
        "Ada Marsh renamed the room to #inc-1-tills (it was #inc-1)"
    ]


async def test_the_form_holds_the_name_as_it_is_and_says_beside_the_field_what_is_wrong(bot: Bot, room: str) -> None:
    await bot.say("ada", room, "rename tills")
    await bot.say("ada", room, "rename")
    form = await bot.hands.slack.wait_for_modal("ada", contains="Rename room of INC-1")
    assert "'initial_value': 'tills'" in str(form)
    result = await bot.hands.slack.submit("ada", {"name": "!!!"})
    assert result["errors"] == {"name": "A room's name needs letters from a to z, or digits."}
    await bot.hands.slack.submit("ada", {"name": "Checkout again"})
    await known(bot, lambda i: i.room is not None and i.room.name == "inc-1-checkout-again")


# What Slack is promised.


def shut(i: Incident = NIGHT) -> Incident:
    assert i.room
    return i.but(room=i.room.model_copy(update={"archived": TWO}))


def test_only_what_was_asked_for_here_is_renamed_in_slack() -> None:
    renamed = RoomRenamed.model_validate({**stamp(), "name": "inc-42-tills", "was": "inc-42-x"})
    (rename,) = [p.effect for p in promised(renamed) if isinstance(p.effect, RenameRoom)]
    assert (rename.name, rename.was, rename.room) == ("inc-42-tills", "inc-42-x", 1)
    by_hand = renamed.model_copy(update={"by": MUSTER})
    assert kinds(promised(by_hand)) == []


def test_the_room_is_told_of_a_name_that_it_cannot_have_with_the_next_step() -> None:
    refused = {**stamp(MUSTER), "name": "inc-42-taken", "was": "inc-42", "reason": "another channel has that name"}
    told_of = said(NameRefused.model_validate({**refused, "final": True}))
    assert told_of.text == (
        "The room is still #inc-42 and not #inc-42-taken: another channel has that name. "
        "`/incident rename` takes another one."
    )
    assert "say" not in kinds(promised(NameRefused.model_validate(refused))), "the step that failed is told"


def test_an_archived_room_is_opened_where_somebody_asks_for_it_or_the_incident_goes_on() -> None:
    assert "unarchive_room" in kinds(promised(UnarchiveAsked.model_validate(stamp()), shut()))
    reopened = Reopened.model_validate({**stamp(), "was": "resolved", "now": "investigating"})
    assert kinds(promised(reopened, shut()))[:2] == ["unarchive_room", "say"], "or nothing could be said there"
    assert "unarchive_room" not in kinds(promised(reopened))


def test_a_room_that_was_opened_by_hand_is_come_back_to() -> None:
    opened = RoomUnarchived.model_validate(stamp(BO))
    assert kinds(promised(opened, shut()))[0] == "unarchive_room"
    assert "unarchive_room" not in kinds(promised(opened.model_copy(update={"by": MUSTER}), shut()))


def test_that_only_a_person_can_open_it_is_told_in_private_since_the_room_hears_nothing() -> None:
    failed = StepFailed.model_validate({**stamp(MUSTER), "step": "open the archived room again", "reason": BY_HAND})
    (tell,) = told(failed, shut())
    assert tell.person == ADA.id
    assert "unarchive it in Slack, then type `/invite @Muster` there" in tell.text
    assert "say" not in kinds(promised(failed, shut()))


def test_the_room_is_warned_of_somebody_from_outside() -> None:
    came = MemberJoined.model_validate({**stamp(EVE), "person": EVE, "external": True})
    warning = said(came)
    assert "*Eve &lt;Stranger&gt;* of another company came into this room" in warning.text
    assert told(came) == []
    assert not promised(came.model_copy(update={"external": False, "at": TWO}))


def test_of_a_private_incident_who_answers_for_it_is_warned_too_with_the_way_to_redact() -> None:
    came = MemberJoined.model_validate({**stamp(EVE), "person": EVE, "external": True})
    (warned,) = told(came, NIGHT.but(private=True))
    assert warned.person == ADA.id
    assert "redacted on the timeline" in warned.text
    assert [(b.label, b.value) for b in warned.buttons] == [("Timeline", "INC-42 timeline")]


def prompt(topic: str, text: str, *to: Actor, since: datetime = TWO) -> Nudged:
    return Nudged.model_validate({**stamp(MUSTER), "key": f"{topic}/{stamp_of(since)}", "to": to, "text": text})


@pytest.mark.parametrize(
    ("topic", "question", "buttons"),
    [
        (GONE, "Take command, so that somebody decides.", ["Take command", "Snooze", "Leave it"]),
        (
            SHUT,
            "Slack lets no app open it: unarchive it there, then type `/invite @Muster` in it.",
            ["Snooze", "Leave it"],
        ),
        (IDLE, "Is it still on?", ["Still on", "Resolve", "Snooze"]),
        (RELIEF, "Is it time to hand over?", ["Hand over", "Snooze", "I go on"]),
    ],
)
def test_each_prompt_is_one_private_question_with_its_answers(topic: str, question: str, buttons: list[str]) -> None:
    asked = prompt(topic, "So it is", BO)
    (tell,) = told(asked)
    assert tell.text == f"INC-42: So it is. {question}"
    assert [b.label for b in tell.buttons] == buttons
    assert all(b.value.startswith("42") for b in tell.buttons)
    assert "say" not in kinds(promised(asked))


def test_what_nobody_answered_is_put_to_the_room_with_those_concerned_and_the_same_answers() -> None:
    key = f"{GONE}/{stamp_of(TWO)}"
    waiting = NIGHT.but(asked={key: TWO}, left=(ADA.id,), holdings=(*NIGHT.holdings, DEPUTY))
    asked = said(prompt(f"again/{GONE}", "Ada left; nobody has answered for 10 minutes"), waiting)
    assert asked.text.startswith("<@U0BO000001> INC-42: Ada left; nobody has answered for 10 minutes. Take command")
    assert [b.value for b in asked.buttons] == ["42/commander", f"42/{key}", f"42/{key}"]
    assert asked.wake == ()
    alone = said(prompt(f"again/{GONE}", "Ada left"), waiting.but(holdings=NIGHT.holdings))
    assert alone.wake == ("PCHECK",), "the on-call where nobody with a role is there"


def test_after_the_last_word_the_room_is_archived_and_nothing_is_said() -> None:
    assert kinds(promised(prompt(ARCHIVE, "Nothing new for 7 days after the end: the room is archived"))) == [
        "archive_room"
    ]


def test_a_drills_room_is_told_before_it_is_archived_and_nobody_is_called() -> None:
    soon = said(prompt(ARCHIVE_SOON, "The drill is over: this room is archived in an hour"), NIGHT.but(drill=True))
    assert soon.text == "INC-42: The drill is over: this room is archived in an hour."
    assert (soon.buttons, soon.wake) == ((), ())


# How the promises are kept.


async def test_a_room_is_renamed_and_the_name_that_slack_gave_is_recorded(hand: Hand, sandbox: Sandbox) -> None:
    await hand.room()
    effect = RenameRoom(incident=1, name="inc-1-tills", was="inc-1-x")
    made = await hand.kept(effect)
    assert effect.kept(made) == ReportRename(incident=1, name="inc-1-tills", step="rename the room")
    assert [c.name for c in sandbox.slack.channels.values() if c.id == hand.refs["slack.channel"]] == ["inc-1-tills"]
    await hand.kept(effect, tries=2)


async def test_a_name_that_is_taken_is_given_back_in_plain_words(hand: Hand, hands: SandboxClient) -> None:
    await hand.room()
    await hands.slack.create_channel("ada", "inc-1-tills")
    effect = RenameRoom(incident=1, name="inc-1-tills", was="inc-1-x")
    answer = await hand.do(effect)
    assert isinstance(answer, GiveUp)
    assert answer.final
    assert answer.reason.startswith("another channel has that name")
    failed = effect.failed(answer.reason)
    assert isinstance(failed, ReportRename)
    assert (failed.was, failed.reason, failed.final) == ("inc-1-x", answer.reason, True)
    mendable = effect.failed("the Slack app lacks a scope")
    assert isinstance(mendable, ReportRename)
    assert not mendable.final


async def test_a_room_is_archived_and_we_come_back_when_somebody_opened_it_however_often_it_is_tried(
    hand: Hand, sandbox: Sandbox, hands: SandboxClient
) -> None:
    await hand.room()
    channel = sandbox.slack.channels[hand.refs["slack.channel"]]
    shut = ArchiveRoom(incident=1)
    made = await hand.kept(shut)
    assert channel.is_archived
    assert shut.kept(made) == RecordArchived(incident=1, channel=channel.id, archived=True, step="archive the room")
    await hand.kept(shut, tries=2)
    await hands.slack.unarchive("ada", channel.id)
    assert seed.BOT_USER not in channel.members
    opened = UnarchiveRoom(incident=1)
    recorded = opened.kept(await hand.kept(opened))
    assert isinstance(recorded, RecordArchived)
    assert (recorded.archived, recorded.channel) == (False, channel.id)
    assert seed.BOT_USER in channel.members
    await hand.kept(opened, tries=2)


@pytest.mark.parametrize("private", [False, True])
async def test_where_slack_lets_no_app_open_it_a_person_is_told_how(
    hand: Hand, hands: SandboxClient, private: bool
) -> None:
    await hand.room(private=private)
    await hands.slack.archive(seed.BOT_USER, hand.refs["slack.channel"])
    answer = await hand.do(UnarchiveRoom(incident=1))
    assert isinstance(answer, GiveUp)
    assert "unarchive it in Slack, then type `/invite @Muster` there" in answer.reason


async def test_a_private_room_that_somebody_opened_and_let_us_into_is_known_to_be_open(
    hand: Hand, sandbox: Sandbox, hands: SandboxClient
) -> None:
    await hand.room(private=True)
    channel = sandbox.slack.channels[hand.refs["slack.channel"]]
    channel.members[seed.ADA] = None
    await hand.kept(ArchiveRoom(incident=1))
    await hands.slack.unarchive("ada", channel.id)
    assert isinstance(await hand.do(UnarchiveRoom(incident=1)), GiveUp)
    await hands.slack.invite("ada", channel.id, seed.BOT_USER)
    await hand.kept(UnarchiveRoom(incident=1))


async def test_a_private_room_whose_archiving_was_in_doubt_is_archived_where_we_are_not_in_it_any_more(
    hand: Hand, hands: SandboxClient
) -> None:
    await hand.room(private=True)
    await hands.slack.archive(seed.BOT_USER, hand.refs["slack.channel"])
    assert isinstance(await hand.do(ArchiveRoom(incident=1)), GiveUp), "we never were in it, for all that is known"
    assert isinstance(await hand.do(ArchiveRoom(incident=1), tries=2), Receipt)


@pytest.mark.parametrize("fault", AMBIGUOUS)
@pytest.mark.parametrize("method", ["rename", "archive", "unarchive"])
async def test_a_lost_answer_is_doubt_and_trying_again_is_safe(
    hand: Hand, sandbox: Sandbox, method: str, fault: str
) -> None:
    await hand.room()
    effect: slack.RoomEffect = {
        "rename": RenameRoom(incident=1, name="inc-1-tills"),
        "archive": ArchiveRoom(incident=1),
        "unarchive": UnarchiveRoom(incident=1),
    }[method]
    sandbox.faults.add(Rule("slack", f"conversations.{method}", fault))  # type: ignore[arg-type]
    assert isinstance(await hand.do(effect), Doubtful)
    assert isinstance(await hand.do(effect, tries=2), Receipt)
    assert writes(sandbox, f"conversations.{method}") == 2


# What people answer.


async def asked(bot: Bot) -> str:
    """The key of the question for an update, put to Ada half an hour into a SEV1."""
    await bot.engine.handle(AssignRole(incident=1, role="ic", person=LISTENING_ADA), LISTENING_ADA)
    await bot.engine.handle(SetSeverity(incident=1, to=1), LISTENING_ADA)
    key = next(d.key for d in due(await bot.incident(), bot.engine.policy) if d.key.startswith("update/"))
    later = datetime.now(UTC) + timedelta(minutes=31)
    bot.engine.clock = lambda: later
    await bot.engine.handle(Nudge(incident=1, key=key), MUSTER)
    assert list((await bot.incident()).asked) == [key]
    return key


async def test_an_answer_is_kept_and_said_back_however_often_it_is_given(bot: Bot, room: str) -> None:
    await known(bot, lambda i: len(i.members) == 2)
    key = await asked(bot)
    await press(bot, actions.ANSWER_PROMPT, f"1/{key}")
    assert await bot.hands.slack.wait_for_message("@ada", "Noted.")
    assert (await bot.incident()).asked == {}
    before = await bot.lines()
    await press(bot, actions.ANSWER_PROMPT, f"1/{key}", trigger="2.2.y")
    assert await bot.lines() == before


@pytest.mark.parametrize(("more", "told", "minutes"), [("", "in 15 minutes", 15), ("@60", "in 60 minutes", 60)])
async def test_a_reminder_is_put_off_for_a_while(bot: Bot, room: str, more: str, told: str, minutes: int) -> None:
    key = await asked(bot)
    await press(bot, actions.SNOOZE, f"1/{key}{more}")
    answer = await bot.hands.slack.wait_for_message("@ada", f"You are reminded again {told}.")
    assert (await bot.incident()).snoozed == {key: bot.engine.clock() + timedelta(minutes=minutes)}
    offered = [e["value"] for b in answer["blocks"] if b["type"] == "actions" for e in b["elements"]]
    assert offered == ([] if more else [f"1/{key}@60", f"1/{key}@morning"])


async def test_whoever_thinks_better_of_it_is_reminded_in_the_morning(bot: Bot, room: str) -> None:
    key = await asked(bot)
    await press(bot, actions.SNOOZE, f"1/{key}")
    await press(bot, actions.SNOOZE, f"1/{key}@morning", trigger="2.2.y")
    assert await bot.hands.slack.wait_for_message("@ada", "You are reminded again in the morning.")
    ada = bot.engine.directory.by_slack(seed.ADA)
    assert ada
    at = (await bot.incident()).snoozed[key].astimezone(ZoneInfo(ada.zone))
    assert timedelta() < at - bot.engine.clock() <= timedelta(days=1)
    assert (at - timedelta(minutes=31)).hour in (8, 9), "the click is half an hour behind the engine's clock"


@pytest.mark.parametrize("value", ["1/update/x@abc", "1/update/x@99999", "x/y"])
async def test_a_time_that_no_button_of_ours_offers_is_refused(bot: Bot, room: str, value: str) -> None:
    await press(bot, actions.SNOOZE, value)
    assert await bot.hands.slack.wait_for_message("@ada", "of an older version")


async def test_the_room_is_opened_again_by_a_button(bot: Bot, room: str) -> None:
    await press(bot, actions.UNARCHIVE, "1")
    assert await bot.hands.slack.wait_for_message("@ada", "The room is open already.")
    await bot.hands.slack.archive("bo", room)
    await known(bot, lambda i: i.room is not None and i.room.archived is not None)
    await press(bot, actions.UNARCHIVE, "1", trigger="2.2.y")
    assert await bot.hands.slack.wait_for_message("@ada", "Muster asks Slack to open the room again.")
    assert (await bot.lines())[-1] == "Ada Marsh asked for the room to be opened again"
