"""A company that calls the command otherwise reads no word of `/incident`, wherever Muster writes."""

import json

import pytest

from bot.incident.policy import Policy
from bot.incident.review import POSTMORTEM
from bot.integrations.slack.called import renamed
from tests.stories.screen import whispers, words
from tests.stories.world import World

OURS = "`/incident"


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


async def test_everything_that_is_written_says_the_company_s_own_command(world: World) -> None:
    await world.stop()
    policy = world.settings.policy.model_copy(update={"command": "/outage"})
    world.settings = world.settings.model_copy(update={"policy": policy})
    await world.start()
    await world.acquainted()
    await world.hands.pagerduty.trigger("checkout", "5xx", priority="P1")
    await world.settled()
    room = (await world.room())["id"]
    await world.hands.slack.join("ada", room)
    told = []
    for text in ("help", "sev critical", "INC-9 show", "hepl", "page search help", "resolve done", "sev 1"):
        told.append(whispers(await world.hands.slack.command("ada", room, text, name="/outage")))
        await world.settled()
    assert "/outage" in "".join(told)
    assert "/outage" in words(await world.card())
    sent = json.dumps([call.args for call in world.sandbox.calls.all()], default=str)
    drafted = await world.app.engine.reading.document(1, POSTMORTEM)
    assert drafted is not None
    for text in (sent, "".join(told), drafted.body):
        assert OURS not in text
    assert "say `/outage ack` in the war room" in sent
