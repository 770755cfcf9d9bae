"""Keeps the promises made to PagerDuty, one try at a time, and says what may have come of it."""

from collections.abc import Awaitable
from datetime import timedelta

from bot.engine.effects import Answer, Attempt, Doubtful, Effect, GiveUp, Receipt, Retry
from bot.engine.handle import Engine
from bot.engine.pace import Rate
from bot.incident.mirror import OWN_KEY
from bot.incident.model import Command
from bot.incident.paging import BY_HAND
from bot.incident.values import PageState
from bot.integrations.pagerduty.effects import BUCKET, AcknowledgeThere, NoteThere, Page, ResolveAllThere, ResolveThere
from bot.integrations.pagerduty.health import TOKEN_REFUSED, Health
from bot.integrations.pagerduty.oncall import Contacts
from bot.integrations.pagerduty.pager import Pager
from bot.integrations.pagerduty.rest import Rest
from bot.integrations.pagerduty.together import resolve_together
from bot.integrations.pagerduty.trouble import (
    ALREADY_ACKNOWLEDGED,
    ALREADY_RESOLVED,
    DATA_CHANGED,
    UNKNOWN_REQUESTER,
    Ambiguous,
    RateLimited,
    Refused,
    Trouble,
    Unreachable,
)

LONGEST_PAUSE = 15.0
"""Seconds between two tries of a page: they go 1, 2, 4, 8, 15, 15 …"""
HASTY = 20
PATIENT_PAUSE = 60.0
"""After so many tries a minute lies between two."""
DEAD = 60.0
"""Seconds between two tries with a token that PagerDuty does not take."""
SILENCE = timedelta(seconds=6)
"""How long a page may fail before people are told to call by hand, while it goes on trying."""
CHORES = Rate(per_minute=600, burst=60)
"""Of the 960 calls a minute that PagerDuty allows, so that a page finds room."""
DONE = Receipt()
UNSEEN = "It may have been done, and Muster cannot look"
OVER = "It was over, or somebody had answered, before PagerDuty could be reached."


def rate_of(bucket: str) -> Rate | None:
    """The pace of our own making, for the engine's `Pace`."""
    return CHORES if bucket == BUCKET else None


class PagerDutyPerformer:
    """The outbox's performer for PagerDuty. Pages have a line and threads of their own."""

    def __init__(self, pager: Pager, chores: Rest, contacts: Contacts, engine: Engine, health: Health) -> None:
        self._pager, self._chores, self._contacts, self._engine = pager, chores, contacts, engine
        self._health = health

    async def perform(self, effect: Effect, attempt: Attempt) -> Answer:
        if isinstance(effect, Page):
            return await self._page(effect, attempt)
        try:
            return self._up(await self._do(effect, attempt))
        except RateLimited as limit:
            return Retry(str(limit), after=limit.after, pause=BUCKET)
        except Unreachable as error:
            return Retry(self._down(error))
        except Ambiguous as error:
            return Doubtful(self._down(error))
        except Refused as refusal:
            return self._no(refusal)

    async def look(self, effect: Effect, attempt: Attempt) -> Receipt | Retry | GiveUp | None:
        """As ever; where PagerDuty does not let us look, a page is sent again, and all else waits for a person."""
        try:
            if isinstance(effect, Page):
                return await self._pager.find(effect, attempt)
            if isinstance(effect, NoteThere):
                return await self._find_note(effect, attempt)
        except Trouble as error:
            if isinstance(error, Refused) and error.status != TOKEN_REFUSED:
                return None if isinstance(effect, Page) else GiveUp(f"{UNSEEN}: {_why(error)}")
            if isinstance(effect, Page):
                return self._try_again(effect, attempt, error)
            return Retry(self._down(error))
        return None

    def _no(self, refusal: Refused) -> Retry | GiveUp:
        """With a token that is dead everything waits for others; an incident that changed meanwhile is asked again."""
        if refusal.status == TOKEN_REFUSED:
            self._health.failed(refusal)
            return Retry(_why(refusal), after=DEAD)
        return Retry(_why(refusal)) if refusal.code == DATA_CHANGED else GiveUp(_why(refusal))

    async def _page(self, page: Page, attempt: Attempt) -> Answer:
        if not await self._still_wanted(page):
            return GiveUp(OVER, final=True)
        try:
            return self._up(await self._pager.send(page, attempt))
        except Refused as refusal:
            why = f"{_why(refusal)} {self._call_by_hand(page)}"
            if refusal.status != TOKEN_REFUSED:
                return GiveUp(why)
            self._health.failed(refusal)
            return Retry(why, after=DEAD, tell=page.failed(why))
        except Ambiguous as error:
            return Doubtful(self._down(error), tell=self._told(page, attempt), after=_pause(attempt))
        except Trouble as error:
            return self._try_again(page, attempt, error)

    async def _still_wanted(self, page: Page) -> bool:
        """While PagerDuty was down somebody may have come, or it may be over: nobody is woken for that."""
        incident = await self._engine.reading.incident(page.incident)
        line = incident.page(page.page) if incident else None
        return line is not None and not line.called_off and line.state is not PageState.ANSWERED

    def _try_again(self, page: Page, attempt: Attempt, error: Trouble) -> Retry:
        if isinstance(error, RateLimited):
            return Retry(str(error), after=min(LONGEST_PAUSE, error.after), tell=self._told(page, attempt))
        return Retry(self._down(error), after=_pause(attempt), tell=self._told(page, attempt))

    def _up(self, answer: Answer) -> Answer:
        self._health.reached(self._engine.clock())
        return answer

    def _down(self, error: Trouble) -> str:
        """What a page runs into, `/incident oncall` must know at once: it then shows numbers to call by hand."""
        self._health.failed(error)
        return str(error)

    def _told(self, page: Page, attempt: Attempt) -> Command | None:
        """After a few tries the declarer knows, and knows whom to call."""
        if self._engine.clock() - attempt.since < SILENCE:
            return None
        return page.failed(f"PagerDuty does not answer; Muster goes on trying. {self._call_by_hand(page)}")

    def _call_by_hand(self, page: Page) -> str:
        names = self._contacts.on_call_for(page.target)
        whom = f"On call: {', '.join(names)}. " if names else ""
        return f"{whom}{BY_HAND}"

    async def _do(self, effect: Effect, attempt: Attempt) -> Answer:
        match effect:
            case ResolveThere():
                return await self._resolve(effect)
            case ResolveAllThere():
                return await self._resolve_all(effect)
            case AcknowledgeThere():
                return await self._acknowledge(effect)
            case NoteThere():
                await self._chores.add_note(effect.outside, f"{effect.words}\n[{attempt.key}]")
                return DONE
        raise TypeError(f"PagerDuty keeps no {effect.kind}")

    async def _resolve(self, effect: ResolveThere) -> Receipt:
        if effect.only_ours:
            there = await self._chores.incident(effect.outside)
            if not (there.incident_key or "").startswith(f"{OWN_KEY}INC-{effect.incident}/"):
                return DONE
        return await _unless_done(self._chores.resolve(effect.outside, effect.words))

    async def _resolve_all(self, effect: ResolveAllThere) -> Receipt | GiveUp:
        """What cleared meanwhile is left out, so that a try that was cut short leaves less to the next."""
        incident = await self._engine.reading.incident(effect.incident)
        clear = {a.id for a in incident.alerts if a.clear} if incident else set()
        firing = [id for id in effect.outside if id not in clear]
        refused = await resolve_together(self._chores, firing, effect.words) if firing else {}
        if not refused:
            return DONE
        return GiveUp(f"{len(refused)} of {len(effect.outside)} are not: {_why(next(iter(refused.values())))}")

    async def _acknowledge(self, effect: AcknowledgeThere) -> Receipt:
        """As the person, where PagerDuty knows them. Looked at first: acknowledging a resolved one would reopen it."""
        there = await self._chores.incident(effect.outside)
        if there.status != "triggered":
            return DONE
        sender = self._contacts.email_of(effect.person)
        try:
            return await _unless_done(self._chores.acknowledge(effect.outside, sender))
        except Refused as refusal:
            if not sender or refusal.code != UNKNOWN_REQUESTER:
                raise
        return await _unless_done(self._chores.acknowledge(effect.outside))

    async def _find_note(self, effect: NoteThere, attempt: Attempt) -> Receipt | None:
        notes = await self._chores.notes(effect.outside)
        return DONE if any(f"[{attempt.key}]" in note.content for note in notes) else None


def _pause(attempt: Attempt) -> float:
    """Seconds until the next try of a page."""
    most = LONGEST_PAUSE if attempt.tries <= HASTY else PATIENT_PAUSE
    return min(most, 2.0 ** min(attempt.tries - 1, 10))


async def _unless_done(act: Awaitable[object]) -> Receipt:
    """That it is so already is success."""
    try:
        await act
    except Refused as refusal:
        if refusal.code not in (ALREADY_RESOLVED, ALREADY_ACKNOWLEDGED):
            raise
    return DONE


def _why(refusal: Refused) -> str:
    """PagerDuty's no in words for a person."""
    match refusal.status, refusal.code:
        case 401 | 403, _:
            return "PagerDuty does not accept Muster's API token."
        case 402, _:
            return "The PagerDuty plan does not allow it."
        case 404, _:
            return "PagerDuty does not know that incident any more."
        case _, code if code == UNKNOWN_REQUESTER:
            return "PagerDuty does not know the user that Muster acts as (pagerduty.from_email)."
    return f"PagerDuty refused it: {refusal.message}."
