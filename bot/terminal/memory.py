"""How the process holds its memory: in few places, and without walking through what stays."""

import ctypes
import gc
import sys

ARENAS = 2
_M_ARENA_MAX = -8
"""malloc.h of glibc, https://man7.org/linux/man-pages/man3/mallopt.3.html"""


COLOURS = ("rich", "pygments")


def without_colours() -> None:
    """Before anything else is imported: structlog, and Alembic by Mako, load these where they find them, seven
    megabytes for coloured tracebacks that a server never shows. To both they are not installed then.

    What stands as None is not found: https://docs.python.org/3/reference/import.html#the-module-cache
    """
    for name in COLOURS:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]


def keep_together() -> None:
    """Before threads begin: glibc would give each its own arena, and what one frees, no other could use."""
    _glibc("mallopt", _M_ARENA_MAX, ARENAS)


def settle() -> None:
    """Once everything is loaded. The collector need not walk through it again, a pause of some 60 ms at a bad moment;
    it comes less often, since what one storm makes is gone after it; and what loading needed is given back."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    _glibc("malloc_trim", 0)


def _glibc(name: str, *values: int) -> None:
    """Does nothing where the C library is another."""
    function = getattr(ctypes.CDLL(None), name, None)
    if function is not None:
        function(*values)
