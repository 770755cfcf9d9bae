"""What is offered where an incident is not told, or is told in words that may only speak of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.incident import Declare
from bot.integrations.slack.blocks import Message
from bot.integrations.slack.offers import OFFERED
from tests.integrations.slack.table import ADA, Night, Row, begin, night


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Night]:
    await begin(tmp_path)
    async with night(tmp_path) as found:
        yield found


async def asked(here: Night, text: str) -> Message:
    message = (await here.react(Row("outside", "ada", text))).message
    assert message is not None
    return message


def buttons(message: Message) -> list[tuple[str, str]]:
    """(label, value) of each."""
    rows: list[Any] = [b for b in message.blocks if b["type"] == "actions"]
    return [(e["text"]["text"], e.get("value", "")) for row in rows for e in row["elements"]]


async def test_of_more_incidents_than_fit_it_says_how_another_one_is_named(here: Night) -> None:
    for number in range(OFFERED):
        await here.engine.handle(Declare(title=f"Fire {number}", severity=3), ADA.actor)
    shown = await asked(here, "sev 1")
    assert shown.text == "Which incident? Any other: `/incident INC-42 sev …`."
    assert len(buttons(shown)) == OFFERED + 1


async def test_one_named_last_in_free_text_comes_first_and_its_name_is_no_word_of_it(here: Night) -> None:
    shown = await asked(here, "impact one in twenty INC-3")
    assert shown.text == "Is it about INC-3?"
    assert [value for _, value in buttons(shown)][:2] == [
        "INC-3 impact one in twenty",
        "INC-1 impact one in twenty INC-3",
    ]


async def test_one_spoken_of_that_cannot_be_meant_changes_nothing(here: Night) -> None:
    shown = await asked(here, "impact as in INC-2")
    assert shown.text == "Which incident?"
    assert "INC-1 impact as in INC-2" in dict(buttons(shown)).values()


async def test_what_is_over_is_offered_to_be_reopened(here: Night) -> None:
    labels = [label for label, _ in buttons(await asked(here, "reopen"))]
    assert labels == ["INC-2 Search is slow", "Declare an incident"]


async def test_whoever_is_paged_for_an_incident_named_last_is_paged_at_once(here: Night) -> None:
    await here.react(Row("outside", "ada", "page Search INC-1"))
    assert [e.kind for e in here.heard] == ["page_requested"]
    await here.react(Row("outside", "ada", "page Search as in INC-1"))
    assert [e.kind for e in here.heard] == []
