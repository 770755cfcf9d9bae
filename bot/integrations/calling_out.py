"""The calls that steps of runbooks offer: made once, now or not at all, and what came back is told."""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote, quote_plus, urlsplit

import aiohttp
from pydantic import AwareDatetime

from bot.documents.blanks import fill
from bot.engine.effects import Answer, Attempt, Doubtful, Effect, GiveUp, InDoubt, Priority, Promise, Receipt
from bot.engine.reading import Reading
from bot.incident.model import Command, Event, Incident
from bot.incident.policy import Policy
from bot.incident.privacy import is_for_all
from bot.incident.runs import TOLD_LENGTH, ActionStarted, RecordAction
from bot.incident.steps import Call

SYSTEM = "runbooks"
STILL_MEANT = timedelta(minutes=2)
"""How long after somebody confirmed it a call is made: whoever saw nothing happen has done something else since."""
READ = 65_536
"""Bytes of the answer that are read."""
ANSWER = 200
"""Characters of it that are told."""
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


class CallOut(Effect, kind="call_out"):
    """One call of a step, as it was confirmed. Never repeated by itself: what it sets off may not bear that."""

    system = SYSTEM
    in_doubt = InDoubt.ASK
    priority = Priority.CARD

    incident: int
    run: int
    at_step: int
    nth: int
    """Which time it is that somebody runs it."""
    call: Call
    person: str
    """The name of whoever had it made."""
    asked: AwareDatetime

    @property
    def lane(self) -> str:
        return f"runbook/{self.incident}/{self.run}/{self.at_step}"

    @property
    def step(self) -> str:
        return f"run “{self.call.name}”"

    def kept(self, receipt: Receipt) -> Command:
        return self._ended(ok=True, told=receipt.data["told"])

    def failed(self, reason: str) -> Command:
        return self._ended(ok=False, told=reason)

    def _ended(self, *, ok: bool, told: str) -> Command:
        return RecordAction(incident=self.incident, run=self.run, step=self.at_step, attempt=self.nth, ok=ok, told=told)


def announce(event: Event, before: Incident | None, after: Incident, policy: Policy) -> Iterable[Promise]:
    """A call for each that somebody had made."""
    if isinstance(event, ActionStarted):
        made = CallOut(
            incident=after.number,
            run=event.run,
            at_step=event.step,
            nth=event.attempt,
            call=event.call,
            person=event.by.name,
            asked=event.at,
        )
        yield Promise(made, f"runbook/{after.number}/{event.run}/{event.step}/{event.attempt}")


@dataclass(frozen=True)
class CallingOut:
    """Makes the calls. `secrets`: by their names in small letters; calls are all that they leave this process in."""

    reading: Reading
    clock: Callable[[], datetime]
    secrets: Mapping[str, str] = field(default_factory=dict)

    async def perform(self, effect: Effect, attempt: Attempt) -> Answer:
        """One try. Whatever is answered is final: whether it is to be made again is for a person to say."""
        if not isinstance(effect, CallOut):
            return GiveUp(f"runbooks do not know how to {effect.step}")
        if self.clock() - effect.asked > STILL_MEANT:
            return GiveUp("it was not made: too much time had passed since it was confirmed. Run it again", final=True)
        incident = await self.reading.incident(effect.incident)
        if incident is None:
            return GiveUp("the incident is not there any more", final=True)
        try:
            request = filled(effect.call, said_of(incident, effect.person), self.secrets)
        except KeyError as missing:
            return GiveUp(f"it was not made: the secret {missing.args[0]} is not set", final=True)
        key = f"muster/{attempt.key}/{int(effect.asked.timestamp())}"
        return await self._made(request, effect.call.timeout, key)

    async def look(self, effect: Effect, attempt: Attempt) -> Receipt | None:
        """Nobody can tell from here."""
        return None

    async def _made(self, request: "Request", timeout: int, key: str) -> Answer:
        host = urlsplit(request.url).hostname or ""
        headers = {**request.headers, "Idempotency-Key": key, "User-Agent": "Muster"}
        patience = aiohttp.ClientTimeout(total=timeout)
        try:
            async with (
                aiohttp.ClientSession(timeout=patience, trust_env=False) as session,
                session.request(
                    request.method, request.url, headers=headers, data=request.body, allow_redirects=False
                ) as answer,
            ):
                return self._told(answer.status, answer.reason or "", await _beginning(answer))
        except (aiohttp.ClientConnectorError, aiohttp.InvalidURL, ValueError) as error:
            return GiveUp(f"it was not made: {host} cannot be reached ({_plainly(error)})", final=True)
        except TimeoutError:
            return Doubtful(f"{host} did not answer within {timeout} s; nobody can tell from here whether it was done")
        except (aiohttp.ClientError, OSError) as error:
            return Doubtful(f"{host} broke off ({_plainly(error)}); nobody can tell from here whether it was done")

    def _told(self, status: int, reason: str, said: str) -> Answer:
        """What the answer means. A redirect is followed by nobody: it may lead anywhere, with our secrets in hand."""
        words = f"{status} {reason}".strip() + (f": {self._discreet(said)}" if said else "")
        told = words[:TOLD_LENGTH]  # no longer than the timeline keeps, so that redaction finds it again
        return Receipt(data={"told": told}) if 200 <= status < 300 else GiveUp(told, final=True)

    def _discreet(self, said: str) -> str:
        """The beginning of the answer on one line, without the secrets that it may repeat."""
        for secret in filter(None, self.secrets.values()):
            said = said.replace(secret, "…")
        line = " ".join(said.split())
        return line if len(line) <= ANSWER else f"{line[: ANSWER - 1]}…"


@dataclass(frozen=True)
class Request:
    """A call with everything filled in."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None


def said_of(i: Incident, person: str) -> dict[str, str]:
    """What fills in the blanks. A private incident is called by its number only."""
    service = i.services[0].name if i.services else ""
    title = i.title if is_for_all(i) else i.name
    return {"incident": i.name, "title": title, "severity": i.severity.label, "service": service, "person": person}


def filled(call: Call, said: Mapping[str, str], secrets: Mapping[str, str]) -> Request:
    """The call as it goes out. Raises KeyError with the name of a secret that is not set."""
    headers = {name: fill(value, said, secrets, _one_line) for name, value in call.headers.items()}
    kind = next((value for name, value in headers.items() if name.casefold() == "content-type"), "")
    if call.body and not kind:
        headers["Content-Type"] = kind = JSON
    written = _quoted if kind.startswith(FORM) else _in_json if "json" in kind else str
    body = fill(call.body, said, secrets, written).encode() if call.body else None
    return Request(call.method, fill(call.url, said, secrets, _in_path), headers, body)


def _in_path(value: str) -> str:
    return quote(value, safe="")


def _quoted(value: str) -> str:
    return quote_plus(value)


def _in_json(value: str) -> str:
    return json.dumps(value)[1:-1]


def _one_line(value: str) -> str:
    """A header ends with its line."""
    return " ".join(value.split())


async def _beginning(answer: aiohttp.ClientResponse) -> str:
    """As much of the answer as is read, as text."""
    read = b""
    while len(read) < READ and (part := await answer.content.read(READ - len(read))):
        read += part
    return read.decode(errors="replace")


def _plainly(error: Exception) -> str:
    """Why, without the address: it may hold a secret."""
    cause = getattr(error, "os_error", None) or error
    number = getattr(cause, "errno", None) or 0
    return os.strerror(number) if number > 0 else getattr(cause, "strerror", "") or type(cause).__name__
