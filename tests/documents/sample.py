"""A night at Acme, as the journal of INC-42 has it: the sample that documents are shown with."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.incident.alerts import AlertJoined, AlertReported
from bot.incident.duties import TaskState
from bot.incident.lifecycle import Declared, Edited, Resolved
from bot.incident.mirror import What
from bot.incident.model import Event, Incident, fold
from bot.incident.notes import Corrected, MessageMarked, Noted
from bot.incident.paging import PageAnswered, PageRequested, PageSent, PageUnanswered
from bot.incident.postmortem import Report, report
from bot.incident.roles import RoleTaken
from bot.incident.rooms import PeopleInvited, RoomOpened
from bot.incident.severity import SeverityChanged
from bot.incident.status import StatusChanged
from bot.incident.tasks import TaskGiven, TasksSettled
from bot.incident.timeline import Stored
from bot.incident.values import MUSTER, Actor, Service, SeverityValue, Status, Target, TargetKind

ADA = Actor(id="slack:U0ADA", name="Ada Nwosu")
BEN = Actor(id="slack:U0BEN", name="Ben Carter")
CHEN = Actor(id="pagerduty:PCHEN", name="Chen Li")
CHECKOUT = Service(id="PCHECK", name="Checkout")
ALERT = "https://acme.pagerduty.com/incidents/Q1"
ROOM = "https://acme.slack.com/archives/C042"


def at(clock: str, day: int = 20) -> datetime:
    hour, minute, second = (int(part) for part in clock.split(":"))
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC)


def sev(level: int) -> SeverityValue:
    return SeverityValue(level=level, label=f"SEV{level}")


def night() -> list[Event]:
    """Checkout fails at night, is paged up two levels, and is mended the day after."""
    n = 42
    policy = Target(kind=TargetKind.SERVICE, id="PCHECK", name="Checkout")
    return [
        Declared(
            incident=n,
            at=at("02:06:00"),
            by=ADA,
            title="Checkout: 5xx > 20 % | *all* regions",
            severity=sev(2),
            services=(CHECKOUT,),
            source=f"{ROOM}/p1",
            detected=at("02:04:10"),
        ),
        RoleTaken(incident=n, at=at("02:06:00"), by=ADA, role="commander", label="Incident Commander", person=ADA),
        StatusChanged(incident=n, at=at("02:06:00"), by=ADA, was=Status.TRIAGE, now=Status.INVESTIGATING),
        PageRequested(incident=n, at=at("02:06:00"), by=ADA, page=1, target=policy, why="Checkout fails"),
        RoomOpened(incident=n, at=at("02:06:01"), by=MUSTER, channel="C042", name="inc-42-checkout-5xx", url=ROOM),
        PageSent(incident=n, at=at("02:06:02"), by=MUSTER, page=1, outside="Q9", url=ALERT, people=("Ben Carter",)),
        PeopleInvited(incident=n, at=at("02:06:02"), by=MUSTER, people=("Ada Nwosu", "Ben Carter")),
        AlertJoined(
            incident=n,
            at=at("02:04:10"),
            by=MUSTER,
            source="pagerduty",
            alert="Q1",
            title="Error rate <high> on [checkout](https://evil.example)",
            url=ALERT,
            service=CHECKOUT,
        ),
        PageUnanswered(incident=n, at=at("02:11:00"), by=MUSTER, page=1, minutes=5),
        PageRequested(incident=n, at=at("02:11:00"), by=MUSTER, page=2, target=policy, level=2, why="no answer"),
        PageSent(incident=n, at=at("02:11:01"), by=MUSTER, page=2, outside="Q9", people=("Chen Li",)),
        PageAnswered(incident=n, at=at("02:12:40"), by=CHEN, page=2),
        Noted(
            incident=n,
            at=at("02:20:00"),
            by=ADA,
            text="Rolled back `payments` to 4.1\n# <!channel> | see www.acme.example",
        ),
        SeverityChanged(incident=n, at=at("02:30:00"), by=ADA, was=sev(2), now=sev(1)),
        Edited(incident=n, at=at("02:31:00"), by=BEN, impact="Nobody in the EU could pay.\nCards and wallets alike."),
        MessageMarked(
            incident=n,
            at=at("02:15:30"),
            by=BEN,
            channel="C042",
            ts="1.1",
            author=BEN,
            text="queue_depth is 40k_ and rising",
            url=f"{ROOM}/p1700000000",
        ),
        Corrected(incident=n, at=at("02:40:00"), by=ADA, entry=13, text="Rolled back payments to 4.1"),
        RoleTaken(
            incident=n,
            at=at("03:00:00"),
            by=ADA,
            role="commander",
            label="Incident Commander",
            person=BEN,
            before=ADA,
            handed_over=True,
        ),
        StatusChanged(incident=n, at=at("03:30:00"), by=BEN, was=Status.INVESTIGATING, now=Status.MONITORING),
        AlertReported(
            incident=n,
            at=at("05:00:00", 22),
            by=CHEN,
            source="pagerduty",
            alert="Q1",
            title="Error rate",
            what=What.RESOLVED,
        ),
        Resolved(incident=n, at=at("05:06:00", 22), by=BEN, review=True, words_said="Replaced the cache's primary."),
        TaskGiven(
            incident=n,
            at=at("02:35:00"),
            by=ADA,
            task=1,
            text="Drain the queue | of eu-1",
            to=BEN,
            due=at("02:50:00"),
            source=f"{ROOM}/p1700000100",
        ),
        TasksSettled(incident=n, at=at("02:47:00"), by=BEN, tasks=(1,), state=TaskState.DONE, to=BEN),
        TaskGiven(incident=n, at=at("02:48:00"), by=BEN, task=2, text="Ask the cache's vendor", to=CHEN),
        TaskGiven(
            incident=n,
            at=at("05:10:00", 22),
            by=BEN,
            task=3,
            text="Alert on the queue's age",
            followup=True,
            to=CHEN,
            due=at("08:00:00", 27),
        ),
    ]


def stored(events: Sequence[Event]) -> list[Stored]:
    return [Stored(seq=seq, event=event, recorded=event.at) for seq, event in enumerate(events, start=1)]


def folded(events: Sequence[Event]) -> Incident:
    incident = fold(events)
    assert incident is not None
    return incident


def sample() -> Report:
    events = night()
    return report(folded(events), stored(events))
