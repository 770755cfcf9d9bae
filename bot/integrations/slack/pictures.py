"""The pictures that hang on a message, fetched to be kept: with our token, from Slack alone, never made public."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.incident.enclosures import NewBlob
from bot.incident.marks import Image

log = structlog.get_logger(__name__)

MOST = 4
"""Pictures of one message."""
LARGEST = 5_000_000
"""Bytes of one: a whole screen is a tenth of it."""
NAME_LENGTH = 100
BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"RIFF": "image/webp",
}
"""How they begin. By its bytes alone is it known that a picture came, and no page that asks to sign in."""
File = Mapping[str, Any]


async def pictures(
    client: AsyncWebClient, incident: int, files: Sequence[File]
) -> tuple[tuple[Image, ...], tuple[NewBlob, ...]]:
    """Those of a message, and their bytes; without what is too large, is no picture, or is kept back by Slack.

    Raises an aiohttp error while Slack is away. https://docs.slack.dev/reference/objects/file-object
    """
    images, blobs = [], []
    for file in [file for file in files if may_fetch(client.base_url, file)][:MOST]:
        body = await _fetched(client, str(file["url_private"]))
        media_type = media_type_of(body)
        if media_type:
            blob = NewBlob.of(incident, media_type, body)
            name = str(file.get("name") or "image")[:NAME_LENGTH]
            images.append(Image(digest=blob.digest, name=name, media_type=media_type, size=len(body)))
            blobs.append(blob)
    return tuple(images), tuple(blobs)


def may_fetch(base_url: str, file: File) -> bool:
    """Whether it says that it is a picture, is not too large, and lies with Slack: our token goes nowhere else."""
    size = file.get("size")
    is_small = isinstance(size, int) and 0 < size <= LARGEST
    is_picture = str(file.get("mimetype") or "").startswith("image/")
    return is_small and is_picture and _is_slacks(base_url, str(file.get("url_private") or ""))


def has_pictures(files: Sequence[File]) -> bool:
    return any(str(file.get("mimetype") or "").startswith("image/") for file in files)


def media_type_of(body: bytes) -> str:
    """What sort of picture it is; empty for anything else."""
    return next((kind for start, kind in BEGINNINGS.items() if body.startswith(start)), "")


def _is_slacks(base_url: str, url: str) -> bool:
    try:
        here, there = urlsplit(base_url), urlsplit(url)
        same_port = here.port == there.port
    except ValueError:
        return False
    host, wanted = there.hostname or "", here.hostname or ""
    return here.scheme == there.scheme and same_port and (host == wanted or host.endswith(f".{wanted}"))


async def _fetched(client: AsyncWebClient, url: str) -> bytes:
    """The file's bytes; nothing where Slack refuses them or there are too many."""
    session = client.session
    if session is None:
        raise TypeError("the client has no session of its own")
    headers = {"Authorization": f"Bearer {client.token}"}
    async with session.get(url, headers=headers, allow_redirects=False) as answer:
        if answer.status >= 500 or answer.status == 429:
            raise aiohttp.ClientPayloadError(f"Slack did not give the file ({answer.status})")
        if answer.status != 200:
            log.warning("picture not fetched", status=answer.status)
            return b""
        body = bytearray()
        async for part in answer.content.iter_chunked(65_536):
            body += part
            if len(body) > LARGEST:
                return b""
    return bytes(body)
