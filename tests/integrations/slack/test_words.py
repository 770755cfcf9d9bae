"""What people type is taken apart surely, or left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incident.policy import Policy, Severity
from bot.integrations.slack.commands import in_order
from bot.integrations.slack.text import plain
from bot.integrations.slack.words import (
    Kind,
    Mention,
    first_word,
    mention,
    named,
    nearest,
    severity_level,
    take_reference,
    unquoted,
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("<@U024BE7LH|ada>", Mention(Kind.USER, "U024BE7LH", "ada")),
        ("<@W024BE7LH>", Mention(Kind.USER, "W024BE7LH", "")),
        ("<!subteam^S0SRE|@sre>", Mention(Kind.GROUP, "S0SRE", "sre")),
        ("<#C0OPS|ops>", Mention(Kind.CHANNEL, "C0OPS", "ops")),
    ],
)
def test_a_mention_is_known_by_its_token(typed: str, meant: Mention) -> None:
    assert mention(typed) == meant


@pytest.mark.parametrize("typed", ["ada", "@ada", "<@ada>", "<!here>", "<@U1> and <@U2>", "<https://x.example>", ""])
def test_anything_else_is_no_mention(typed: str) -> None:
    assert mention(typed) is None


@pytest.mark.parametrize(
    ("typed", "number", "rest"),
    [
        ("INC-42 sev 1", 42, "sev 1"),
        ("inc-42: sev 1", 42, "sev 1"),
        ("sev 1 INC-42", 42, "sev 1"),
        ("INC42", 42, ""),
        ("same as INC-41 again", None, "same as INC-41 again"),
        ("inc-42-checkout is the room", None, "inc-42-checkout is the room"),
        ("zinc-42", None, "zinc-42"),
        ("nothing", None, "nothing"),
    ],
)
def test_an_incident_is_named_first_or_last(typed: str, number: int | None, rest: str) -> None:
    assert take_reference(typed) == (number, rest)


@pytest.mark.parametrize(
    ("typed", "level"),
    [("1", 1), ("sev1", 1), ("SEV-2", 2), ("sev 3", 3), ("P4", 4), ("s5", 5), ("high", None), ("10", None), ("", None)],
)
def test_a_severity_is_a_number_or_its_usual_names(typed: str, level: int | None) -> None:
    assert severity_level(typed, Policy()) == level


def test_a_company_s_own_label_counts_before_the_usual_names() -> None:
    severities = tuple(
        s.model_copy(update={"label": label})
        for s, label in zip(Policy().severities, ("P0", "P1", "P2", "P3", "P4"), strict=True)
    )
    assert severity_level("p1", Policy(severities=severities)) == 2


@pytest.mark.parametrize(
    ("typed", "words"),
    [('"checkout api"', "checkout api"), ("“a b”", "a b"), ("'it'", "it"), ('"a" and "b"', '"a" and "b"'), ('"', '"')],
)
def test_one_pair_of_quotes_around_all_is_no_part_of_the_words(typed: str, words: str) -> None:
    assert unquoted(typed) == words


def test_the_first_word_may_be_quoted_or_a_mention() -> None:
    assert first_word('"checkout api" burns') == ("checkout api", "burns")
    assert first_word("<@U1|ada marsh> now") == ("<@U1|ada marsh>", "now")
    assert first_word("sev 1") == ("sev", "1")
    assert first_word("  ") == ("", "")


@pytest.mark.parametrize(
    ("typed", "meant"), [("resolv", "resolve"), ("sve", "sev"), ("statsu", "status"), ("xyzzy", None), ("", None)]
)
def test_a_slip_of_the_finger_is_recognised(typed: str, meant: str | None) -> None:
    assert nearest(typed, ["resolve", "sev", "status", "note"]) == meant


def test_a_mentioned_id_reads_as_the_person_s_name() -> None:
    known = {"U1": "Ada <Marsh>"}
    wire = named("ask <@U1> or <@U2|bo>", lambda user: known.get(user, ""))
    assert plain(wire) == "ask @Ada Marsh or @bo"


@given(st.text(max_size=200))
def test_whatever_is_typed_breaks_nothing_and_loses_no_words(typed: str) -> None:
    number, rest = take_reference(typed)
    assert rest in typed
    assert number is None or str(number) in typed or number == int(str(number))
    mention(typed)
    severity_level(typed, Policy())
    head, tail = first_word(typed)
    assert head in typed
    assert tail in typed
    assert "<@U1>" not in plain(named(f"{typed.replace('<', '').replace('>', '')} <@U1>", lambda _: ""))


@pytest.mark.parametrize(
    ("labels", "typed"),
    [
        (("SEV1", "SEV2", "SEV3"), "[1-3]"),
        (("critical", "major", "minor"), "[critical|major|minor]"),
    ],
)
def test_the_help_names_the_severities_of_the_company(labels: tuple[str, ...], typed: str) -> None:
    levels = tuple(Severity(level=n, label=label, meaning="") for n, label in enumerate(labels, 1))
    policy = Policy(severities=levels)
    assert next(verb for verb in in_order() if verb.name == "sev").usage_in(policy) == typed
    assert [severity_level(label, policy) for label in labels] == [1, 2, 3]
