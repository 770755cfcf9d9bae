"""Where the demo's pages are: the port that was asked for, else the first free one of a few easy to remember."""

import contextlib
import errno
import socket
from collections.abc import Iterable
from typing import NoReturn

from bot.terminal.problem import Problem

USUAL = range(3333, 3344)


def chosen(wanted: int | None, usual: Iterable[int] = USUAL) -> int:
    """`wanted` (0: any that is free), else the first usual one that is free. Raises Problem where there is none."""
    if wanted is None:
        tried = list(usual)
        return next((port for port in tried if _is_free(port)), None) or _none_free(tried)
    if wanted and not _is_free(wanted):
        raise Problem(f"Port {wanted} is taken. Choose another with --port, or leave it out: a free one is found.")
    return wanted


def _none_free(tried: list[int]) -> NoReturn:
    raise Problem(f"The ports {tried[0]} to {tried[-1]} are all taken. `--port 0` picks any that is free.")


def _is_free(port: int) -> bool:
    with contextlib.closing(socket.socket()) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that was left a moment ago is free
        try:
            one.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise Problem(f"Nobody can listen on port {port}: {error.strerror}.") from None
    return True
