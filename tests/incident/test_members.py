"""Who is in the war room, and who is in charge there."""

import pytest

from bot.incident import AssignRole, Declare, HandOver, MemberJoined, MemberLeft, RecordMember, RecordRoom, Resolve
from bot.incident.model import Incident
from bot.incident.roles import in_charge
from bot.incident.values import Actor
from tests.incident.night import ADA, BO, CY, Night


def met() -> Night:
    """Ada has command, and there is a room."""
    night = Night()
    night.ask(Declare(title="x", severity=1))
    night.ask(RecordRoom(incident=1, channel="C1", name="inc-1"))
    return night


def come(person: Actor = BO, *, channel: str = "C1", external: bool = False) -> RecordMember:
    return RecordMember(incident=1, channel=channel, person=person, here=True, external=external)


def go(person: Actor = BO, *, channel: str = "C1") -> RecordMember:
    return RecordMember(incident=1, channel=channel, person=person, here=False)


def known(i: Incident) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    return i.members, i.left, tuple(person.name for person in i.outsiders)


def test_whoever_comes_is_there_until_they_leave_and_comes_back() -> None:
    night = met()
    (came,) = night.ask(come())
    assert isinstance(came, MemberJoined)
    assert came.line() == "Bo came into the room"
    assert known(night.incident) == ((BO.id,), (), ())
    (went,) = night.ask(go())
    assert isinstance(went, MemberLeft)
    assert went.line() == "Bo left the room"
    assert known(night.incident) == ((), (BO.id,), ())
    night.ask(come())
    assert known(night.incident) == ((BO.id,), (), ())


@pytest.mark.parametrize("wish", [come(), go()])
def test_it_is_heard_once_however_often_it_is_told(wish: RecordMember) -> None:
    night = met()
    assert len(night.ask(wish)) == 1
    assert night.ask(wish) == []


def test_only_the_room_of_today_counts() -> None:
    night = met()
    assert night.ask(come(channel="C2")) == []
    assert night.ask(go(channel="C2")) == []
    roomless = Night()
    roomless.ask(Declare(title="x"))
    assert roomless.ask(come()) == []


def test_somebody_of_another_company_is_an_outsider_while_in_the_room() -> None:
    night = met()
    (came,) = night.ask(come(CY, external=True))
    assert came.line() == "Cy (of another company) came into the room"
    assert known(night.incident) == ((CY.id,), (), ("Cy",))
    night.ask(go(CY))
    assert known(night.incident) == ((), (CY.id,), ())


def test_coming_and_going_is_no_news_and_nothing_for_the_timeline() -> None:
    night = met()
    before, lines = night.incident.news_at, night.lines()
    night.ask(come(), at=30)
    night.ask(go(), at=31)
    assert night.incident.news_at == before
    assert night.lines() == lines


def test_it_is_heard_after_the_end_too() -> None:
    night = met()
    night.ask(Resolve(incident=1))
    assert len(night.ask(come())) == 1


def test_the_commander_is_in_charge_also_where_nobody_was_heard_to_come() -> None:
    night = met()
    assert in_charge(night.incident) == ADA
    night.ask(come(BO))
    assert in_charge(night.incident) == ADA, "Ada may have come before we listened"


def test_the_deputy_is_in_charge_while_the_commander_is_out_of_the_room() -> None:
    night = met()
    night.ask(AssignRole(incident=1, role="deputy", person=BO))
    night.ask(go(ADA))
    assert in_charge(night.incident) == BO
    night.ask(go(BO))
    assert in_charge(night.incident) is None
    night.ask(come(ADA))
    assert in_charge(night.incident) == ADA


def test_a_new_commander_is_in_charge_though_the_old_one_left() -> None:
    night = met()
    night.ask(go(ADA))
    assert in_charge(night.incident) is None
    night.ask(HandOver(incident=1, person=BO))
    assert in_charge(night.incident) == BO
