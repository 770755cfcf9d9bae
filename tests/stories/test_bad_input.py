"""Bad input through every edge: nothing of ours breaks, nobody is pinged, nothing is lost, and work goes on."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.engine.tables import EffectState, InboxState
from bot.incident.values import MUSTER
from bot.sandbox.control import Impossible
from bot.sandbox.slack import seed
from bot.settings import Misconfigured, load
from tests.stories import corpus
from tests.stories.conftest import OpenWorld
from tests.stories.corpus.files import YAML
from tests.stories.screen import whispers
from tests.stories.world import Plan, World

TYPED = tuple(w for w in corpus.WORDS if w.isprintable() or "\n" in w)
"""What a keyboard and Slack let through to us."""
OURS_TO_SAY = ("has joined the channel", "set the channel topic", "has left the channel", "pinned a message")
"""Slack's own lines about us; they name us, and whom we invited."""


@pytest.fixture
async def world(world: World) -> AsyncIterator[World]:
    """A world that must be in order when the test is over."""
    yield world
    await world.pass_time(minutes=1)
    await world.pass_time(minutes=1)
    assert _pings(world) == []
    assert await world.unkept() == []
    assert await world.app.engine.reading.effects(EffectState.SKIPPED) == []
    assert await world.app.engine.reading.deliveries(InboxState.WAITING) == []
    assert all(parked.reason for parked in await world.app.engine.reading.deliveries())
    number = await world.declare("a normal incident", by="emi")
    await world.type("emi", "note all is well", number)
    await world.settled()
    assert "Emi Tanaka: all is well" in await world.timeline(number)


def _pings(world: World) -> list[tuple[str, str]]:
    """Whom we woke by somebody else's words."""
    return [
        (ping.whom, ping.text)
        for ping in world.sandbox.slack.pings
        if ping.by == seed.BOT_USER and not any(line in ping.text for line in OURS_TO_SAY)
    ]


def test_the_corpus_is_large_enough_and_each_case_is_another() -> None:
    cases = [*corpus.WORDS, *(body for _, body in corpus.bodies()), *corpus.SIGNATURES]
    assert len(set(corpus.WORDS)) == len(corpus.WORDS)
    assert len(cases) >= 200
    assert len(corpus.WORDS) * 4 + len(list(corpus.bodies())) + len(corpus.SIGNATURES) >= 300


async def test_a_ping_of_ours_would_be_noticed(open_world: OpenWorld) -> None:
    world = await open_world(Plan())
    for words in ("<!channel> look", f"<@{seed.ADA}> look", "<!subteam^S0SRE00001> look"):
        await world.app._parts.connection.web.chat_postMessage(channel=seed.INCIDENTS, text=words)
    assert [whom for whom, _ in _pings(world)] == ["channel", seed.ADA, "S0SRE00001"]


async def test_signatures_that_are_none(world: World) -> None:
    body = json.dumps({"event": {"id": "S", "event_type": "pagey.ping"}}).encode()
    got = {name: await world.deliver(body, signature=given) for name, (given, _) in corpus.SIGNATURES.items()}
    assert got == {name: status for name, (_, status) in corpus.SIGNATURES.items()}


async def test_webhook_bodies_that_nobody_should_send(world: World, expected_errors: list[str]) -> None:
    expected_errors.append("bot.engine.inbox: handling_failed")
    got = {name: await world.deliver(body) for name, body in corpus.bodies()}
    assert {name: status for name, status in got.items() if status != 202} == {}
    assert await world.deliver(b'"' + b"x" * 600_000 + b'"') == 413, "PagerDuty sends nothing of that size"


async def test_titles_of_alerts_that_open_rooms(world: World) -> None:
    world.calm()
    titles = [title for title in corpus.WORDS[::3] if title.strip() and title.isprintable()]
    for place, title in enumerate(titles):
        await world.hands.pagerduty.create_service(f"svc{place}", "Checkout")
        await world.hands.pagerduty.trigger(f"svc{place}", title, priority="P1")
    await world.settled(60)
    opened = await world.app.engine.reading.recent(MUSTER, limit=1000)
    assert len(opened) == len(titles)
    rooms = [c["name"] for c in await world.hands.slack.channels() if c["name"].startswith("inc-")]
    assert len(set(rooms)) == len(titles)
    assert all(len(name) <= 80 for name in rooms)


async def test_titles_names_and_services_of_alerts_that_wait_for_a_decision(world: World) -> None:
    world.calm()
    for place, title in enumerate(corpus.WORDS):
        assert await world.deliver(_alert(place, title)) == 202
    await world.settled(60)
    assert len(await world.hands.slack.messages("#incidents")) == len(corpus.WORDS)
    assert await world.app.engine.reading.deliveries() == [], "each of them is shown, none is parked"


def _alert(place: int, title: str) -> bytes:
    event = {
        "id": f"T{place}",
        "event_type": "incident.triggered",
        "resource_type": "incident",
        "occurred_at": "2026-03-04T03:10:00.000Z",
        "agent": {"id": "PX", "type": "user_reference", "summary": title},
        "data": {
            "id": f"QT{place}",
            "type": "incident",
            "html_url": f"https://acme.pagerduty.test/incidents/QT{place}",
            "number": place,
            "status": "triggered",
            "title": title,
            "service": {"id": f"PST{place}", "type": "service_reference", "summary": f"{title} {place}"},
            "assignees": [],
            "priority": None,
            "urgency": "high",
        },
    }
    return json.dumps({"event": event}).encode()


@pytest.mark.parametrize("verb", ["", "note", "impact", "sev", "page", "role", "INC-1 summary"])
async def test_words_after_incident_in_a_room(world: World, verb: str) -> None:
    await world.declare("a room")
    room = (await world.room())["id"]
    for text in TYPED:
        answered = await world.hands.slack.command("ada", room, f"{verb} {text}", raw=True, wait=0)
        assert answered["error"] is None, (verb, text, answered["error"])
    await world.settled(60)
    assert "Something went wrong" not in "\n".join(_whispered(world))


async def test_words_after_incident_elsewhere(world: World) -> None:
    for text in TYPED:
        answered = await world.hands.slack.command("ada", "#ops", text, raw=True, wait=0)
        assert answered["error"] is None, (text, answered["error"])
        answered = await world.hands.slack.command("ada", "#ops", f"declare {text}", wait=0)
        assert answered["error"] is None, (text, answered["error"])
    await world.settled(60)
    assert "Something went wrong" not in "\n".join(_whispered(world))
    assert await world.app.engine.reading.recent(MUSTER) == [], "nothing acts on a guess"


def _whispered(world: World) -> list[str]:
    return [whispers({"ephemerals": [{"text": m.text}], "modal": None}) for m in world.sandbox.slack.ephemerals]


async def test_form_values(world: World) -> None:
    await world.declare("forms")
    for text in TYPED:
        await _submitted(world, "edit", {"title": " ".join(text.split()), "summary": text, "impact": text})
        await _submitted(world, "note", {"text": text, "at": text[:20].replace("\n", " ")})
    await world.settled(60)


async def _submitted(world: World, verb: str, values: dict[str, str]) -> None:
    """Typed into the form as far as Slack lets one; what it refuses on the spot never reaches us."""
    await world.type("ada", verb, wait=10)
    try:
        answered = await world.hands.slack.submit("ada", values, wait=0)
    except Impossible:
        await world.hands.slack.close("ada", clear=True)
        return
    assert answered["error"] is None, (verb, values, answered["error"])
    if answered["errors"]:
        await world.hands.slack.close("ada", clear=True)


async def test_messages_that_are_marked_and_mentions_in_threads(world: World) -> None:
    await world.declare("marks")
    room = (await world.room())["id"]
    for text in (t for t in TYPED if t.strip()):
        message = await world.hands.slack.post("ada", room, text, raw=True)
        await world.hands.slack.react("ada", room, message["ts"], "pushpin")
        await world.hands.slack.mention("ada", room, f"note {text}", thread_ts=message["ts"])
    await world.settled(60)
    assert (await world.facts()).count("message_marked") == len([t for t in TYPED if t.strip()])


async def test_names_of_people(world: World) -> None:
    await world.declare("names")
    room = (await world.room())["id"]
    for place, text in enumerate(TYPED):
        name = " ".join(text.split())[:80] or "-"
        await world.hands.slack.add_person(f"p{place}", name, email=f"p{place}@example.com")
    for place in range(0, len(TYPED), 6):
        await world.hands.slack.join(f"p{place}", room)
        await world.hands.slack.command(f"p{place}", room, "role sme", wait=0)
        await world.hands.slack.command(f"p{place}", room, "note I am here", wait=0)
    await world.settled(60)
    assert (await world.facts()).count("noted") == len(range(0, len(TYPED), 6))


async def test_all_of_it_in_one_postmortem(world: World) -> None:
    number = await world.declare("{{ 7 * 7 }} <script>", severity=2)
    room = (await world.room(number))["id"]
    for text in (t for t in TYPED if t.strip()):
        await world.hands.slack.command("ada", room, f"note {text}", wait=0)
    await world.type("ada", "resolve {% for x in y %}", number)
    await world.settled(60)
    draft = await world.app.engine.reading.document(number, "postmortem")
    assert draft is not None
    assert "49" not in draft.body.splitlines()[0]
    assert "<script>" not in draft.body


@pytest.mark.parametrize("path", ["slack.mode", "slack.base_url", "database_url", "postmortem.zone", "log.level"])
def test_settings(tmp_path: Path, path: str) -> None:
    group, _, name = path.partition(".")
    for text in corpus.WORDS:
        _loads_or_explains(tmp_path, json.dumps({group: {name: text}} if name else {group: text}))


def test_settings_that_are_no_yaml(tmp_path: Path) -> None:
    for text in corpus.WORDS:
        _loads_or_explains(tmp_path, text)


@pytest.mark.parametrize("case", YAML)
def test_what_may_stand_in_a_muster_yaml(tmp_path: Path, case: str) -> None:
    """Used, or explained by a sentence that names the place; never by the words that stand there."""
    written, told = YAML[case]
    file = tmp_path / "muster.yaml"
    file.write_bytes(written)
    said = ""
    try:
        load(file)
    except Misconfigured as error:
        said = "\n".join(error.problems)
    assert (told in said) if told else said == ""
    assert "hunter2" not in said


def _loads_or_explains(folder: Path, written: str) -> None:
    """Either it can be used, or every problem is a sentence."""
    file = folder / "muster.yaml"
    file.write_bytes(written.encode("utf-8", "surrogatepass"))
    problems: tuple[str, ...] = ()
    try:
        load(file)
    except Misconfigured as error:
        problems = error.problems
    assert all(problem.strip() for problem in problems)
