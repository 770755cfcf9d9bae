"""Pages that are pinned once, by their address; and who is asked into the room by somebody."""

import pytest

from bot.incident import AddLink, AskIn, Declare, RecordMember, RecordRoom, Resolve
from bot.incident.inviting import Group
from bot.incident.links import host_of
from bot.incident.model import Refused, fold
from bot.incident.values import Link
from tests.incident.night import ADA, BO, CY, Night

GRAPH = "https://graphs.example/checkout?from=now-1h"
PAYMENTS = Group(id="S0PAY", name="@payments")


def night() -> Night:
    told = Night()
    told.ask(Declare(title="Checkout errors"))
    told.ask(RecordRoom(incident=1, channel="C1", name="inc-1"))
    return told


def test_a_page_is_pinned_once_under_its_title_or_its_host() -> None:
    told = night()
    told.ask(AddLink(incident=1, url=GRAPH, title=" Checkout  dashboard "))
    told.ask(AddLink(incident=1, url="http://status.example"))
    assert told.incident.links == (
        Link(url=GRAPH, title="Checkout dashboard", entry=told.seq("Ada linked Checkout dashboard")),
        Link(url="http://status.example", title="status.example", entry=told.seq("Ada linked status.example")),
    )
    assert told.lines()[-2:] == ["Ada linked Checkout dashboard", "Ada linked status.example"]
    assert told.ask(AddLink(incident=1, url=GRAPH)) == []
    assert told.ask(AddLink(incident=1, url=GRAPH, title="Checkout dashboard"), by=BO) == []
    with pytest.raises(Refused, match="linked already, as “Checkout dashboard”"):
        told.ask(AddLink(incident=1, url=GRAPH, title="Graphs"))


@pytest.mark.parametrize(
    "url",
    ["", "graphs.example", "javascript:alert(1)", "ftp://x.example", "https://", "https://a b", "http://[", "https:x",
     "https://x.example/\u202e"],
)  # fmt: skip
def test_what_is_no_page_is_refused_beside_its_field(url: str) -> None:
    with pytest.raises(Refused, match="whole address, such as https://") as refused:
        night().ask(AddLink(incident=1, url=url))
    assert refused.value.field == "url"


def test_a_link_has_an_end() -> None:
    with pytest.raises(Refused, match="holds 1000 characters"):
        night().ask(AddLink(incident=1, url=f"https://x.example/{'y' * 1_000}"))
    with pytest.raises(Refused, match="title holds 150"):
        night().ask(AddLink(incident=1, url=GRAPH, title="y" * 151))


def test_a_link_after_the_end_is_a_link() -> None:
    told = night()
    told.ask(Resolve(incident=1))
    assert told.ask(AddLink(incident=1, url=GRAPH))


def test_redacted_a_link_is_on_no_card_and_has_no_address() -> None:
    told = night()
    told.ask(AddLink(incident=1, url="https://secret.example/plan", title="the secret plan"))
    blank = [e.redacted() for e in told.journal]
    assert "secret" not in str([e.model_dump_json() for e in blank])
    i = fold(blank)
    assert i is not None
    assert i.links == ()
    assert set(told.journal[-1].words) == {"the secret plan", "https://secret.example/plan"}


def test_the_host_of_a_page_is_what_people_know_it_by() -> None:
    assert host_of("https://ada:pw@Graphs.Example:8443/x") == "graphs.example"


def test_people_and_groups_are_asked_in_by_name() -> None:
    told = night()
    told.ask(AskIn(incident=1, people=(BO, CY), groups=(PAYMENTS,)))
    assert told.lines()[-1] == "Ada asked Bo, Cy and @payments into the room"
    told.ask(AskIn(incident=1, people=(ADA,)))
    assert told.lines()[-1] == "Ada asked to be let into the room"


def test_who_is_in_the_room_is_not_asked_in() -> None:
    told = night()
    told.ask(RecordMember(incident=1, channel="C1", person=BO, here=True))
    assert told.ask(AskIn(incident=1, people=(BO,))) == []
    (asked,) = told.ask(AskIn(incident=1, people=(BO, CY)))
    assert asked.line() == "Ada asked Cy into the room"
    told.ask(RecordMember(incident=1, channel="C1", person=BO, here=False))
    assert told.ask(AskIn(incident=1, people=(BO,))), "he left"


def test_nobody_and_too_many_are_refused() -> None:
    with pytest.raises(Refused, match="Whom"):
        night().ask(AskIn(incident=1))
    with pytest.raises(Refused, match="At most 50"):
        night().ask(AskIn(incident=1, people=(ADA,) * 51))


def test_into_an_archived_room_nobody_is_asked() -> None:
    told = night()
    room = told.incident.room
    assert room is not None
    told.incidents[1] = told.incident.but(room=room.model_copy(update={"archived": True}))
    with pytest.raises(Refused, match="is archived; unarchive it first"):
        told.ask(AskIn(incident=1, people=(BO,)))


def test_the_same_people_asked_twice_in_a_minute_are_asked_once() -> None:
    one, other = (AskIn(incident=1, people=p).natural_key(ADA, night().now) for p in ((BO, CY), (CY, BO)))
    assert one == other
    assert one != AskIn(incident=1, people=(BO,)).natural_key(ADA, night().now)
