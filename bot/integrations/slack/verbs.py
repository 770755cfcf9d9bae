"""A verb of `/incident`: what it is asked with, what it may answer, and how it enters itself into the list."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.documents.wording import Wording, shipped_wording
from bot.engine.directory import Directory
from bot.engine.handle import Outcome
from bot.engine.reading import Reading
from bot.incident.model import Command, Incident
from bot.incident.people import Person
from bot.incident.policy import Policy
from bot.incident.steps import Runbook
from bot.integrations.slack.blocks import Message
from bot.integrations.slack.modals import Filled, Form, Memo


class Unclear(Exception):
    """The words are none of this verb's arguments. No refusal: nothing acts on a guess, so something is offered.

    Its text, where it has one, follows "Nothing was done: "; else the words and the verb's usage are told.
    """


class Unnamed(Exception):
    """Which incident? The verb is clear, but it was asked outside of any room and names none."""


@dataclass(frozen=True)
class House:
    """What every verb may look into: caches and the projection, nothing outside."""

    policy: Policy
    directory: Directory
    reading: Reading
    pagerduty_up: Callable[[], bool]
    admit: Callable[[Person, Incident | None], Awaitable[None]]
    """Raises Refused for a guest who may not act (on that incident)."""
    command: str = "/incident"
    runbooks: tuple[Runbook, ...] = ()
    wording: Wording = field(default_factory=shipped_wording)


@dataclass(frozen=True)
class Ask:
    """What someone asked, where, and about which incident: the one named, or the one whose room it was asked in."""

    house: House
    person: Person
    verb: str
    words: str
    """What followed the verb, as Slack wrote it, without the incident's name."""
    said: str
    """Everything that was said, for when the words turn out to be none of a verb's."""
    now: datetime
    channel: str = ""
    incident: Incident | None = None

    @property
    def bare(self) -> bool:
        return not self.words

    @property
    def in_room(self) -> bool:
        """Whether everybody concerned sees what comes of it: it was asked in the incident's own room."""
        return bool(self.incident and self.incident.room and self.incident.room.channel == self.channel)

    @property
    def about(self) -> Incident:
        """The incident. Raises Unnamed when none is named and this is no incident's room."""
        if self.incident is None:
            raise Unnamed
        return self.incident

    @property
    def open_one(self) -> Incident:
        """The same, where there is nothing to do once it is over: no form is filled in for nothing. Raises Refused."""
        self.about.require_open()
        return self.about


@dataclass(frozen=True)
class Do:
    """A wish to be handled. In the room its facts speak for themselves; `tell` is for the asker alone.

    `already`: what the asker is told where nothing was to be done, instead of that it is so already.
    """

    command: Command
    tell: Callable[[Outcome], Message | None] | None = None
    already: Callable[[Incident], str] | None = None


@dataclass(frozen=True)
class Open:
    """A form to be opened."""

    form: Form


@dataclass(frozen=True)
class Later:
    """Something outside, done after the acknowledgement; what it returns is for the asker's eyes."""

    run: Callable[[], Awaitable[Message | None]]


@dataclass(frozen=True)
class Show:
    """Something for the asker's eyes only."""

    message: Message


Answer = Do | Open | Show | Later
Run = Callable[[Ask], Awaitable[Answer]]
Usage = str | Callable[[Policy], str]
"""What may follow a verb; where that is for the company to say, made from its policy."""
Submitted = Callable[[Ask, Filled], Awaitable[Answer]]
Refilled = Callable[[House, Memo, Filled], Awaitable[Form]]
"""The form anew, from what is filled in so far; `Filled.pressed` says what was chosen or pressed."""


@dataclass(frozen=True)
class Verb:
    """A verb as the parser, the help and the README know it.

    `shorthand`: words that are the verb and its argument in one (`mitigated` is `status monitoring`).
    """

    name: str
    run: Run
    aliases: tuple[str, ...] = ()
    usage: Usage = ""
    first_hour: bool = False
    shorthand: Mapping[str, str] = field(default_factory=dict)
    about_one: bool = True
    """Whether it is about one incident; else an `INC-42` in its words is one of the words."""
    free: bool = False
    """Whether its words are free text, which may speak of other incidents."""
    over: bool = False
    """Whether it is asked of incidents that are over."""

    @property
    def help(self) -> str:
        """What it does, in a sentence or two: the docstring of the function."""
        return " ".join((self.run.__doc__ or "").split())

    def usage_in(self, policy: Policy) -> str:
        """What may follow it in that company."""
        return self.usage if isinstance(self.usage, str) else self.usage(policy)


VERBS: dict[str, Verb] = {}
FORMS: dict[str, Submitted] = {}
REFILLS: dict[str, Refilled] = {}


def verb(
    name: str,
    *aliases: str,
    usage: Usage = "",
    first_hour: bool = False,
    shorthand: Mapping[str, str] | None = None,
    about_one: bool = True,
    free: bool = False,
    over: bool = False,
) -> Callable[[Run], Run]:
    """Enters a function as a verb. Its docstring is its help, in Slack and in the README."""

    def enter(run: Run) -> Run:
        if name in VERBS:
            raise TypeError(f"two verbs called {name}")
        VERBS[name] = Verb(name, run, aliases, usage, first_hour, shorthand or {}, about_one, free, over)
        return run

    return enter


def form(name: str) -> Callable[[Submitted], Submitted]:
    """Enters a function as what the form of that name means once it is sent."""

    def enter(submitted: Submitted) -> Submitted:
        if name in FORMS:
            raise TypeError(f"two forms called {name}")
        FORMS[name] = submitted
        return submitted

    return enter


def refill(name: str) -> Callable[[Refilled], Refilled]:
    """Enters a function as what the form of that name becomes while it is being filled in.

    Asked for by fields with `tells=True` and by buttons in the form whose `action_id` is `in/<name>`. What Slack keeps
    of the words typed so far is what stands in blocks with the same `block_id` and `action_id`. Raises Refused where
    the form stays as it is.
    """

    def enter(refilled: Refilled) -> Refilled:
        if name in REFILLS:
            raise TypeError(f"two forms called {name} are filled in")
        REFILLS[name] = refilled
        return refilled

    return enter
