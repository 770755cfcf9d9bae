"""Whatever people ask, in whatever order: what must hold of every incident."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.incident import (
    AddLink,
    AddNote,
    AnswerPages,
    AskForDraft,
    AskIn,
    AssignRole,
    Cancel,
    CorrectEntry,
    Declare,
    DeclareFromAlert,
    DismissAlert,
    Edit,
    EditUpdate,
    ExportTimeline,
    Follow,
    GiveTask,
    HandOver,
    HandTask,
    HideEntry,
    JoinAlert,
    KeepTasks,
    LeaveRole,
    MakePrivate,
    MarkMessage,
    Merge,
    NameRoom,
    NotRelated,
    OfferMessages,
    OpenRoomAgain,
    OpenRunbook,
    PageNextLevel,
    PageOut,
    PostUpdate,
    PutOffTask,
    RateAlert,
    RecordAction,
    RecordArchived,
    RecordGone,
    RecordInvitations,
    RecordMember,
    RecordPageFailed,
    RecordPageSent,
    RecordRename,
    RecordRoom,
    RedactEntry,
    Reopen,
    ReportRename,
    ReportStep,
    Resolve,
    RunAction,
    SetSeverity,
    SetStatus,
    SettleTasks,
    Snooze,
    SplitOff,
    StoreDraft,
    TakeBackOffer,
    TickStep,
    UnmarkMessage,
)
from bot.incident.exports import Format
from bot.incident.habits import Storm
from bot.incident.mirror import What, Worth
from bot.incident.model import Command, Event, Incident, Refused, fold, parse_event
from bot.incident.nudges import AnswerPrompt, Nudge
from bot.incident.policy import Paging, Policy
from bot.incident.privacy import may_see
from bot.incident.routing import HearAlert
from bot.incident.steps import Call, Outcome, Runbook, Step
from bot.incident.timeline import timeline
from bot.incident.values import MUSTER, OPEN, Actor, PageState, Status
from bot.incident.watching import ARCHIVE
from tests.incident.night import (
    ADA,
    BO,
    BO_HIMSELF,
    CHECKOUT,
    CHECKOUT_ONCALL,
    COMMANDERS,
    CY,
    FALLBACK,
    SEARCH,
    Night,
    minute,
    report,
    trigger,
)

POLICIES = (
    Policy(paging=Paging(commanders=COMMANDERS)),
    Policy(paging=Paging(fallback=FALLBACK, levels=1), resolve_when_clear=True),
    Policy(paging=Paging(commanders=COMMANDERS), storm=Storm(services=1)),
)
COUNTED = (AskIn, ExportTimeline, LeaveRole, OpenRoomAgain, StoreDraft, RecordInvitations, PageNextLevel)
"""Wishes that are no desired state: each time they are asked they do one thing more, or say that there is nothing."""

ACT = Call(name="Act", url="https://ops.example")
BOOK = Runbook(name="x", title="X", steps=(Step(number=1, text="Look"), Step(number=2, text="Act", action=ACT)))

people = st.sampled_from([ADA, BO, CY])
words = st.sampled_from(["cache", "rolled back", " two  words ", "x" * 201, "<!channel>", "", "Ünï 🔥"])
alerts = st.sampled_from(["PD1", "PD2"])
room_names = st.sampled_from(["inc-1", "inc-1-tills"])
some_services = st.sampled_from([(), (CHECKOUT,), (CHECKOUT, SEARCH)])
moments = st.sampled_from([None, minute(-5), minute(0), minute(9)])
levels = st.integers(0, 6)
entries = st.integers(1, 30)
pages = st.integers(1, 4)
tasks = st.integers(1, 3)
some_tasks = st.sampled_from([(), (1,), (2, 1)])
targets = st.sampled_from([CHECKOUT_ONCALL, BO_HIMSELF, COMMANDERS])
numbers = st.sampled_from([1, 1, 1, 2, 9])


def wish(kind: type[Command], **parts: st.SearchStrategy[object]) -> st.SearchStrategy[Command]:
    """Wishes of one kind about one of the incidents."""
    return st.fixed_dictionaries({"incident": numbers, **parts}).map(kind.model_validate)


def begin(kind: type[Command], **parts: st.SearchStrategy[object]) -> st.SearchStrategy[Command]:
    """Wishes of one kind about no incident."""
    return st.fixed_dictionaries(parts).map(kind.model_validate)


declarations = begin(
    Declare,
    title=words,
    severity=st.sampled_from([None, 1, 2, 3, 9]),
    services=some_services,
    private=st.booleans(),
    drill=st.booleans(),
    command=st.booleans(),
    summary=words,
    began=moments,
    ended=moments,
)
hearings = st.builds(
    lambda what, at, alert, by, priority, echo: HearAlert(
        report=trigger(at, alert=alert, priority=priority)
        if what is What.TRIGGERED
        else report(what, at, alert=alert, by=by, priority=priority, echo=echo, text="accepted", person=BO)
    ),
    st.sampled_from(What),
    st.integers(0, 20),
    alerts,
    people,
    st.sampled_from(["", "P1", "P2"]),
    st.booleans(),
)
wishes = st.one_of(
    declarations,
    hearings,
    hearings,
    begin(DeclareFromAlert, source=st.just("pagerduty"), alert=alerts, severity=st.sampled_from([None, 1, 4])),
    begin(DismissAlert, source=st.just("pagerduty"), alert=alerts),
    wish(JoinAlert, source=st.just("pagerduty"), alert=alerts),
    wish(SplitOff, source=st.just("pagerduty"), alert=alerts),
    wish(NotRelated, source=st.just("pagerduty"), alert=alerts),
    begin(RateAlert, source=st.just("pagerduty"), alert=alerts, worth=st.sampled_from(Worth), by=people),
    wish(SetStatus, to=st.sampled_from(Status)),
    wish(Resolve, words_said=words, at=moments),
    wish(Reopen),
    wish(Cancel, why=words),
    wish(Edit, title=words, impact=words, services=some_services),
    wish(Edit, moments=st.dictionaries(st.sampled_from(["detected", "mitigated", "resolved", "x"]), moments)),
    wish(SetSeverity, to=levels),
    wish(AssignRole, role=st.sampled_from(["ic", "sme", "scribe", "king"]), person=people, sure=st.booleans()),
    wish(LeaveRole, role=st.sampled_from(["", "ic", "scribe"])),
    wish(HandOver, person=people),
    wish(AddNote, text=words, at=moments),
    wish(PostUpdate, condition=words, needs=words, next_minutes=st.sampled_from([None, 0, 15, 9_999])),
    wish(EditUpdate, entry=entries, condition=words),
    wish(Follow, follows=st.booleans()),
    wish(AddLink, url=st.sampled_from(["https://graphs.example", "http://x", "ftp://x", ""]), title=words),
    wish(AskIn, people=st.sampled_from([(), (BO,), (BO, CY)])),
    wish(
        MarkMessage,
        channel=st.just("C1"),
        ts=st.sampled_from(["1.1", "2.2"]),
        author=people,
        text=words,
        at=st.just(minute(1)),
    ),
    wish(UnmarkMessage, ts=st.sampled_from(["1.1", "2.2"])),
    wish(CorrectEntry, entry=entries, text=st.none() | words, happened=moments, followed=st.booleans()),
    wish(RecordGone, ts=st.sampled_from(["1.1", "2.2"])),
    wish(OfferMessages, messages=st.sampled_from([(), ("1.1",), ("1.1", "3.3")])),
    wish(TakeBackOffer),
    wish(ExportTimeline, format=st.sampled_from(Format)),
    wish(HideEntry, entry=entries, hidden=st.booleans()),
    wish(RedactEntry, entry=entries),
    wish(
        PageOut, target=st.sampled_from([CHECKOUT_ONCALL, BO_HIMSELF, COMMANDERS]), level=st.integers(1, 3), why=words
    ),
    wish(PageNextLevel, page=pages),
    wish(RecordPageSent, page=pages, outside=alerts, people=st.sampled_from([(), ("Bo",)])),
    wish(RecordPageFailed, page=pages, reason=words, above_top=st.booleans()),
    wish(AnswerPages),
    wish(RecordRoom, channel=st.sampled_from(["C1", "C2"]), name=st.just("inc-1")),
    wish(ReportStep, step=st.just("pin the card"), reason=words),
    wish(RecordInvitations, people=st.sampled_from([(), ("Bo",)])),
    wish(AskForDraft),
    wish(StoreDraft, body=words),
    wish(Snooze, key=st.sampled_from(["update", "x"]), minutes=st.integers(0, 20)),
    wish(AnswerPrompt, key=st.sampled_from(["update", "x"])),
    wish(
        RecordMember, channel=st.sampled_from(["C1", "C2"]), person=people, here=st.booleans(), external=st.booleans()
    ),
    wish(
        GiveTask,
        text=words,
        to=people,
        minutes=st.sampled_from([None, 0, 5, 99999]),
        due=moments,
        followup=st.booleans(),
    ),
    wish(HandTask, task=tasks, to=people, minutes=st.sampled_from([None, 5])),
    wish(PutOffTask, task=tasks, minutes=st.sampled_from([None, 5, 15]), due=moments),
    wish(SettleTasks, tasks=some_tasks, state=st.sampled_from(["done", "dropped", "declined", "given"])),
    wish(KeepTasks, tasks=some_tasks),
    wish(OpenRunbook, runbook=st.just(BOOK), owner=st.none() | people),
    wish(TickStep, run=st.integers(0, 2), step=st.integers(0, 3), outcome=st.sampled_from(Outcome), note=words),
    wish(RunAction, run=st.just(1), step=st.integers(1, 2), call=st.just(ACT), attempt=st.integers(0, 2)),
    wish(
        RecordAction,
        run=st.just(1),
        step=st.integers(1, 2),
        attempt=st.integers(1, 2),
        ok=st.booleans(),
        told=words,
    ),
    wish(NameRoom, name=room_names),
    wish(RecordRename, channel=st.sampled_from(["C1", "C2"]), name=room_names),
    wish(
        ReportRename, name=room_names, was=st.just("inc-1"), step=st.just("rename"), reason=words, final=st.booleans()
    ),
    wish(RecordArchived, channel=st.sampled_from(["C1", "C2"]), archived=st.booleans()),
    wish(OpenRoomAgain),
    wish(Nudge, key=st.sampled_from(["page/1", "page/2", "x"])),
    wish(Merge, into=st.sampled_from([1, 2, 9])),
    wish(MakePrivate, people=st.sampled_from([(), (BO,)])),
)
stories = st.lists(st.tuples(wishes, people, st.sampled_from([0, 0, 0.5, 2, 7])), min_size=3, max_size=20)
Story = list[tuple[Command, Actor, float]]
Watch = Callable[[Night, Command, Actor], None]


def tell(story: Story, policy: Policy, watch: Watch) -> Night:
    """Tells a story that begins with a declaration; what falls due is said; `watch` sees every wish."""
    night = Night(policy)
    night.ask(Declare(title="Checkout errors", severity=1, services=(CHECKOUT,)))
    at = 0.0
    for command, by, passing in story:
        at += passing
        night.pass_until(at)
        watch(night, command, by)
    return night


def attempt(night: Night, command: Command, by: Actor) -> list[Event] | None:
    """What followed, or None where it was refused."""
    try:
        return night.ask(command, by=by)
    except Refused:
        return None


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stories, st.sampled_from(POLICIES))
def test_whatever_is_asked_incidents_make_sense_and_a_refusal_changes_nothing(story: Story, policy: Policy) -> None:
    def watch(night: Night, command: Command, by: Actor) -> None:
        before = dict(night.incidents), dict(night.alerts), len(night.journal)
        if attempt(night, command, by) is None:
            assert (night.incidents, night.alerts, len(night.journal)) == before
        for i in night.incidents.values():
            sensible(i)

    night = tell(story, policy, watch)
    for number, incident in night.incidents.items():
        folds_back(incident, [e for e in night.journal if e.incident == number])
        times = [e.at for e in timeline(night.stored(number))]
        assert times == sorted(times)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stories, st.sampled_from(POLICIES))
def test_saying_it_twice_is_saying_it_once(story: Story, policy: Policy) -> None:
    def watch(night: Night, command: Command, by: Actor) -> None:
        first = attempt(night, command, by)
        if first is None or command.declares or isinstance(command, COUNTED):
            return
        before = dict(night.incidents)
        assert not attempt(night, command, by), f"{command!r} said twice did something twice"
        assert night.incidents == before

    tell(story, policy, watch)


def folds_back(incident: Incident, journal: list[Event]) -> None:
    """The state is what the journal folds to, also after both were written down and read."""
    read = [parse_event(e.kind, e.model_dump(mode="json")) for e in journal]
    assert read == journal
    assert fold(read) == incident
    assert Incident.model_validate_json(incident.model_dump_json()) == incident
    for fact in journal:
        assert fact.line().strip()
        assert fact.redacted().line().strip()


def sensible(i: Incident) -> None:
    """What is true of every incident at every moment."""
    assert i.status is not Status.CLOSED
    assert (i.status is Status.MERGED) == (i.merged_into is not None)
    assert not (i.room and i.room.channel in {room.channel for room in i.former_rooms})
    assert may_see(i, MUSTER)
    assert all(may_see(i, held.person) for held in i.holdings)
    assert (i.moments.resolved is not None) or i.status is not Status.RESOLVED or "resolved" in i.by_hand
    assert (i.uncommanded is None) == (i.commander is not None)
    assert len({(h.role, h.person.id) for h in i.holdings}) == len(i.holdings)
    assert len([h for h in i.holdings if h.role == "commander"]) <= 1
    assert [p.page for p in i.pages] == list(range(1, len(i.pages) + 1))
    assert [t.number for t in i.tasks] == list(range(1, len(i.tasks) + 1))
    assert all((t.settled_at is None) == t.is_open for t in i.tasks)
    assert i.severities[-1].severity == i.severity
    assert len({(a.source, a.id) for a in i.alerts}) == len(i.alerts)
    if i.status not in OPEN:
        assert not any(p.state in (PageState.REQUESTED, PageState.SENT) and not p.called_off for p in i.pages)
    if i.drill:
        assert not i.pages
        assert all(key.startswith(ARCHIVE) for key in i.nudged)
    if i.declared_by == MUSTER:
        assert i.alerts
