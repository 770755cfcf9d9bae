"""The house stays as its plan says: vocabulary complete, promises kept by somebody, rooms small, doors one way."""

import ast
import importlib
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot.incident as vocabulary
from bot.engine.effects import EFFECTS, Effect, InDoubt
from bot.incident import Cancel, Declare, Reopen, Resolve, SetStatus
from bot.incident.model import EVENTS, Case, Command, Event, Incident, Refused, advance, parse_event
from bot.incident.policy import Policy
from bot.incident.status import StatusChanged
from bot.incident.values import OPEN, Status
from tests.incident.night import ADA, minute

HOUSE = Path(__file__).parent.parent
GOLDEN = HOUSE / "tests/golden/journal.jsonl"
LONGEST_MODULE = 400
LONGEST_FUNCTION = 60
PERFORMERS = {
    "slack": "bot.integrations.slack.performer",
    "pagerduty": "bot.integrations.pagerduty.performer",
    "drafting": "bot.integrations.drafting",
    "runbooks": "bot.integrations.calling_out",
}
"""Where each system's promises are kept."""
EDGES = frozenset(
    {
        "bot/engine/sqlite.py",
        "bot/engine/postgres.py",
        "bot/engine/inbox.py",
        "bot/engine/outbox.py",
        "bot/engine/finish.py",
        "bot/engine/timers.py",
        "bot/integrations/pagerduty/webhook.py",
        "bot/integrations/slack/desk.py",
        "bot/integrations/slack/sockets.py",
        "bot/web/control.py",
        "bot/web/site.py",
    }
)
"""Where anything may be caught, and is recorded: writer, inbox, outbox, ticker, the boundary to Slack and the web."""


def modules() -> list[Path]:
    """Every module of ours but the migrations: those are history, and told in one breath."""
    return sorted(p for p in (HOUSE / "bot").rglob("*.py") if "migrations" not in p.parts)


def name_of(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def golden() -> list[Event]:
    lines = GOLDEN.read_text(encoding="utf-8").splitlines()
    return [parse_event(told["kind"], told["body"]) for told in map(json.loads, lines)]


def wishes(kind: type[Command] = Command) -> Iterator[type[Command]]:
    for wish in kind.__subclasses__():
        yield wish
        yield from wishes(wish)


def promises() -> list[type[Effect]]:
    for module in PERFORMERS.values():
        importlib.import_module(module)
    return [kind for kind in EFFECTS.values() if kind.__module__.startswith("bot.")]


def test_every_kind_of_fact_has_an_example_in_the_golden_journal() -> None:
    ours = {kind for kind, event in EVENTS.items() if event.__module__.startswith("bot.")}
    assert ours == {fact.kind for fact in golden()}


def test_every_line_ever_put_into_the_golden_journal_parses_applies_and_reads_as_a_sentence() -> None:
    state: Incident | None = None
    for fact in golden():
        state = advance(state, fact)
        assert fact.line().strip()
        assert "{" not in fact.line()
        assert parse_event(fact.kind, fact.model_dump(mode="json")) == fact
    assert state is not None
    assert (state.status, state.drafts, state.seq) == (Status.RESOLVED, 1, len(golden()))


def test_every_fact_and_every_wish_stands_in_the_table_of_contents() -> None:
    known = {*EVENTS.values(), *wishes()}
    missing = {c.__name__ for c in known if c.__module__.startswith("bot.") and not hasattr(vocabulary, c.__name__)}
    assert missing == set()


def test_every_fact_and_every_wish_says_what_it_means() -> None:
    for told in (*EVENTS.values(), *wishes()):
        assert (told.__doc__ or "").strip() or told.__module__.startswith("tests."), told.__name__


def test_every_promise_has_a_performer_and_knows_what_to_do_in_doubt() -> None:
    for kind in promises():
        assert isinstance(kind.in_doubt, InDoubt), kind.kind
        assert kind.system in PERFORMERS, f"nobody keeps the promises of {kind.system}"
        performer = importlib.import_module(PERFORMERS[kind.system])
        names = {n.id for n in ast.walk(ast.parse(inspect.getsource(performer))) if isinstance(n, ast.Name)}
        attributes = {n.attr for n in ast.walk(ast.parse(inspect.getsource(performer))) if isinstance(n, ast.Attribute)}
        assert kind.__name__ in names | attributes, f"{PERFORMERS[kind.system]} does not keep {kind.kind}"


def test_every_verb_has_help_and_stands_in_the_readme() -> None:
    verbs = importlib.import_module("bot.integrations.slack.commands").VERBS
    readme = (HOUSE / "README.md").read_text(encoding="utf-8")
    assert len(verbs) > 15
    for name, verb in verbs.items():
        assert (verb.run.__doc__ or "").strip(), f"{name} has no help"
        assert f"`{name}" in readme or f"/incident {name}" in readme, f"{name} is not in the README"


MOVES = {
    Status.TRIAGE: {Status.INVESTIGATING, Status.IDENTIFIED, Status.MONITORING, Status.RESOLVED, Status.CANCELED},
    Status.INVESTIGATING: {Status.TRIAGE, Status.IDENTIFIED, Status.MONITORING, Status.RESOLVED, Status.CANCELED},
    Status.IDENTIFIED: {Status.TRIAGE, Status.INVESTIGATING, Status.MONITORING, Status.RESOLVED, Status.CANCELED},
    Status.MONITORING: {Status.TRIAGE, Status.INVESTIGATING, Status.IDENTIFIED, Status.RESOLVED, Status.CANCELED},
    Status.RESOLVED: {Status.INVESTIGATING},
    Status.CANCELED: {Status.INVESTIGATING},
    Status.CLOSED: {Status.INVESTIGATING},
    Status.MERGED: set(),
}


def at(status: Status) -> Incident:
    """An incident in this status."""
    case = Case(now=minute(0), actor=ADA, policy=Policy(), number=1)
    begun = advance(None, Declare(title="x", command=False).decide(case)[0])
    if status in OPEN and status is not Status.TRIAGE:
        moved = StatusChanged(incident=1, at=minute(0), by=ADA, was=begun.status, now=status)
        return advance(begun, moved)
    return begun.but(status=status)


def reached(start: Status, wish: Command) -> Status | None:
    """Where a wish leads, or None where it leads nowhere."""
    i = at(start)
    try:
        facts = wish.decide(Case(now=minute(1), actor=ADA, policy=Policy(), found=i))
    except Refused:
        return None
    for fact in facts:
        i = advance(i, fact)
    return i.status if facts else None


@pytest.mark.parametrize("start", Status)
def test_every_legal_move_is_reachable_and_every_other_is_refused(start: Status) -> None:
    wanted = [*(SetStatus(incident=1, to=to) for to in Status), Resolve(incident=1), Reopen(incident=1)]
    there = {reached(start, wish) for wish in (*wanted, Cancel(incident=1))} - {None}
    assert there == MOVES[start]


def test_the_doors_between_the_rooms_open_one_way() -> None:
    run = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
    assert "0 broken" in run.stdout


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_module_is_one_room_with_its_name_on_the_door(path: Path) -> None:
    tree = tree_of(path)
    if tree.body:
        assert ast.get_docstring(tree), "what is this room for?"
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE
    assert path.stem not in {"utils", "helpers", "manager", "service", "base", "common", "misc"}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or node.lineno) - node.lineno < LONGEST_FUNCTION, node.name


def swallows_anything(node: ast.ExceptHandler) -> bool:
    """Whether it catches whatever comes, and does not raise it on."""
    if isinstance(node.body[-1], ast.Raise):
        return False
    caught = {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)} if node.type else {"BaseException"}
    return bool(caught & {"Exception", "BaseException"})


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_only_the_named_edges_catch_everything(path: Path) -> None:
    handlers = [n for n in ast.walk(tree_of(path)) if isinstance(n, ast.ExceptHandler) and swallows_anything(n)]
    if name_of(path) not in EDGES:
        assert handlers == [], f"line {handlers[0].lineno} swallows what it does not know"


def test_every_named_edge_is_one() -> None:
    for edge in EDGES:
        assert any(
            isinstance(n, ast.ExceptHandler) and swallows_anything(n) for n in ast.walk(tree_of(HOUSE / edge))
        ), f"{edge} catches nothing: take it off the list"


def test_nobody_owes_work_in_a_comment() -> None:
    owed = [name_of(p) for p in modules() if any(w in p.read_text(encoding="utf-8") for w in ("TODO", "FIXME", "XXX"))]
    assert owed == []


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_whoever_silences_a_warning_says_why(path: Path) -> None:
    """`noqa: S311  (a jitter, no secret)`: bandit's rules, as ruff has them, are kept or answered."""
    silenced = [line for line in path.read_text(encoding="utf-8").splitlines() if "# noqa" in line]
    assert [line for line in silenced if not re.search(r"# noqa: [A-Z0-9, ]+  \(\w.+\)", line)] == []
