"""The PagerDuty page says who is called, who has it and what was delivered, and offers what one may press."""

import json
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import pytest
from aiohttp import ClientSession

from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox.calls import CallLog
from bot.sandbox.clock import Clock
from bot.sandbox.edge import Edge
from bot.sandbox.faults import Faults
from bot.sandbox.pagerduty.half import pagerduty
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.pager.alerts import EXAMPLES, Example
from bot.sandbox.web.pager.page import PagerPage
from bot.sandbox.web.windows import Window
from bot.sandbox.wire import Connections

URL = "http://127.0.0.1:3333"


class Story:
    """An account with a page over it, and its desk; nothing is served."""

    def __init__(self) -> None:
        edge, clock = Edge(Faults(), CallLog(), Connections()), Clock()
        self.half = pagerduty(edge, clock, URL)
        self.workspace = Workspace(clock, URL)
        self.desk = self.half.desk

    def page(self, who: str = "bo", incident: str | None = None) -> PagerPage:
        eyes = Eyes(self.workspace, self.workspace.person(who))
        return PagerPage(eyes, self.half.state, self.desk, incident)

    def slots(self, who: str = "bo", incident: str | None = None) -> dict[str, str]:
        """What stands in each slot, as its words and nothing else."""
        drawn = Window("w", self.page(who, incident)).slots()
        return {slot: words(markup) for slot, markup in drawn.items()}


class Words(HTMLParser):
    """Keeps the text of a page, a blank between elements."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def handle_data(self, data: str) -> None:
        self.heard.append(data)


def words(markup: str) -> str:
    parser = Words()
    parser.feed(markup)
    return " ".join(" ".join(parser.heard).split())


def acts(markup: str) -> list[str]:
    return re.findall(r'data-act="([^"]+)"', markup)


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
async def sending(story: Story) -> AsyncIterator[Story]:
    """One that sends webhooks."""
    yield story
    await story.half.close()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.title)
def test_each_alert_to_choose_from_can_be_fired(story: Story, example: Example) -> None:
    id = story.desk.trigger(**json.loads(example.args))
    detail = story.slots(incident=id)["pager-detail"]
    assert example.title in detail
    assert f"{example.service} · {example.priority} · {example.urgency} urgency" in detail
    assert all(f"{name} {value}" in detail for name, value in example.details.items())


def test_a_calm_account_says_so_and_who_is_on_call(story: Story) -> None:
    slots = story.slots()
    assert slots["pager-incidents"] == "Nothing is on fire."
    assert "checkout Takes the order Bo Lind then Dev Anand" in slots["pager-services"]
    assert "pager-pages" not in slots


def test_a_change_of_shift_is_seen_at_once(story: Story) -> None:
    window = Window("w", story.page())
    window.slots()
    story.desk.set_on_call("Checkout primary", "Finn")
    [patch] = window.patches()
    story.desk.set_on_call("Checkout primary", "Bo")
    assert patch.slot == "pager-services"
    assert "Finn Okafor" in words(patch.html or "")


def test_from_the_call_to_the_end_the_card_says_who_is_called_and_who_has_it(story: Story) -> None:
    story.desk.trigger("checkout", "Down", priority="P1")
    assert "Triggered #" in story.slots()["pager-incidents"]
    assert "checkout · P1" in story.slots()["pager-incidents"]
    assert "Calling Bo Lind" in story.slots()["pager-incidents"]
    assert "Bo Lind was called: a new incident" in story.slots()["pager-pages"]
    story.desk.escalate("Down", by="Bo")
    assert "Calling Dev Anand" in story.slots()["pager-incidents"]
    assert "Dev Anand was called: it was escalated" in story.slots()["pager-pages"]
    story.desk.acknowledge("Down", by="Dev")
    assert "Dev Anand has it" in story.slots()["pager-incidents"]
    story.desk.resolve("Down", by="Dev")
    assert story.slots()["pager-incidents"] == "Nothing is on fire."
    assert "Over: resolved by Dev Anand" in story.slots()["pager-over"]


def test_low_urgency_calls_nobody_and_the_card_says_so(story: Story) -> None:
    story.desk.trigger("search", "Disk fills", urgency="low")
    assert "Waits for Dev Anand; low urgency calls nobody" in story.slots()["pager-incidents"]
    assert "pager-pages" not in story.slots()


def test_what_is_offered_is_what_one_may_press_now(story: Story) -> None:
    def offered(who: str) -> list[str]:
        regions = story.page(who).regions()
        return [act for region in regions if region.key.startswith(("i-", "over-")) for act in acts(region.draw())]

    story.desk.trigger("checkout", "Down")
    assert offered("bo") == ["pagerduty/acknowledge", "pagerduty/resolve"]
    story.desk.acknowledge("Down", by="Bo")
    assert offered("bo") == ["pagerduty/resolve"]
    assert offered("ada") == ["pagerduty/acknowledge", "pagerduty/resolve"]
    assert offered("carla") == [], "Carla has no login in PagerDuty"
    story.desk.resolve("Down", by="Bo")
    assert offered("bo") == ["pagerduty/reopen"]


def test_what_was_merged_says_into_which_and_is_not_reopened(story: Story) -> None:
    first = story.desk.trigger("checkout", "First")
    story.desk.trigger("checkout", "Second")
    assert "Merge another in" in story.slots(incident=first)["pager-detail"]
    story.desk.merge("First", ["Second"], by="Bo")
    number = story.half.state.incidents[first].number
    assert f"Merged into #{number}" in story.slots()["pager-over"]
    [over] = [region for region in story.page().regions() if region.slot == "pager-over"]
    assert acts(over.draw()) == []


def test_the_page_of_an_incident_holds_its_notes_its_helpers_and_nothing_of_others(story: Story) -> None:
    id = story.desk.trigger("checkout", "Down", alert={"Region": "eu <1>"})
    other = story.desk.trigger("search", "Slow")
    story.desk.note("Down", "Rolling back", by="Bo")
    story.desk.add_responder("Down", "Emi", by="Bo")
    slots = story.slots(incident=id)
    assert "Region eu <1>" in slots["pager-detail"]
    assert "Emi Tanaka was asked" in slots["pager-detail"]
    assert "Bo Lind noted Rolling back" in slots["pager-log"]
    assert "Slow" not in slots["pager-log"]
    assert "Emi Tanaka was called: asked to help" in slots["pager-pages"]
    assert "Rolling back" not in story.slots(incident=other)["pager-log"]


def test_one_act_draws_one_card_anew(story: Story) -> None:
    story.desk.trigger("checkout", "Down")
    for number in range(20):
        story.desk.trigger("search", f"Slow {number}")
    window = Window("w", story.page())
    window.slots()
    story.desk.acknowledge("Down", by="Bo")
    [patch] = window.patches()
    assert "Bo Lind has it" in words(patch.html or "")


def test_an_incident_that_ends_leaves_the_open_ones_and_stands_among_those_that_are_over(story: Story) -> None:
    id = story.desk.trigger("checkout", "Down")
    window = Window("w", story.page())
    window.slots()
    story.desk.resolve("Down", by="Bo")
    patches = {patch.key: patch for patch in window.patches()}
    assert patches[f"i-{id}"].html is None
    assert patches[f"over-{id}"].slot == "pager-over"
    assert patches["pager-calm"].slot == "pager-incidents"


async def test_deliveries_show_their_answers_and_every_switch_shows_where_it_stands(sending: Story) -> None:
    def switches() -> list[str]:
        drawn = "".join(region.draw() for region in sending.page().regions() if region.key == "pager-way-only")
        return re.findall(r'aria-checked="(\w+)"', drawn)

    desk = sending.desk
    nobody = desk.subscribe("http://127.0.0.1:9/hook")
    desk.set_weather(copies=2, hurry=0.0000001)
    desk.trigger("checkout", "Down")
    assert await desk.settle()
    sent = sending.slots()["pager-deliveries"]
    assert len(re.findall(r"triggered #1 (?:\d+ × )?nobody there given up", sent)) == 2
    assert sent.count("given up") == 2
    desk.hold()
    desk.trigger("search", "Slow")
    desk.disable(nobody)
    assert switches() == ["false", "true", "false", "true"], "late, twice, out of order, held back"
    assert "1 waits now." in sending.slots()["pager-way"]
    assert "It has stopped." in sending.slots()["pager-subscriptions"]
    desk.fair_weather()
    assert switches() == ["false", "false", "false", "false"]
    assert "It has stopped." not in sending.slots()["pager-subscriptions"]


async def test_the_address_of_an_incident_that_is_gone_says_so(sandbox: Sandbox, http: ClientSession) -> None:
    async with http.get(f"{sandbox.url}/as/bo/pager/QNONE") as answer:
        assert "There is no such incident any more." in words(await answer.text())


async def test_where_the_services_are_others_one_writes_ones_own_alert(
    sandbox: Sandbox, hands: SandboxClient, http: ClientSession
) -> None:
    for service in ("checkout", "payments", "search", "identity"):
        await hands.pagerduty.delete_service(service)
    await hands.pagerduty.create_service("rockets", "Checkout")
    async with http.get(f"{sandbox.url}/as/bo/pager") as answer:
        page = await answer.text()
    assert "Checkout fails" not in page
    assert "rockets" in words(page)
    assert "<fieldset>" in page
