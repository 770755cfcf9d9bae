"""The Web API's door: tokens, scopes, arguments however they come, unknown methods, the call log."""

import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox.slack import seed
from bot.sandbox.slack.api import HANDLERS
from bot.sandbox.slack.methods import METHODS
from tests.sandbox import sources


async def refusal(call: Any) -> dict[str, Any]:
    """The body of the refusal that this call meets."""
    with pytest.raises(SlackApiError) as caught:
        await call
    body: dict[str, Any] = caught.value.response.data
    assert body["ok"] is False
    return body


def client(sandbox: Sandbox, http: aiohttp.ClientSession, token: str | None) -> AsyncWebClient:
    return AsyncWebClient(token, base_url=sandbox.slack_url, session=http, retry_handlers=[])


def test_every_method_in_the_table_has_a_function_and_the_other_way_round() -> None:
    assert set(METHODS) == set(HANDLERS)


@pytest.mark.fact(sources.method("auth.test"))
async def test_auth_test_says_who_the_bot_is(web: AsyncWebClient) -> None:
    said = await web.auth_test()
    assert (said["user_id"], said["bot_id"], said["team_id"]) == (seed.BOT_USER, seed.BOT_ID, seed.TEAM_ID)


@pytest.mark.parametrize(("token", "error"), [(None, "not_authed"), ("xoxb-other", "invalid_auth")])
@pytest.mark.fact(sources.method("auth.test"))
async def test_an_unknown_token_is_refused(
    sandbox: Sandbox, http: aiohttp.ClientSession, token: str | None, error: str
) -> None:
    assert (await refusal(client(sandbox, http, token).auth_test()))["error"] == error


@pytest.mark.fact(sources.method("auth.test"))
async def test_a_revoked_token_is_refused_until_it_is_restored(web: AsyncWebClient, hands: SandboxClient) -> None:
    await hands.slack.revoke_token()
    assert (await refusal(web.auth_test()))["error"] == "token_revoked"
    await hands.slack.restore_token()
    assert (await web.auth_test())["ok"]


@pytest.mark.fact(sources.method("auth.test"))
async def test_the_token_of_somebody_who_was_deactivated_is_refused(
    sandbox: Sandbox, http: aiohttp.ClientSession, hands: SandboxClient
) -> None:
    bo = client(sandbox, http, await hands.slack.user_token("bo"))
    assert (await bo.auth_test())["user_id"] == seed.BO
    await hands.slack.change_person("bo", deleted=True)
    assert (await refusal(bo.auth_test()))["error"] == "account_inactive"


@pytest.mark.fact(sources.method("apps.connections.open"))
async def test_the_app_token_opens_connections_and_nothing_else(
    sandbox: Sandbox, http: aiohttp.ClientSession, web: AsyncWebClient
) -> None:
    app_client = client(sandbox, http, seed.APP_TOKEN)
    assert (await app_client.apps_connections_open(app_token=seed.APP_TOKEN))["url"].startswith("ws://")
    assert (await refusal(app_client.auth_test()))["error"] == "not_allowed_token_type"
    refused = await refusal(web.apps_connections_open(app_token=seed.BOT_TOKEN))
    assert refused["error"] == "not_allowed_token_type"


@pytest.mark.fact(sources.method("pins.add"))
async def test_a_missing_scope_is_named(web: AsyncWebClient, hands: SandboxClient) -> None:
    await hands.slack.remove_scope("pins:write")
    refused = await refusal(web.pins_add(channel=seed.INCIDENTS, timestamp="1.1"))
    assert (refused["error"], refused["needed"]) == ("missing_scope", "pins:write")
    assert "chat:write" in refused["provided"]


@pytest.mark.fact(sources.method("conversations.create"))
async def test_the_scope_that_counts_is_that_of_the_channels_kind(web: AsyncWebClient, hands: SandboxClient) -> None:
    await hands.slack.remove_scope("groups:write")
    refused = await refusal(web.conversations_create(name="secret", is_private=True))
    assert refused["needed"] == "groups:write"
    assert (await web.conversations_create(name="open"))["ok"]


@pytest.mark.fact(sources.method("conversations.list"))
async def test_listing_private_channels_needs_the_scope_for_them(web: AsyncWebClient, hands: SandboxClient) -> None:
    await hands.slack.remove_scope("groups:read")
    assert (await web.conversations_list(types="public_channel"))["ok"]
    refused = await refusal(web.conversations_list(types="public_channel,private_channel"))
    assert refused["error"] == "missing_scope"


@pytest.mark.parametrize("how", ["query", "form", "json"])
@pytest.mark.fact(sources.method("chat.postMessage"))
async def test_arguments_count_however_they_are_sent(sandbox: Sandbox, http: aiohttp.ClientSession, how: str) -> None:
    args = {"channel": seed.INCIDENTS, "text": f"by {how}"}
    sent: dict[str, Any] = {"query": {"params": args}, "form": {"data": args}, "json": {"json": args}}[how]
    headers = {"Authorization": f"Bearer {seed.BOT_TOKEN}"}
    async with http.post(f"{sandbox.slack_url}chat.postMessage", headers=headers, **sent) as response:
        said = await response.json()
    assert (said["ok"], said["message"]["text"]) == (True, f"by {how}")


@pytest.mark.fact(sources.method("chat.update"))
async def test_a_token_may_come_as_an_argument_and_is_not_logged(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{sandbox.slack_url}auth.test", params={"token": seed.BOT_TOKEN}) as response:
        assert (await response.json())["ok"]
    assert seed.BOT_TOKEN not in json.dumps([call.to_json() for call in sandbox.calls.all()])


@pytest.mark.parametrize(("body", "error"), [(b"{", "invalid_json"), (b"[]", "json_not_object")])
async def test_a_body_that_is_no_json_object_is_refused(
    sandbox: Sandbox, http: aiohttp.ClientSession, body: bytes, error: str
) -> None:
    headers = {"Authorization": f"Bearer {seed.BOT_TOKEN}", "Content-Type": "application/json"}
    async with http.post(f"{sandbox.slack_url}chat.postMessage", headers=headers, data=body) as response:
        assert (await response.json())["error"] == error


async def test_an_unknown_method_and_a_missing_argument_are_refused(web: AsyncWebClient) -> None:
    assert (await refusal(web.api_call("no.such")))["error"] == "unknown_method"
    refused = await refusal(web.api_call("conversations.info"))
    assert refused["error"] == "invalid_arguments"
    assert refused["response_metadata"]["messages"] == ["[ERROR] missing required field: channel"]


@pytest.mark.fact(sources.method("api.test"))
async def test_api_test_answers_what_it_is_told_to(web: AsyncWebClient) -> None:
    assert (await web.api_test(foo="bar"))["args"]["foo"] == "bar"
    assert (await refusal(web.api_test(error="my_error")))["error"] == "my_error"


@pytest.mark.fact(sources.method("users.lookupByEmail"))
async def test_people_are_found_by_id_and_by_email(web: AsyncWebClient, hands: SandboxClient) -> None:
    ada = (await web.users_lookupByEmail(email="ADA@example.com"))["user"]
    assert ada["id"] == seed.ADA
    xenia = (await web.users_info(user=seed.XENIA))["user"]
    assert (xenia["is_stranger"], xenia["team_id"]) == (True, seed.PARTNER_TEAM_ID)
    assert (await refusal(web.users_info(user="U0NOBODY")))["error"] == "user_not_found"
    assert (await refusal(web.users_lookupByEmail(email="xenia@partner.example")))["error"] == "users_not_found"
    await hands.slack.remove_scope("users:read.email")
    assert "email" not in (await web.users_info(user=seed.ADA))["user"]["profile"]


@pytest.mark.fact(sources.method("users.list"))
async def test_long_lists_come_in_pages(web: AsyncWebClient) -> None:
    seen: list[str] = []
    cursor: str | None = None
    pages = 0
    while cursor != "":
        said = await web.users_list(limit=4, cursor=cursor)
        seen += [member["id"] for member in said["members"]]
        cursor = said["response_metadata"]["next_cursor"]
        pages += 1
    assert (len(seen), len(set(seen)), pages) == (9, 9, 3)
    assert (await refusal(web.users_list(cursor="nonsense")))["error"] == "invalid_cursor"


@pytest.mark.fact(sources.method("usergroups.list"))
async def test_groups_teams_and_bots_are_described(web: AsyncWebClient, hands: SandboxClient) -> None:
    await hands.slack.add_group("dba", "Databases", ["dev"])
    handles = {group["handle"]: group["id"] for group in (await web.usergroups_list())["usergroups"]}
    assert set(handles) == {"sre", "support", "payments", "dba"}
    assert (await web.usergroups_users_list(usergroup=handles["dba"]))["users"] == [seed.DEV]
    assert (await refusal(web.usergroups_users_list(usergroup="S0")))["error"] == "no_such_subteam"
    assert (await web.team_info())["team"]["id"] == seed.TEAM_ID
    assert (await web.bots_info(bot=seed.BOT_ID))["bot"]["user_id"] == seed.BOT_USER


async def test_every_call_is_logged_with_its_outcome(sandbox: Sandbox, web: AsyncWebClient) -> None:
    await web.auth_test()
    before = sandbox.calls.last
    await web.conversations_create(name="inc-1")
    await refusal(web.conversations_create(name="inc-1"))
    made, refused = sandbox.calls.all("slack", since=before)
    assert (made.method, made.args["name"], made.outcome, made.acted) == ("conversations.create", "inc-1", "ok", True)
    assert (refused.outcome, refused.acted) == ("name_taken", False)
    assert made.seconds is not None
    assert 0 < made.seconds < 1


async def test_a_shared_session_makes_one_connection_and_single_calls_make_one_each(
    sandbox: Sandbox, web: AsyncWebClient, hands: SandboxClient
) -> None:
    for _ in range(3):
        await web.auth_test()
    assert sandbox.calls.connections("slack") == 1
    last = await hands.last_call()
    lonely = AsyncWebClient(seed.BOT_TOKEN, base_url=sandbox.slack_url)
    for _ in range(3):
        await lonely.auth_test()
    assert await hands.connections("slack", since=last) == 3
