"""Two incidents that are one: the first ends, and what is still to be done there goes on in the second."""

from collections.abc import Iterator
from datetime import datetime

from bot.incident.alerts import AlertJoined, AlertLeft, with_service
from bot.incident.duties import Task, TaskState
from bot.incident.model import Case, Command, Event, Incident, Refused
from bot.incident.notes import GONE
from bot.incident.paging import call_off, waits_for_answer
from bot.incident.policy import Policy
from bot.incident.privacy import is_for_all
from bot.incident.severity import SeverityChanged
from bot.incident.values import MUSTER, Actor, AlertLine, Holding, Moments, Service, Status


class Merged(Event, kind="merged"):
    """This incident goes on in another one.

    `hidden`: that one is private, so nobody is told here which it is. `channel` and `room`: where its room is.
    """

    into: int
    hidden: bool = False
    channel: str = ""
    room: str = ""

    def apply(self, i: Incident) -> Incident:
        over = {"state": TaskState.DROPPED, "settled_at": self.at}
        return i.but(
            status=Status.MERGED,
            merged_into=self.into,
            merged_quietly=self.hidden,
            tasks=tuple(t.model_copy(update=over) if t.is_left else t for t in i.tasks),
            pages=call_off(i.pages),
            followers=(),
            updated_at=max(i.updated_at, self.at),
        )

    def line(self) -> str:
        return f"{self.by.name} merged the incident into {'a private one' if self.hidden else f'INC-{self.into}'}"


class Absorbed(Event, kind="absorbed"):
    """Another incident goes on in this one; its experts, services and moments count here.

    `people`: who is asked into this one's room. `unanswered`: whom pages of the other one still call. `storm`: it was
    one, and goes on as one here.
    """

    source: int
    title: str
    services: tuple[Service, ...] = ()
    holdings: tuple[Holding, ...] = ()
    followers: tuple[Actor, ...] = ()
    moments: Moments = Moments()
    people: tuple[Actor, ...] = ()
    unanswered: tuple[str, ...] = ()
    alerts: int = 0
    tasks: int = 0
    storm: bool = False

    def apply(self, i: Incident) -> Incident:
        for service in self.services:
            i = with_service(i, service)
        held = {(h.role, h.person.id) for h in i.holdings}
        following = {f.id for f in i.followers}
        return i.but(
            absorbed=(*i.absorbed, self.source),
            storm=i.storm or self.storm,
            holdings=(*i.holdings, *(h for h in self.holdings if (h.role, h.person.id) not in held)),
            followers=(*i.followers, *(f for f in self.followers if f.id not in following)),
            moments=i.timed(
                detected=_earlier(i.moments.detected, self.moments.detected),
                impact_start=_earlier(i.moments.impact_start, self.moments.impact_start),
            ),
        )

    def line(self) -> str:
        return f"{self.by.name} merged INC-{self.source} into this incident: {self.title}"

    def redacted(self) -> "Absorbed":
        return self.model_copy(update={"title": GONE})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.title,)


class AlertsBrought(Event, kind="alerts_brought"):
    """The alerts of an incident that was merged into this one, as they stood."""

    shown = False
    source: int
    alerts: tuple[AlertLine, ...]

    def apply(self, i: Incident) -> Incident:
        brought = {(a.source, a.id) for a in self.alerts}
        kept = tuple(a for a in i.alerts if (a.source, a.id) not in brought)
        fires = any(not a.clear and not a.ours for a in self.alerts)
        return i.but(alerts=(*kept, *self.alerts), alerts_clear=i.alerts_clear and not fires)

    def line(self) -> str:
        return f"{len(self.alerts)} alerts came over from INC-{self.source}"

    def redacted(self) -> "AlertsBrought":
        return self.model_copy(update={"alerts": tuple(a.model_copy(update={"title": GONE}) for a in self.alerts)})

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(a.title for a in self.alerts if a.title)


class TaskBrought(Event, kind="task_brought"):
    """A task of an incident that was merged into this one, still to be done, under a number of this one."""

    shown = False
    source: int
    task: Task

    def apply(self, i: Incident) -> Incident:
        return i.but(tasks=(*i.tasks, self.task))

    def line(self) -> str:
        return f"{self.task.name} came over from INC-{self.source}: {self.task.text}"

    def redacted(self) -> "TaskBrought":
        return self.model_copy(update={"task": self.task.model_copy(update={"text": GONE, "source": ""})})

    @property
    def words(self) -> tuple[str, ...]:
        return (self.task.text,)


class Merge(Command):
    """These two are one: the incident ends, and goes on in the other. Nothing of it is lost; it cannot be undone."""

    into: int

    def touches(self) -> tuple[int, ...]:
        return (self.into,)

    def decide(self, case: Case) -> list[Event]:
        source = case.incident
        if source.merged_into == self.into:
            return []
        target = self._target(case, source)
        merged = Merged(
            **case.stamp(),
            into=target.number,
            hidden=not is_for_all(target),
            channel=target.room.channel if target.room else "",
            room=target.room.name if target.room else "",
        )
        return [merged, *_brought(case.about(target), source, target)]

    def _target(self, case: Case, source: Incident) -> Incident:
        """The one that goes on. Raises Refused where the two cannot be one."""
        if source.number == self.into:
            raise Refused(f"{source.name} cannot be merged into itself. Name the one that goes on.", field="into")
        case.require_open()
        target = case.other(self.into)
        if not target.is_open:
            raise Refused(f"{target.name} is {target.status}. Merge into one that is open.", field="into")
        if source.drill is not target.drill:
            raise Refused("A drill and a real incident cannot be merged.", field="into")
        if is_for_all(target) and not is_for_all(source):
            more = f"{source.name} is private and {target.name} is not: more people would read it"
            raise Refused(f"{more}. `/incident {target.name} private` first.", field="into")
        return target


def _brought(case: Case, source: Incident, target: Incident) -> list[Event]:
    """What the source brings into the target. Whoever commands the target goes on doing so."""
    left = [task for task in source.tasks if task.is_left]
    tasks = [task.model_copy(update={"number": nth}) for nth, task in enumerate(left, start=len(target.tasks) + 1)]
    absorbed = Absorbed(
        **case.stamp(),
        source=source.number,
        title=source.title,
        services=source.services,
        holdings=tuple(h for h in source.holdings if _is_shared(case.policy, h)),
        followers=source.followers if is_for_all(target) else (),
        moments=source.moments,
        people=_coming(source, target),
        unanswered=tuple(dict.fromkeys(p.target.name for p in source.pages if waits_for_answer(p))),
        alerts=len(source.alarms),
        tasks=len(tasks),
        storm=source.storm,
    )
    facts: list[Event] = [absorbed]
    if source.alerts:
        facts.append(AlertsBrought(**case.stamp(), source=source.number, alerts=source.alerts))
    facts += [TaskBrought(**case.stamp(), source=source.number, task=task) for task in tasks]
    if source.severity.level < target.severity.level:
        facts.append(SeverityChanged(**case.stamp(), was=target.severity, now=source.severity))
    return facts


def _coming(source: Incident, target: Incident) -> tuple[Actor, ...]:
    """Who is asked into the target's room: everybody in the source's; into a private one only who has a duty."""
    duties = (*(h.person for h in source.holdings), *(task.to for task in source.tasks if task.is_open))
    wanted: tuple[Actor, ...] = duties
    if is_for_all(target):
        in_room = tuple(Actor(id=member, name=member.partition(":")[2]) for member in source.members)
        wanted = (*duties, source.declared_by, *in_room)
    first_named = {who.id: who for who in reversed(wanted) if who != MUSTER}
    return tuple(first_named[id] for id in dict.fromkeys(who.id for who in wanted if who != MUSTER))


def _is_shared(policy: Policy, held: Holding) -> bool:
    """Whether several people may have that role, as experts have."""
    role = policy.role(held.role)
    return role is not None and role.many


def alerts_moved(event: Event) -> Iterator[tuple[str, str]]:
    """(source, id) of each alert that a fact brings into its incident or takes out of it."""
    match event:
        case AlertJoined() | AlertLeft():
            yield event.source, event.alert
        case AlertsBrought():
            yield from ((a.source, a.id) for a in event.alerts)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at), default=None)
