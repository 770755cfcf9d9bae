"""What nobody gets by typing a bare verb, at the most that life can put into it: cards in their other states, lists,
questions, and forms that open from a button or are filled in by half.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.documents.wording import shipped_wording
from bot.engine.handle import Outcome
from bot.incident import AddNote, AssignRole, PostUpdate
from bot.incident.catchup import CatchUp
from bot.incident.mirror import Worth
from bot.incident.model import Incident
from bot.incident.notes import NOTE_LENGTH
from bot.incident.nudges import MENTION, UPDATE, Nudged
from bot.incident.paging import PageRequested
from bot.incident.people import KnownService, OnCall, Person
from bot.incident.policy import Policy
from bot.incident.updates import UpdatePosted
from bot.incident.values import MUSTER, Holding, Status
from bot.integrations.slack import alert_worth, cards, moved, panels, task_forms, task_list, told_nudges
from bot.integrations.slack.alert_list import alert_list
from bot.integrations.slack.announcement import announcement
from bot.integrations.slack.blocks import Message, sentence
from bot.integrations.slack.calling import on_call_message
from bot.integrations.slack.catchup import catchup_message, lead, withdrawn
from bot.integrations.slack.declare_form import Declaring, declare_form, drawn
from bot.integrations.slack.declare_verbs import declared
from bot.integrations.slack.effects import Tell
from bot.integrations.slack.fact import Fact, Places
from bot.integrations.slack.fitting import fit
from bot.integrations.slack.home import Home, home_blocks, home_view
from bot.integrations.slack.modals import Filled, Form, Memo, view
from bot.integrations.slack.prompts import BUTTONS
from bot.integrations.slack.role_verbs import sure_form
from bot.integrations.slack.runbook_message import left_message, step_message
from bot.integrations.slack.runbook_verbs import failed_form
from bot.integrations.slack.task_words import Wanted
from bot.integrations.slack.timeline_verbs import correct_form, note_form, redact_form
from bot.integrations.slack.update_words import in_private
from bot.integrations.slack.verbs import REFILLS, Ask
from bot.integrations.slack.who import LIKELY, who_are_you
from tests.integrations.slack.crowd import ALERTS, LONG, NOW, Shown, alert, book, crowded, facts, run
from tests.integrations.slack.table import ADA, BO, Night, Row

POLICY, OURS = Policy(), shipped_wording()
OVER = (Status.RESOLVED, Status.CANCELED)
UPDATE_WORDS = {name: {f"in/{name}": {"value": LONG[:600]}} for name in ("condition", "actions", "needs")}
"""As Slack tells what is typed into the form of an update so far."""
SAID = (
    Row("room", "cy", "lead"),
    Row("room", "ada", "help more"),
    Row("room", "ada", "postmortem draft"),
    Row("private", "ada", "private"),
    Row("room", "ada", "runbook d"),
    Row("room", "ada", "runbook show 2"),
    Row("room", "ada", "timeline export"),
    Row("room", "ada", "timeline show 5"),
    Row("room", "ada", "update edit"),
    Row("room", "ada", "update follow"),
)
"""Verbs with a word or two, of which the answer shows more than a sentence of ours."""


def besides() -> Iterator[Shown]:
    """Messages and the home tab."""
    i = crowded()
    for name, message in (*_cards(i), *_answers(i)):
        yield Shown(name, fit(message))
    yield Shown("home-bare", home_view(home_blocks(Home(i.declared_by)), NOW))
    yield Shown("home-others", home_view(home_blocks(Home(ADA.actor, [_strange(i)] * 60)), NOW))
    yield Shown("home-refused", home_view(home_blocks(Home(i.declared_by, refused=LONG)), NOW))


def _strange(i: Incident) -> Incident:
    """The same, in which the viewer has no part."""
    return i.but(declared_by=MUSTER, holdings=())


def _cards(i: Incident) -> Iterator[tuple[str, Message]]:
    """In the states that the crowded night itself is not in: nobody there, one service's alerts, private, over."""
    alone = i.but(storm=False, alerts=i.alerts[:ALERTS], holdings=(), private=True)
    single = alone.but(alerts=tuple(a.model_copy(update={"service": "Checkout"}) for a in i.alerts))
    yield "room-card-nobody", _room(alone)
    yield "room-card-one-service", _room(single)
    yield "room-card-drill", _room(i.but(drill=True))
    moments = i.moments.model_copy(update={"resolved": NOW})
    for status in OVER:
        over = i.but(status=status, moments=moments)
        yield f"room-card-{status}", _room(over)
        yield f"announcement-{status}", announcement(over, POLICY, OURS)
    yield "room-card-left", moved.left_card(i)
    yield "room-card-merged", moved.merged_card(i, i.but(number=2))
    yield "announcement-nobody", announcement(i.but(holdings=(), update=None, impact="", drill=True), POLICY, OURS)
    yield "announcement-merged", moved.merged_announcement(i, i.but(number=2, private=True))
    yield "announcement-private", moved.private_announcement(i)
    yield "topic-nobody", Message(cards.topic(alone, POLICY))
    yield "panel-over", panels.panel(i.but(status=Status.RESOLVED), POLICY)
    yield "panel-nobody", panels.panel(alone, POLICY)
    yield "open-list-none", panels.open_list([])
    joined, dismissed = {"incident": 1}, {"dismissed": True, "worth": Worth.HEALED}
    yield "triage-card-joined", cards.triage_card(alert().model_copy(update=joined), [], i)
    yield "triage-card-dismissed", cards.triage_card(alert().model_copy(update=dismissed))
    yield "triage-card-private", cards.triage_card(alert().model_copy(update={"incident": 3}))


def _room(i: Incident) -> Message:
    return cards.room_card(cards.CardState(i, POLICY, "https://meet.example/1", (), (book(),) * 9))


def _answers(i: Incident) -> Iterator[tuple[str, Message]]:
    """What somebody gets who asked or pressed, and what comes in private by itself."""
    flat = i.but(storm=False)
    yield "alerts-of-one-service", alert_list(flat, POLICY, 2)
    yield "alerts-over", alert_list(i.but(status=Status.RESOLVED), POLICY)
    yield "alerts-none", alert_list(i.but(alerts=()), POLICY)
    yield "page-answered", alert_worth.answered_pages(alert())
    yield "page-worth", alert_worth.rated(alert(), Worth.NOT_ACTIONABLE)
    owed = tuple(t.model_copy(update={"number": n, "to": ADA.actor}) for n in range(60) for t in i.tasks[:1])
    busy = i.but(tasks=tuple(t.model_copy(update={"state": "given", "text": LONG}) for t in owed))
    yield "tasks-left", task_list.task_list(busy, ADA.actor, NOW)
    yield "tasks-over", task_list.task_list(busy.but(status=Status.RESOLVED), ADA.actor, NOW)
    yield "tasks-mine", task_list.my_list([busy], ADA.actor, NOW + timedelta(days=9))
    yield "tasks-mine-none", task_list.my_list([], ADA.actor, NOW)
    late = CatchUp(i.but(holdings=()), (), 0, (), None, None)
    yield "catch-up-command", catchup_message(late, POLICY, lead(late, POLICY, OURS, "command"))
    yield "catch-up-taken-back", withdrawn(i.name)
    posted = UpdatePosted(incident=1, at=NOW, by=i.declared_by, update=2, condition=LONG, actions=LONG, needs=LONG)
    yield "update-followed", sentence(in_private(OURS, i, posted), [cards.unfollow(i)])
    page = next(e for e in facts() if isinstance(e, PageRequested))
    for name, told in {"declared": i, "declared-over": i.but(status=Status.RESOLVED)}.items():
        if message := declared(Outcome(told, (page,) * 40, 1)):
            yield name, message
    yield "runbook-left", left_message(i, run(i))
    yield "runbook-step", step_message(i, run(i), 3, book())
    yield "runbook-step-done", step_message(i, run(i), 2, book())
    yield "who-are-you", who_are_you([Person(pagerduty=f"P{n}", name=LONG, email=LONG) for n in range(LIKELY)])


def prompts() -> Iterator[Shown]:
    """Each that falls due, as whom it concerns is asked."""
    i = crowded()
    for topic in sorted(BUTTONS):
        key = MENTION if topic == "no-commander" else f"{topic}/1"
        said = {} if topic in (UPDATE, "no-commander") else {"text": "Something fell due", "quote": LONG}
        asked = i.but(holdings=()) if topic == "no-commander" else i
        event = Nudged(incident=1, at=NOW, by=MUSTER, key=f"{key}/20261121T020000", to=(ADA.actor,), **said)
        told = told_nudges.told(Fact(event, asked, event.apply(asked), POLICY, Places()))
        for tell in (p.effect for p in told if isinstance(p.effect, Tell)):
            yield Shown(topic, fit(sentence(tell.text, tell.buttons)))


async def forms(here: Night, i: Incident, note: int) -> AsyncIterator[Shown]:
    """Forms beyond those that bare verbs open; `note`: an entry of the timeline with many words."""
    ask = Ask(here.house, ADA, "", "", "", NOW, "CROOM1", i)
    for name, form in {**_opened(here, ask), **await _half_filled(here)}.items():
        yield Shown(name, view(form, channel="CROOM1", nonce="nonce"))
    for name, entry in {"correct": await correct_form(ask, note), "redact": await redact_form(ask, note)}.items():
        yield Shown(name, view(entry, channel="CROOM1", nonce="nonce"))


def _opened(here: Night, ask: Ask) -> Mapping[str, Form]:
    """From a button, a message or words that were not sure."""
    i, wanted = ask.about, Wanted(LONG, f"<@{BO.slack}>", minutes=240)
    task = i.tasks[0].model_copy(update={"text": LONG, "followup": False})
    later = task.model_copy(update={"followup": True})
    over = Declaring(LONG, 1, over=True, private=True)
    return {
        "declare-alike": declare_form(here.house, LONG, i, source=LONG),
        "declare-alike-over": declare_form(here.house, LONG, i.but(status=Status.RESOLVED)),
        "declare-over": drawn(here.house, over, {"over": "yes"}),
        "note": note_form(i, LONG, "14:05"),
        "task": task_forms.task_form(ask, LONG, wanted, source=LONG[:300]),
        "followup": task_forms.follow_up_form(ask, LONG, wanted),
        "hand": task_forms.hand_form(i, task),
        "hand-followup": task_forms.hand_form(i, later),
        "later": task_forms.later_form(ask, task),
        "later-followup": task_forms.later_form(ask, later),
        "sure": sure_form(AssignRole(incident=1, role="commander", person=ADA.actor), LONG, "Take over"),
        "runbook_failed": failed_form(i, run(i), 2),
    }


async def _half_filled(here: Night) -> Mapping[str, Form]:
    """As they look once something in them was pressed."""
    kept = {"every": "60", "label": LONG[:40], "entry": "5", "update": "2", "by": LONG[:40], "editor": LONG[:40]}
    typed = {**UPDATE_WORDS, "next": {"in/next": {"selected_option": {"value": "30"}}}}
    filled = Filled(typed, kept, "in/preview")
    return {f"{name}-half": await refill(here.house, Memo(verb=name), filled) for name, refill in REFILLS.items()}


async def answers(here: Night) -> AsyncIterator[Shown]:
    """What these are answered, and whoever asks who is on call while PagerDuty is down."""
    for row in SAID:
        here.now += timedelta(seconds=1)
        reaction = await here.react(row)
        name = "-".join([*([] if row.who == "ada" else [row.who]), *row.text.split()])
        if reaction.form:
            yield Shown(name, view(reaction.form, channel="CROOM1", nonce="nonce"))
        elif reaction.message:
            yield Shown(name, fit(reaction.message))
    down = replace(here.house, pagerduty_up=lambda: False)
    calls = tuple(OnCall(service="P", level=n, pagerduty="PBO", name=LONG) for n in range(1, 9))
    services = [KnownService(id=f"P{n}", name=LONG, on_call=calls, seen_at=NOW) for n in range(60)]
    yield Shown("oncall-down", fit(on_call_message(down, services)))


def with_more_roles(i: Incident) -> Incident:
    """Ada has command, and with it more than one role to choose from when she lays one down."""
    mine = (Holding(role=role, label=LONG, person=ADA.actor, since=NOW) for role in ("commander", "scribe", "deputy"))
    return i.but(holdings=(*(held for held in i.holdings if held.role == "expert"), *mine))


A_NOTE = AddNote(incident=1, text=LONG[:NOTE_LENGTH])
AN_UPDATE = PostUpdate(incident=1, condition=LONG[:600], actions=LONG[:600], needs=LONG[:600])
