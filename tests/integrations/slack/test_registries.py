"""How a topic enters what is its own: a button, an ear, a form that is being filled in, the buttons of a prompt."""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence

import pytest
from slack_bolt.async_app import AsyncBoltRequest

from bot.engine.handle import Engine
from bot.engine.inbox import Heard, Said
from bot.incident import AddNote
from bot.incident.model import Refused
from bot.incident.policy import Policy
from bot.incident.values import MUSTER
from bot.integrations.slack import actions, events, prompts
from bot.integrations.slack.asking import run
from bot.integrations.slack.blocks import actions as row
from bot.integrations.slack.blocks import section
from bot.integrations.slack.client import Connection
from bot.integrations.slack.effects import Button
from bot.integrations.slack.hearing import EARS, Ears, Happening, hears
from bot.integrations.slack.modals import Filled, Form, Memo, text_input
from bot.integrations.slack.presses import PRESSES, Click, Hands, about, press
from bot.integrations.slack.shortcuts import SHORTCUTS, shortcut
from bot.integrations.slack.verbs import REFILLS, VERBS, Answer, Ask, Do, House, Later, Open, refill, verb
from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.integrations.slack.listening import Bot, listening, room_of, until
from tests.integrations.slack.nights import NIGHT


@pytest.fixture
async def bot(engine: Engine, connection: Connection, sandbox: Sandbox, hands: SandboxClient) -> AsyncIterator[Bot]:
    async with listening(engine, connection, sandbox, hands) as started:
        yield started


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A topic with everything of its own, gone again after the test."""
    before = [(table, set(table)) for table in (PRESSES, EARS, REFILLS, VERBS)]
    enter()
    monkeypatch.setattr(events, "KINDS", events.KINDS | {"test_event"})
    yield
    for table, known in before:
        for name in set(table) - known:
            del table[name]


def enter() -> None:
    @press("test_button")
    async def pressed(click: Click, hands: Hands) -> Answer:
        i, rest = await about(hands, click)
        if rest == "note":
            return Do(AddNote(incident=i.number, text="as pressed"))

        async def ask_ourselves() -> None:
            await hands.hear("slack", f"test/{rest}", "", b'{"event": {"type": "test_entry"}}')

        return Later(ask_ourselves)

    @hears("test_entry", own=True)
    async def read(ears: Ears, event: Happening, heard: Heard) -> Sequence[Said]:
        return [Said(AddNote(incident=1, text=f"{event['type']} of {heard.key}"), MUSTER)]

    @hears("test_event", worth=in_a_room, keep=only_where)
    async def overheard(ears: Ears, event: Happening, heard: Heard) -> Sequence[Said]:
        return []

    @verb("testform")
    async def form(ask: Ask) -> Answer:
        return Open(a_form(ask.about.number, "As opened"))

    @refill("test")
    async def refilled(house: House, memo: Memo, filled: Filled) -> Form:
        if filled.text("words") == "no":
            raise Refused("Not so.")
        return a_form(memo.incident, f"{filled.pressed} at “{filled.text('words')}”")


def in_a_room(event: Happening, known: Callable[[str], bool], in_room: Callable[[str], bool]) -> bool:
    return in_room(str(event["channel"]))


def only_where(event: Happening) -> Happening:
    return {name: event[name] for name in ("type", "channel")}


def a_form(incident: int | None, told: str) -> Form:
    look = row([Button(label="Look", action="in/look", value="look")])
    return Form("test", "A form", (text_input("words", "Words"), look, section(told)), "Send", incident)


async def press_it(bot: Bot, value: str) -> None:
    """The topic's button, as a socket would bring it."""
    payload = {
        "type": "block_actions",
        "team": {"id": seed.TEAM_ID},
        "user": {"id": seed.ADA, "team_id": seed.TEAM_ID},
        "trigger_id": f"1.1.{value}",
        "channel": {"id": ""},
        "actions": [{"type": "button", "action_id": "test_button#2", "value": value, "action_ts": "1.1"}],
    }
    answer = await bot.inbound.bolt.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=payload))
    assert answer.status == 200


async def test_a_topics_button_means_what_the_topic_says(bot: Bot, connection: Connection, topic: None) -> None:
    await room_of(bot, connection, "ada")
    await press_it(bot, "1/note")
    assert "Ada Marsh: as pressed" in await bot.lines()


async def test_what_a_button_hears_for_later_is_read_by_its_topic(
    bot: Bot, connection: Connection, topic: None
) -> None:
    await room_of(bot, connection, "ada")
    await press_it(bot, "1/looked")

    async def noted() -> bool:
        return "Muster: test_entry of test/looked" in await bot.lines()

    await until(noted)


async def test_a_form_is_shown_anew_when_a_button_in_it_is_pressed_and_keeps_the_words_typed(
    bot: Bot, connection: Connection, topic: None
) -> None:
    room = await room_of(bot, connection, "ada")
    await bot.say("ada", room, "testform")
    await bot.hands.slack.fill("ada", {"words": "half a sent"})
    await bot.hands.slack.click("ada", "in/look")
    await bot.hands.slack.wait_for_modal("ada", contains="look at “half a sent”")
    await bot.hands.slack.fill("ada", {"words": "no"})
    await bot.hands.slack.click("ada", "in/look")
    await bot.hands.slack.wait_for_modal("ada", contains="look at “half a sent”")


def test_two_topics_cannot_mean_the_same_name(topic: None) -> None:
    with pytest.raises(TypeError, match="test_button"):
        press("test_button")(PRESSES["test_button"])
    with pytest.raises(TypeError, match="test_entry"):
        hears("test_entry")(EARS["test_entry"].read)
    with pytest.raises(TypeError, match="test"):
        refill("test")(REFILLS["test"])
    with pytest.raises(TypeError, match=actions.ADD_TO_TIMELINE):
        shortcut(actions.ADD_TO_TIMELINE)(SHORTCUTS[actions.ADD_TO_TIMELINE])


def test_an_event_is_kept_where_its_ear_finds_it_worth_it_and_only_what_the_ear_keeps(topic: None) -> None:
    event = {"type": "test_event", "channel": "CROOM", "text": "long"}

    def worth(body: Happening) -> bool:
        return events.worth_keeping(body, lambda user: False, lambda channel: channel == "CROOM")

    assert worth({"event": event})
    assert not worth({"event": event | {"channel": "COTHER"}})
    assert json.loads(events.kept_body({"event": event}))["event"] == {"type": "test_event", "channel": "CROOM"}


def test_an_entry_of_our_own_is_nothing_that_slack_could_send(topic: None) -> None:
    assert not events.worth_keeping({"event": {"type": "test_entry"}}, lambda user: False)
    assert "test_entry" not in events.KINDS


def test_a_channel_told_as_an_object_is_handled_in_order_with_the_rest_of_its_events() -> None:
    renamed = {"type": "channel_rename", "channel": {"id": "CROOM", "name": "inc-1"}}
    assert events.group_of(renamed) == events.group_of({"type": "pin_added", "channel_id": "CROOM"}) == "CROOM"


def test_a_button_that_says_words_names_the_incident_first() -> None:
    made = run("Done", 42, "task done 3")
    assert (made.action, made.value) == (actions.RUN, "INC-42 task done 3")


def test_a_prompt_about_an_update_can_be_snoozed_and_one_about_nothing_known_offers_nothing() -> None:
    offered = prompts.buttons(NIGHT, Policy(), "update/2026-11-21T02:10")
    assert [b.label for b in offered] == ["Post update", "Snooze", "Not needed"]
    assert offered[-1].value == "42/update/2026-11-21T02:10"
    assert prompts.buttons(NIGHT, Policy(), "toast/1") == []
