"""One HTTP request on a line of its own, from a plain thread: a status comes back, or nothing does.

The standard library's client, and not the bot's own ones: those are part of what is watched (an event loop, pools of
threads, the session of a token that was refused), and pdpyras sleeps and sends again inside a call.
"""

import json
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

TIMEOUT = 5.0
"""Seconds for connecting, and for each part of the answer."""
READ = 65536
"""Bytes of the answer that are taken off the line."""


class _StayHere(HTTPRedirectHandler):
    """What redirects an alarm is not the one that it was meant for."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


OPENER = build_opener(ProxyHandler({}), _StayHere())
"""Without the environment's proxies, as everywhere in Muster."""


def get(url: str) -> int:
    """The HTTP status; 0 where no answer came."""
    return _status(Request(url, headers={"User-Agent": "Muster"}))  # noqa: S310  (settings take http and https only)


def post(url: str, body: Mapping[str, object]) -> int:
    """The HTTP status; 0 where no answer came."""
    headers = {"User-Agent": "Muster", "Content-Type": "application/json"}
    return _status(Request(url, json.dumps(body).encode(), headers))  # noqa: S310  (settings take http and https only)


def _status(request: Request) -> int:
    try:
        with OPENER.open(request, timeout=TIMEOUT) as answer:
            answer.read(READ)
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code
    except (OSError, HTTPException, ValueError):
        return 0
