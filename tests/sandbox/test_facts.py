"""The sandbox is what the real ones are said to be: many facts, none twice, each with somebody who says so."""

from collections import Counter
from importlib.metadata import files
from pathlib import Path

import pytest

from tests.sandbox import sources
from tests.sandbox.conformance.conftest import PAGES
from tests.sandbox.facts import Fact, facts

KIT = (sources.BLOCKS, sources.ELEMENTS, sources.part(""))


@pytest.fixture(scope="module")
def known() -> list[Fact]:
    return facts()


def installed(name: str) -> Path:
    """A file of a vendor's library."""
    package = "pdpyras" if name == sources.PD_CLIENT else "slack_sdk"
    return next(Path(str(file.locate())) for file in files(package) or [] if str(file) == name)


def test_there_are_many_facts_about_each(known: list[Fact]) -> None:
    counted = Counter(fact.system for fact in known)
    assert counted["Slack"] >= 150
    assert counted["PagerDuty"] >= 100


def test_no_fact_is_told_twice(known: list[Fact]) -> None:
    twice = {sentence: times for sentence, times in Counter(fact.sentence for fact in known).items() if times > 1}
    assert not twice


def test_every_source_is_one_that_is_known(known: list[Fact]) -> None:
    methods = {sources.method(name) for name in PAGES}
    told = {fact.source for fact in known}
    unknown = {source for source in told - methods - sources.PAGES - sources.FILES if not source.startswith(KIT)}
    assert not unknown


def test_pages_of_block_kit_are_those_that_the_sdk_names(known: list[Fact]) -> None:
    models = [file for file in files("slack_sdk") or [] if str(file).startswith("slack_sdk/models/")]
    named = "".join(file.read_text(encoding="utf-8") for file in models if file.suffix == ".py")
    pages = {fact.source for fact in known if fact.source.startswith(KIT)}
    assert pages
    assert not [page for page in pages if page not in named]


@pytest.mark.parametrize("name", sorted(sources.FILES))
def test_a_library_that_is_a_source_is_installed(name: str) -> None:
    assert installed(name).is_file()


def test_every_page_is_somebodys_source(known: list[Fact]) -> None:
    told = {fact.source for fact in known}
    assert not (sources.PAGES | sources.FILES) - told
