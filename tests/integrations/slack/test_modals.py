"""Every form is within Slack's limits, whatever stands in it, and what comes back is read as it was filled in."""

import json
import re
from datetime import UTC, datetime

import pytest

from bot.engine.handle import Engine
from bot.incident import Declare, Edit
from bot.incident.model import Incident
from bot.incident.people import KnownService, OnCall, Person
from bot.incident.values import Service
from bot.integrations.slack.commands import help_message
from bot.integrations.slack.declare_form import OVER, Declaring, declare_form, drawn
from bot.integrations.slack.home import Home, home_blocks, home_view
from bot.integrations.slack.limits import view_violations, violations
from bot.integrations.slack.modals import Filled, Form, Memo, remembered, select, text_input, view
from bot.integrations.slack.verbs import VERBS, Ask, House, Later, Open, Show
from bot.integrations.slack.who import LIKELY, who_are_you
from tests.integrations.slack.listening import ADA

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PERSON = Person(slack="U0ADA00001", name="Ada Marsh", zone="Europe/Berlin")
LONG = "<!channel> & <@U1|x> " + "ü" * 2_900


async def nobody_refused(person: Person, incident: Incident | None) -> None:
    """Everybody may act."""


@pytest.fixture
async def house(engine: Engine) -> House:
    """A company with many services of long names, each with somebody on call."""
    services = [
        KnownService(
            id=f"P{n}",
            name=f"Service {n} {'x' * 90}",
            policy=f"E{n}",
            policy_name=f"Policy {n}",
            on_call=(OnCall(service=f"P{n}", level=1, pagerduty=f"U{n}", name=LONG),),
            seen_at=NOW,
        )
        for n in range(450)
    ]
    await engine.directory.remember_services(services)
    return House(engine.policy, engine.directory, engine.reading, lambda: False, nobody_refused)


@pytest.fixture
async def incident(engine: Engine) -> Incident:
    wish = Declare(title="<!here> & " + "x" * 300, severity=1, services=(Service(id="P3", name="Service 3"),))
    outcome = await engine.handle(wish, ADA)
    assert outcome.incident is not None
    await engine.handle(Edit(incident=outcome.incident.number, summary=LONG, impact=LONG), ADA)
    found = await engine.reading.incident(1)
    assert found is not None
    return found


@pytest.mark.parametrize("name", list(VERBS))
async def test_whatever_a_bare_verb_shows_slack_takes(house: House, incident: Incident, name: str) -> None:
    answer = await VERBS[name].run(Ask(house, PERSON, name, "", name, NOW, "C1", incident))
    assert not isinstance(answer, Later)
    if isinstance(answer, Open):
        assert view_violations(view(answer.form, channel="C1", reply="https://hooks.slack.com/" + "x" * 200)) == []
    if isinstance(answer, Show):
        assert violations(answer.message) == []


async def test_both_halves_of_the_help_fit_and_name_every_verb_once(house: House) -> None:
    first, rest = help_message(house, more=False), help_message(house, more=True)
    assert violations(first) == violations(rest) == []
    said = str(first.blocks) + str(rest.blocks)
    assert [name for name in VERBS if len(re.findall(rf"['\"]`{name}[ `]|\\n`{name}[ `]", said)) != 1] == []


async def test_the_declare_form_bears_any_title_and_a_likeness(house: House, incident: Incident) -> None:
    opened = declare_form(house, LONG, incident, source="https://x.example/" + "y" * 900)
    chosen = tuple(Service(id=s.id, name=s.name) for s in house.directory.services())
    over = drawn(house, Declaring(LONG, 1, chosen, private=True, over=True), {**opened.extra, OVER: "yes"})
    for form in (opened, over):
        assert view_violations(view(form, channel="C1", reply="https://hooks.slack.com/" + "x" * 200)) == []


async def test_the_home_tab_and_the_question_who_you_are_are_within_limits(incident: Incident) -> None:
    shown = Home(incident.declared_by, [incident] * 60, [incident] * 60)
    assert view_violations(home_view(home_blocks(shown), NOW)) == []
    people = [Person(pagerduty=f"P{n}", name="x" * 200, email="y" * 200) for n in range(LIKELY)]
    assert violations(who_are_you(people)) == []


def test_what_a_form_remembers_comes_back() -> None:
    form = Form("note", "Note", (text_input("text", "Words"),), "Save", 42, {"entry": "7"})
    back = remembered(view(form, channel="C1", reply="https://hooks.example", nonce="n"))
    assert back == Memo(
        verb="note", incident=42, channel="C1", reply="https://hooks.example", nonce="n", extra={"entry": "7"}
    )


def test_two_openings_of_a_form_are_told_apart() -> None:
    form = Form("note", "Note", (text_input("text", "Words"),), "Save", 42)
    first, second = remembered(view(form)), remembered(view(form))
    assert first is not None
    assert second is not None
    assert first.nonce != second.nonce


@pytest.mark.parametrize("metadata", ["", "{", "[]", "null", '{"incident": 1}', None])
def test_a_view_that_is_none_of_ours_is_recognised(metadata: str | None) -> None:
    assert remembered({"private_metadata": metadata}) is None


def test_more_than_a_hundred_options_are_grouped() -> None:
    block = select("x", "X", [(str(n), f"Option {n}") for n in range(250)], initial="249")
    element = json.loads(json.dumps(block["element"]))
    assert [len(g["options"]) for g in element["option_groups"]] == [100, 100, 50]
    assert element["initial_option"]["value"] == "249"


def test_what_was_filled_in_is_read_by_field() -> None:
    values = {
        "text": {"in/text": {"type": "plain_text_input", "value": "rolled back"}},
        "severity": {"in/severity": {"type": "static_select", "selected_option": {"value": "1"}}},
        "person": {"in/person": {"type": "users_select", "selected_user": "U1"}},
        "services": {"in/services": {"selected_options": [{"value": "P1"}, {"value": "P2"}]}},
        "empty": {"in/empty": {"type": "plain_text_input", "value": None}},
    }
    filled = Filled.of({"state": {"values": values}}, {"entry": "7"})
    assert filled.text("text") == "rolled back"
    assert filled.chosen("severity") == "1"
    assert filled.chosen("person") == "U1"
    assert filled.all_chosen("services") == ("P1", "P2")
    assert (filled.text("empty"), filled.text("absent"), filled.chosen("absent")) == ("", "", "")
    assert filled.extra == {"entry": "7"}


def test_a_view_without_a_state_is_an_empty_form() -> None:
    assert Filled.of({}, {}).text("x") == ""
    assert Filled.of({"state": {"values": 5}}, {}).all_chosen("x") == ()
