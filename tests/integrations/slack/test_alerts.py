"""Alerts as Slack tells them: what the room must notice of one, of a crowd, of a storm; the list; what it was worth."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.incident.alerts import AlertGraded, AlertJoined, AlertLeft, AlertReported
from bot.incident.mirror import Alert, Report, What, Worth
from bot.incident.model import Event, Incident
from bot.incident.policy import Policy
from bot.incident.status import StatusChanged
from bot.incident.storms import StormBegan
from bot.incident.values import MUSTER, AlertLine, Service, Status
from bot.integrations.slack import effects as slack
from bot.integrations.slack.alert_list import PAGE, alert_list, by_service, storm_line
from bot.integrations.slack.alert_worth import answered_pages, rated
from bot.integrations.slack.blocks import Message
from bot.integrations.slack.card_lines import alerts_line
from bot.integrations.slack.card_state import CardState
from bot.integrations.slack.cards import triage_card
from bot.integrations.slack.fact import Places
from bot.integrations.slack.limits import elements, list_of, text_of, violations
from bot.integrations.slack.outbound import GATHERS, alert_announcer, announcer
from tests.integrations.slack.nights import ADA, BO, NIGHT, SEV1, SEV3, TWO

POLICY = Policy()
CALM = NIGHT.but(alerts=(), services=())
NASTY = "<!channel> ﷽ ‮" + "x" * 4_000


def service(nth: int) -> Service:
    return Service(id=f"PS{nth:03d}", name=f"Service {nth:02d}")


def line(n: int, nth: int, **more: object) -> AlertLine:
    told = {"source": "pagerduty", "id": f"Q{n}", "title": f"fault {n}", "service": service(nth).name, **more}
    return AlertLine.model_validate(told)


def with_alerts(*lines: AlertLine, storm: bool = False, i: Incident = CALM) -> Incident:
    names = dict.fromkeys(a.service for a in lines)
    services = tuple(Service(id=f"P{name}", name=name) for name in names)
    return i.but(alerts=lines, services=services, storm=storm, declared_by=MUSTER)


def stormy(services: int = 60, alerts: int = 600, **more: object) -> Incident:
    return with_alerts(*(line(n, n % services, **more) for n in range(alerts)), storm=True)


def joined(n: int, nth: int, severity: int | None = None) -> AlertJoined:
    named = Service(id=f"P{service(nth).name}", name=service(nth).name)
    told = {"incident": 42, "at": TWO, "by": MUSTER, "source": "pagerduty", "alert": f"Q{n}", "title": f"fault {n}"}
    return AlertJoined.model_validate({**told, "service": named, "severity": severity})


def said(event: Event, before: Incident, places: Places = Places()) -> list[slack.Say]:
    after = event.apply(before).but(seq=before.seq + 1)
    promised = announcer(places)(event, before, after, POLICY)
    return [p.effect for p in promised if isinstance(p.effect, slack.Say)]


def labels(say: slack.Say) -> list[str]:
    return [b.label for b in say.buttons]


def reported(what: What, n: int = 0) -> AlertReported:
    told = {"incident": 42, "at": TWO + timedelta(minutes=9), "by": ADA, "source": "pagerduty", "alert": f"Q{n}"}
    return AlertReported.model_validate({**told, "title": f"fault {n}", "what": what, "text": "x"})


def test_the_first_alerts_are_told_one_by_one_with_what_can_be_done() -> None:
    (say,) = said(joined(1, 0), with_alerts(line(0, 0)))
    assert say.text == "Another alert on Service 00 joined: fault 1."
    (first,) = said(joined(1, 0), NIGHT.but(alerts=()))
    assert first.text == "An alert on Service 00 joined: fault 1."
    assert [(b.label, b.value) for b in say.buttons] == [
        ("Split off", "42/pagerduty/Q1"),
        ("Not related", "42/pagerduty/Q1"),
    ]


def test_the_only_alert_of_an_incident_is_not_offered_to_be_split_off() -> None:
    (say,) = said(joined(0, 0), with_alerts())
    assert labels(say) == ["Not related"]


def test_of_more_alerts_only_a_new_service_is_told() -> None:
    four = with_alerts(*(line(n, 0) for n in range(3)))
    assert said(joined(3, 0), four) == []
    assert len(said(joined(3, 1), four)) == 1


def test_what_fires_again_after_all_were_clear_is_told() -> None:
    clear = with_alerts(*(line(n, 0, clear=True) for n in range(8))).but(alerts_clear=True, status=Status.MONITORING)
    (say,) = said(joined(8, 0), clear)
    assert labels(say)[0] == "Back to investigating?"
    (again,) = said(reported(What.REOPENED), clear)
    assert labels(again) == ["Back to investigating?"]


def test_in_a_crowd_what_becomes_of_each_is_for_the_card_but_words_of_people_are_told() -> None:
    few, many = (with_alerts(*(line(n, 0) for n in range(count))) for count in (5, 6))
    for what in (What.ACKNOWLEDGED, What.RESOLVED, What.ESCALATED):
        assert len(said(reported(what), few)) == 1
        assert said(reported(what), many) == []
    for what in (What.NOTE, What.STATUS_UPDATE, What.BRIDGE):
        assert len(said(reported(what), many)) == 1


def test_a_storm_says_once_what_it_is() -> None:
    began = StormBegan(incident=42, at=TWO, by=MUSTER, services=("A", "B"))
    (say,) = said(began, CALM)
    assert say.text.startswith("Many services alert at once, so this room is for all of them.")
    assert [b.value for b in say.buttons] == ["INC-42 alerts"]


def test_a_storm_names_its_first_services_and_then_only_counts() -> None:
    for known, told in ((9, 1), (10, 0)):
        storm = with_alerts(*(line(n, n) for n in range(known)), storm=True)
        assert len(said(joined(99, 50), storm)) == told
        assert said(joined(99, 0), storm) == []


def test_a_grave_alert_in_a_storm_is_told_by_itself_even_of_the_fiftieth_service() -> None:
    (say,) = said(joined(999, 55, severity=1), stormy())
    assert say.text == "*Service 55* fires as SEV1: fault 999."
    assert labels(say) == ["Split off", "Not related"]


def test_a_service_is_told_anew_only_when_it_gets_graver() -> None:
    storm = with_alerts(line(0, 0, severity=2), line(1, 0), line(2, 1), storm=True)
    assert said(joined(3, 0, severity=2), storm) == []
    assert len(said(joined(3, 0, severity=1), storm)) == 1
    graded = {
        "incident": 42,
        "at": TWO,
        "by": MUSTER,
        "source": "pagerduty",
        "title": "fault 1",
        "service": "Service 00",
    }
    worse = AlertGraded.model_validate({**graded, "alert": "Q1", "severity": 1, "label": "SEV1"})
    (say,) = said(worse, storm)
    assert say.text == "*Service 00* is SEV1 now: fault 1."
    assert said(worse.model_copy(update={"severity": 2, "label": "SEV2"}), storm) == []


def test_however_many_services_are_grave_few_are_told_by_name() -> None:
    storm = with_alerts(*(line(n, n, severity=2) for n in range(10)), storm=True)
    assert said(joined(99, 30, severity=2), storm) == []
    assert len(said(joined(99, 3, severity=1), storm)) == 1


def left(n: int, **more: object) -> AlertLeft:
    told = {"incident": 42, "at": TWO, "by": ADA, "source": "pagerduty", "alert": f"Q{n}", "title": f"fault {n}"}
    return AlertLeft.model_validate({**told, "service": "Service 00", **more})


def test_what_leaves_a_storm_is_told_once_with_its_number() -> None:
    storm = with_alerts(line(0, 0), line(1, 0), line(2, 1), storm=True)
    (split,) = said(left(0, into=43), storm)
    assert split.text == "Ada Nwosu split *Service 00* off with its 2 alerts. It goes on as INC-43."
    (out,) = said(left(0), storm)
    assert out.text.endswith(
        "took *Service 00* out with its 2 alerts: not related. It waits for a decision in the triage channel."
    )
    assert [(b.label, b.action, b.value) for b in out.buttons] == [("Take it back", "join_alert", "42/pagerduty/Q0")]
    assert said(left(1, along=True), storm) == []


def test_where_there_is_no_triage_channel_none_is_spoken_of() -> None:
    (out,) = said(left(2), with_alerts(line(2, 0), line(3, 0)), Places(triage=False))
    assert out.text == "Ada Nwosu took “fault 2” out: not related."


def test_the_on_call_of_a_storm_are_invited_together() -> None:
    def invited(event: AlertJoined, before: Incident) -> list[str]:
        promised = announcer(Places())(event, before, event.apply(before).but(seq=9), POLICY)
        return [p.key.rpartition("/")[0] for p in promised if isinstance(p.effect, slack.Invite)]

    assert invited(joined(99, 70), stormy()) == ["invite-to-storm/42"]
    assert invited(joined(99, 0), stormy()) == []
    assert invited(joined(99, 70), with_alerts(line(0, 0))) == ["invite/42/alert/pagerduty"]


def test_whom_an_alert_of_a_storm_is_assigned_to_is_invited_once() -> None:
    keys = set()
    for n in (97, 98):
        event, before = joined(n, 0).model_copy(update={"assignees": (BO, ADA)}), stormy()
        promised = announcer(Places())(event, before, event.apply(before).but(seq=n), POLICY)
        keys |= {p.key for p in promised if isinstance(p.effect, slack.Invite)}
    assert keys == {f"invite/42/{BO.id}", f"invite/42/{ADA.id}"}


def test_the_card_of_a_storm_waits_for_more_and_others_do_not() -> None:
    def refreshes(before: Incident, event: Event = joined(99, 0)) -> list[timedelta]:
        promised = announcer(Places())(event, before, event.apply(before).but(seq=9), POLICY)
        return [p.gathers for p in promised if isinstance(p.effect, slack.RefreshCard)]

    assert refreshes(stormy()) == [GATHERS]
    assert refreshes(with_alerts(line(0, 0))) == [timedelta(0)]
    moved = StatusChanged(incident=42, at=TWO, by=ADA, was=Status.INVESTIGATING, now=Status.IDENTIFIED)
    assert refreshes(stormy(), moved) == [timedelta(0)], "what a person does is shown at once"


def test_the_card_counts_services_and_names_the_gravest() -> None:
    lines = [line(n, n % 7) for n in range(1_999)]
    storm = with_alerts(*lines, line(1_999, 5, severity=1), line(0, 6, clear=True), storm=True)
    told = alerts_line(CardState(storm, POLICY))
    assert told.startswith("*Alerts:* 7 services, 2,000 of 2,001 firing: *Service 05 (SEV1)* · Service 00 · ")
    assert told.endswith(" · and 1 more")
    over = stormy(clear=True)
    assert alerts_line(CardState(over, POLICY)).startswith("*Alerts:* 60 services, all 600 clear: Service 00 · ")


def test_few_alerts_are_named_on_the_card() -> None:
    few = with_alerts(*(line(n, 0) for n in range(5)), line(5, 0, clear=True))
    told = alerts_line(CardState(few, POLICY))
    assert told == "*Alerts:* 5 of 6 firing: fault 0 · fault 1 · fault 2 · and 2 more"


def test_services_stand_in_the_order_in_which_somebody_should_look() -> None:
    lines = [line(0, 0), line(1, 1), line(2, 1), line(3, 2, severity=2), line(4, 3, severity=1, clear=True)]
    assert [g.service[-1] for g in by_service(lines)] == ["2", "1", "0", "3"]
    assert storm_line(with_alerts(*lines, storm=True), POLICY, 2).endswith(
        "*Service 02 (SEV2)* · Service 01 · and 2 more"
    )


def words(message: Message) -> str:
    return "\n".join(text_of(b.get("text")) for b in message.blocks if b["type"] == "section")


def chosen(message: Message) -> list[Sequence[object]]:
    menus = [e for b in message.blocks for e in elements(b) if e["type"] == "overflow"]
    return [[o["value"] for o in list_of(menu["options"])] for menu in menus]


def test_the_list_of_a_storm_is_by_service_a_page_at_a_time() -> None:
    shown = alert_list(stormy(), POLICY, 2)
    assert "*Alerts of INC-42* · 600 of 600 firing · page 2 of 6" in words(shown)
    assert len(chosen(shown)) == PAGE
    assert chosen(shown)[0] == ["split/42/pagerduty/Q10", "unrelated/42/pagerduty/Q10"]
    turns = [e["value"] for b in shown.blocks if b["type"] == "actions" for e in elements(b)]
    assert turns == ["INC-42 alerts 1", "INC-42 alerts 3"]
    assert violations(shown) == []


def test_the_list_of_an_ordinary_incident_is_by_alert_those_that_fire_first() -> None:
    shown = alert_list(with_alerts(line(0, 0, clear=True), line(1, 0)), POLICY)
    assert words(shown).splitlines() == [
        "*Alerts of INC-42* · 1 of 2 firing",
        "Service 00 · fault 1",
        "Service 00 · fault 0 · clear",
    ]


def test_the_only_alert_is_not_offered_to_be_split_off_and_what_is_over_offers_nothing() -> None:
    one = with_alerts(line(0, 0))
    assert chosen(alert_list(one, POLICY)) == [["unrelated/42/pagerduty/Q0"]]
    assert chosen(alert_list(one.but(status=Status.RESOLVED), POLICY)) == []


@pytest.mark.parametrize("storm", [True, False])
def test_no_list_breaks_slacks_limits_whatever_alerts_are_called(storm: bool) -> None:
    lines = [line(n, n, title=NASTY, url=f"https://x.example/{'y' * (n * 15)}") for n in range(40)]
    lines = [
        a.model_copy(update={"service": f"{a.service}{NASTY}", "id": f"Q{n}{'z' * 90}"}) for n, a in enumerate(lines)
    ]
    i = with_alerts(*lines, storm=storm)
    for page in range(1, 5):
        assert violations(alert_list(i, POLICY, page)) == []


def mirror(**more: object) -> Alert:
    fired = Report(
        source="pagerduty",
        alert="Q1",
        key="e1",
        at=TWO,
        what=What.TRIGGERED,
        by=ADA,
        title="Disk full",
        service=service(1),
        priority="P1",
        urgency="high",
    )
    return Alert(source="pagerduty", id="Q1", reports=(fired,)).model_copy(update=more)


def announced(before: Alert, after: Alert) -> list[tuple[str, str]]:
    return [(p.effect.kind, p.key) for p in alert_announcer(Places())(before, after, POLICY)]


def test_what_was_taken_out_is_put_to_people_and_what_went_along_is_not() -> None:
    out = mirror(incident=42).leave(42, along=False)
    assert announced(mirror(incident=42), out) == [("post_triage", "triage/pagerduty/Q1")]
    assert announced(mirror(incident=42), mirror(incident=42).leave(42, along=True)) == []


def test_its_card_is_drawn_anew_each_time_that_it_comes_or_goes_or_somebody_says_what_it_was_worth() -> None:
    out = mirror(incident=42).leave(42, along=False)
    back = out.model_copy(update={"incident": 42})
    again = back.leave(43, along=False)
    other = again.model_copy(update={"incident": 44})
    third = other.leave(44, along=False)
    worth = third.model_copy(update={"worth": Worth.REAL})
    steps = ((out, back), (back, again), (again, other), (other, third), (third, worth))
    refreshed = [key for step in steps for kind, key in announced(*step) if kind == "refresh_triage"]
    assert len(refreshed) == len(set(refreshed)) == len(steps)


def test_what_a_page_was_worth_is_asked_once_and_said_back() -> None:
    asked = answered_pages(mirror())
    assert violations(asked) == []
    assert words(asked).splitlines() == ["You have it.", "When you know: what was the page “Disk full” worth?"]
    assert words(rated(mirror(), Worth.NOT_ACTIONABLE)) == "Noted for “Disk full”: nothing could be done about it."
    long = mirror(dismissed=True).model_copy(update={"id": "Q" * 90})
    assert violations(triage_card(long)) == []


def test_severities_are_named_as_the_company_names_them() -> None:
    assert SEV1.label in storm_line(with_alerts(line(0, 0, severity=1), storm=True), POLICY, 3)
    assert SEV3.label not in storm_line(with_alerts(line(0, 0), storm=True), POLICY, 3)
