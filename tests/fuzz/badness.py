"""What is thrown: odd words, odd values, good deliveries with something wrong in them, bytes that break off."""

import copy
import json
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

from tests.stories.corpus import WORDS

Json = dict[str, Any]
Path = tuple[str | int, ...]
GONE = object()
"""Not another value: the field is not there at all."""
DEEP: Any = json.loads("[" * 400 + "]" * 400)
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, 10**30, 10**400, 0.5, -0.0, 1e300, float("nan"), float("inf")),
    *([], {}, [None], [[]], {"a": None}, {"id": None}, {"id": ""}, {"id": {}}, [{"id": "X"}, 7], [[], {}, ""], DEEP),
    *("", " ", "0", "-1", "1/1", "INC-1", "null", "\x00", "\ud800", "\u202e", "ﷺ" * 300, "9" * 5000, "x" * 20_000),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1e400", "nan", "١٢:٣٤", "²", "٣", "\U0001f9e8", "\ufeff"),
)
"""A value of every kind where another one is expected."""

words = st.one_of(
    st.sampled_from(WORDS),
    st.text(max_size=60),
    st.text(alphabet=" :-/|<>@#!&;*_~`\"'0123456789TZapmincINC\u0660\u00b2\u200b\n\t", max_size=60),
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).map(" ".join),
)
values = st.one_of(
    st.sampled_from(ODD),
    words,
    st.integers(),
    st.floats(),
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    ),
)


def paths(tree: Any, here: Path = ()) -> Iterator[Path]:
    """Every place in a payload, outermost first."""
    if here:
        yield here
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for name, value in inner:
        yield from paths(value, (*here, name))


def spoiled(tree: Json, place: Path, value: Any) -> Json:
    """The payload with another value there, or without it."""
    changed = copy.copy(tree)
    holder: Any = changed
    for name in place[:-1]:
        holder[name] = copy.copy(holder[name])
        holder = holder[name]
    if value is GONE:
        del holder[place[-1]]
    else:
        holder[place[-1]] = value
    return changed


@st.composite
def wrong(draw: st.DrawFn, examples: Sequence[Json]) -> Json:
    """A good payload with one to three things wrong in it."""
    tree = draw(st.sampled_from(examples))
    for _ in range(draw(st.integers(1, 3))):
        left = list(paths(tree))
        if left:
            tree = spoiled(tree, draw(st.sampled_from(left)), draw(st.just(GONE) | values))
    return tree


def encoded(tree: Any) -> bytes:
    """As JSON, odd numbers and half characters included."""
    return json.dumps(tree).encode()


@st.composite
def torn(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """Whole, or broken off, or with some bytes of it others."""
    body = draw(whole)
    cut = draw(st.integers(0, len(body)))
    match draw(st.sampled_from(["whole", "whole", "whole", "cut", "filled"])):
        case "cut":
            return body[:cut]
        case "filled":
            return body[:cut] + draw(st.binary(max_size=8)) + body[cut + 4 :]
    return body


def json_bodies(examples: Sequence[Json]) -> st.SearchStrategy[bytes]:
    """Bodies of that kind, mostly JSON, mostly nearly right."""
    spoilt = wrong(examples).map(encoded)
    return st.one_of(spoilt, spoilt, torn(spoilt), values.map(encoded), st.binary(max_size=200))
