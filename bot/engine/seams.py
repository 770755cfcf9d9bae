"""Named places where a test may cut the program's thread of life: both sides of every commit and of every call."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Hook = Callable[[str], None]

_hooks: list[Hook] = []


def point(name: str) -> None:
    """A place that matters if the process dies here. Does nothing unless a test has put a hook in."""
    for hook in _hooks:
        hook(name)


@contextmanager
def hooked(hook: Hook) -> Iterator[None]:
    """While it lasts, every point that is passed, in any thread, is told to the hook."""
    _hooks.append(hook)
    try:
        yield
    finally:
        _hooks.remove(hook)
