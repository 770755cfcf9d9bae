"""Who is brought up to date, what they read, and that nothing reaches who may not see it, or not any more."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.documents.wording import shipped_wording
from bot.engine import tables as t
from bot.engine.effects import Promise, Receipt, Retry
from bot.engine.promises import promise, save_refs
from bot.engine.tables import EffectState
from bot.incident import AddNote, Declare, RecordMember, RedactEntry
from bot.incident.catchup import CatchUp, catchup
from bot.incident.duties import Task
from bot.incident.members import MemberJoined
from bot.incident.model import Event, Incident
from bot.incident.news import UpdateLine
from bot.incident.notes import Redacted
from bot.incident.policy import Policy
from bot.incident.roles import RoleTaken
from bot.incident.timeline import Entry
from bot.incident.values import MUSTER, Actor, Status
from bot.integrations.slack.blocks import Message
from bot.integrations.slack.catchup import catchup_message, lead
from bot.integrations.slack.catchup_effects import RedrawCatchUps, SendCatchUp
from bot.integrations.slack.client import Connection
from bot.integrations.slack.fact import Fact, Places
from bot.integrations.slack.limits import violations
from bot.integrations.slack.told_catchup import LATE, told
from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.integrations.slack import hand as people
from tests.integrations.slack.hand import Hand, writes
from tests.integrations.slack.nights import ADA, BO, NIGHT, TWO
from tests.integrations.slack.table import plainly
from tests.stories.screen import labels, words

_CATCH_UP = t.effect.c.kind == SendCatchUp.kind
_SENDING = update(t.effect).where(_CATCH_UP).values(state=EffectState.CLAIMED.value, tries=1)
_SENT = update(t.effect).where(_CATCH_UP).values(state=EffectState.KEPT.value)
POLICY = Policy()
CY = Actor(id="slack:U0CY000001", name="Cy Okafor")
NASTY = "<!channel> & <@U1|x> " + "ü" * 4_000


def promised(event: Event, before: Incident = NIGHT) -> list[Promise]:
    after = event.apply(before).but(seq=before.seq + 1)
    return list(told(Fact(event, before, after, POLICY, Places())))


def joined(person: Actor = CY, late: timedelta = LATE + timedelta(seconds=1), **more: object) -> MemberJoined:
    said = {"incident": 42, "at": TWO + late, "by": MUSTER, "person": person, **more}
    return MemberJoined.model_validate(said)


def test_who_comes_late_is_sent_the_catch_up_once_for_ever() -> None:
    (promise,) = promised(joined())
    assert promise.effect == SendCatchUp(incident=42, person=CY.id, name=CY.name, why="joined", seq=10)
    assert promise.key == promised(joined(late=timedelta(hours=3)))[0].key


@pytest.mark.parametrize(
    ("event", "before"),
    [
        (joined(late=LATE), NIGHT),
        (joined(ADA), NIGHT),
        (joined(external=True), NIGHT),
        (joined(), NIGHT.but(status=Status.CANCELED)),
    ],
    ids=["in time", "has a duty", "of another company", "it was no incident"],
)
def test_who_needs_no_catch_up_gets_none(event: MemberJoined, before: Incident) -> None:
    assert promised(event, before) == []


def taken(role: str = "commander", before: Actor | None = ADA) -> RoleTaken:
    stamp = {"incident": 42, "at": TWO, "by": BO}
    return RoleTaken.model_validate({**stamp, "role": role, "label": "L", "person": BO, "before": before})


def test_the_new_commander_is_told_what_the_former_one_knew() -> None:
    (promise,) = promised(taken())
    assert promise.effect == SendCatchUp(incident=42, person=BO.id, name=BO.name, why="command", seq=10)


def test_the_first_commander_and_other_roles_are_not() -> None:
    assert promised(taken(before=None)) == []
    assert promised(taken(role="scribe")) == []


def test_a_redaction_takes_the_words_out_of_catch_ups_too() -> None:
    gone = Redacted(incident=42, at=TWO, by=ADA, entry=7)
    here = RedrawCatchUps(incident=42, gone=10)
    assert [p.effect for p in promised(gone)] == [here]
    merged = NIGHT.but(merged_into=7)
    assert [p.effect for p in promised(gone, merged)] == [here, RedrawCatchUps(incident=7)]


def entry(seq: int, text: str = "Ada: rolled back to 4.2") -> Entry:
    return Entry(incident=42, seq=seq, at=TWO, recorded=TWO, by=ADA, text=text, kind="noted")


def task(number: int, text: str = "look at the gateway") -> Task:
    return Task(number=number, text=text, to=BO, by=ADA, at=TWO, due=TWO + timedelta(minutes=15))


FULL = NIGHT.but(
    impact="One order in twenty fails",
    summary="The gateway's certificate has expired",
    update=UpdateLine(number=3, seq=8, at=TWO, by=ADA, condition="Failing over", actions="Traffic moves", needs="DNS"),
)
FULLEST = CatchUp(FULL, tuple(map(entry, range(5))), 7, tuple(map(task, range(1, 6))), TWO, None)


def led(c: CatchUp, why: str) -> Message:
    return catchup_message(c, POLICY, lead(c, POLICY, shipped_wording(), why))


def lines(message: Message) -> list[str]:
    return plainly(words({"blocks": [b for b in message.blocks if b["type"] != "actions"]})).splitlines()


def test_it_reads_from_the_state_to_what_is_open() -> None:
    read = lines(led(FULLEST, "joined"))
    assert read[0].startswith("You came into")
    assert read[1] == "*INC-42* · Checkout errors above 5 %"
    assert read[2].startswith("*SEV1* · *Investigating* · began "), "the room stands above already"
    assert lines(catchup_message(FULLEST, POLICY))[1].startswith("*SEV1* · *Investigating* · <#C0ROOM> · began ")
    assert "*Impact:* One order in twenty fails" in read
    assert "*What is known:* The gateway's certificate has expired" in read
    assert any(line.endswith("Failing over · Doing: Traffic moves · Needed: DNS") for line in read)
    assert any(line.startswith("*Incident Commander:* Ada Nwosu") for line in read)
    assert read[-3].startswith("• Bo Carter: look at the gateway, by 2026-11-21 02:25")
    assert read[-1] == "3 more: `/incident tasks INC-42`"


def test_it_is_at_most_twenty_lines_and_within_limits_whatever_is_in_it() -> None:
    assert len(lines(led(FULLEST, "command"))) <= 20
    full = FULL.but(title=NASTY, summary=NASTY, impact=NASTY)
    nasty = CatchUp(full, tuple(entry(n, NASTY) for n in range(5)), 9, (task(1, NASTY),), TWO, entry(9, NASTY))
    assert violations(led(nasty, "joined")) == []


def test_what_was_tried_in_a_merged_incident_says_where() -> None:
    elsewhere = CatchUp(NIGHT, (replace(entry(3), incident=41),), 0, (), None, None)
    assert "INC-41 · Ada: rolled back to 4.2" in lines(catchup_message(elsewhere, POLICY))[-1]


def test_an_empty_night_says_that_nothing_is_known_and_offers_command() -> None:
    message = catchup_message(catchup(NIGHT.but(holdings=()), [], POLICY), POLICY)
    assert "*Impact:* not known yet" in lines(message)
    assert any("*Incident Commander:* nobody yet" in line for line in lines(message))
    assert labels({"blocks": list(message.blocks)}) == ["Take Incident Commander", "Timeline", "More"]


def sent(number: int = 1, why: str = "joined", seq: int = 9) -> SendCatchUp:
    return SendCatchUp(incident=number, person=people.BO.id, name="Bo", why=why, seq=seq)


async def read_by_bo(hands: SandboxClient) -> list[str]:
    return [words(message) for message in await hands.slack.dm("bo")]


async def test_it_is_drawn_when_it_is_sent_and_found_again_in_doubt(hand: Hand, hands: SandboxClient) -> None:
    await hand.room()
    await hand.engine.handle(AddNote(incident=1, text="rolled back"), people.ADA)
    await hand.kept(sent(), "late")
    assert "Ada: rolled back" in (await read_by_bo(hands))[0]
    found = await hand.look(sent(), "late")
    assert isinstance(found, Receipt)
    assert [ref.name for ref in found.refs] == [f"slack.catchup.9.{seed.BO}"]


async def test_who_was_taken_out_of_a_private_incident_meanwhile_gets_nothing(
    hand: Hand, sandbox: Sandbox, hands: SandboxClient
) -> None:
    await hand.room(private=True)
    await hand.kept(sent(), "late")
    assert writes(sandbox, "chat.postMessage") == 0
    channel = hand.refs["slack.channel"]
    await hand.engine.handle(RecordMember(incident=1, channel=channel, person=people.BO, here=True), MUSTER)
    await hand.kept(sent(), "late")
    assert len(await read_by_bo(hands)) == 1


async def test_redacted_words_are_gone_from_what_was_sent(hand: Hand, hands: SandboxClient) -> None:
    await hand.room()
    noted = await hand.engine.handle(AddNote(incident=1, text="the password is hunter2"), people.ADA)
    await hand.kept(sent(), "late")
    await hand.kept(sent(why="command", seq=11), "command")
    assert "hunter2" in str(await read_by_bo(hands))
    await hand.engine.handle(RedactEntry(incident=1, entry=noted.first_seq), people.ADA)
    await hand.kept(RedrawCatchUps(incident=1))
    assert "hunter2" not in str(await read_by_bo(hands))
    assert len(await read_by_bo(hands)) == 2


async def test_what_was_drawn_after_the_redaction_stays_as_it_was_said(hand: Hand, hands: SandboxClient) -> None:
    await hand.room()
    await hand.kept(sent(), "early")
    await hand.kept(sent(why="command", seq=11), "late")
    said = await read_by_bo(hands)
    await hand.engine.handle(AddNote(incident=1, text="news"), people.ADA)
    await hand.kept(RedrawCatchUps(incident=1, gone=10))
    now = await read_by_bo(hands)
    assert now[0] != said[0]
    assert now[1] == said[1]


async def test_a_redaction_waits_for_a_catch_up_that_was_drawn_before_it(hand: Hand, hands: SandboxClient) -> None:
    await hand.room()
    noted = await hand.engine.handle(AddNote(incident=1, text="the password is hunter2"), people.ADA)
    on_its_way = Promise(sent(), "late")
    await hand.engine.database.write(lambda c: promise(c, [(on_its_way, None)], hand.engine.clock()))
    await hand.engine.database.write(lambda c: c.execute(_SENDING))
    receipt = await hand.kept(sent(), "late")
    hand.refs = {}
    await hand.engine.handle(RedactEntry(incident=1, entry=noted.first_seq), people.ADA)
    assert isinstance(await hand.do(RedrawCatchUps(incident=1)), Retry)
    assert "hunter2" in str(await read_by_bo(hands))
    await hand.engine.database.write(lambda c: c.execute(_SENT))
    await hand.engine.database.write(lambda c: save_refs(c, 1, receipt.refs))
    await hand.kept(RedrawCatchUps(incident=1))
    assert "hunter2" not in str(await read_by_bo(hands))


async def test_what_may_not_be_seen_any_more_is_taken_back_with_the_redaction(hand: Hand, hands: SandboxClient) -> None:
    await hand.room(private=True)
    who = RecordMember(incident=1, channel=hand.refs["slack.channel"], person=people.BO, here=True)
    await hand.engine.handle(who, MUSTER)
    await hand.kept(sent(), "late")
    await hand.engine.handle(who.model_copy(update={"here": False}), MUSTER)
    await hand.kept(RedrawCatchUps(incident=1))
    assert await read_by_bo(hands) == ["This catch-up of INC-1 was taken back."]


async def test_one_that_is_not_there_any_more_is_no_obstacle(
    hand: Hand, hands: SandboxClient, connection: Connection
) -> None:
    await hand.room()
    await hand.kept(sent(), "late")
    channel, _, ts = hand.refs[f"slack.catchup.9.{seed.BO}"].partition("/")
    await connection.web.chat_delete(channel=channel, ts=ts)
    await hand.kept(RedrawCatchUps(incident=1))
    assert await read_by_bo(hands) == []


async def test_who_is_not_in_slack_is_no_obstacle_either(hand: Hand) -> None:
    await hand.engine.handle(Declare(title="x"), people.ADA)
    nobody = SendCatchUp(incident=1, person="pagerduty:PNOBODY", name="Zoe", why="command", seq=1)
    answer = await hand.do(nobody)
    assert "no Slack account" in str(answer)
