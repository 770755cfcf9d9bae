"""An incident becomes private: who is in it, what of the open one it leaves behind, and where it goes on."""

import pytest

from bot.incident import (
    AssignRole,
    Declare,
    GiveTask,
    MakePrivate,
    Merge,
    RecordMember,
    RecordRoom,
    Resolve,
    SettleTasks,
)
from bot.incident.duties import TaskState
from bot.incident.model import Refused
from bot.incident.privacy import insiders, may_see, room_number
from bot.incident.values import MUSTER, Actor, Room, Status
from tests.incident.night import ADA, BO, CY, Night

DI = Actor(id="slack:UDI", name="Di")
ED = Actor(id="slack:UED", name="Ed")


def opened(**more: object) -> Night:
    """Declared by Ada, who commands; its room is open, and Bo came in."""
    night = Night()
    night.ask(Declare.model_validate({"title": "Keys in a public repository", **more}))
    night.ask(RecordRoom(incident=1, channel="C1", name="inc-1", url="https://x/C1"))
    night.ask(RecordMember(incident=1, channel="C1", person=BO, here=True))
    return night


def test_an_open_incident_is_seen_by_everybody() -> None:
    night = opened()
    assert all(may_see(night.incident, who) for who in (ADA, BO, DI))


def test_a_private_one_is_seen_by_who_has_a_part_in_it_and_by_nobody_else() -> None:
    night = opened()
    night.ask(AssignRole(incident=1, role="scribe", person=BO))
    night.ask(GiveTask(incident=1, text="revoke the key", to=DI))
    night.ask(MakePrivate(incident=1), by=CY)
    i = night.incident
    assert insiders(i) == (ADA.id, BO.id, DI.id, CY.id)
    assert [may_see(i, who) for who in (ADA, BO, CY, DI, MUSTER)] == [True] * 5
    assert not may_see(i, ED)


def test_whoever_was_in_the_open_room_is_not_in_the_private_one_for_that() -> None:
    night = opened()
    night.ask(MakePrivate(incident=1))
    assert not may_see(night.incident, BO)
    night.ask(RecordMember(incident=1, channel="C1", person=BO, here=True))
    assert not may_see(night.incident, BO), "the old room is not the room of today"


def test_who_is_let_into_the_private_room_sees_it_until_they_leave() -> None:
    night = opened()
    night.ask(MakePrivate(incident=1))
    night.ask(RecordRoom(incident=1, channel="G2", name="inc-1-private"))
    night.ask(RecordMember(incident=1, channel="G2", person=BO, here=True))
    assert may_see(night.incident, BO)
    night.ask(RecordMember(incident=1, channel="G2", person=BO, here=False))
    assert not may_see(night.incident, BO)


def test_a_task_that_is_done_lets_nobody_see_it_any_more() -> None:
    night = opened()
    night.ask(GiveTask(incident=1, text="revoke the key", to=DI))
    night.ask(MakePrivate(incident=1))
    assert may_see(night.incident, DI)
    night.ask(SettleTasks(incident=1, tasks=(1,), state=TaskState.DONE), by=DI)
    assert not may_see(night.incident, DI)


def test_it_goes_on_in_a_room_of_its_own_and_the_old_one_is_kept_in_mind() -> None:
    night = opened()
    assert room_number(night.incident) == 1
    (made,) = night.ask(MakePrivate(incident=1, people=(DI,)))
    i = night.incident
    assert (i.private, i.room, room_number(i)) == (True, None, 2)
    assert i.former_rooms == (Room(channel="C1", name="inc-1", url="https://x/C1"),)
    assert made.line() == "Ada made the incident private; it goes on in a new room"
    assert night.ask(RecordRoom(incident=1, channel="C1", name="inc-1")) == [], "the old room is not opened again"
    night.ask(RecordRoom(incident=1, channel="G2", name="inc-1-private"))
    assert night.incident.room == Room(channel="G2", name="inc-1-private")


def test_who_left_the_old_room_counts_as_gone_from_the_new_one_only_once_they_leave_that() -> None:
    night = opened()
    night.ask(RecordMember(incident=1, channel="C1", person=ADA, here=False))
    night.ask(MakePrivate(incident=1))
    assert (night.incident.left, night.incident.left_at) == ((), {})
    night.ask(RecordRoom(incident=1, channel="G2", name="inc-1-private"))
    night.ask(RecordMember(incident=1, channel="G2", person=ADA, here=False))
    assert night.incident.left == (ADA.id,)


def test_said_twice_it_is_private_once() -> None:
    night = opened()
    night.ask(MakePrivate(incident=1))
    assert night.ask(MakePrivate(incident=1, people=(BO,))) == []


def test_one_that_is_over_can_still_be_made_private() -> None:
    night = opened()
    night.ask(Resolve(incident=1))
    night.ask(MakePrivate(incident=1))
    assert (night.incident.private, night.incident.status) == (True, Status.RESOLVED)


def test_before_its_room_is_there_it_cannot_move_out_of_it() -> None:
    night = Night()
    night.ask(Declare(title="x"))
    with pytest.raises(Refused, match="still being opened"):
        night.ask(MakePrivate(incident=1))


def test_what_was_merged_is_made_private_where_it_goes_on() -> None:
    night = opened()
    night.ask(Declare(title="the same"))
    night.ask(Merge(incident=1, into=2))
    with pytest.raises(Refused, match=r"INC-1 was merged into INC-2\. Make that one private"):
        night.ask(MakePrivate(incident=1))
