"""A company's own template is ended when it takes too much, learns no secret, and costs nobody their draft."""

import json
import os
import resource
import time
from pathlib import Path

import pytest

from bot.documents.child import MEMORY, PATIENCE, PROCESSOR, TOO_MUCH, in_child
from bot.documents.postmortem import Style, Written, draft, draft_somehow
from bot.documents.rendering import Unrenderable
from tests.documents.sample import sample


def own(folder: Path, source: str) -> Style:
    (folder / "postmortem").mkdir()
    (folder / "postmortem" / "default.md.j2").write_text(source, "utf-8")
    return Style(folder=folder)


def test_a_template_of_ones_own_is_written_as_it_says(tmp_path: Path) -> None:
    assert draft(sample(), own(tmp_path, "{{ i.title|text }}: {{ report.entries|length }} ❓")) == (
        "Checkout: 5xx &gt; 20 % \\| \\*all\\* regions: 24 ❓"
    )


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'a'|center(10000000000) }}",
        "{% set ns = namespace(s=range(99999)|list) %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
    ],
)
def test_a_template_that_wants_gigabytes_is_ended_and_muster_is_not(tmp_path: Path, source: str) -> None:
    with pytest.raises(Unrenderable) as ended:
        draft(sample(), own(tmp_path, source))
    assert str(ended.value) == TOO_MUCH


def test_a_template_that_includes_itself_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unrenderable, match="recursion"):
        draft(sample(), own(tmp_path, "{% include 'postmortem/default.md.j2' %}"))


def test_what_never_looks_up_is_ended_by_the_processor_s_clock() -> None:
    begun = time.monotonic()
    with pytest.raises(Unrenderable) as ended:
        in_child(spin)
    assert str(ended.value) == TOO_MUCH
    assert time.monotonic() - begun < PATIENCE


def spin() -> str:
    """Works on and on; with less time than a child has, so that the test need not wait for all of it."""
    assert resource.getrlimit(resource.RLIMIT_CPU) == (PROCESSOR, PROCESSOR)
    resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
    while True:
        pass


def told_in_there() -> str:
    """What a template that broke out would find."""
    return json.dumps(dict(os.environ))


def test_the_child_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_SLACK__BOT_TOKEN", "xoxb-secret")
    assert "xoxb-secret" not in in_child(told_in_there)


def limits() -> str:
    """What holds in there: bytes of memory, seconds, bytes of a file that is written."""
    return str(
        [resource.getrlimit(what)[1] for what in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE)]
    )


def test_the_child_cannot_raise_its_limits() -> None:
    assert in_child(limits) == str([MEMORY, PROCESSOR, 0])


def crashed() -> str:
    os._exit(3)


def test_a_child_that_dies_is_a_template_that_cannot_be_used() -> None:
    with pytest.raises(Unrenderable):
        in_child(crashed)


def test_with_a_template_that_breaks_the_draft_is_there_in_muster_s_own(tmp_path: Path) -> None:
    written = draft_somehow(sample(), own(tmp_path, "{{ nothing_of_that_name }}"))
    assert written.trouble == (
        "The template postmortem/default cannot be rendered: 'nothing_of_that_name' is undefined."
    )
    first, rest = written.body.split("\n", 1)
    assert first.startswith("> **This draft is in Muster's own template, for yours could not be used.**")
    assert "is undefined" in first
    assert rest.strip() == draft(sample(), Style()).strip()


def test_a_template_that_works_brings_no_trouble(tmp_path: Path) -> None:
    assert draft_somehow(sample(), own(tmp_path, "all is well")) == Written("all is well")
    assert draft_somehow(sample(), Style()).trouble == ""


def test_a_template_that_nobody_has_is_no_draft(tmp_path: Path) -> None:
    with pytest.raises(Unrenderable, match=r"There is no template postmortem/ours\.md\.j2\."):
        draft_somehow(sample(), Style(folder=tmp_path), "ours")
    (own(tmp_path, "x").folder or tmp_path).joinpath("postmortem", "ours.md.j2").write_text("{% if %}")
    with pytest.raises(Unrenderable, match="line 1"):
        draft_somehow(sample(), Style(folder=tmp_path), "ours")
