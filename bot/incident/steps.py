"""Runbooks: what is written down to be done, step by step, for which nights, and how far one was followed in one."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from pydantic import AwareDatetime, Field

from bot.incident.values import Actor, Value

MOST_STEPS = 20
"""A runbook that is longer is two: nobody follows forty steps at night, and a message of the chat ends somewhere."""
LONGEST_WAIT = 10
"""Seconds for an answer; what takes longer is begun by the call and tells of itself."""


class Call(Value):
    """An HTTP call that a step offers as a button. `roles`: those who may make it, by any name; empty: all in the room.

    `url`, `headers` and `body` may hold `{incident}`, `{title}`, `{severity}`, `{service}`, `{person}` and
    `{secret:NAME}`, which are filled in when it is made: no secret is ever written down with the incident.
    """

    name: str
    method: str = "POST"
    url: str
    headers: dict[str, str] = {}
    body: str = ""
    roles: tuple[str, ...] = ()
    timeout: int = Field(default=LONGEST_WAIT, ge=1, le=LONGEST_WAIT)
    """Seconds."""
    confirm: str = ""
    """What is asked before it is made."""


class Step(Value):
    """One thing to do, by hand or by its call. `text` is Markdown."""

    number: int
    text: str
    action: Call | None = None


class Runbook(Value):
    """A runbook as its file tells it. The conditions are globs in any case; those that are given must all hold.

    `alerts` are compared with the titles of alerts and of the incident, `tags` with the words people wrote about it.
    """

    name: str
    title: str
    owner: str = ""
    """Who is asked about it: an e-mail address, or an id of the chat (`U024BE7LH`)."""
    reviewed: date | None = None
    stale_after: int = 0
    """Days after which it wants to be looked at again; 0: never."""
    services: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    severities: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    url: str = ""

    @property
    def conditions(self) -> int:
        """How many are given. None: it is found by its name only."""
        return sum(bool(given) for given in (self.services, self.alerts, self.severities, self.tags))

    def fits(self, services: Sequence[str], titles: Sequence[str], severity: int, words: str) -> bool:
        """Whether all its conditions hold of services by any name, titles, a severity's level and people's words."""
        return (
            _any_glob(self.services, services)
            and _any_glob(self.alerts, titles)
            and (not self.severities or severity in self.severities)
            and (not self.tags or any(_is_said(tag, words) for tag in self.tags))
        )

    def call(self, step: int, name: str) -> Call | None:
        """The call of a step, while the file still has it under that name."""
        found = (s.action for s in self.steps if s.number == step)
        return next((call for call in found if call and call.name == name), None)

    def is_stale(self, at: datetime) -> bool:
        """Whether nobody had looked at it for too long by then."""
        if not self.stale_after:
            return False
        return self.reviewed is None or at.date() - self.reviewed > timedelta(days=self.stale_after)


class Outcome(StrEnum):
    """What became of a step. `open`: it was ticked by mistake, and is still to be done."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    OPEN = "open"


class Tick(Value):
    """A step that somebody said something about."""

    outcome: Outcome
    by: Actor
    at: AwareDatetime
    note: str = ""


class Tried(Value):
    """The latest time that a step's call was made. `ok`: how it ended, None while it is under way."""

    attempt: int
    name: str
    by: Actor
    at: AwareDatetime
    ok: bool | None = None
    told: str = ""


class Run(Value):
    """A runbook that was opened in an incident, as it was then: a file that is changed later changes no history."""

    number: int
    runbook: str
    title: str
    at: AwareDatetime
    steps: tuple[str, ...] = ()
    actions: dict[int, str] = {}
    """The names of the calls, by step. What they are is looked up when they are made."""
    url: str = ""
    owner: Actor | None = None
    reviewed: str = ""
    """The day (`2026-11-21`), or nothing where none is known."""
    stale: bool = False
    done: dict[int, Tick] = {}
    tried: dict[int, Tried] = {}

    @property
    def current(self) -> int | None:
        """The first step that nobody has said anything about; None when there is none left."""
        return next((n for n in range(1, len(self.steps) + 1) if n not in self.done), None)

    @property
    def first_failure(self) -> tuple[datetime, int] | None:
        """When something first did not work, and at which step."""
        by_hand = [(tick.at, n) for n, tick in self.done.items() if tick.outcome is Outcome.FAILED]
        by_call = [(tried.at, n) for n, tried in self.tried.items() if tried.ok is False]
        return min([*by_hand, *by_call], default=None)


def _any_glob(globs: Sequence[str], heard: Sequence[str]) -> bool:
    """Whether one of them fits; without any, everything does."""
    return not globs or any(fnmatchcase(one.casefold(), glob.casefold()) for one in heard for glob in globs)


def _is_said(tag: str, words: str) -> bool:
    """Whether the tag stands among the words as a word of its own."""
    return re.search(rf"(?<!\w){re.escape(tag.casefold())}(?!\w)", words.casefold()) is not None
