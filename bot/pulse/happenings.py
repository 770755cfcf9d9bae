"""What happened since the start, counted as it happens: tries, doubts and how they were settled, rooms."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from bot.engine.durations import Durations
from bot.engine.effects import Doubtful, GiveUp, InDoubt, Receipt
from bot.engine.finish import Finished, Tried
from bot.engine.handle import Outcome
from bot.engine.queues import lane_kind
from bot.engine.tables import EffectState
from bot.incident.model import Incident
from bot.incident.rooms import PeopleInvited, RoomOpened

ROOM_BOUNDS = (0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Seconds from a declaration to its room: two calls to Slack, or the wait for Slack's next minute in a storm."""
MOST_EMPTY = 1000
"""Rooms into which nobody is ever asked are forgotten in the end."""
OUTCOMES = {
    EffectState.KEPT: "kept",
    EffectState.PARKED: "parked",
    EffectState.SKIPPED: "skipped",
    EffectState.WAITING: "put_off",
}
SETTLED = ("found", "repeated", "asked")
"""How a doubt ended: our mark was found there; it was not, and the act was repeated; a person is asked."""


class Happenings:
    """Told by the outbox and the engine after each commit: no query, a microsecond each."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.tries = Counter[tuple[str, str]]()
        """By sort of lane and outcome."""
        self.doubts = Counter[str](raised=0, **dict.fromkeys(SETTLED, 0))
        self.opened, self.usable = Durations(ROOM_BOUNDS), Durations(ROOM_BOUNDS)
        """From the declaration until the room was there; until the first people had been asked in."""
        self._empty: set[int] = set()
        """Incidents whose room was opened in this life and into which nobody has been asked yet."""

    def tried(self, done: Finished) -> None:
        """A try's answer is saved (or, fenced, thrown away)."""
        outcome = OUTCOMES.get(done.state, "fenced") if done.state else "fenced"
        if outcome == "put_off" and isinstance(done.tried.answer, Doubtful):
            outcome = "doubted"
        self.tries[lane_kind(done.tried.claim.effect.lane), outcome] += 1
        if outcome == "doubted" and (done.tried.looked or not done.tried.claim.doubtful):
            self.doubts["raised"] += 1
        settled = _settled(done.tried)
        if settled:
            self.doubts[settled] += 1

    def decided(self, outcome: Outcome) -> None:
        """Facts are saved."""
        i = outcome.incident
        if i is None:
            return
        for fact in outcome.events:
            if isinstance(fact, RoomOpened):
                self.opened.add(self._since(i))
                self._empty = {i.number} if len(self._empty) >= MOST_EMPTY else self._empty | {i.number}
            elif isinstance(fact, PeopleInvited) and i.number in self._empty:
                self.usable.add(self._since(i))
                self._empty.discard(i.number)

    def _since(self, i: Incident) -> float:
        began = i.moments.declared or i.updated_at
        return max(0.0, (self._clock() - began).total_seconds())


def _settled(tried: Tried) -> str:
    """How an earlier doubt about this promise ended with this try; "" where there was none, or it lasts."""
    if not tried.claim.doubtful:
        return ""
    if isinstance(tried.answer, GiveUp) and tried.claim.effect.in_doubt is InDoubt.ASK:
        return "asked"
    if not isinstance(tried.answer, Receipt):
        return ""
    looks = tried.claim.effect.in_doubt is InDoubt.LOOK
    return "found" if looks and not tried.looked else "repeated"
