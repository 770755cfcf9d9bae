"""One sandbox for each module of facts: its tests look on, or act in a room of their own."""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox import Sandbox, running
from bot.sandbox.slack import seed

Json = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """What the page of one method of Slack's Web API says. Scopes are alternatives, by kind of conversation."""

    tier: int
    scopes: frozenset[str]
    required: frozenset[str]
    errors: frozenset[str]


def _pages() -> dict[str, Page]:
    told = json.loads(Path(__file__).with_name("methods.json").read_text(encoding="utf-8"))
    return {
        name: Page(page["tier"], *(frozenset(page[what].split()) for what in ("scopes", "required", "errors")))
        for name, page in told.items()
    }


PAGES = _pages()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running() as started:
        yield started


@pytest.fixture(scope="module")
def slack(sandbox: Sandbox) -> WebClient:
    """slack_sdk without asyncio, as the bot."""
    return WebClient(seed.BOT_TOKEN, base_url=sandbox.slack_url, retry_handlers=[])


@pytest.fixture(scope="module")
def ada(sandbox: Sandbox) -> WebClient:
    """slack_sdk as a person who may do anything."""
    token = sandbox.slack.token_for(sandbox.slack.people[seed.ADA])
    return WebClient(token.value, base_url=sandbox.slack_url, retry_handlers=[])


@pytest.fixture(scope="module")
def new_room(slack: WebClient) -> Callable[[], str]:
    """Makes a channel of the bot's that no other test knows; its id."""
    numbers = itertools.count(1)
    return lambda: str(slack.conversations_create(name=f"room-{next(numbers)}")["channel"]["id"])


def outcome(client: WebClient, method: str, args: Json) -> str:
    """What Slack says to a call: "ok", or why not."""
    try:
        client.api_call(method, json=args)
    except SlackApiError as refusal:
        return str(refusal.response["error"])
    return "ok"
