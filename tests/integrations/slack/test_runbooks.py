"""A runbook in the room: what is shown of it, its buttons, what is said aloud, and how it is edited in place."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.effects import Promise, Receipt
from bot.incident import OpenRunbook, RedactEntry, TickStep
from bot.incident.lifecycle import Declared, Reopened, Resolved
from bot.incident.model import Birth, Event, Incident
from bot.incident.notes import Redacted
from bot.incident.policy import Policy
from bot.incident.privacy import MadePrivate, MakePrivate
from bot.incident.runs import ActionFinished, ActionStarted, RunbookOpened, StepTicked
from bot.incident.steps import Call, Outcome, Run, Runbook, Step, Tick, Tried
from bot.incident.values import MUSTER, Actor, Room, Status
from bot.integrations.slack import effects as slack
from bot.integrations.slack.blocks import Message
from bot.integrations.slack.fact import Places
from bot.integrations.slack.fitting import fit
from bot.integrations.slack.limits import violations
from bot.integrations.slack.outbound import announcer
from bot.integrations.slack.runbook_effects import PostRunbook, RefreshRunbook
from bot.integrations.slack.runbook_message import run_message, step_message
from bot.integrations.slack.runbook_text import as_slack, headline
from bot.sandbox import Rule, Sandbox, SandboxClient
from tests.integrations.slack import states
from tests.integrations.slack.hand import ADA as ADA_HERE
from tests.integrations.slack.hand import Hand
from tests.integrations.slack.nights import BO, NIGHT, SEV1, TWO

SCALE = Call(
    name="Add ten workers", url="https://ops.example/{secret:OPS}/scale", confirm="Add ten workers to billing?"
)
BOOK = Runbook(
    name="queue-backlog",
    title="Queue backlog",
    alerts=("*errors*",),
    url="https://wiki.example/queue",
    steps=(
        Step(number=1, text="**Does it grow?** Look twice:\n```\nkafka-lag --group <g> && echo `date`\n```"),
        Step(number=2, text="**Add workers.** Ten at a time.", action=SCALE),
        Step(number=3, text="Watch it drain. Then look again."),
    ),
)
RUN = Run(
    number=1,
    runbook=BOOK.name,
    title=BOOK.title,
    at=TWO,
    url=BOOK.url,
    steps=tuple(step.text for step in BOOK.steps),
    actions={2: SCALE.name},
)
DID = Tick(outcome=Outcome.DONE, by=BO, at=TWO)
LATER = TWO + timedelta(minutes=5)


def night(run: Run = RUN, **more: object) -> Incident:
    return NIGHT.but(runs=(run,), **more)


def shown(i: Incident, runbook: Runbook | None = BOOK) -> Message:
    return run_message(i, i.runs[0], runbook)


def text_of(message: Message) -> str:
    """The words of its sections and small print, as they stand."""
    blocks: list[Any] = [b for b in message.blocks if b["type"] in ("section", "context")]
    parts = [b.get("text") or b["elements"][0] for b in blocks]
    return "\n".join(part["text"] for part in parts)


def elements(message: Message) -> list[Any]:
    rows: list[Any] = [b for b in message.blocks if b["type"] == "actions"]
    return [element for row in rows for element in row["elements"]]


def buttons(message: Message) -> dict[str, str]:
    """The value of each button by its label."""
    return {e["text"]["text"]: e["value"] for e in elements(message) if e["type"] == "button"}


def test_the_next_step_stands_there_whole_and_the_others_in_a_line() -> None:
    message = shown(night(RUN.model_copy(update={"done": {1: DID}})))
    told = text_of(message).splitlines()
    assert told[0] == "*Runbook: <https://wiki.example/queue|Queue backlog>* · 1 of 3 steps"
    assert told[1].startswith(":white_check_mark: *1.* Does it grow? · Bo Carter <!date^")
    assert told[2] == ":arrow_right: *2.* *Add workers.* Ten at a time."
    assert told[3] == ":white_small_square: *3.* Watch it drain"
    assert message.text == "Runbook Queue backlog: 1 of 3 steps"


def test_a_command_is_shown_as_it_is_to_be_copied_and_nothing_in_it_is_live() -> None:
    assert "```\nkafka-lag --group &lt;g&gt; &amp;&amp; echo `date`\n```" in text_of(shown(night()))


def test_the_buttons_say_what_became_of_the_next_step() -> None:
    assert buttons(shown(night())) == {
        "Done": "42/1/1/done",
        "Skip": "42/1/1/skipped",
        "Did not work …": "42/1/1/failed",
    }


def test_a_step_with_a_call_has_a_button_that_asks_before_it_acts() -> None:
    message = shown(night(RUN.model_copy(update={"done": {1: DID}})))
    (run,) = [e for e in elements(message) if e["action_id"] == "run_action"]
    assert (run["text"]["text"], run["value"]) == ("Run: Add ten workers", "42/1/2/1")
    assert run["confirm"]["text"]["text"] == "Add ten workers to billing? It calls ops.example."


def acting(ok: bool | None, told: str = "") -> Run:
    tried = Tried(attempt=1, name=SCALE.name, by=BO, at=TWO, ok=ok, told=told)
    return RUN.model_copy(update={"done": {1: DID}, "tried": {2: tried}})


@pytest.mark.parametrize(
    ("ok", "said"),
    [
        (None, ":hourglass_flowing_sand: Add ten workers (Bo Carter "),
        (True, ":white_check_mark: Add ten workers (Bo Carter "),
        (False, ":x: Add ten workers (Bo Carter "),
    ],
)
def test_how_a_call_goes_stands_beside_its_step(ok: bool | None, said: str) -> None:
    assert said in text_of(shown(night(acting(ok))))


def test_a_call_under_way_has_no_button_and_one_that_ended_can_be_run_again() -> None:
    assert not [label for label in buttons(shown(night(acting(None)))) if label.startswith("Run")]
    assert buttons(shown(night(acting(False, "503"))))["Run again: Add ten workers"] == "42/1/2/2"


def test_a_call_that_the_file_no_longer_has_is_done_by_hand() -> None:
    there = night(RUN.model_copy(update={"done": {1: DID}}))
    for changed in (None, BOOK.model_copy(update={"steps": BOOK.steps[:1]})):
        assert "Run: Add ten workers" not in buttons(shown(there, changed))


def test_after_the_last_step_the_next_obvious_thing_is_named() -> None:
    done = dict.fromkeys((1, 2, 3), DID)
    assert "Did it help? `/incident status monitoring`" in text_of(shown(night(RUN.model_copy(update={"done": done}))))
    failed = {**done, 2: DID.model_copy(update={"outcome": Outcome.FAILED, "note": "no quota"})}
    told = text_of(shown(night(RUN.model_copy(update={"done": failed}))))
    assert "1 did not work. Page who knows the system" in told
    assert ":x: *2.* Add workers · Bo Carter" in told
    assert ": no quota" in told


def test_once_it_is_over_the_steps_stand_there_without_buttons() -> None:
    message = shown(night(status=Status.RESOLVED))
    assert elements(message) == []
    assert "INC-42 is resolved." in text_of(message)


def test_one_that_nobody_looked_at_for_long_says_so() -> None:
    assert ":warning: last looked at on 2026-03-02" in text_of(
        shown(night(RUN.model_copy(update={"stale": True, "reviewed": "2026-03-02"})))
    )


def test_any_step_can_be_chosen_and_is_then_shown_with_all_that_can_be_said_of_it() -> None:
    (menu,) = [e for e in elements(shown(night())) if e["type"] == "static_select"]
    assert [(o["text"]["text"], o["value"]) for o in menu["options"]] == [
        ("1. Does it grow?", "42/1/1/show"),
        ("2. Add workers", "42/1/2/show"),
        ("3. Watch it drain", "42/1/3/show"),
    ]
    i = night(RUN.model_copy(update={"done": {3: DID}}))
    open_one = step_message(i, i.runs[0], 2, BOOK)
    assert buttons(open_one)["Done"] == "INC-42 runbook queue-backlog done 2"
    assert list(buttons(open_one)) == ["Run: Add ten workers", "Done", "Skip", "Did not work …"]
    ticked = step_message(i, i.runs[0], 3, BOOK)
    assert buttons(ticked) == {"Still to be done": "INC-42 runbook queue-backlog undo 3"}
    assert "Then look again." in text_of(ticked)


notes = st.one_of(states.words, st.just(""))
ticks = st.builds(
    Tick, outcome=st.sampled_from([Outcome.DONE, Outcome.FAILED]), by=states.actors, at=states.moments, note=notes
)
tries = st.builds(Tried, attempt=st.integers(1, 9), name=states.words, by=states.actors, at=states.moments, told=notes)
steps = st.lists(states.words, min_size=1, max_size=20)


@given(states.incidents, steps, st.dictionaries(st.integers(1, 20), ticks), tries, states.words)
def test_whatever_stands_in_a_file_slack_takes_the_message(
    i: Incident, texts: list[str], done: dict[int, Tick], tried: Tried, title: str
) -> None:
    call = Call(name=tried.name[:60], url="https://ops.example", confirm=title[:300])
    book = Runbook(name="x", title=title, steps=(Step(number=1, text=texts[0], action=call),))
    run = Run(
        number=1,
        runbook="x",
        title=title[:100],
        at=TWO,
        url=title,
        steps=tuple(texts),
        actions={1: call.name},
        done={n: tick for n, tick in done.items() if n <= len(texts)},
        tried={1: tried},
    )
    for message in (run_message(i, run, book), step_message(i, run, 1, book)):
        assert violations(fit(message)) == []


@given(states.words)
def test_nothing_in_a_step_pings_anybody(text: str) -> None:
    told = as_slack(f"{text} `{text}` **{text}**", 3_000) + headline(text)
    for live in ("<!", "<@", "<#"):
        assert live not in told


@pytest.mark.parametrize(
    ("markdown", "told"),
    [
        ("one\ntwo\n\nthree", "one two\nthree"),
        ("**bold** and *stars*", "*bold* and *stars*"),
        ("see [the wiki](https://wiki.example/a_b)", "see <https://wiki.example/a_b|the wiki>"),
        ("see [this](javascript:alert(1))", "see this)"),
        ("- one\n- two\n  goes on", "• one\n• two goes on"),
        ("a\n~~~\nx\n~~~\nb", "a\n```\nx\n```\nb"),
        ("`a < b`", "`a &lt; b`"),
    ],
)
def test_markdown_becomes_what_slack_reads(markdown: str, told: str) -> None:
    assert as_slack(markdown, 1_000) == told


def test_a_command_that_is_cut_still_ends_as_one() -> None:
    told = as_slack("```\n" + "x" * 500 + "\n```", 100)
    assert told.count("```") == 2
    assert len(told) < 120


@pytest.mark.parametrize(
    ("markdown", "said"),
    [
        ("**Is it full?** Look: `df`", "Is it full?"),
        ("Look at `df -h` first. Then more.", "Look at df -h first"),
        ("See [the wiki](https://x.example) & think", "See the wiki &amp; think"),
    ],
)
def test_a_headline_is_what_is_bold_or_the_first_sentence(markdown: str, said: str) -> None:
    assert headline(markdown) == said


def stamp(by: Actor = BO) -> dict[str, Any]:
    return {"incident": 42, "at": LATER, "by": by}


def promised(event: Event, before: Incident | None, places: Places = Places()) -> list[Promise]:
    after = event.begin().but(seq=1) if isinstance(event, Birth) else event.apply(before or NIGHT).but(seq=10)
    return list(announcer(places)(event, before, after, Policy()))


def of_runbooks(promises: Iterable[Promise]) -> list[tuple[str, str]]:
    kinds = (PostRunbook, RefreshRunbook)
    return [(p.effect.kind, p.key) for p in promises if isinstance(p.effect, kinds)]


def said(promises: Iterable[Promise]) -> list[slack.Say]:
    return [p.effect for p in promises if isinstance(p.effect, slack.Say)]


def ticked(outcome: Outcome, note: str = "") -> StepTicked:
    return StepTicked(**stamp(), run=1, step=2, title="Queue backlog", outcome=outcome, note=note)


def test_an_opened_runbook_is_posted_once() -> None:
    opened = RunbookOpened(**stamp(), run=1, runbook="queue-backlog", title="Queue backlog", steps=("Look",))
    promises = promised(opened, NIGHT)
    assert of_runbooks(promises) == [("post_runbook", "runbook/42/1")]
    assert said(promises) == []
    assert "refresh_card" in [p.effect.kind for p in promises]


@pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.SKIPPED, Outcome.OPEN])
def test_a_tick_is_seen_in_the_message_and_said_by_nobody(outcome: Outcome) -> None:
    promises = promised(ticked(outcome), night(RUN.model_copy(update={"done": {2: DID}})))
    assert of_runbooks(promises) == [("refresh_runbook", "refresh-runbook/1/42/10")]
    assert said(promises) == []


def test_a_step_that_did_not_work_is_said_aloud() -> None:
    (told,) = said(promised(ticked(Outcome.FAILED, "no <!here> quota"), night()))
    assert told.text == ":x: Bo Carter could not do step 2 of “Queue backlog”: no &lt;!here&gt; quota"
    assert [b.value for b in told.buttons] == ["INC-42 runbook queue-backlog show 2"]


def test_a_call_is_seen_in_the_message_while_it_goes_and_said_when_it_ended() -> None:
    started = ActionStarted(**stamp(), run=1, step=2, title="Queue backlog", attempt=1, call=SCALE)
    assert said(promised(started, night())) == []
    assert of_runbooks(promised(started, night())) == [("refresh_runbook", "refresh-runbook/1/42/10")]
    ended = {"run": 1, "step": 2, "title": "Queue backlog", "name": SCALE.name, "attempt": 1}
    finished = ActionFinished(**stamp(MUSTER), **ended, ok=False, told="503 <b>")
    (told,) = said(promised(finished, night(acting(None))))
    assert told.text == ":x: “Add ten workers” (step 2 of “Queue backlog”) went wrong: 503 &lt;b&gt;"


@pytest.mark.parametrize("over", [True, False])
def test_the_buttons_go_when_it_is_over_and_come_back_with_it(over: bool) -> None:
    two = night().but(runs=(RUN, RUN.model_copy(update={"number": 2})))
    resolved = Resolved(**stamp(), words_said="", review=False)
    event: Event = resolved if over else Reopened(**stamp(), was=Status.RESOLVED)
    before = two if over else two.but(status=Status.RESOLVED)
    assert [key for _, key in of_runbooks(promised(event, before))] == [
        "refresh-runbook/1/42/10",
        "refresh-runbook/2/42/10",
    ]


def test_after_a_redaction_the_message_is_drawn_anew() -> None:
    assert of_runbooks(promised(Redacted(**stamp(), entry=3), night())) == [
        ("refresh_runbook", "refresh-runbook/1/42/10")
    ]


def test_in_the_private_room_it_is_posted_anew_and_the_old_one_is_left_alone() -> None:
    private = promised(MadePrivate(**stamp()), night())
    assert of_runbooks(private) == [
        ("refresh_runbook", "leave-runbook/1/42/10"),
        ("post_runbook", "runbook/42/1/2"),
    ]
    moved = night().but(private=True, former_rooms=(Room(channel="C0OLD", name="old"),))
    (refresh,) = [p.effect for p in promised(ticked(Outcome.DONE), moved) if isinstance(p.effect, RefreshRunbook)]
    assert (refresh.room, refresh.need) == (2, "slack.runbook.1.r2")


def test_the_page_of_the_runbook_that_fits_is_in_the_rooms_bar() -> None:
    declared = Declared(**stamp(), title="Checkout errors", severity=SEV1)
    other = BOOK.model_copy(update={"name": "other", "alerts": ("*disk*",), "url": "https://wiki.example/other"})
    promises = promised(declared, None, Places(runbooks=(other, BOOK)))
    (mark,) = [p.effect for p in promises if isinstance(p.effect, slack.AddBookmark)]
    assert (mark.title, mark.link) == ("Runbook: Queue backlog", "https://wiki.example/queue")


async def followed(hand: Hand, hands: SandboxClient) -> Any:
    """A room in which the runbook was opened and posted; the message as Slack has it."""
    i = await hand.room()
    await hand.engine.handle(OpenRunbook(incident=i.number, runbook=BOOK), ADA_HERE)
    await hand.kept(PostRunbook(incident=1, run=1), "runbook/1/1")
    return await the_message(hands)


async def the_message(hands: SandboxClient) -> Any:
    channel = await hands.slack.channel("inc-1-x")
    (message,) = [m for m in channel["messages"] if not m.get("subtype")]
    return message


async def test_the_message_is_posted_with_our_mark_found_by_it_and_edited_in_place(
    hand: Hand, hands: SandboxClient
) -> None:
    posted = await followed(hand, hands)
    found = await hand.look(PostRunbook(incident=1, run=1), "runbook/1/1")
    assert isinstance(found, Receipt)
    assert found.refs[0].name == "slack.runbook.1"
    assert await hand.look(PostRunbook(incident=1, run=1), "runbook/1/2") is None

    await hand.engine.handle(TickStep(incident=1, run=1, step=1, outcome=Outcome.DONE), ADA_HERE)
    await hand.kept(RefreshRunbook(incident=1, run=1))
    now = await the_message(hands)
    assert now["ts"] == posted["ts"]
    assert "1 of 3 steps" in str(now["blocks"])


async def test_one_that_somebody_deleted_stays_deleted(hand: Hand, hands: SandboxClient, sandbox: Sandbox) -> None:
    await followed(hand, hands)
    sandbox.faults.add(Rule("slack", "chat.update", "error", error="message_not_found"))
    assert (await hand.kept(RefreshRunbook(incident=1, run=1))).refs == ()


async def test_steps_that_slack_takes_for_malformed_are_told_in_a_line(
    hand: Hand, hands: SandboxClient, sandbox: Sandbox
) -> None:
    sandbox.faults.add(Rule("slack", "chat.postMessage", "error", error="invalid_blocks"))
    message = await followed(hand, hands)
    assert message["text"] == "Runbook Queue backlog: 0 of 3 steps"


async def test_what_was_said_of_a_step_is_gone_from_the_message_after_a_redaction(
    hand: Hand, hands: SandboxClient
) -> None:
    await followed(hand, hands)
    wish = TickStep(incident=1, run=1, step=1, outcome=Outcome.FAILED, note="a secret word")
    done = await hand.engine.handle(wish, ADA_HERE)
    await hand.kept(RefreshRunbook(incident=1, run=1))
    assert "a secret word" in str((await the_message(hands))["blocks"])
    await hand.engine.handle(RedactEntry(incident=1, entry=done.first_seq), ADA_HERE)
    await hand.kept(RefreshRunbook(incident=1, run=1))
    assert "a secret word" not in str((await the_message(hands))["blocks"])


async def test_nothing_of_it_appears_in_a_room_that_the_incident_has_left(hand: Hand, hands: SandboxClient) -> None:
    await followed(hand, hands)
    wish = TickStep(incident=1, run=1, step=1, outcome=Outcome.FAILED, note="a secret word")
    await hand.engine.handle(wish, ADA_HERE)
    await hand.engine.handle(MakePrivate(incident=1), ADA_HERE)
    await hand.kept(RefreshRunbook(incident=1, run=1))
    message = await the_message(hands)
    assert message["text"] == ("Runbook: Queue backlog · INC-1 goes on in a private room.")
    assert "a secret word" not in str(message)
