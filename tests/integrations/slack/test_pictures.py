"""Which pictures are fetched, and that our token goes to nobody but Slack."""

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.incident.enclosures import NewBlob
from bot.integrations.slack.client import Connection
from bot.integrations.slack.pictures import LARGEST, MOST, has_pictures, may_fetch, media_type_of, pictures
from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox.slack import seed

SLACK = "https://slack.com/api/"
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"


def file(**more: object) -> dict[str, object]:
    url = "https://files.slack.com/files-pri/T1-F1/errors.png"
    return {"mimetype": "image/png", "size": 10, "url_private": url, "name": "errors.png", **more}


def test_a_picture_that_lies_with_slack_is_fetched() -> None:
    assert may_fetch(SLACK, file())


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/errors.png",
        "https://slack.com.evil.example/errors.png",
        "https://evilslack.com/errors.png",
        "http://files.slack.com/errors.png",
        "https://files.slack.com:8443/errors.png",
        "https://files.slack.com@evil.example/errors.png",
        "https://[broken/errors.png",
        "file:///etc/passwd",
        "",
    ],
)
def test_our_token_goes_nowhere_else(url: str) -> None:
    assert not may_fetch(SLACK, file(url_private=url))


@pytest.mark.parametrize("what", [{"size": LARGEST + 1}, {"size": 0}, {"size": None}, {"mimetype": "video/mp4"}])
def test_what_is_too_large_empty_or_no_picture_is_left_where_it_is(what: dict[str, object]) -> None:
    assert not may_fetch(SLACK, file(**what))


@pytest.mark.parametrize(
    ("body", "kind"),
    [(PNG, "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"GIF89a", "image/gif"), (b"<html>", ""), (b"", "")],
)
def test_a_picture_is_known_by_how_it_begins(body: bytes, kind: str) -> None:
    assert media_type_of(body) == kind


def test_a_message_with_a_text_file_has_no_pictures() -> None:
    assert has_pictures([file()])
    assert not has_pictures([file(mimetype="text/plain"), {}])


async def shared(hands: SandboxClient, *bodies: bytes) -> list[dict[str, object]]:
    return [
        (await hands.slack.share_file("ada", "#incidents", f"{n}.png", body))["files"][0]
        for n, body in enumerate(bodies)
    ]


async def test_pictures_come_with_their_bytes_and_at_most_so_many(connection: Connection, hands: SandboxClient) -> None:
    files = await shared(hands, *(PNG + bytes([n]) for n in range(MOST + 1)))
    images, blobs = await pictures(connection.web, 1, files)
    assert [image.name for image in images] == [f"{n}.png" for n in range(MOST)]
    assert blobs[0] == NewBlob.of(1, "image/png", PNG + b"\x00")
    assert images[0].digest == blobs[0].digest


async def test_a_page_that_calls_itself_a_picture_is_none(connection: Connection, hands: SandboxClient) -> None:
    files = await shared(hands, b"<html>sign in</html>")
    assert await pictures(connection.web, 1, files) == ((), ())


async def test_what_slack_keeps_back_is_left_out(
    connection: Connection, hands: SandboxClient, sandbox: Sandbox
) -> None:
    files = await shared(hands, PNG)
    sandbox.slack.tokens[seed.BOT_TOKEN].revoked = True
    assert await pictures(connection.web, 1, files) == ((), ())


async def test_while_slack_is_away_it_is_tried_again(connection: Connection) -> None:
    nowhere = AsyncWebClient(token="t", base_url="http://127.0.0.1:9/api/", session=connection.session)
    with pytest.raises(aiohttp.ClientError):
        await pictures(nowhere, 1, [file(url_private="http://127.0.0.1:9/errors.png")])
