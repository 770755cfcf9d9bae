"""Other websites cannot act in the sandbox; programs of this machine and its own pages can."""

import aiohttp
import pytest

from bot.sandbox import Sandbox

ACT = "/control/slack/post"


async def status(sandbox: Sandbox, method: str, path: str, headers: dict[str, str]) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, sandbox.url + path, headers=headers, json={}) as answer,
    ):
        return answer.status


def own(sandbox: Sandbox) -> str:
    return sandbox.url.removeprefix("http://")


async def test_a_program_passes(sandbox: Sandbox) -> None:
    assert await status(sandbox, "POST", "/control/sandbox/last_call", {}) == 200


async def test_a_page_of_our_own_passes(sandbox: Sandbox) -> None:
    headers = {"Origin": sandbox.url, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
    assert await status(sandbox, "POST", "/control/sandbox/last_call", headers) == 200


async def test_localhost_is_a_name_of_ours_through_any_port(sandbox: Sandbox) -> None:
    headers = {"Host": "localhost:8080", "Origin": "http://localhost:8080"}
    assert await status(sandbox, "POST", "/control/sandbox/last_call", headers) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Host": "rebound.example"},
        {"Host": "rebound.example", "Origin": "http://rebound.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    ],
)
async def test_another_website_cannot_act(sandbox: Sandbox, headers: dict[str, str]) -> None:
    assert await status(sandbox, "POST", ACT, headers) == 403


async def test_a_link_from_elsewhere_leads_in(sandbox: Sandbox) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert await status(sandbox, "GET", "/as/ada/home", headers) == 200


async def test_another_website_reads_nothing(sandbox: Sandbox) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert await status(sandbox, "GET", "/state", headers) == 403


async def test_another_website_opens_no_socket(sandbox: Sandbox) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{sandbox.url}/slack/socket?ticket=x", origin="https://evil.example")
