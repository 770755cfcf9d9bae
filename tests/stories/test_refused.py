"""Whoever may not, may not by any way: refused in a sentence where a person would see it, else dropped."""

import hmac
import json
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.incident.values import MUSTER
from bot.sandbox.slack import seed
from tests.fuzz import examples
from tests.stories.conftest import OpenWorld
from tests.stories.screen import words
from tests.stories.world import Plan, World

FORM = "application/x-www-form-urlencoded"
STRANGER, GUEST, APP = "Only people of this workspace", "As a guest you can act only", "Only people can act"
WHO: Mapping[str, tuple[str, str, str]] = {
    "of another company in a shared room": (seed.XENIA, seed.PARTNER_TEAM_ID, STRANGER),
    "of another company, in our workspace's name": (seed.XENIA, seed.TEAM_ID, STRANGER),
    "of another workspace": (seed.ADA, "T0ANOTHER1", STRANGER),
    "nobody whom Slack knows": ("U0NOBODY01", seed.TEAM_ID, STRANGER),
    "a guest without a duty": (seed.GUS, seed.TEAM_ID, GUEST),
    "an app": (seed.BOT_USER, seed.TEAM_ID, APP),
}
"""Who may not: Slack's id, the workspace that the request names, and what is said."""
CHOSEN = {"type": "static_select", "selected_option": {"value": "1"}}
LINE = {"type": "plain_text_input", "value": "intruded"}
WAYS: Mapping[str, Callable[[str], examples.Json]] = {
    "command": lambda room: examples.command(room, "sev 1"),
    "command elsewhere": lambda room: examples.command(seed.OPS, "declare intruded"),
    "list": lambda room: examples.command(seed.OPS, "list"),
    "button": lambda room: examples.pressed(room, "take_role", "1/commander"),
    "button that declares": lambda room: examples.pressed(room, "declare_form", ""),
    "button that runs words": lambda room: examples.pressed(room, "run", "INC-1 resolve"),
    "form": lambda room: examples.submitted(room, "sev", {"severity": CHOSEN}),
    "form that declares": lambda room: examples.submitted(room, "declare", {"title": LINE, "severity": CHOSEN}),
    "form that notes": lambda room: examples.submitted(room, "note", {"text": LINE}),
    "shortcut": lambda room: examples.shortcut(room, "add_to_timeline"),
    "shortcut that declares": lambda room: examples.shortcut(room, "declare_from_message"),
    "mention": lambda room: examples.events(room)["app_mention"],
}
"""By which a person would see a sentence."""
ANSWERED = frozenset({"command", "command elsewhere", "list", "form", "form that declares", "form that notes"})
UNHEARD = {"U0NOBODY01": frozenset(WAYS) - ANSWERED, seed.BOT_USER: frozenset({"mention"})}
"""By which nobody hears a sentence: Slack shows none to whom it does not know, and an app's own mention is no event."""
SILENT = ("reaction_added", "reaction_removed", "pin_added", "app_home_opened")
"""Events that lead to nothing: nobody waits for an answer to a reaction."""


@pytest.fixture
async def world(open_world: OpenWorld) -> World:
    """By HTTP, where each request is ours to make; INC-1 has a room that is shared with another company."""
    opened = await open_world(Plan(slack="http"))
    await opened.declare("something of ours")
    await opened.hands.slack.share_channel((await opened.room())["id"])
    return opened


def signed(body: bytes, *, at: float | None = None, secret: str = seed.SIGNING_SECRET) -> dict[str, str]:
    moment = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"v0:{moment}:".encode() + body, sha256).hexdigest()
    return {"x-slack-request-timestamp": moment, "x-slack-signature": f"v0={digest}"}


def encoded(payload: examples.Json) -> tuple[bytes, str]:
    """As Slack posts it: commands as a form, events as JSON, the rest as JSON in a form."""
    if "command" in payload:
        return urlencode(payload).encode(), FORM
    if payload["type"] == "event_callback":
        return json.dumps(payload).encode(), "application/json"
    return urlencode({"payload": json.dumps(payload)}).encode(), FORM


async def posted(world: World, body: bytes, headers: Mapping[str, str], path: str = "/slack/events") -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{world.url}{path}", data=body, headers=headers) as answer,
    ):
        return answer.status, await answer.text()


async def delivered(world: World, payload: examples.Json) -> tuple[int, str]:
    body, media = encoded(payload)
    return await posted(world, body, {"content-type": media, **signed(body)})


def by(payload: examples.Json, user: str, team: str, key: str) -> examples.Json:
    """The same delivery of somebody else, with keys of its own."""
    if "command" in payload:
        return payload | {"user_id": user, "team_id": team, "trigger_id": key}
    if payload["type"] == "event_callback":
        inner = payload["event"] | {"user": user, "team": team, "user_team": team}
        return payload | {"event": inner, "event_id": key}
    acting = payload | {"user": {"id": user, "team_id": team}, "trigger_id": key}
    view = payload.get("view")
    return acting | ({"view": view | {"id": key}} if view else {})


async def seen(world: World, user: str, answer: str, before: int) -> str:
    """Everything that was said to that person: in the answer, for their eyes in a channel, or in private."""
    whispered = [m.text for m in world.sandbox.slack.ephemerals[before:] if m.ephemeral_to == user]
    return "\n".join([answer, *whispered, *(words(m) for m in await _private(world, user))])


async def _private(world: World, user: str) -> list[Any]:
    known = user in world.sandbox.slack.people and user != seed.BOT_USER
    return await world.hands.slack.dm(user) if known else []


@pytest.mark.parametrize("who", WHO)
async def test_whoever_may_not_may_not_by_any_way(world: World, who: str) -> None:
    user, team, sentence = WHO[who]
    room = (await world.room())["id"]
    before = await _state(world)
    told: dict[str, tuple[int, bool]] = {}
    for way, made in WAYS.items():
        whispered = len(world.sandbox.slack.ephemerals)
        status, answer = await delivered(world, by(made(room), user, team, f"k-{way}".replace(" ", "-")))
        await world.settled()
        told[way] = (status, sentence in await seen(world, user, answer, whispered))
    for kind in SILENT:
        status, _ = await delivered(world, by(examples.events(room)[kind], user, team, f"k-{kind}"))
        told[kind] = (status, True)
    await world.settled()
    unheard = UNHEARD.get(user, frozenset())
    assert told == {way: (200, way not in unheard) for way in (*WAYS, *SILENT)}
    assert await _state(world) == before
    await world.type("ada", "note we go on")
    assert "Ada Marsh: we go on" in await world.timeline()


async def _state(world: World) -> tuple[object, ...]:
    return await world.facts(), len(await world.app.engine.reading.recent(MUSTER)), await world.unkept()


async def test_a_guest_without_a_duty_sees_no_incident_at_home(world: World) -> None:
    shown = words(await world.hands.slack.home("gus") or {})
    assert GUEST in shown
    assert "something of ours" not in shown
    assert "something of ours" in words(await world.hands.slack.home("ada") or {})


REPLAYED: Mapping[str, Callable[[str], examples.Json]] = {
    "command": lambda room: examples.command(room, "sev 1"),
    "button": lambda room: examples.pressed(room, "run", "INC-1 sev 1"),
    "form": lambda room: examples.submitted(room, "sev", {"severity": CHOSEN}),
    "mention": lambda room: examples.event(
        examples.events(room)["app_mention"]["event"] | {"text": f"<@{seed.BOT_USER}> sev 1"}
    ),
}


@pytest.mark.parametrize("way", REPLAYED)
async def test_what_is_sent_again_to_the_letter_undoes_nothing_that_came_after_it(world: World, way: str) -> None:
    body, media = encoded(REPLAYED[way]((await world.room())["id"]))
    headers = {"content-type": media, **signed(body)}
    assert (await posted(world, body, headers))[0] == 200
    await world.settled()
    assert (await world.incident()).severity.label == "SEV1"
    await world.type("ada", "sev 2")
    assert [(await posted(world, body, headers))[0] for _ in range(2)] == [200, 200]
    await world.settled()
    assert (await world.incident()).severity.label == "SEV2"


async def test_what_was_not_signed_now_by_slack_is_refused_and_does_nothing(world: World) -> None:
    body, media = encoded(examples.command((await world.room())["id"], "note forged"))
    other, _ = encoded(examples.command((await world.room())["id"], "note another"))
    forged = {
        "no signature": {},
        "another secret": signed(body, secret="another"),
        "another body's": signed(other),
        "no secret": signed(body, secret=""),
        "recorded six minutes ago": signed(body, at=time.time() - 360),
        "of six minutes hence": signed(body, at=time.time() + 360),
        "old, with a new timestamp": signed(body, at=time.time() - 360)
        | {"x-slack-request-timestamp": str(int(time.time()))},
        "of no moment": signed(body) | {"x-slack-request-timestamp": ""},
        "of another version": {k: v.replace("v0=", "v1=") for k, v in signed(body).items()},
        "PagerDuty's": {"x-pagerduty-signature": "v1=" + "0" * 64},
    }
    got = {name: (await posted(world, body, {"content-type": media, **how}))[0] for name, how in forged.items()}
    assert got == dict.fromkeys(forged, 401)
    await world.settled()
    assert "forged" not in "\n".join(await world.timeline())
    assert (await posted(world, body, {"content-type": media, **signed(body)}))[0] == 200
    assert "Ada Marsh: forged" in await world.timeline(), "the control: well signed, it is done"


async def test_a_webhook_sent_again_counts_once_and_one_signed_for_another_body_not_at_all(world: World) -> None:
    body = json.dumps(examples.WEBHOOKS["incident.triggered"]).encode()
    assert [await world.deliver(body) for _ in range(3)] == [202, 202, 202]
    other = json.dumps(examples.WEBHOOKS["incident.resolved"]).encode()
    stolen = hmac.new(b"x", body, sha256).hexdigest()
    assert await world.deliver(other, signature=f"v1={stolen}") == 503
    await world.settled()
    asked = [m for m in await world.hands.slack.messages("#incidents") if "5xx above" in words(m)]
    assert len(asked) == 1
    alert = await world.app.engine.reading.alert("pagerduty", "QFUZZ1")
    assert alert is not None
    assert alert.status == "triggered", "the stolen signature resolved nothing"
    tally = world.app._parts.pagerduty
    assert tally is not None
    assert (tally.webhook.tally.accepted, tally.webhook.tally.unknown) == (3, 1)


METHODS = ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS")


async def test_only_a_post_acts(world: World) -> None:
    body = urlencode(examples.command((await world.room())["id"], "note by another method")).encode()
    async with aiohttp.ClientSession() as session:
        for path in ("/slack/events", "/webhooks/pagerduty"):
            for method in METHODS:
                async with session.request(method, f"{world.url}{path}", data=body, headers=signed(body)) as answer:
                    assert answer.status == 405, (method, path)
    assert "another method" not in "\n".join(await world.timeline())


ODD_HEADERS: Mapping[str, tuple[dict[str, str], int]] = {
    "a Host of somebody else": ({"host": "evil.example"}, 200),
    "a Host that is none": ({"host": "../../etc/passwd"}, 200),
    "forwarded for everybody": ({"x-forwarded-for": "127.0.0.1", "x-forwarded-host": "evil.example"}, 200),
    "a method in disguise": ({"x-http-method-override": "DELETE"}, 200),
    "Bolt's own": ({"x-slack-bolt-lazy-only": "1", "x-slack-bolt-lazy-function-name": "x"}, 200),
    "an odd retry": ({"x-slack-retry-num": "-1", "x-slack-retry-reason": "é" * 100}, 200),
    "another kind": ({"content-type": "application/xml"}, 200),
    "packed": ({"content-encoding": "gzip"}, 200),
    "expects": ({"expect": "100-continue"}, 200),
    "large": ({"x-large": "x" * 20_000}, 200),
}
"""Headers beside a good signature, and the status: what acts is the signed body alone, once; keys tell it apart."""


async def test_headers_change_nothing_of_what_was_signed(world: World) -> None:
    room = (await world.room())["id"]
    got: dict[str, int] = {}
    for name, (odd, _) in ODD_HEADERS.items():
        sent = examples.command(room, f"note beside {name}") | {"trigger_id": f"k{len(got)}"}
        body = urlencode(sent).encode()
        got[name] = (await posted(world, body, {"content-type": FORM, **signed(body), **odd}))[0]
    assert got == {name: status for name, (_, status) in ODD_HEADERS.items()}
    noted = [line for line in await world.timeline() if "beside" in line]
    assert len(noted) == sum(status == 200 for status in got.values())


async def test_a_socket_s_envelope_that_comes_again_undoes_nothing_that_came_after_it(open_world: OpenWorld) -> None:
    world = await open_world(Plan())
    await world.declare("over a socket")
    first = await world.type("ada", "sev 1")
    await world.type("ada", "sev 2")
    for _ in range(2):
        await world.hands.slack.redeliver(first["delivery"])
    await world.settled()
    assert (await world.incident()).severity.label == "SEV2"
