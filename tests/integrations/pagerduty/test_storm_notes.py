"""In a storm PagerDuty is told of the room at one alert of each service, not at thousands."""

from bot.incident.alerts import AlertJoined
from bot.incident.model import Incident, then
from bot.incident.policy import Policy
from bot.incident.rooms import RoomOpened
from bot.incident.values import MUSTER, Service
from bot.integrations.pagerduty.effects import NoteThere
from bot.integrations.pagerduty.outbound import announce
from tests.integrations.slack.nights import NIGHT, TWO

EMPTY = NIGHT.but(alerts=(), services=())


def joined(n: int, services: int = 5) -> AlertJoined:
    told = {"incident": 42, "at": TWO, "by": MUSTER, "source": "pagerduty", "alert": f"Q{n}", "title": f"fault {n}"}
    return AlertJoined.model_validate({**told, "service": Service(id=f"P{n % services}", name=f"S{n % services}")})


def noted(before: Incident, count: int) -> list[str]:
    """Where the room's address is left as so many alerts join."""
    found = []
    for n in range(count):
        after = then(before, [joined(n)])
        found += [p.effect for p in announce(joined(n), before, after, Policy())]
        before = after
    return [effect.outside for effect in found if isinstance(effect, NoteThere)]


def test_each_alert_of_an_ordinary_incident_gets_the_rooms_address_and_one_of_each_service_in_a_storm() -> None:
    assert noted(EMPTY, 20) == [f"Q{n}" for n in range(20)]
    assert noted(EMPTY.but(storm=True), 20) == [f"Q{n}" for n in range(5)]


def test_what_joined_before_the_room_was_there_is_told_once_it_is() -> None:
    opened = RoomOpened(incident=42, at=TWO, by=MUSTER, channel="C9", name="inc-42", url="https://x.example/C9")
    for storm, notes in ((False, 20), (True, 5)):
        waiting = then(EMPTY.but(room=None, storm=storm), [joined(n) for n in range(20)])
        after = opened.apply(waiting)
        told = [p.effect for p in announce(opened, waiting, after, Policy())]
        assert len([effect for effect in told if isinstance(effect, NoteThere)]) == notes
