"""Facts, states and the story they are folded from."""

from typing import Any

import pytest

from bot.incident import AddNote, Declare, Noted, RoleTaken
from bot.incident.mirror import Alert, What
from bot.incident.model import Case, Command, Event, advance, fold, parse_event
from bot.incident.people import Person
from bot.incident.values import MUSTER, Actor, Status
from tests.incident.night import ADA, POLICY, Night, minute, report


def test_a_story_begins_with_a_birth_and_has_one_only() -> None:
    night = Night()
    (born, *rest) = night.ask(Declare(title="x"))
    with pytest.raises(ValueError, match="cannot come first"):
        fold(rest)
    with pytest.raises(TypeError, match="begins once"):
        advance(night.incident, born)
    assert fold([]) is None


def test_every_fact_is_counted() -> None:
    night = Night()
    night.ask(Declare(title="x"))
    assert night.incident.seq == len(night.journal) == 3


def test_an_older_program_reads_a_newer_journal() -> None:
    body = {"incident": 1, "at": minute(0), "by": ADA, "text": "x", "mood": "calm"}
    assert parse_event("noted", body) == Noted(incident=1, at=minute(0), by=ADA, text="x")


def test_a_kind_that_is_not_known_is_an_error() -> None:
    with pytest.raises(KeyError):
        parse_event("sung", {})


def test_two_facts_of_one_kind_are_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="two event classes of kind noted"):
        type("Other", (Event,), {"__module__": __name__, "__annotations__": {}}, kind="noted")


def test_a_fact_or_wish_must_say_what_it_means() -> None:
    night = Night()
    night.ask(Declare(title="x"))
    blank: dict[str, Any] = {"incident": 1, "at": minute(0), "by": ADA}
    with pytest.raises(NotImplementedError):
        Event(**blank).apply(night.incident)
    with pytest.raises(NotImplementedError):
        Event(**blank).line()
    with pytest.raises(NotImplementedError):
        Command().decide(Case(now=minute(0), actor=ADA, policy=POLICY))


def test_a_fact_without_words_is_its_own_redaction() -> None:
    taken = RoleTaken(incident=1, at=minute(0), by=ADA, role="scribe", label="Scribe", person=ADA)
    assert (taken.redacted(), taken.words, taken.link) == (taken, (), "")


def test_a_wish_that_names_nothing_asks_for_nothing() -> None:
    wish = AddNote(incident=1, text="x")
    alert = Alert(source="s", id="a")
    assert (wish.names_entry(), wish.names_alert(), wish.document) == (None, None, None)
    assert wish.mirror(alert) is alert
    assert Declare(title="x").natural_key(ADA, minute(0)) is None


def test_an_actor_tells_the_system_and_the_id_there() -> None:
    assert (ADA.system, ADA.foreign_id) == ("slack", "UADA")
    assert (MUSTER.system, MUSTER.foreign_id) == ("muster", "")


def test_a_person_is_named_by_the_chat_where_possible() -> None:
    assert Person(slack="U1", pagerduty="P1", name="Ada").actor == Actor(id="slack:U1", name="Ada")
    assert Person(pagerduty="P1", name="Ada").actor == Actor(id="pagerduty:P1", name="Ada")


def test_an_incident_is_called_by_its_number() -> None:
    night = Night()
    night.ask(Declare(title="x"))
    assert (night.incident.name, night.incident.status) == ("INC-1", Status.INVESTIGATING)


def test_an_alert_keeps_the_latest_word_on_each_of_its_fields() -> None:
    alert = Alert(source="pagerduty", id="PD1")
    assert (alert.title, alert.url, alert.status, alert.assignees) == ("pagerduty PD1", "", "triggered", ())
    assert (alert.bridge, alert.incident_key, alert.clear_since, alert.triggered) == ("", "", None, None)
    later = report(What.BRIDGE, 5, bridge="https://b/2", assignees=(ADA,), incident_key="k", title="new")
    for said in (later, report(What.BRIDGE, 3, bridge="https://b/1", title="old")):
        alert = alert.heard(said)
    assert (alert.bridge, alert.assignees, alert.incident_key, alert.title) == ("https://b/2", (ADA,), "k", "new")
    assert alert.dismiss().dismissed_at == minute(5)
    assert Alert(source="s", id="a").dismiss().dismissed_at is None


def test_an_acknowledgement_of_our_own_is_nobodys() -> None:
    alert = Alert(source="pagerduty", id="PD1").heard(report(What.ACKNOWLEDGED, 1, echo=True))
    assert alert.acknowledged is None
    other = alert.heard(report(What.ACKNOWLEDGED, 2))
    assert other.acknowledged is not None
    assert other.acknowledged.at == minute(2)
