"""A seed file furnishes a sandbox for somebody else's bot; a slip in it is named, and nothing is half done."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox.seed_file import read, sow

WHOLE = """
app:
  name: Acme Bot
  manifest: manifest.yaml
reach: http://127.0.0.1:9
people:
  - {name: gil, real_name: Gil Moreau, title: Network Engineer}
  - {name: ola, real_name: Ola Partner, part: external}
  - {name: pat, real_name: Pat Guest, part: guest}
groups:
  - {handle: network, name: Network, users: [gil, ada]}
channels:
  - name: network
    members: [gil, ada, ola]
    topic: Cables and routes
    messages:
      - {by: gil, text: "Hello, @ada"}
  - {name: secret-plans, private: true, members: [gil]}
services:
  - {name: routers, policy: Search}
webhooks: ["http://127.0.0.1:9/hook"]
"""
MANIFEST = """
features: {slash_commands: [{command: /acme, description: Does it}]}
oauth_config: {scopes: {bot: [chat:write]}}
settings: {}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "manifest.yaml").write_text(MANIFEST)
    (tmp_path / "seed.yaml").write_text(WHOLE)
    return tmp_path / "seed.yaml"


async def state(sandbox: Sandbox) -> dict[str, Any]:
    async with aiohttp.ClientSession() as session, session.get(f"{sandbox.url}/state") as answer:
        told: dict[str, Any] = await answer.json()
        return told


async def test_a_sandbox_has_what_its_seed_file_says(sandbox: Sandbox, hands: SandboxClient, file: Path) -> None:
    await sow(read(file), hands)
    slack = (await state(sandbox))["slack"]
    people = {person["name"]: person for person in slack["people"]}
    rooms = {room.get("name"): room for room in slack["channels"]}
    assert (people["gil"]["profile"]["title"], people["pat"]["is_restricted"]) == ("Network Engineer", True)
    assert people["acme-bot"]["real_name"] == "Acme Bot"
    assert rooms["network"]["members"] == [people[name]["id"] for name in ("gil", "ada", "ola")]
    assert (rooms["network"]["is_ext_shared"], rooms["network"]["topic"]["value"]) == (True, "Cables and routes")
    assert rooms["network"]["messages"][-1]["text"] == f"Hello, <@{people['ada']['id']}>"
    assert rooms["secret-plans"]["is_private"]
    assert next(g for g in slack["groups"] if g["handle"] == "network")["users"] == [
        people["gil"]["id"],
        people["ada"]["id"],
    ]
    assert [command["command"] for command in sandbox.slack.settings.commands] == ["/acme"]
    assert (sandbox.slack.settings.mode, sandbox.slack.settings.request_url) == ("http", "http://127.0.0.1:9")
    assert [one["url"] for one in await hands.pagerduty.subscriptions()] == ["http://127.0.0.1:9/hook"]


async def test_the_state_tells_incidents_as_the_api_does(sandbox: Sandbox, hands: SandboxClient) -> None:
    incident = await hands.pagerduty.trigger("checkout", "Checkout is down", priority="P1")
    await hands.pagerduty.note(incident, "Looking at it", by="Bo")
    told = (await state(sandbox))["pagerduty"]
    assert [(one["id"], one["title"], one["priority"]["summary"]) for one in told["incidents"]] == [
        (incident, "Checkout is down", "P1")
    ]
    assert [(note["content"], note["incident_id"]) for note in told["notes"]] == [("Looking at it", incident)]
    assert {entry["type"] for entry in told["log_entries"]} >= {"trigger_log_entry", "annotate_log_entry"}


@pytest.mark.parametrize(
    ("words", "slip"),
    [
        ("people: [{name: gil}]", "people.0.real_name: Field required"),
        ("peeple: []", "peeple: Extra inputs are not permitted"),
        ("channels: [{name: x, members: [ada], messages: [{by: bo, text: hi}]}]", "bo speaks in x and is no member"),
        ("app: {manifest: {features: {}}}", "the manifest has no oauth_config, settings"),
        ("people: [", "is no YAML"),
        ("- a list", "the file: "),
    ],
)
def test_a_slip_is_named(tmp_path: Path, words: str, slip: str) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(words)
    with pytest.raises(ValueError, match=slip):
        read(file)


def test_an_empty_file_adds_nothing(tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.touch()
    assert read(file).people == []
