"""Marks, mentions and arrivals: kept before they are acknowledged, then read once, in order."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from bot.engine import tables as t
from bot.engine.effects import Effect, Receipt, Ref
from bot.engine.handle import Engine
from bot.engine.line import Unavailable
from bot.engine.promises import save_refs
from bot.incident import Declare
from bot.incident.model import Incident
from bot.incident.people import Person
from bot.integrations.slack import events
from bot.integrations.slack.client import Connection
from bot.integrations.slack.verbs import House
from bot.integrations.slack.who import AskWho
from bot.sandbox import Rule, Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.integrations.slack.hand import Hand
from tests.integrations.slack.listening import ADA, Bot, listening, room_of, until


@pytest.fixture
async def bot(engine: Engine, connection: Connection, sandbox: Sandbox, hands: SandboxClient) -> AsyncIterator[Bot]:
    async with listening(engine, connection, sandbox, hands) as started:
        yield started


@pytest.fixture
async def room(bot: Bot, connection: Connection) -> str:
    return await room_of(bot, connection, "ada", "bo", "gus")


async def noted(bot: Bot, line: str) -> None:
    async def there() -> bool:
        return line in await bot.lines()

    await until(there)


async def test_a_pushpin_puts_the_message_on_the_timeline_at_its_own_time(bot: Bot, room: str) -> None:
    message = await bot.hands.slack.post("bo", room, "db1 is full @here & <b>")
    await bot.hands.slack.react("ada", room, message["ts"], "pushpin")
    await noted(bot, "Bo Lind: db1 is full @here & <b>")
    marked = (await bot.engine.reading.events(1))[-1].event
    assert marked.by == ADA
    assert marked.at.timestamp() == pytest.approx(float(message["ts"]))
    assert marked.model_dump()["url"].endswith(f"/p{message['ts'].replace('.', '')}")


async def test_the_answer_in_a_thread_is_marked_and_not_its_first_message(bot: Bot, room: str) -> None:
    first = await bot.hands.slack.post("bo", room, "what happened?")
    answer = await bot.hands.slack.post("ada", room, "the disk is full", thread_ts=first["ts"])
    await bot.hands.slack.react("bo", room, answer["ts"], "pushpin")
    await noted(bot, "Ada Marsh: the disk is full")


async def test_pinning_marks_and_the_last_mark_taken_off_removes(bot: Bot, room: str) -> None:
    message = await bot.hands.slack.post("bo", room, "db1 is full")
    await bot.hands.slack.pin("ada", room, message["ts"])
    await noted(bot, "Bo Lind: db1 is full")
    await bot.hands.slack.react("bo", room, message["ts"], "pushpin")
    await bot.hands.slack.unpin("ada", room, message["ts"])
    await drained(bot)
    assert message["ts"] in (await bot.incident()).marked
    await bot.hands.slack.unreact("bo", room, message["ts"], "pushpin")
    await noted(bot, "Bo Lind took a message off the timeline")
    assert (await bot.incident()).marked == {}


async def test_two_marks_and_a_redelivery_are_one_entry(bot: Bot, room: str, sandbox: Sandbox) -> None:
    sandbox.faults.add(Rule("slack", "reaction_added", "duplicate", times=2))
    message = await bot.hands.slack.post("bo", room, "db1 is full")
    await bot.hands.slack.react("ada", room, message["ts"], "pushpin")
    await bot.hands.slack.pin("bo", room, message["ts"])
    await noted(bot, "Bo Lind: db1 is full")
    await drained(bot)
    assert (await bot.lines()).count("Bo Lind: db1 is full") == 1


async def drained(bot: Bot) -> None:
    """Waits until the inbox has nothing left."""

    async def empty() -> bool:
        return (await bot.engine.reading.health()).inbox.get("waiting", 0) == 0

    await asyncio.sleep(0.1)
    await until(empty)


async def test_other_emoji_other_channels_and_our_own_messages_are_no_marks(
    bot: Bot, room: str, connection: Connection
) -> None:
    await drained(bot)
    before = await bot.lines()
    message = await bot.hands.slack.post("bo", room, "hm")
    channel = (await bot.hands.slack.channel(room))["id"]
    ours = await connection.web.chat_postMessage(channel=channel, text="the card")
    elsewhere = await bot.hands.slack.post("bo", "#incidents", "hm")
    await bot.hands.slack.react("ada", room, message["ts"], "eyes")
    await bot.hands.slack.react("ada", room, str(ours["ts"]), "pushpin")
    await bot.hands.slack.react("ada", "#incidents", elsewhere["ts"], "pushpin")
    await drained(bot)
    assert await bot.lines() == before


async def test_a_guest_s_mark_counts_for_nothing(bot: Bot, room: str) -> None:
    message = await bot.hands.slack.post("bo", room, "db1 is full")
    await bot.hands.slack.react("gus", room, message["ts"], "pushpin")
    await drained(bot)
    assert (await bot.incident()).marked == {}


async def test_a_mark_is_read_again_after_slack_broke(bot: Bot, room: str, sandbox: Sandbox) -> None:
    sandbox.faults.add(Rule("slack", "conversations.replies", "500", times=1))
    message = await bot.hands.slack.post("bo", room, "db1 is full")
    await bot.hands.slack.react("ada", room, message["ts"], "pushpin")
    await noted(bot, "Bo Lind: db1 is full")


class HardOfHearing(Engine):
    """An engine that cannot keep the first mark it hears of."""

    deaf = True

    async def hear(self, source: str, key: str, group: str, body: bytes) -> None:
        if self.deaf and b"reaction_added" in body:
            self.deaf = False
            raise Unavailable
        await super().hear(source, key, group, body)


async def test_an_event_that_could_not_be_kept_is_not_acknowledged_and_comes_again(
    engine: Engine, connection: Connection, sandbox: Sandbox, hands: SandboxClient
) -> None:
    deaf = HardOfHearing(engine.database, engine.policy)
    await deaf.start()
    await hands.slack.configure(retry_scale=0.001)
    async with listening(deaf, connection, sandbox, hands) as bot:
        room = await room_of(bot, connection, "ada", "bo")
        message = await hands.slack.post("bo", room, "db1 is full")
        await hands.slack.react("ada", room, message["ts"], "pushpin")
        await noted(bot, "Bo Lind: db1 is full")
        assert not deaf.deaf


async def test_a_mention_in_a_thread_acts_like_the_command(bot: Bot, room: str) -> None:
    first = await bot.hands.slack.post("bo", room, "what now?")
    await bot.hands.slack.post("ada", room, "@muster sev 1", thread_ts=first["ts"])
    await noted(bot, "Ada Marsh raised the severity from SEV3 to SEV1")


async def test_a_bare_verb_in_a_thread_answers_with_a_button_that_opens_its_form(bot: Bot, room: str) -> None:
    first = await bot.hands.slack.post("bo", room, "what now?")
    await bot.hands.slack.post("ada", room, "hey @muster resolve", thread_ts=first["ts"])
    line = await bot.hands.slack.wait_for_ephemeral("ada", contains="A thread opens no form")
    await bot.hands.slack.click("ada", "run", channel=room, ts=line["ts"])
    assert await bot.hands.slack.wait_for_modal("ada", contains="Resolve INC-1")


async def test_a_refusal_in_a_thread_is_told_to_the_asker_alone(bot: Bot, room: str) -> None:
    await bot.hands.slack.post("gus", room, "@muster sev 1")
    assert await bot.hands.slack.wait_for_ephemeral("gus", contains="As a guest")
    assert (await bot.incident()).severity.label == "SEV3"


async def test_a_mention_delivered_twice_acts_once(bot: Bot, room: str, sandbox: Sandbox) -> None:
    sandbox.faults.add(Rule("slack", "app_mention", "duplicate", times=1))
    await bot.hands.slack.post("ada", room, "@muster page checkout")
    await noted(bot, "Ada Marsh paged Checkout")
    await drained(bot)
    assert (await bot.lines()).count("Ada Marsh paged Checkout") == 1


async def test_the_home_tab_shows_what_is_open(bot: Bot, room: str) -> None:
    assert "INC-1" in str(await bot.hands.slack.home("ada"))


async def test_someone_unknown_to_pagerduty_is_asked_once_and_linked(bot: Bot, room: str, hand: Hand) -> None:
    await unknown(bot)
    await bot.say("ada", room, "sev 2")
    assert len(await questions(bot)) == 1, "promised with what was done, so that no death of ours can lose it"
    await bot.say("ada", room, "sev 3")
    question = await asked(bot, hand)
    await click(hand, bot, question)

    async def linked() -> bool:
        person = bot.engine.directory.by_slack(seed.ADA)
        return bool(person and person.pagerduty == "PADA")

    await until(linked)


async def test_who_they_are_is_asked_once_although_a_death_left_it_in_doubt(bot: Bot, room: str, hand: Hand) -> None:
    await unknown(bot)
    await bot.say("ada", room, "sev 2")
    (promised,) = await questions(bot)
    await asked(bot, hand)
    assert isinstance(await hand.look(promised, f"who/{seed.ADA}"), Receipt)


async def test_who_was_found_out_about_meanwhile_is_not_asked(bot: Bot, room: str, hand: Hand) -> None:
    await unknown(bot)
    await bot.say("ada", room, "sev 2")
    (promised,) = await questions(bot)
    await bot.engine.directory.link(seed.ADA, "PADA")
    await hand.kept(promised)
    assert await bot.hands.slack.dm("ada") == []


async def test_nobody_can_take_the_pagerduty_user_of_somebody_else(bot: Bot, room: str, hand: Hand) -> None:
    await unknown(bot)
    await bot.say("ada", room, "sev 2")
    question = await asked(bot, hand)
    await bot.engine.directory.link(seed.BO, "PADA")
    await click(hand, bot, question)
    person = bot.engine.directory.by_slack(seed.ADA)
    assert person is not None
    assert person.pagerduty == ""


async def unknown(bot: Bot) -> None:
    """PagerDuty knows an Ada, by another address than Slack's."""
    await bot.engine.directory.remember_people([Person(pagerduty="PADA", name="Ada M.", email="ada@corp.example")])


async def questions(bot: Bot) -> list[Effect]:
    """The promises to ask people who they are."""
    query = select(t.effect.c.body).where(t.effect.c.kind == AskWho.kind)
    bodies = await bot.engine.database.read(lambda c: c.execute(query).scalars().all())
    return [AskWho.model_validate_json(body) for body in bodies]


async def asked(bot: Bot, hand: Hand) -> dict[str, Any]:
    """The one question, kept as the outbox would."""
    (promised,) = await questions(bot)
    await hand.kept(promised, f"who/{seed.ADA}")
    (question,) = await bot.hands.slack.dm("ada")
    return question


async def click(hand: Hand, bot: Bot, question: dict[str, Any]) -> None:
    direct = hand.sandbox.slack.direct(seed.BOT_USER, seed.ADA).id
    await bot.hands.slack.click("ada", "link_me", channel=direct, ts=question["ts"], selected="PADA")


def nobody(user: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("kind", "channel"),
    [
        ("member_joined_channel", "CROOM"),
        ("member_left_channel", "CROOM"),
        ("channel_rename", {"id": "CROOM", "name": "x"}),
        ("group_archive", "CROOM"),
        ("channel_unarchive", "CROOM"),
    ],
)
async def test_what_happens_to_channels_that_are_no_rooms_is_forgotten_at_once(
    engine: Engine, kind: str, channel: object
) -> None:
    house = House(engine.policy, engine.directory, engine.reading, lambda: True, admitted)
    body = {"event_id": "Ev1", "event": {"type": kind, "user": seed.ADA, "channel": channel}}
    assert not await events.is_wanted(body, house)
    await engine.handle(Declare(title="Checkout errors"), ADA)
    await engine.database.write(lambda c: save_refs(c, 1, [Ref("slack", "channel", "CROOM", "slack.channel")]))
    assert engine.directory.incident_of_channel("CROOM") is None, "as where another process has opened it just now"
    assert await events.is_wanted(body, house)


async def admitted(person: Person, incident: Incident | None) -> None:
    """Everybody may."""


async def test_what_the_inbox_keeps_holds_no_token() -> None:
    body = {"token": "old-secret", "event_id": "Ev1", "team_id": "T1", "event": {"type": "app_mention"}, "context": 1}
    assert b"old-secret" not in events.kept_body(body)
    assert events.worth_keeping(body, nobody)
    assert not events.worth_keeping({"event": {"type": "message"}}, nobody)
    assert not events.worth_keeping({"event": {"type": "reaction_added", "reaction": "eyes"}}, nobody)
    assert not events.worth_keeping({}, nobody)
