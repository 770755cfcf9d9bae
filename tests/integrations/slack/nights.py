"""One ordinary night, for tests that read messages as a person would."""

from datetime import UTC, datetime

from bot.incident.model import Incident
from bot.incident.values import (
    Actor,
    AlertLine,
    Holding,
    Moments,
    PageLine,
    PageState,
    Room,
    Service,
    SeverityValue,
    Status,
    Target,
    TargetKind,
)

TWO = datetime(2026, 11, 21, 2, 10, tzinfo=UTC)
ADA = Actor(id="slack:U0ADA00001", name="Ada Nwosu")
BO = Actor(id="slack:U0BO000001", name="Bo Carter")
CHECKOUT = Service(id="PCHECK", name="Checkout")
ON_CALL = Target(kind=TargetKind.SERVICE, id="PCHECK", name="Checkout")
SEV1, SEV2, SEV3 = (SeverityValue(level=n, label=f"SEV{n}") for n in (1, 2, 3))


def calling(state: PageState = PageState.SENT, level: int = 1) -> PageLine:
    return PageLine(page=1, target=ON_CALL, level=level, why="", state=state, requested_at=TWO, people=("Ben Carter",))


NIGHT = Incident(
    number=42,
    title="Checkout errors above 5 %",
    status=Status.INVESTIGATING,
    severity=SEV1,
    declared_by=ADA,
    services=(CHECKOUT,),
    holdings=(Holding(role="commander", label="Incident Commander", person=ADA, since=TWO),),
    moments=Moments(detected=TWO, declared=TWO),
    updated_at=TWO,
    alerts=(
        AlertLine(
            source="pagerduty",
            id="Q1",
            title="High error rate",
            url="https://acme.pagerduty.com/incidents/Q1",
            service="Checkout",
        ),
    ),
    pages=(calling(),),
    room=Room(channel="C0ROOM", name="inc-42-checkout-errors-above-5"),
    seq=9,
)
"""A SEV1 at ten past two: Ada commands, Ben is being called, one alert fires."""
