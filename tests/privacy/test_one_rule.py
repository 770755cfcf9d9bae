"""Who may see a private incident is asked of one rule: what asks it is a known guard, and nothing goes around it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.privacy.guards import AS_MUSTER, GUARDS, NO_GUARDS, OPENNESS, READ, RULES

HOUSE = Path(__file__).parents[2]
LISTED = ".<locals>.<listcomp>"
"""How the function ends that a list comprehension is to Python."""
WORDS = (*RULES, ".private", "reading.", "journal.")
"""A module without any of these neither asks a rule, nor reads incidents, nor looks whether one is private."""
NAMED = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Spot:
    """A call or an attribute, and the function that it stands in, as Python calls it (`bot.x.y:Class.method`)."""

    where: str
    piece: ast.Call | ast.Attribute


@cache
def spots() -> tuple[Spot, ...]:
    """All of the program that may be of interest; the sandbox is another company's."""
    found: list[Spot] = []
    for path in sorted((HOUSE / "bot").rglob("*.py")):
        text = path.read_text("utf-8")
        if "sandbox" not in path.parts and any(word in text for word in WORDS):
            module = ".".join(path.relative_to(HOUSE).with_suffix("").parts)
            found += _within(ast.parse(text), module, "")
    return tuple(found)


def _within(node: ast.AST, module: str, function: str) -> Iterator[Spot]:
    for inner in ast.iter_child_nodes(node):
        name = function
        if isinstance(inner, NAMED):
            name = f"{function}.{inner.name}" if function else inner.name
        elif isinstance(inner, ast.ListComp):
            name = f"{function}.<locals>.<listcomp>"
        elif isinstance(inner, ast.Call | ast.Attribute):
            yield Spot(f"{module}:{function}", inner)
        yield from _within(inner, module, name)


def asked_rules() -> set[tuple[str, str]]:
    """(rule, where) of each question to a rule."""
    return {(name, spot.where) for spot in spots() if (name := _called(spot.piece)) in RULES}


def read_for() -> Iterator[tuple[str, str, bool]]:
    """(method, where, whether for a person) of each incident that is read."""
    for spot in spots():
        if isinstance(spot.piece, ast.Call) and _called(spot.piece) in READ and _is_of_reading(spot.piece.func):
            given = [ast.unparse(argument) for argument in spot.piece.args]
            alone = READ[_called(spot.piece)]
            yield _called(spot.piece), spot.where, len(given) > alone and given[alone] != "MUSTER"


def _called(piece: ast.expr) -> str:
    """The last part of the name that is called."""
    match piece:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name
    return ""


def _is_of_reading(function: ast.expr) -> bool:
    """Whether it is a method of `Reading`, by the names that it goes by."""
    owner = ast.unparse(function).rpartition(".")[0]
    return owner.rpartition(".")[2].strip("_") in ("reading", "journal")


def test_every_question_to_a_rule_is_a_known_guard() -> None:
    known = {(guard.rule, guard.where) for guard in GUARDS if guard.rule in RULES}
    assert asked_rules() == known | {place for place in NO_GUARDS if place[0] in RULES}


def test_whatever_is_read_for_a_person_is_a_known_guard() -> None:
    known = {(guard.rule, guard.where) for guard in GUARDS if guard.rule in READ}
    read = {(method, where.removesuffix(LISTED)) for method, where, person in read_for() if person}
    assert read == known | {place for place in NO_GUARDS if place[0] in READ}


def test_whatever_is_read_for_nobody_is_known_to_show_it_only_where_it_may_be_seen() -> None:
    assert {where.removesuffix(LISTED) for _, where, person in read_for() if not person} == set(AS_MUSTER)


def test_whether_an_incident_is_private_is_looked_up_nowhere_but_in_the_rules() -> None:
    looked_up = {
        s.where.removesuffix(LISTED)
        for s in spots()
        if isinstance(s.piece, ast.Attribute) and s.piece.attr == "private"
    }
    assert looked_up == set(OPENNESS)
