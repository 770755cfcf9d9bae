"""A company that calls things otherwise reads none of Muster's own names, wherever Muster writes."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from bot.incident.habits import Marking
from bot.incident.policy import DEFAULT_ROLES, DEFAULT_SEVERITIES, Policy
from bot.incident.review import POSTMORTEM
from bot.integrations.slack.called import renamed
from bot.integrations.slack.verbs import VERBS
from tests.stories.screen import whispers
from tests.stories.world import World

OURS = re.compile(
    r"`/incident|(?-i:SEV)\d|commander|deputy|scribe|\bcomms\b|liaison|\bsme\b|subject-matter|pushpin", re.IGNORECASE
)
"""Our names of what a company may call otherwise."""
COLOURS = ("Red", "Orange", "Yellow", "Green", "White")
PARTS = ("Captain", "First Mate", "Log Keeper", "Herald", "Engineer")
POLICY = Policy(
    command="/outage",
    severities=tuple(
        s.model_copy(update={"label": colour, "update_every": 7})
        for s, colour in zip(DEFAULT_SEVERITIES, COLOURS, strict=True)
    ),
    roles=tuple(
        r.model_copy(update={"label": part, "aliases": (part.split()[0].casefold(),)})
        for r, part in zip(DEFAULT_ROLES, PARTS, strict=True)
    ),
    marking=Marking(emoji=("memo",)),
)


def test_only_what_stands_in_code_is_renamed() -> None:
    said = {"text": "Say `/incident ack`, as /incident/42 said", "blocks": [{"text": "`/incident note` it"}], "n": 3}
    assert renamed(said, "/outage") == {
        "text": "Say `/outage ack`, as /incident/42 said",
        "blocks": [{"text": "`/outage note` it"}],
        "n": 3,
    }


def test_a_command_that_slack_would_not_take_is_refused() -> None:
    for odd in ("incident", "/Incident", "/in cident", "/", "/" + "x" * 32):
        with pytest.raises(ValueError, match="command"):
            Policy(command=odd)


@pytest.mark.parametrize("name", VERBS)
def test_the_help_of_a_verb_names_nothing_that_may_be_called_otherwise(name: str) -> None:
    verb = VERBS[name]
    assert OURS.search(f"{verb.usage_in(Policy())} {verb.help}".replace("`/incident", "")) is None


def shown(piece: Any) -> Iterator[str]:
    """What people can read of a call to Slack; what buttons and forms keep for themselves is left out."""
    if isinstance(piece, str):
        yield piece
    for one in piece if isinstance(piece, list) else ():
        yield from shown(one)
    for key, one in piece.items() if isinstance(piece, dict) else ():
        if key in ("blocks", "view", "metadata") and isinstance(one, str):
            one = json.loads(one)
        if key not in ("value", "private_metadata", "action_id", "block_id", "metadata", "callback_id"):
            yield from shown(one)


async def test_a_company_s_own_names_are_the_only_ones_in_a_whole_story(world: World) -> None:
    await world.stop()
    world.settings = world.settings.model_copy(
        update={"policy": POLICY.model_copy(update={"paging": world.settings.policy.paging})}
    )
    await world.start()
    await world.acquainted()
    slack, told = world.hands.slack, []
    await world.hands.pagerduty.trigger("checkout", "5xx", priority="P1")
    await world.settled()
    room = (await world.room())["id"]
    for person in ("ada", "dev"):
        await slack.join(person, room)
    await world.press("ada", "take_role", value="1/commander")
    for text in (
        *("help", "sev", "sev orange", "INC-9 show", "hepl", "page search help", "role", "log"),
        *("update", "update It is slow", "roles", "handoff", "handoff @bo", "catchup", "resolve", "role captian"),
        *("role log", "show", "more", "timeline", "merge INC-2", "page", "task", "rename", "status", "leave captain"),
    ):
        told.append(whispers(await slack.command("ada", room, text, name="/outage")))
        await world.settled()
    posted = await slack.post("dev", room, "rolled back to 4.1")
    await slack.react("dev", room, posted["ts"], "memo")
    await world.settled()
    await slack.command("ada", room, "resolve Rolled back.", name="/outage")
    await world.settled()
    assert any("rolled back to 4.1" in line for line in await world.timeline())
    assert not (await world.incident()).is_open
    drafted = await world.app.engine.reading.document(1, POSTMORTEM)
    assert drafted is not None
    calls = [text for call in world.sandbox.calls.all() for text in shown(call.args)]
    read = [*told, *calls, *drafted.body.splitlines()]
    assert [text for text in read if OURS.search(text)] == []
    for theirs in ("`/outage ack`", "*Captain:* nobody yet", "In 7 min (as Orange asks)", ":memo: on a message"):
        assert any(theirs in text for text in read), theirs
