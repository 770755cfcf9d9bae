"""A window is told what changed in it, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from bot.sandbox.web.markup import el
from bot.sandbox.web.windows import MOST_WINDOWS, Patch, Region, Window, Windows


@dataclass
class Shelf:
    """A page of books in one slot: key → words; counts its drawings."""

    books: dict[str, str] = field(default_factory=dict)
    drawn: int = 0

    def regions(self) -> Iterator[Region]:
        for key in sorted(self.books):
            yield Region(key, "shelf", self.books[key], partial(self._draw, key))

    def looked_at(self) -> None: ...

    def earlier(self) -> None: ...

    def _draw(self, key: str) -> Markup:
        self.drawn += 1
        return el("li", self.books[key], id=key)


def applied(standing: list[tuple[str, str]], patches: list[Patch]) -> list[tuple[str, str]]:
    """What a browser makes of patches: `standing` are the elements of the slot, by key and markup."""
    shown = list(standing)
    for patch in patches:
        keys = [key for key, _ in shown]
        if patch.html is None:
            shown = [each for each in shown if each[0] != patch.key]
        elif patch.key in keys:
            shown[keys.index(patch.key)] = (patch.key, patch.html)
        else:
            shown.insert(keys.index(patch.before) if patch.before else len(shown), (patch.key, patch.html))
    return shown


def as_drawn(shelf: Shelf) -> list[tuple[str, str]]:
    return [(region.key, str(region.draw())) for region in shelf.regions()]


def test_the_first_drawing_fills_the_slots_and_owes_nothing() -> None:
    window = Window("w", Shelf({"a": "one", "b": "two"}))
    assert window.slots() == {"shelf": '<li id="a">one</li>\n<li id="b">two</li>'}
    window.connected()
    assert window.patches() == []


def test_only_what_changed_is_drawn() -> None:
    shelf = Shelf({f"k{n}": "words" for n in range(100)})
    window = Window("w", shelf)
    window.slots()
    shelf.drawn, shelf.books["k7"] = 0, "other words"
    assert [patch.key for patch in window.patches()] == ["k7"]
    assert shelf.drawn == 1


def test_a_second_connection_is_told_everything_in_view() -> None:
    window = Window("w", Shelf({"a": "one", "b": "two"}))
    window.slots()
    window.connected()
    window.connected()
    assert {patch.key for patch in window.patches()} == {"a", "b"}


def test_what_went_while_nobody_listened_is_taken_out() -> None:
    shelf = Shelf({"a": "one", "b": "two"})
    window = Window("w", shelf)
    window.slots()
    window.connected()
    del shelf.books["a"]
    window.connected()
    assert Patch("a") in window.patches()


@given(st.lists(st.dictionaries(st.sampled_from("abcdefgh"), st.text(max_size=3)), min_size=1, max_size=6))
def test_whatever_happens_the_browser_shows_the_page_as_it_is(states: list[dict[str, str]]) -> None:
    shelf = Shelf(states[0])
    window = Window("w", shelf)
    window.slots()
    shown = as_drawn(shelf)
    for state in states[1:]:
        shelf.books = state
        shown = applied(shown, window.patches())
        assert shown == as_drawn(shelf)


def test_the_oldest_window_is_forgotten_and_is_told_so() -> None:
    windows = Windows()
    first = windows.open(Shelf())
    for _ in range(MOST_WINDOWS):
        windows.open(Shelf())
    assert windows.find(first.id) is None
