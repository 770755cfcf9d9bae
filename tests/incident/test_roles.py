"""Who does what: taken, given, asked for, handed over, left."""

import pytest

from bot.incident import AssignRole, Declare, HandOver, LeaveRole, Resolve
from bot.incident.model import Command, Refused
from bot.incident.values import Actor, Status
from tests.incident.night import ADA, BO, CY, Night


def quiet_night() -> Night:
    night = Night()
    night.ask(Declare(title="x", command=False))
    return night


def test_the_first_command_taken_begins_the_work() -> None:
    night = quiet_night()
    night.ask(AssignRole(incident=1, role="lead", person=BO), by=BO)
    assert (night.incident.commander, night.incident.status) == (BO, Status.INVESTIGATING)
    assert "Bo is Incident Commander" in night.lines()


def test_another_role_leaves_triage_as_it_is() -> None:
    night = quiet_night()
    night.ask(AssignRole(incident=1, role="scribe", person=BO), by=BO)
    assert night.incident.status is Status.TRIAGE


def test_a_role_given_by_somebody_else_says_who() -> None:
    night = quiet_night()
    night.ask(AssignRole(incident=1, role="deputy", person=BO), by=ADA)
    assert night.lines()[-1] == "Bo is Deputy (named by Ada)"


def test_having_a_role_is_no_news() -> None:
    night = quiet_night()
    night.ask(AssignRole(incident=1, role="scribe", person=BO))
    assert night.ask(AssignRole(incident=1, role="scribe", person=BO)) == []


def test_of_two_who_take_command_at_once_one_has_it_and_the_other_is_asked() -> None:
    night = quiet_night()
    night.ask(AssignRole(incident=1, role="ic", person=ADA), by=ADA)
    with pytest.raises(Refused, match=r"Ada has been Incident Commander of INC-1 since 02:00 UTC\. Take") as refused:
        night.ask(AssignRole(incident=1, role="ic", person=BO), by=BO)
    assert refused.value.ask
    assert night.incident.commander == ADA


def test_who_holds_a_role_gives_it_away_unasked_and_others_are_asked_whether_to_give_it() -> None:
    night = quiet_night()
    night.ask(AssignRole(incident=1, role="ic", person=ADA), by=ADA)
    with pytest.raises(Refused, match=r"since 02:00 UTC\. Give it to Bo\?"):
        night.ask(AssignRole(incident=1, role="ic", person=BO), by=CY)
    night.ask(AssignRole(incident=1, role="ic", person=BO), by=ADA)
    assert night.lines()[-1] == "Ada handed Incident Commander over to Bo"


def test_the_yes_takes_over() -> None:
    night = quiet_night()
    night.ask(AssignRole(incident=1, role="ic", person=ADA), by=ADA)
    night.ask(AssignRole(incident=1, role="ic", person=BO, sure=True), by=BO)
    assert [h.person for h in night.incident.holdings] == [BO]
    assert night.lines()[-1] == "Bo took over Incident Commander from Ada"


def test_taking_over_works_although_the_holder_was_renamed_since() -> None:
    night = quiet_night()
    night.ask(AssignRole(incident=1, role="ic", person=ADA), by=ADA)
    renamed = Actor(id=ADA.id, name="Ada L.")
    night.ask(AssignRole(incident=1, role="ic", person=BO, sure=True), by=renamed)
    assert [h.person for h in night.incident.holdings] == [BO]


def test_many_can_know_the_system() -> None:
    night = quiet_night()
    for expert in (ADA, BO, CY):
        night.ask(AssignRole(incident=1, role="sme", person=expert))
    assert [h.person for h in night.incident.holdings] == [ADA, BO, CY]


def test_an_unknown_role_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Refused, match=r"no role “king”\. Roles: ic, deputy, scribe, comms, sme"):
        quiet_night().ask(AssignRole(incident=1, role="king", person=ADA))


def test_leaving_names_one_role_or_all_of_them() -> None:
    night = quiet_night()
    for role in ("ic", "scribe", "comms"):
        night.ask(AssignRole(incident=1, role=role, person=ADA))
    night.ask(LeaveRole(incident=1, role="scribe"))
    assert [h.role for h in night.incident.holdings] == ["commander", "communications"]
    night.ask(LeaveRole(incident=1))
    assert night.incident.holdings == ()
    assert night.lines()[-1] == "Ada is no longer Communications"


def test_nobody_leaves_what_they_do_not_hold() -> None:
    night = quiet_night()
    night.ask(AssignRole(incident=1, role="ic", person=ADA))
    with pytest.raises(Refused, match="have no role"):
        night.ask(LeaveRole(incident=1), by=BO)
    with pytest.raises(Refused, match=r"You are not Incident Commander of INC-1; Ada is\."):
        night.ask(LeaveRole(incident=1, role="ic"), by=BO)
    with pytest.raises(Refused, match="You are not Scribe of INC-1; nobody is"):
        night.ask(LeaveRole(incident=1, role="scribe"), by=ADA)
    for expert in (BO, CY):
        night.ask(AssignRole(incident=1, role="sme", person=expert))
    with pytest.raises(Refused, match="Bo, Cy are"):
        night.ask(LeaveRole(incident=1, role="sme"), by=ADA)


def test_the_commander_hands_over_without_being_asked() -> None:
    night = quiet_night()
    night.ask(AssignRole(incident=1, role="ic", person=ADA))
    night.ask(HandOver(incident=1, person=BO), by=ADA)
    assert night.incident.commander == BO
    assert night.lines()[-1] == "Ada handed Incident Commander over to Bo"
    assert night.ask(HandOver(incident=1, person=BO), by=BO) == []


@pytest.mark.parametrize(
    "wish", [AssignRole(incident=1, role="ic", person=BO, sure=True), HandOver(incident=1, person=BO)]
)
def test_a_deputy_who_takes_command_stands_by_nobody_and_another_can(wish: Command) -> None:
    night = quiet_night()
    night.ask(AssignRole(incident=1, role="ic", person=ADA))
    for person in (CY, BO):
        night.ask(AssignRole(incident=1, role="deputy", person=person, sure=True))
    night.ask(wish, by=ADA)
    assert [(h.role, h.person) for h in night.incident.holdings] == [("commander", BO)]
    assert night.lines()[-1] == "Bo is no longer Deputy"


def test_a_deputy_stays_one_when_somebody_else_takes_command() -> None:
    night = quiet_night()
    night.ask(AssignRole(incident=1, role="deputy", person=BO))
    night.ask(AssignRole(incident=1, role="ic", person=ADA))
    assert {h.role for h in night.incident.holdings} == {"commander", "deputy"}


def test_only_the_commander_hands_over() -> None:
    night = quiet_night()
    night.ask(AssignRole(incident=1, role="ic", person=ADA))
    with pytest.raises(Refused, match="only they can hand it over"):
        night.ask(HandOver(incident=1, person=CY), by=BO)


def test_command_that_nobody_has_is_given_and_begins_the_work() -> None:
    night = quiet_night()
    night.ask(HandOver(incident=1, person=BO), by=ADA)
    assert (night.incident.commander, night.incident.status) == (BO, Status.INVESTIGATING)
    assert "Bo is Incident Commander (named by Ada)" in night.lines()


def test_roles_of_an_incident_that_is_over_stay_as_they_were() -> None:
    night = quiet_night()
    night.ask(Resolve(incident=1))
    with pytest.raises(Refused, match="INC-1 is resolved"):
        night.ask(AssignRole(incident=1, role="ic", person=ADA))
