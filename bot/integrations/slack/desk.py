"""Where a person's turn is taken: who may act, what it means, the wish handled, and one answer whatever happens."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from bot.engine.handle import Engine, Outcome
from bot.engine.line import Unavailable
from bot.incident import AssignRole
from bot.incident.model import Incident, Refused
from bot.incident.people import Person
from bot.integrations.slack import actions
from bot.integrations.slack.blocks import Message, sentence
from bot.integrations.slack.effects import Button
from bot.integrations.slack.modals import Form
from bot.integrations.slack.people import People
from bot.integrations.slack.text import channel, escape
from bot.integrations.slack.verbs import Answer, Do, Later, Open, Show
from bot.integrations.slack.who import asked_of

log = structlog.get_logger(__name__)

BUSY = "Muster cannot write anything down just now, so nothing was changed. Please try again in a moment."
SLOW = "Muster's database is so slow just now that nobody knows whether this was done. Please look, then try again."
BROKEN = "Something went wrong inside Muster. It is in its log; please try again."
PATIENCE = 2.5
"""Seconds; Slack tells the person that we failed after three."""
SO_ALREADY = "Nothing to change: it is so already."


@dataclass(frozen=True)
class Turn:
    """Someone's turn. `key`: what makes two deliveries of it one; `click`: it was a button, not words."""

    user: str
    team: str
    key: str
    channel: str = ""
    click: bool = False


@dataclass(frozen=True)
class Reaction:
    """What the person gets: nothing, where the room tells; words; a form; something still to be done.

    `refused` carries the field it belongs beside; `asked` what a yes would do.
    """

    message: Message | None = None
    form: Form | None = None
    later: Later | None = None
    refused: Refused | None = None
    asked: AssignRole | None = None
    person: Person | None = None
    done: bool = False
    """Whether a wish was handled."""


Work = Callable[[Person], Awaitable[Answer]]


class Desk:
    """Takes turns. Nothing is raised here: a failure of ours is an answer, too."""

    def __init__(self, engine: Engine, people: People) -> None:
        self._engine = engine
        self._people = people
        self._asked: set[str] = set()
        """Who was promised that question since the start: it need not be written down again."""

    async def serve(self, turn: Turn, work: Work) -> Reaction:
        """The turn from who it is to what comes of it. One of the edges where whatever went wrong is caught."""
        try:
            async with asyncio.timeout(PATIENCE):
                person = await self._people.acting(turn.user, turn.team)
                return await self._react(turn, person, await work(person))
        except Refused as refused:
            return Reaction(sentence(escape(refused.sentence)), refused=refused)
        except Unavailable:
            log.warning("unavailable", key=turn.key)
            return Reaction(sentence(BUSY), refused=Refused(BUSY))
        except TimeoutError:
            log.warning("too_slow", key=turn.key)
            return Reaction(sentence(SLOW), refused=Refused(SLOW))
        except Exception:
            log.exception("failed", key=turn.key)
            return Reaction(sentence(BROKEN), refused=Refused(BROKEN))

    async def _react(self, turn: Turn, person: Person, answer: Answer) -> Reaction:
        match answer:
            case Open(form):
                return Reaction(form=form, person=person)
            case Show(message):
                return Reaction(message, person=person)
            case Later():
                return Reaction(later=answer, person=person)
            case Do():
                return await self._handle(turn, person, answer)

    async def _handle(self, turn: Turn, person: Person, do: Do) -> Reaction:
        try:
            outcome = await self._acted(turn, person, do)
        except Refused as refused:
            if refused.ask and isinstance(do.command, AssignRole):
                return Reaction(
                    _question(do.command, refused, person), refused=refused, asked=do.command, person=person
                )
            raise
        message = do.tell(outcome) if do.tell else said(outcome, turn, do.already)
        return Reaction(message, person=person, done=True)

    async def _acted(self, turn: Turn, person: Person, do: Do) -> Outcome:
        """What came of it. Whom PagerDuty does not know is promised the question who they are there, along with it."""
        along = () if person.slack in self._asked else asked_of(person, self._engine.directory)
        outcome = await self._engine.handle(do.command, person.actor, key=turn.key, along=along)
        if along:
            self._asked.add(person.slack)
        return outcome


def said(outcome: Outcome, turn: Turn, already: Callable[[Incident], str] | None = None) -> Message | None:
    """What the actor alone is told: nothing in the room, which hears the facts; elsewhere the fact and where it is.

    Who says the same again within a minute is told so: the answer of the first time went to the room.
    """
    i = outcome.incident
    here = bool(i and i.room and i.room.channel == turn.channel)
    if already and i and (outcome.again or not outcome.events):
        return sentence(already(i))
    if not outcome.events:
        return None if turn.click else sentence(SO_ALREADY)
    if i is None or here:
        return None
    told = next((e.line() for e in outcome.events if e.shown), "Done")
    where = f" The room is {channel(i.room.channel, i.room.name)}." if i.room else ""
    return sentence(f"{i.name}: {escape(told)}.{where}")


def _question(wish: AssignRole, refused: Refused, asker: Person) -> Message:
    """The question that is asked once, with its yes."""
    value = f"{wish.incident}/{wish.role}/{wish.person.foreign_id}"
    yes = Button(label=yes_to(wish, asker), action=actions.TAKE_OVER, value=value)
    return sentence(escape(refused.sentence), [yes])


def yes_to(wish: AssignRole, asker: Person) -> str:
    """What a yes does, as it stands on the button: whether the asker wants the role or names somebody else."""
    return "Take over" if wish.person == asker.actor else "Hand it over"
