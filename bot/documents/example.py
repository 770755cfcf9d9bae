"""An incident that never was: what a template is tried on before a real one needs it."""

from datetime import UTC, datetime, timedelta
from functools import reduce

from bot.incident.alerts import AlertJoined
from bot.incident.lifecycle import Declared, Edited, Resolved
from bot.incident.model import Event, advance
from bot.incident.notes import Noted
from bot.incident.paging import PageAnswered, PageRequested, PageSent
from bot.incident.postmortem import Report, report
from bot.incident.roles import RoleTaken
from bot.incident.rooms import RoomOpened
from bot.incident.severity import SeverityChanged
from bot.incident.status import StatusChanged
from bot.incident.timeline import Stored
from bot.incident.values import MUSTER, Actor, Service, SeverityValue, Status, Target, TargetKind

BEGAN = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)
ADA = Actor(id="slack:U1", name="Ada Example")
BO = Actor(id="pagerduty:P1", name="Bo Example")
CHECKOUT = Service(id="PSERVICE", name="checkout")
SEV1, SEV2 = SeverityValue(level=1, label="SEV1"), SeverityValue(level=2, label="SEV2")


def example() -> Report:
    """The facts of a night that has a bit of everything a template may ask for."""
    first, *rest = facts = _facts()
    incident = reduce(advance, rest, advance(None, first))
    return report(incident, [Stored(seq, fact, fact.at) for seq, fact in enumerate(facts, start=1)])


def _facts() -> list[Event]:
    target = Target(kind=TargetKind.SERVICE, id=CHECKOUT.id, name=CHECKOUT.name)
    alert, room = "https://example.com/alert", "https://example.com/room"

    def at(minute: int, by: Actor = ADA) -> dict[str, object]:
        return {"incident": 1, "at": BEGAN + timedelta(minutes=minute), "by": by}

    return [
        Declared(
            **at(0), title="checkout is slow", severity=SEV2, services=(CHECKOUT,), source="slack", detected=BEGAN
        ),
        RoomOpened(**at(1, MUSTER), channel="C1", name="inc-1-checkout-is-slow", url=room),
        AlertJoined(
            **at(1, MUSTER), source="pagerduty", alert="Q1", title="p99 above 2 s", url=alert, service=CHECKOUT
        ),
        PageRequested(**at(2), page=1, target=target, why="checkout is slow"),
        PageSent(**at(2, MUSTER), page=1, outside="Q2", url=alert, people=(BO.name,)),
        PageAnswered(**at(4, BO), page=1),
        RoleTaken(**at(5), role="commander", label="Incident Commander", person=ADA),
        StatusChanged(**at(5), was=Status.TRIAGE, now=Status.INVESTIGATING),
        Noted(**at(7), text="Rolled back to 4.1"),
        SeverityChanged(**at(8), was=SEV2, now=SEV1),
        Edited(**at(9), impact="Nobody could pay."),
        StatusChanged(**at(20), was=Status.INVESTIGATING, now=Status.MONITORING),
        Resolved(**at(30), review=True, words_said="Rolled back."),
    ]
