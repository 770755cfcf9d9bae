"""What people do: they talk, mark, press what is on their screen and nothing else; the app hears of it whole."""

import asyncio
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Impossible, Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.sandbox import sources
from tests.sandbox.conftest import Connect

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(action_id: str, value: str) -> Json:
    return {"type": "button", "action_id": action_id, "value": value, "text": plain(value)}


ROLES = [{"type": "actions", "block_id": "roles", "elements": [button("take", "lead"), button("take2", "scribe")]}]


@pytest.fixture
def heard(app: AsyncApp) -> list[Json]:
    """Every event and interaction that reached the app, oldest first."""
    bodies: list[Json] = []

    @app.middleware
    async def keep(body: Json, next: Any) -> None:
        bodies.append(body)
        await next()

    for kind in ("app_mention", "reaction_added", "reaction_removed", "pin_added", "pin_removed",
                 "member_joined_channel", "member_left_channel", "channel_rename", "channel_archive",
                 "channel_unarchive", "channel_shared", "channel_deleted", "user_change"):  # fmt: skip

        @app.event(kind)
        async def event() -> None:
            pass

    return bodies


async def press(web: AsyncWebClient) -> str:
    """Posts a card with two buttons; its ts."""
    return str((await web.chat_postMessage(channel=seed.INCIDENTS, text="roles", blocks=ROLES))["ts"])


@pytest.mark.fact(sources.SOCKET_MODE)
async def test_a_press_arrives_whole(
    app: AsyncApp, web: AsyncWebClient, connect: Connect, heard: list[Json], hands: SandboxClient
) -> None:
    @app.action("take")
    async def take(ack: AsyncAck) -> None:
        await ack()

    await connect(app)
    ts = await press(web)
    await hands.slack.click("ada", "take", "#incidents", ts, wait=0)
    body = heard[-1]
    assert body["user"] == {"id": seed.ADA, "username": "ada", "name": "ada", "team_id": seed.TEAM_ID}
    assert body["team"] == {"id": seed.TEAM_ID, "domain": seed.TEAM_DOMAIN}
    assert body["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": seed.INCIDENTS,
        "is_ephemeral": False,
    }
    assert (body["channel"]["name"], body["message"]["ts"]) == ("incidents", ts)
    assert body["response_url"].startswith("http://127.0.0.1")
    action = body["actions"][0]
    assert (action["action_id"], action["block_id"], action["value"]) == ("take", "roles", "lead")


async def test_a_double_click_is_two_deliveries_with_two_triggers(
    app: AsyncApp, web: AsyncWebClient, connect: Connect, heard: list[Json], hands: SandboxClient
) -> None:
    @app.action("take")
    async def take(ack: AsyncAck) -> None:
        await ack()

    await connect(app)
    await hands.slack.click("ada", "take", "#incidents", await press(web), times=2, wait=0)
    clicks = [body for body in heard if body.get("type") == "block_actions"]
    assert len(clicks) == len({body["trigger_id"] for body in clicks}) == 2


@pytest.mark.parametrize(
    ("action", "words"),
    [({"action_id": "gone"}, "only: take, take2"), ({"action_id": "take", "value": "scribe"}, "no take to press")],
)
async def test_nobody_presses_what_is_not_there(
    web: AsyncWebClient, hands: SandboxClient, action: Json, words: str
) -> None:
    with pytest.raises(Impossible, match=words):
        await hands.slack.click("ada", channel="#incidents", ts=await press(web), **action)


async def test_nobody_presses_in_a_channel_they_are_not_in_or_on_anothers_whisper(
    web: AsyncWebClient, hands: SandboxClient
) -> None:
    with pytest.raises(Impossible, match="gus is not in"):
        await hands.slack.click("gus", "take", "#incidents", await press(web))
    await web.chat_postEphemeral(channel=seed.INCIDENTS, user=seed.ADA, text="x", blocks=ROLES)
    whisper = (await hands.slack.ephemerals("ada"))[0]
    with pytest.raises(Impossible, match="bo sees no message"):
        await hands.slack.click("bo", "take", "#incidents", whisper["ts"])


async def test_two_buttons_with_one_name_must_be_told_apart(web: AsyncWebClient, hands: SandboxClient) -> None:
    rows = [{"type": "actions", "elements": [button("ack", value)]} for value in ("1", "2")]
    ts = (await web.chat_postMessage(channel=seed.INCIDENTS, text="x", blocks=rows))["ts"]
    with pytest.raises(Impossible, match="2 times"):
        await hands.slack.click("ada", "ack", "#incidents", ts)
    assert (await hands.slack.click("ada", "ack", "#incidents", ts, value="2"))["error"] == "dispatch_failed"


async def test_menus_in_messages_tell_what_was_chosen_there_before(
    app: AsyncApp, web: AsyncWebClient, connect: Connect, heard: list[Json], hands: SandboxClient
) -> None:
    @app.action("who")
    @app.action("more")
    async def chosen(ack: AsyncAck) -> None:
        await ack()

    await connect(app)
    overflow = {
        "type": "overflow",
        "action_id": "more",
        "options": [{"text": plain("Split off"), "value": "split"}],
    }
    blocks = [
        {
            "type": "actions",
            "block_id": "row",
            "elements": [{"type": "users_select", "action_id": "who"}, overflow],
        }
    ]
    ts = (await web.chat_postMessage(channel=seed.INCIDENTS, text="x", blocks=blocks))["ts"]
    await hands.slack.click("ada", "who", "#incidents", ts, selected="bo", wait=0)
    assert heard[-1]["actions"][0]["selected_user"] == seed.BO
    await hands.slack.click("ada", "more", "#incidents", ts, selected="Split off", wait=0)
    assert heard[-1]["actions"][0]["selected_option"]["value"] == "split"
    assert heard[-1]["state"]["values"]["row"]["who"]["selected_user"] == seed.BO


@pytest.mark.fact(sources.SHORTCUTS)
async def test_shortcuts_arrive_with_a_trigger_and_the_message(
    app: AsyncApp, connect: Connect, heard: list[Json], hands: SandboxClient
) -> None:
    @app.shortcut("declare")
    async def declare(ack: AsyncAck, client: AsyncWebClient, body: Json) -> None:
        await ack()
        view = {"type": "modal", "title": plain("Declare"), "blocks": [{"type": "section", "text": plain("x")}]}
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    await connect(app)
    result = await hands.slack.shortcut("ada", "declare")
    assert result["modal"]["title"]["text"] == "Declare"
    assert (heard[-1]["type"], heard[-1]["callback_id"], "channel" in heard[-1]) == ("shortcut", "declare", False)
    message = await hands.slack.post("bo", "#ops", "it broke")
    await hands.slack.message_shortcut("ada", "#ops", message["ts"], "declare")
    body = heard[-1]
    assert (body["type"], body["message"]["text"], body["message"]["user"]) == ("message_action", "it broke", seed.BO)
    assert (body["channel"]["id"], body["message_ts"]) == (seed.OPS, message["ts"])


async def test_a_mention_reaches_the_bot_with_its_thread(
    app: AsyncApp, connect: Connect, heard: list[Json], hands: SandboxClient
) -> None:
    await connect(app)
    root = await hands.slack.post("bo", "#incidents", "odd graphs")
    await hands.slack.mention("ada", "#incidents", "note <b> & co", thread_ts=root["ts"])
    await hands.slack.wait_for_delivery("app_mention")
    event = heard[-1]["event"]
    assert event["text"] == f"<@{seed.BOT_USER}> note &lt;b&gt; &amp; co"
    assert (event["type"], event["user"], event["thread_ts"]) == ("app_mention", seed.ADA, root["ts"])


@pytest.mark.fact(sources.FORMATTING)
async def test_what_two_people_tell_each_other_in_direct_messages_is_hidden_from_the_app(
    web: AsyncWebClient, hands: SandboxClient
) -> None:
    direct = (await hands.slack.open_direct("ada", "bo"))["id"]
    await hands.slack.post("bo", direct, "Do you have a minute?")
    listed = (await web.conversations_list(types="im"))["channels"]
    assert direct not in [channel["id"] for channel in listed]
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await web.conversations_history(channel=direct)


async def test_typed_names_become_live_and_ping(sandbox: Sandbox, hands: SandboxClient) -> None:
    said = await hands.slack.post("ada", "#ops", "@bo @sre @here see #general, not @nobody or a@bo.example")
    assert said["text"] == (
        f"<@{seed.BO}> <!subteam^S0SRE00001> <!here> see <#{seed.GENERAL}|general>, not @nobody or a@bo.example"
    )
    assert [ping.whom for ping in sandbox.slack.pings] == [seed.BO, "S0SRE00001", "here"]


async def test_marks_on_messages_reach_the_bot(
    app: AsyncApp, connect: Connect, heard: list[Json], hands: SandboxClient
) -> None:
    await connect(app)
    ts = (await hands.slack.post("bo", "#incidents", "found it"))["ts"]
    await hands.slack.react("ada", "#incidents", ts, "pushpin")
    await hands.slack.unreact("ada", "#incidents", ts, "pushpin")
    await hands.slack.pin("ada", "#incidents", ts)
    await hands.slack.unpin("ada", "#incidents", ts)
    for kind in ("reaction_added", "reaction_removed", "pin_added", "pin_removed"):
        await hands.slack.wait_for_delivery(kind)
    events = {body["event"]["type"]: body["event"] for body in heard}
    assert events["reaction_added"]["item"] == {"type": "message", "channel": seed.INCIDENTS, "ts": ts}
    assert (events["reaction_added"]["reaction"], events["reaction_added"]["item_user"]) == ("pushpin", seed.BO)
    assert events["reaction_removed"]["user"] == seed.ADA
    assert events["pin_added"]["item"]["message"]["text"] == "found it"
    assert (events["pin_added"]["channel_id"], events["pin_removed"]["has_pins"]) == (seed.INCIDENTS, False)


async def test_what_happens_to_a_room_reaches_the_bot(
    app: AsyncApp, web: AsyncWebClient, connect: Connect, heard: list[Json], hands: SandboxClient
) -> None:
    await connect(app)
    room = (await web.conversations_create(name="inc-1"))["channel"]["id"]
    await hands.slack.join("ada", "inc-1")
    await hands.slack.invite("ada", "inc-1", "bo")
    await hands.slack.leave("bo", "inc-1")
    await hands.slack.rename("ada", "inc-1", "inc-1-db")
    await hands.slack.share_channel("inc-1-db")
    await hands.slack.archive("ada", "inc-1-db")
    await hands.slack.unarchive("ada", "inc-1-db")
    await hands.slack.delete_channel("ada", "inc-1-db")
    await hands.slack.change_person("bo", real_name="Bo Lindqvist")
    for _ in range(200):
        if len(heard) >= 10:
            break
        await asyncio.sleep(0.01)
    kinds = [body["event"]["type"] for body in heard]
    assert sorted(kinds) == sorted(
        ["member_joined_channel"] * 3
        + ["member_left_channel", "channel_rename", "channel_shared", "channel_archive", "channel_unarchive"]
        + ["channel_deleted", "user_change"]
    )
    events = {body["event"]["type"]: body for body in heard}
    assert events["channel_rename"]["event"]["channel"]["name"] == "inc-1-db"
    assert events["channel_archive"]["event"] | {"event_ts": ""} == {
        "type": "channel_archive", "channel": room, "user": seed.ADA, "is_moved": 0, "event_ts": "",
    }  # fmt: skip
    assert events["channel_archive"]["is_ext_shared_channel"] is True
    assert events["user_change"]["event"]["user"]["real_name"] == "Bo Lindqvist"


async def test_an_edit_and_a_deletion_reach_those_who_subscribed(
    app: AsyncApp, connect: Connect, hands: SandboxClient
) -> None:
    @app.event({"type": "message"})
    async def message() -> None:
        pass

    await connect(app)
    await hands.slack.subscribe("message.channels", "message.im")
    ts = (await hands.slack.post("ada", "#incidents", "one"))["ts"]
    await hands.slack.edit_message("ada", "#incidents", ts, "two")
    await hands.slack.delete_message("ada", "#incidents", ts)
    await hands.slack.tell_bot("ada", "psst")
    events = [delivery["payload"]["event"] for delivery in await hands.slack.deliveries("message")]
    assert [event.get("subtype") for event in events] == [None, "message_changed", "message_deleted", None]
    assert (events[1]["message"]["text"], events[1]["previous_message"]["text"]) == ("two", "one")
    assert events[2]["deleted_ts"] == ts
    assert [event["channel_type"] for event in events] == ["channel", "channel", "channel", "im"]
    with pytest.raises(Impossible, match="no message"):
        await hands.slack.react("bo", "#incidents", ts, "eyes")


async def test_an_app_is_installed_with_its_manifests_scopes_and_events(
    sandbox: Sandbox, web: AsyncWebClient, hands: SandboxClient
) -> None:
    await hands.slack.install(
        {
            "features": {"slash_commands": [{"command": "/incident", "should_escape": False}]},
            "oauth_config": {"scopes": {"bot": ["chat:write"], "bot_optional": ["pins:write"]}},
            "settings": {"event_subscriptions": {"bot_events": ["app_mention"]}},
        }
    )
    assert (await web.chat_postMessage(channel=seed.INCIDENTS, text="x"))["ok"]
    assert sandbox.slack.tokens[seed.BOT_TOKEN].scopes == {"chat:write", "pins:write"}
    assert sandbox.slack.settings.events == {"app_mention"}
    assert sandbox.slack.settings.should_escape is False


async def test_the_hands_wait_for_what_comes_and_say_what_did_not(web: AsyncWebClient, hands: SandboxClient) -> None:
    async def later() -> None:
        await asyncio.sleep(0.05)
        await web.conversations_create(name="inc-7-late")
        await web.chat_postMessage(channel=seed.INCIDENTS, text="opened")
        await web.chat_postMessage(channel=seed.ADA, text="you are lead")

    task = asyncio.create_task(later())
    assert (await hands.slack.wait_for_channel("inc-7"))["name"] == "inc-7-late"
    assert (await hands.slack.wait_for_message("#incidents", "opened"))["text"] == "opened"
    assert (await hands.slack.wait_for_message("@ada", "lead"))["text"] == "you are lead"
    await task
    with pytest.raises(Impossible, match="'never' in #incidents"):
        await hands.slack.wait_for_message("#incidents", "never", seconds=0.05)


async def test_the_state_is_one_json_with_everything_in_it(web: AsyncWebClient, hands: SandboxClient) -> None:
    await web.chat_postMessage(channel=seed.INCIDENTS, text="<!here>", metadata={
        "event_type": "muster", "event_payload": {"k": "1"},
    })  # fmt: skip
    state = await hands.slack.state()
    assert set(state) == {"people", "groups", "channels", "ephemerals", "modals", "pings"}
    message = state["channels"][seed.INCIDENTS]["messages"][0]
    assert message["metadata"]["event_payload"] == {"k": "1"}
    assert state["pings"][0]["whom"] == "here"
    assert len(state["people"]) == len(await hands.slack.people()) == 9
