"""What holds for every way in: once is once, only those who may act do, and whatever goes wrong is answered."""

import asyncio
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
import uvicorn
from slack_bolt.async_app import AsyncBoltRequest
from starlette.applications import Starlette
from starlette.routing import Route

from bot.engine.handle import Engine, Outcome
from bot.engine.line import Unavailable
from bot.incident import AddNote, AssignRole, Declare, GiveTask, PageOut
from bot.incident.duties import TaskState
from bot.incident.model import Command
from bot.incident.people import Person
from bot.incident.values import MUSTER, Actor, PageState, Target, TargetKind
from bot.integrations.slack import actions
from bot.integrations.slack.client import Connection
from bot.sandbox import Rule, Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.integrations.slack.listening import ADA, Bot, listening, room_of


@pytest.fixture
async def bot(engine: Engine, connection: Connection, sandbox: Sandbox, hands: SandboxClient) -> AsyncIterator[Bot]:
    async with listening(engine, connection, sandbox, hands) as started:
        yield started


@pytest.fixture
async def room(bot: Bot, connection: Connection) -> str:
    return await room_of(bot, connection, "ada", "bo", "gus")


def told(result: Any) -> str:
    return "\n".join(e["text"] for e in result["ephemerals"])


async def panel_ts(bot: Bot, room: str) -> str:
    return str((await bot.say("ada", room, ""))["ephemerals"][0]["ts"])


async def test_a_double_click_does_it_once(bot: Bot, room: str) -> None:
    ts = await panel_ts(bot, room)
    await bot.hands.slack.click("ada", "take_role", channel=room, ts=ts, value="1/commander", times=2)
    assert (await bot.lines()).count("Ada Marsh is Incident Commander") == 1


async def test_a_form_sent_twice_declares_once(bot: Bot) -> None:
    await bot.say("ada", "#ops", "declare db down")
    await bot.hands.slack.submit("ada", times=2)
    assert [i.number for i in await bot.engine.reading.recent(ADA)] == [1]


async def test_the_same_note_clicked_twice_is_one_note(bot: Bot, room: str) -> None:
    offer = await bot.say("ada", room, "whatever this is")
    ts = offer["ephemerals"][0]["ts"]
    await bot.hands.slack.click("ada", "run", channel=room, ts=ts, times=2)
    assert (await bot.lines()).count("Ada Marsh: whatever this is") == 1


async def test_a_redelivered_command_undoes_nothing_that_came_after_it(bot: Bot, room: str) -> None:
    first = await bot.say("ada", room, "sev 1")
    await bot.say("bo", room, "sev 2")
    await bot.hands.slack.redeliver(first["delivery"])
    assert (await bot.incident()).severity.label == "SEV2"


async def test_two_people_taking_command_at_once_leave_one_commander_and_one_question(bot: Bot, room: str) -> None:
    ts = {who: (await bot.say(who, room, ""))["ephemerals"][0]["ts"] for who in ("ada", "bo")}
    clicks = [
        bot.hands.slack.click(who, "take_role", channel=room, ts=at, value="1/commander") for who, at in ts.items()
    ]
    results = await asyncio.gather(*clicks)
    commander = (await bot.incident()).commander
    assert commander is not None
    assert sum("Take over?" in told(r) for r in results) == 1


async def test_a_button_answers_the_page_that_waits(bot: Bot, room: str) -> None:
    await bot.say("ada", room, "page checkout")
    await bot.say("ada", room, "ack")
    assert [p.state for p in (await bot.incident()).pages] == [PageState.ANSWERED]


async def test_join_invites_whoever_asks(bot: Bot, room: str) -> None:
    listed = await bot.say("carla", "#ops", "list")
    result = await bot.hands.slack.click("carla", "join_room", channel="#ops", ts=listed["ephemerals"][0]["ts"])
    assert "You are in" in told(result)
    assert seed.CARLA in (await bot.hands.slack.channel(room))["members"]


async def test_join_is_no_way_into_a_private_incident(bot: Bot, engine: Engine, room: str) -> None:
    await engine.handle(Declare(title="leak", private=True), ADA)
    listed = await bot.say("bo", "#ops", "list")
    ts = listed["ephemerals"][0]["ts"]
    forged = {"type": "button", "action_id": "join_room", "value": "2", "action_ts": "1.1"}
    answer = await deliver(bot, {"actions": [forged], "user": {"id": seed.BO, "team_id": seed.TEAM_ID}, "ts": ts})
    assert answer.status == 200
    assert await bot.hands.slack.wait_for_message("@bo", "There is no INC-2.")


async def deliver(bot: Bot, payload: dict[str, Any]) -> Any:
    """A block_actions payload straight to Bolt, as a socket would bring it."""
    from_socket = {"type": "block_actions", "team": {"id": seed.TEAM_ID}, "trigger_id": "1.2.forged", **payload}
    return await bot.inbound.bolt.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=from_socket))


@pytest.mark.parametrize("value", ["", "x", "1", "1/", "99999999999/commander", "1/nobody/U1", "٣/commander", "-1/x"])
@pytest.mark.parametrize(
    "action", ["take_role", "take_over", "set_status", "retry_step", "page_next", "use_now", "entry", "join_alert"]
)
async def test_a_button_with_an_odd_value_is_refused_in_a_sentence(
    bot: Bot, room: str, action: str, value: str
) -> None:
    pressed = {"type": "button", "action_id": action, "value": value, "action_ts": "1.1"}
    before = await bot.lines()
    answer = await deliver(bot, {"actions": [pressed], "user": {"id": seed.ADA, "team_id": seed.TEAM_ID}})
    assert answer.status == 200
    assert await bot.lines() == before


async def test_retry_goes_to_the_outbox_for_a_step_of_that_incident_only(bot: Bot, room: str) -> None:
    steps = await bot.engine.reading.setup(1)
    for effect in (steps[0].effect, 4711):
        pressed = {"type": "button", "action_id": "retry_step", "value": f"1/{effect}", "action_ts": "1.1"}
        await deliver(bot, {"actions": [pressed], "user": {"id": seed.ADA, "team_id": seed.TEAM_ID}})
    await asyncio.sleep(0.05)
    assert bot.retried == [steps[0].effect]


async def test_someone_of_another_company_cannot_act_in_a_shared_channel(
    bot: Bot, room: str, hands: SandboxClient
) -> None:
    pressed = {"type": "button", "action_id": "take_role", "value": "1/commander", "action_ts": "1.1"}
    partner, ours = seed.PARTNER_TEAM_ID, seed.TEAM_ID
    for user, team in ((seed.XENIA, partner), (seed.XENIA, ours), (seed.ADA, partner), (seed.BOT_USER, ours)):
        await deliver(bot, {"actions": [pressed], "user": {"id": user, "team_id": team}})
    assert (await bot.incident()).commander is None


async def test_a_guest_acts_once_pagerduty_names_them(bot: Bot, room: str) -> None:
    refused = await bot.say("gus", room, "sev 2")
    assert "As a guest" in told(refused)
    await bot.engine.directory.remember_people([Person(pagerduty="PBO2", name="Gus", email="gus@example.com")])
    service = bot.engine.directory.services()[0]
    call = service.on_call[0].model_copy(update={"pagerduty": "PBO2", "name": "Gus"})
    await bot.engine.directory.remember_services([service.model_copy(update={"on_call": (call,)})])
    await bot.say("gus", room, "sev 2")
    assert (await bot.incident()).severity.label == "SEV2"


async def test_a_guest_does_what_a_colleague_asked_for_and_nothing_else(bot: Bot, room: str) -> None:
    gus = bot.engine.directory.by_slack(seed.GUS)
    assert gus is not None
    assert gus.guest
    await bot.engine.handle(GiveTask(incident=1, text="look at the router", to=gus.actor), MUSTER)
    await press_run(bot, room, "task take 1")
    await bot.say("gus", room, "task later 1")
    await bot.hands.slack.submit("gus", {"time": "30"})
    refused = await bot.say("gus", room, "sev 2")
    assert "As a guest" in told(refused)
    await press_run(bot, room, "task done 1")
    assert [task.state for task in (await bot.incident()).tasks] == [TaskState.DONE]


async def press_run(bot: Bot, room: str, said: str) -> None:
    """The guest presses the button that says a verb."""
    pressed = {"type": "button", "action_id": actions.RUN, "value": f"INC-1 {said}", "action_ts": said}
    body = {"actions": [pressed], "user": {"id": seed.GUS, "team_id": seed.TEAM_ID}, "channel": {"id": room}}
    await deliver(bot, body)


async def test_a_guest_who_was_given_a_role_acts_in_it(bot: Bot, room: str) -> None:
    gus = bot.engine.directory.by_slack(seed.GUS)
    assert gus is not None
    await bot.engine.handle(AssignRole(incident=1, role="commander", person=gus.actor), MUSTER)
    await bot.say("gus", room, "sev 2")
    assert (await bot.incident()).severity.label == "SEV2"


async def test_no_call_to_slack_comes_before_the_acknowledgement(bot: Bot, room: str, sandbox: Sandbox) -> None:
    sandbox.faults.latency["slack"] = 0.4
    result = await bot.hands.slack.command("ada", room, "sev 1", wait=0)
    opened = await bot.hands.slack.command("ada", room, "sev", wait=0)
    assert result["ms"] < 200
    assert opened["ms"] < 200


async def test_someone_never_seen_before_is_looked_up_before_they_act(
    bot: Bot, room: str, hands: SandboxClient
) -> None:
    await hands.slack.add_person("hal", "Hal New")
    await hands.slack.join("hal", room)
    await bot.say("hal", room, "lead")
    assert [h.person.name for h in (await bot.incident()).holdings] == ["Hal New"]


async def test_while_slack_does_not_say_who_someone_is_nothing_is_done(
    bot: Bot, room: str, hands: SandboxClient, sandbox: Sandbox
) -> None:
    await hands.slack.add_person("hal", "Hal New")
    await hands.slack.join("hal", room)
    sandbox.faults.add(Rule("slack", "users.info", "500", times=1))
    refused = await bot.say("hal", room, "lead")
    assert "did not say in time who you are" in told(refused)
    await bot.say("hal", room, "lead")
    assert (await bot.incident()).commander is not None


async def test_what_is_refused_stands_beside_its_field(bot: Bot, room: str) -> None:
    await bot.say("ada", room, "note")
    result = await bot.hands.slack.submit("ada", {"text": "rolled back", "at": "half past nine"})
    assert list(result["errors"]) == ["at"]
    again = await bot.hands.slack.submit("ada", {"text": "rolled back", "at": ""})
    assert again["errors"] == {}
    assert "Ada Marsh: rolled back" in await bot.lines()


async def test_edit_changes_what_was_changed_and_leaves_the_rest(bot: Bot, room: str) -> None:
    await bot.say("ada", room, "edit")
    before = (await bot.incident()).moments
    result = await bot.hands.slack.submit("ada", {"title": "Payments fail", "impact_start": "00:01"})
    after = await bot.incident()
    assert result["errors"] == {}
    assert after.title == "Payments fail"
    assert after.moments.impact_start is not None
    assert after.moments.model_copy(update={"impact_start": None}) == before


async def test_taking_a_held_role_in_a_form_asks_in_the_form(bot: Bot, room: str) -> None:
    await bot.say("ada", room, "lead")
    await bot.say("bo", room, "role")
    asked = await bot.hands.slack.submit("bo", {"role": "commander", "person": "bo"})
    assert "Take over?" in str(asked["modal"]["title"])
    await bot.hands.slack.submit("bo")
    commander = (await bot.incident()).commander
    assert commander is not None
    assert commander.name == "Bo Lind"


async def test_an_entry_is_corrected_hidden_and_redacted_from_the_timeline(bot: Bot, room: str) -> None:
    await bot.say("ada", room, "note the password is hunter2")
    shown = await bot.say("ada", room, "timeline")
    ts = shown["ephemerals"][0]["ts"]
    seq = next(s.seq for s in await bot.engine.reading.events(1) if s.event.kind == "noted")
    await bot.hands.slack.click("ada", f"entry#{seq}", channel=room, ts=ts, selected=f"correct/1/{seq}")
    await bot.hands.slack.submit("ada", {"text": "the password was changed"})
    await bot.hands.slack.click("ada", f"entry#{seq}", channel=room, ts=ts, selected=f"redact/1/{seq}")
    await bot.hands.slack.submit("ada")
    kinds = [s.event.kind for s in await bot.engine.reading.events(1)]
    assert kinds[-2:] == ["corrected", "redacted"]
    assert "hunter2" not in str(await bot.engine.reading.events(1))


async def test_the_shortcuts_declare_and_put_on_the_timeline(bot: Bot, room: str) -> None:
    message = await bot.hands.slack.post("bo", room, "found it: <@U0ADA00001> broke <!here>", raw=True)
    result = await bot.hands.slack.message_shortcut("ada", room, message["ts"], "add_to_timeline")
    assert "It is on the timeline of INC-1." in told(result)
    assert "Bo Lind: found it: @Ada Marsh broke @here" in await bot.lines()
    await bot.hands.slack.message_shortcut("ada", room, message["ts"], "declare_from_message")
    opened = await bot.hands.slack.wait_for_modal("ada", contains="Declare")
    assert "found it: @Ada Marsh broke @here" in str(opened)
    await bot.hands.slack.submit("ada")
    declared = (await bot.engine.reading.events(2))[0].event
    assert f"/p{message['ts'].replace('.', '')}" in declared.model_dump()["source"]
    await bot.hands.slack.shortcut("bo", "declare_incident")
    assert await bot.hands.slack.wait_for_modal("bo", contains="Declare an incident")


class Failing(Engine):
    """An engine that breaks, or cannot write."""

    fails: Exception | None = None

    async def handle(self, command: Command, by: Actor, **kwargs: Any) -> Outcome:
        if self.fails is not None and isinstance(command, AddNote):
            raise self.fails
        return await super().handle(command, by, **kwargs)


@pytest.fixture
async def failing(engine: Engine, connection: Connection, sandbox: Sandbox, hands: SandboxClient) -> AsyncIterator[Bot]:
    broken = Failing(engine.database, engine.policy)
    await broken.start()
    async with listening(broken, connection, sandbox, hands) as started:
        yield started


@pytest.mark.parametrize(("fails", "sentence"), [(Unavailable(), "cannot write"), (KeyError("x"), "went wrong")])
async def test_a_failure_of_ours_is_answered_with_a_sentence(
    failing: Bot, connection: Connection, expected_errors: list[str], fails: Exception, sentence: str
) -> None:
    if isinstance(fails, KeyError):
        expected_errors.append("failed")
    room = await room_of(failing, connection, "ada")
    failing.engine.fails = fails  # type: ignore[attr-defined]
    assert sentence in told(await failing.say("ada", room, "note rolled back"))
    await failing.say("ada", room, "note")
    result = await failing.hands.slack.submit("ada", {"text": "rolled back"})
    assert sentence in result["errors"]["text"]


async def test_the_next_level_is_paged_by_a_button(bot: Bot, room: str) -> None:
    target = Target(kind=TargetKind.SERVICE, id="PCHECK", name="Checkout")
    await bot.engine.handle(PageOut(incident=1, target=target), ADA)
    pressed = {"type": "button", "action_id": "page_next", "value": "1/1", "action_ts": "1.1"}
    await deliver(bot, {"actions": [pressed], "user": {"id": seed.ADA, "team_id": seed.TEAM_ID}})
    assert [(p.target.name, p.level) for p in (await bot.incident()).pages] == [("Checkout", 1), ("Checkout", 2)]


@pytest.fixture
async def served(
    engine: Engine, connection: Connection, sandbox: Sandbox, hands: SandboxClient
) -> AsyncIterator[tuple[Bot, str]]:
    """The bot behind HTTP, and its address."""
    async with listening(engine, connection, sandbox, hands, sockets=False) as bot:
        site = Starlette(routes=[Route("/slack/events", bot.inbound.http_handler, methods=["POST"])])
        server = uvicorn.Server(uvicorn.Config(site, port=0, log_level="warning", lifespan="off"))
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield bot, f"http://127.0.0.1:{port}/slack/events"
        server.should_exit = True
        await serving


async def test_over_http_the_same_listeners_answer(served: tuple[Bot, str]) -> None:
    bot, url = served
    assert await bot.hands.slack.reach_by("http", url.removesuffix("/slack/events"), verify=True)
    opened = await bot.say("ada", "#ops", "declare db down")
    assert opened["modal"]["title"]["text"] == "Declare an incident"
    result = await bot.hands.slack.submit("ada")
    assert "INC-1 is declared at SEV3" in told(result)
    assert bot.inbound.connected


def signed(body: bytes, *, at: float | None = None, secret: str = seed.SIGNING_SECRET) -> dict[str, str]:
    timestamp = str(int(at or time.time()))
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, sha256).hexdigest()
    return {"x-slack-request-timestamp": timestamp, "x-slack-signature": f"v0={digest}"}


@pytest.mark.parametrize(
    "headers",
    [
        dict,
        lambda: {"x-slack-request-timestamp": "abc", "x-slack-signature": "v0=1"},
        lambda: {"x-slack-request-timestamp": "9" * 400, "x-slack-signature": "v0=1"},
        lambda: {"x-slack-request-timestamp": "-1", "x-slack-signature": "v0=é".encode().decode("latin-1")},
        lambda: signed(b"text=1", secret="another"),
        lambda: signed(b"text=2"),
        lambda: signed(b"text=1", at=time.time() - 301),
        lambda: signed(b"text=1", at=time.time() + 400),
    ],
)
async def test_what_slack_did_not_sign_just_now_is_turned_away(
    served: tuple[Bot, str], headers: Callable[[], dict[str, str]]
) -> None:
    signature = headers()  # made now: what is signed while tests are collected grows old
    async with aiohttp.ClientSession() as session, session.post(served[1], data=b"text=1", headers=signature) as answer:
        assert answer.status == 401


FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"{",
        b"[]",
        b'"x"',
        b"payload=[]",
        b"payload={",
        b"payload=" + b"[" * 100_000,
        b'{"type":"event_callback","event":5}',
        b'{"type":"event_callback","event":{"type":"message"},"authorizations":[7]}',
        b'{"type":"shortcut","callback_id":[],"user":{"id":"U1"}}',
        b'{"type":"unheard_of"}',
        b'{"type":"event_callback","event":{"type":"reaction_added","reaction":"pushpin","item":7}}',
        b'{"type":"block_actions","actions":"x","user":7,"team":[]}',
        b'{"type":"view_submission","view":{"callback_id":"form","private_metadata":"{"}}',
        urlencode({"payload": json.dumps({"type": "block_actions", "actions": [None]})}).encode(),
        urlencode({"command": "/incident", "text": "\x00\ud800".encode("utf-8", "replace").decode()}).encode(),
        b"",
    ],
)
async def test_signed_nonsense_is_no_fault_of_ours(served: tuple[Bot, str], body: bytes) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(served[1], data=body, headers=signed(body) | FORM) as answer,
    ):
        assert answer.status < 500


async def test_a_body_larger_than_slack_s_is_not_read_to_its_end(served: tuple[Bot, str]) -> None:
    body = b"x" * 1_500_000
    async with (
        aiohttp.ClientSession() as session,
        session.post(served[1], data=BytesIO(body), headers=signed(body) | FORM) as answer,
    ):
        assert answer.status == 413
