"""The line to PagerDuty: the one module that knows pdpyras, its sessions, its threads and what its failures mean."""

import asyncio
import logging
import threading
import warnings
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from math import inf

from pydantic import JsonValue, ValidationError
from requests import Response
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout, SSLError
from urllib3.exceptions import MaxRetryError, NewConnectionError

from bot.engine.seams import point
from bot.integrations.pagerduty.payloads import ErrorAnswer, Problem
from bot.integrations.pagerduty.trouble import Ambiguous, RateLimited, Refused, Trouble, Unreachable

with warnings.catch_warnings():
    # pdpyras 5.4.1 is its last release and says so at each import.
    warnings.filterwarnings("ignore", message='The package "pdpyras" is deprecated')
    import pdpyras

# It logs whole URLs, as errors, of what reaches us as an exception anyway.
logging.getLogger("pdpyras").setLevel(logging.CRITICAL)

Params = Mapping[str, str | list[str]]
Body = Mapping[str, JsonValue]

NOT_NO = (408, 425)
"""Refusals that are none: a time-out, and too early."""
SECONDS_UNTOLD = 15.0
"""How long to hold back after a 429 without `ratelimit-reset`."""


@dataclass(frozen=True)
class Account:
    """Whom to call as whom: the API's address (http:// is fine for a sandbox), the token, and our own user's e-mail."""

    base_url: str
    token: str
    from_email: str


@dataclass(frozen=True)
class Manner:
    """How calls of one purpose behave. Times in seconds: to connect, between bytes, and of the whole call."""

    name: str
    threads: int
    connect: float = 3.05
    read: float = 10.0
    whole: float = 15.0
    retries: int = 0
    """How often a read that failed is repeated at once. Writes are sent once: the outbox alone decides on more."""


PAGES = Manner("pages", threads=8, read=5.0, whole=8.0)
CHORES = Manner("chores", threads=3, whole=11.0)
READING = Manner("reading", threads=2, whole=60.0, retries=2)
"""Three purposes, each with threads of its own: a page never waits behind a note or a look at the log."""


class _Session(pdpyras.APISession):  # type: ignore[misc]  # pdpyras has no types
    """pdpyras as wanted here: a 429 is an exception at once, and nothing is counted (its counts grow without end)."""

    def postprocess(self, response: Response, suffix: str | None = None) -> None:
        if response.status_code == 429:
            raise RateLimited(_seconds(response.headers.get("ratelimit-reset")))


def _session(account: Account, manner: Manner, retries: int) -> _Session:
    """Settings as tried out: otherwise one POST is sent four times, and a 429 is retried for ever."""
    session = _Session(account.token, default_from=account.from_email)
    session.url = account.base_url.rstrip("/")
    session.timeout = (manner.connect, manner.read)
    session.max_network_attempts = retries
    session.retry = {status: retries for status in (502, 503, 504) if retries}
    session.max_redirects = 0  # it has none; whatever sends us elsewhere is not PagerDuty
    session.sleep_timer, session.stagger_cooldown = 0.5, 1
    # Otherwise ~/.netrc replaces the Authorization header.
    session.trust_env = False
    return session


class Line:
    """Calls of one manner. Sessions are per thread: requests does not promise that they can be shared."""

    def __init__(self, account: Account, manner: Manner) -> None:
        self._account, self._manner = account, manner
        self._threads = ThreadPoolExecutor(manner.threads, thread_name_prefix=f"pagerduty-{manner.name}")
        self._own = threading.local()

    async def get(self, path: str, params: Params | None = None) -> bytes:
        """The body of the answer. Raises Unreachable, RateLimited, Refused."""
        try:
            return await self._do("GET", path, params=params)
        except Ambiguous as error:
            raise Unreachable(str(error)) from error

    async def post(self, path: str, body: Body, sender: str = "") -> bytes:
        """Sent exactly once, as the user with the e-mail `sender` or as ourselves. Raises any Trouble."""
        return await self._do("POST", path, body=body, sender=sender)

    async def put(self, path: str, body: Body, sender: str = "") -> bytes:
        """As `post`."""
        return await self._do("PUT", path, body=body, sender=sender)

    def close(self) -> None:
        """Lets go of the threads; a call that hangs ends by its own time-out."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _do(
        self, method: str, path: str, *, params: Params | None = None, body: Body | None = None, sender: str = ""
    ) -> bytes:
        point(f"before {method} {path}")
        call = self._threads.submit(self._send, method, path, params, body, sender)
        try:
            answer = await asyncio.wait_for(asyncio.wrap_future(call), self._manner.whole)
        except TimeoutError:
            raise _late(call, self._manner.whole) from None
        point(f"after {method} {path}")
        return answer

    def _send(self, method: str, path: str, params: Params | None, body: Body | None, sender: str) -> bytes:
        extra = {"headers": {"From": sender}} if sender else {}
        session = self._session_for(method)
        try:
            response = session.request(method, path, params=params, json=body, **extra)
        except pdpyras.PDHTTPError as error:
            raise _refused(error.response) from None
        except pdpyras.PDClientError as error:
            raise _lost(error) from None
        return _content(response)

    def _session_for(self, method: str) -> _Session:
        retries = self._manner.retries if method == "GET" else 0
        name = "reading" if method == "GET" else "writing"
        if not hasattr(self._own, name):
            setattr(self._own, name, _session(self._account, self._manner, retries))
        session: _Session = getattr(self._own, name)
        return session


def _late(call: Future[bytes], seconds: float) -> Trouble:
    """Cancelled while it still waited for a thread: nothing was sent."""
    if call.cancelled():
        return Unreachable("Too many calls to PagerDuty are waiting")
    return Ambiguous(f"PagerDuty did not answer within {seconds:.0f} s")


def _lost(error: Exception) -> Trouble:
    """Whether the call can have been sent at all, told by what broke under pdpyras."""
    cause = error.__cause__
    name = type(cause or error).__name__
    if isinstance(cause, (ConnectTimeout, SSLError)) or _never_connected(cause):
        return Unreachable(f"PagerDuty cannot be reached ({name})")
    return Ambiguous(f"The connection to PagerDuty broke ({name})")


def _never_connected(cause: BaseException | None) -> bool:
    if not isinstance(cause, NoConnection) or not cause.args:
        return False
    inner = cause.args[0]
    return isinstance(inner, MaxRetryError) and isinstance(inner.reason, NewConnectionError)


def _content(response: Response) -> bytes:
    if response.status_code < 300:
        return response.content
    if response.status_code >= 500 or response.status_code in NOT_NO:
        raise Ambiguous(f"PagerDuty answered {response.status_code}")
    raise _refused(response)


def _refused(response: Response) -> Trouble:
    """PagerDuty's no; a page of a proxy in between is none. (To a wrong token PagerDuty itself says no in text.)"""
    try:
        problem = ErrorAnswer.model_validate_json(response.content).error
    except ValidationError:
        if response.status_code != 401:
            return Ambiguous(f"What answered is not PagerDuty ({response.status_code})")
        problem = Problem()
    told = "; ".join((problem.message or response.reason or "no reason given", *problem.errors))
    return Refused(response.status_code, problem.code, told)


def _seconds(text: str | None) -> float:
    try:
        seconds = float(text or SECONDS_UNTOLD)
    except ValueError:
        return SECONDS_UNTOLD
    return max(1.0, seconds) if seconds < inf else SECONDS_UNTOLD
