"""Templates are held on a short lead: what they may not do ends in one plain sentence, in time."""

import time
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.documents.library import template_file
from bot.documents.rendering import Unrenderable, render


def rendered(folder: Path, source: str, **limits: float) -> str:
    (folder / "postmortem").mkdir(exist_ok=True)
    (folder / "postmortem" / "own.md.j2").write_text(source, "utf-8")
    values = {"words": ["a", "b"], "known": {"title": "T"}}
    slowest, longest = limits.get("slowest", 5.0), int(limits.get("longest", 1000))
    return render(
        "postmortem", "own", values, filters={"loud": str.upper}, own=folder, slowest=slowest, longest=longest
    )


def refusal(folder: Path, source: str, **limits: float) -> str:
    with pytest.raises(Unrenderable) as caught:
        rendered(folder, source, **limits)
    return str(caught.value)


def test_a_template_of_ones_own_comes_first(tmp_path: Path) -> None:
    assert rendered(tmp_path, "{{ known.title|loud }}{% for w in words %}{{ w }}{% endfor %}!\n") == "Tab!\n"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ nobody }}", "'nobody' is undefined"),
        ("{{ known.nothing }}", "has no attribute 'nothing'"),
        ("\n{% if %}", "postmortem/own.md.j2, line 2: "),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ words.append('c') }}", "'append' of 'list' object is unsafe"),
        ("{{ 'a' * 10**9 }}", "small numbers only"),
        ("{{ 9999999 ** 9 }}", "small numbers only"),
        ("{{ '%1000000000d' % 1 }}", "small numbers only"),
        ("{% for i in range(1000000000) %}{% endfor %}", "Range too big"),
        ("{% include 'nowhere.md' %}", "There is no template nowhere.md."),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ words|nofilter }}", "No filter named 'nofilter'"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "recursion"),
    ],
)
def test_what_a_template_may_not_do_is_said_in_one_sentence(tmp_path: Path, source: str, said: str) -> None:
    told = refusal(tmp_path, source)

    assert said in told
    assert "\n" not in told


class Noted(BaseModel):
    """What a template is given: a model, of which it may read the fields."""

    words: str


@pytest.mark.parametrize(
    "source",
    [
        "{{ note.parse_raw('cposix\nsystem\n(S\"id\"\ntR.', proto='pickle', allow_pickle=True) }}",
        "{{ note.parse_file('/etc/hostname') }}",
        "{{ (note|attr('model_copy'))(update={'words': 'others'}).words }}",
        "{{ note['model_construct'] }}",
    ],
)
def test_what_every_model_brings_along_is_out_of_reach(tmp_path: Path, source: str) -> None:
    """`parse_raw` of pydantic unpickles where it is asked to: a template could have run any program."""
    (tmp_path / "postmortem").mkdir()
    (tmp_path / "postmortem" / "own.md.j2").write_text(source, "utf-8")
    with pytest.raises(Unrenderable, match=r"unsafe|undefined"):
        render("postmortem", "own", {"note": Noted(words="w")}, filters={}, own=tmp_path)
    (tmp_path / "postmortem" / "own.md.j2").write_text("{{ note.words }}", "utf-8")
    assert render("postmortem", "own", {"note": Noted(words="w")}, filters={}, own=tmp_path) == "w"


def test_a_long_error_is_one_short_line(tmp_path: Path) -> None:
    told = refusal(tmp_path, "{{ words[0](" + "'x'" * 400 + ") }}")
    assert "\n" not in told
    assert len(told) < 500


def test_a_template_that_writes_without_end_is_stopped(tmp_path: Path) -> None:
    assert "writes more than 1,000 characters" in refusal(
        tmp_path, "{% for i in range(90000) %}0123456789{% endfor %}", longest=1000
    )


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in range(90000) %}{% for j in range(90000) %}{% endfor %}{% endfor %}",
        "{% for i in range(90000) %}{% for j in range(90000) %}{{ '' }}{% endfor %}{% endfor %}",
        "{% for i in range(90000) %}{% for j in range(90000) %}{% set x = known.title %}{% endfor %}{% endfor %}",
    ],
)
def test_a_template_that_works_without_end_is_stopped(tmp_path: Path, source: str) -> None:
    begun = time.thread_time()

    assert "takes longer than" in refusal(tmp_path, source, slowest=0.2)
    assert time.thread_time() - begun < 2


def test_waiting_for_a_turn_on_a_busy_machine_is_no_template_s_fault(tmp_path: Path) -> None:
    (tmp_path / "postmortem").mkdir()
    (tmp_path / "postmortem" / "own.md.j2").write_text("{{ word | nap }}{{ word | upper }}")

    def nap(word: str) -> str:
        time.sleep(0.3)
        return word

    text = render("postmortem", "own", {"word": "late"}, filters={"nap": nap}, own=tmp_path, slowest=0.2, longest=100)
    assert text == "lateLATE"


@pytest.mark.parametrize("name", ["../secrets", "a/b", "", "A", ".hidden", "x" * 60])
def test_a_template_s_name_leads_nowhere_else(name: str) -> None:
    with pytest.raises(ValueError, match="is no template's name"):
        template_file("postmortem", name)
