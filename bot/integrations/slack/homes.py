"""Who looks at the home tab: they see it anew within seconds of a change, for an hour after they opened it."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.engine.line import Unavailable
from bot.incident.model import Refused
from bot.incident.people import Person
from bot.integrations.slack.blocks import Block
from bot.integrations.slack.home import Home, home_blocks, home_view
from bot.integrations.slack.kept import Kept, told
from bot.integrations.slack.replies import Replies
from bot.integrations.slack.verbs import House

EVERY = 3.0
"""Seconds between two looks at whether anything has changed."""
LOOKS = timedelta(hours=1)
"""Nobody looks longer at one tab; who comes back opens it anew."""
MOST = 50
"""People who are kept up to date at the same time: those who opened it last."""
AT_ONCE = 5
"""Tabs drawn side by side."""
BURST = 20
PER_SECOND = 100 / 60
"""Tabs shown anew after a quiet time, and from then on: 100 a minute, as many as Slack allows; the others come after
the next looks, in turn. (views.publish is of tier 4: https://docs.slack.dev/apis/web-api/rate-limits)"""


@dataclass
class _Looks:
    """Somebody who looks, until when, and the mark of what they saw: nothing yet, for who opens the tab anew."""

    person: Person
    until: datetime
    saw: str = ""
    stale: bool = False
    """Whether something has happened since their tab was drawn."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Homes:
    """Shows home tabs. Nothing runs while nobody looks; who looked before a restart sees it on coming back."""

    def __init__(
        self, house: House, replies: Replies, kept: Kept, clock: Callable[[], datetime], every: float = EVERY
    ) -> None:
        self._house = house
        self._replies = replies
        self._kept = kept
        self._clock = clock
        self._every = every
        self._looking: dict[str, _Looks] = {}
        self._watching: asyncio.Task[None] | None = None
        self._left, self._since = float(BURST), clock()

    async def opened(self, person: Person) -> None:
        """Somebody opened their tab: it is shown as things are now, and kept so."""
        self._looking.pop(person.slack, None)
        looks = self._looking[person.slack] = _Looks(person, self._clock() + LOOKS)
        while len(self._looking) > MOST:
            del self._looking[next(iter(self._looking))]
        await self._show(looks)
        if self._watching is None or self._watching.done():
            self._watching = self._kept.task(self._watch())
            self._watching.add_done_callback(told)

    def close(self) -> None:
        """Nobody is kept up to date any more: the process ends."""
        if self._watching is not None:
            self._watching.cancel()

    def acted(self, person: Person) -> None:
        """Somebody pressed a button in their tab: what came of it is to be seen there at once."""
        if person.slack in self._looking:
            self._kept.let_go(self._show(self._looking[person.slack]))

    async def _watch(self) -> None:
        """Looks for changes as long as anybody looks at a tab."""
        seen: dict[int, int] | None = None
        while self._looking:
            await asyncio.sleep(self._every)
            now = self._clock()
            self._looking = {user: looks for user, looks in self._looking.items() if now < looks.until}
            if (changed := await self._versions()) != seen:
                seen = changed
                for looks in self._looking.values():
                    looks.stale = True
            await self._draw([looks for looks in self._looking.values() if looks.stale])

    async def _draw(self, stale: Sequence[_Looks]) -> None:
        """Draws these tabs as far as Slack takes them, and puts them behind all others.

        Those that look as they did cost nothing: in a crowd most people have no part in what has changed.
        """
        now = self._clock()
        self._left = min(BURST, self._left + (now - self._since).total_seconds() * PER_SECOND)
        self._since, first = now, 0
        while first < len(stale) and self._left >= 1:
            together = stale[first : first + min(AT_ONCE, int(self._left))]
            self._left -= sum(await asyncio.gather(*(self._show(looks) for looks in together)))
            first += len(together)
            for looks in together:
                if self._looking.get(looks.person.slack) is looks:
                    self._looking[looks.person.slack] = self._looking.pop(looks.person.slack)

    async def _versions(self) -> dict[int, int] | None:
        """How far everything is; None while the database cannot be read."""
        try:
            return await self._house.reading.versions()
        except Unavailable:
            return None

    async def _show(self, looks: _Looks) -> bool:
        """Publishes the tab where it is another than they saw; one after the other, so that the newest stays.

        Whether Slack was asked.
        """
        async with looks.turn:
            looks.stale = False
            try:
                blocks = home_blocks(await self._home(looks.person))
            except Unavailable:
                looks.stale = True
                return False
            mark = _mark(blocks)
            if mark == looks.saw:
                return False
            if await self._replies.home(looks.person.slack, home_view(blocks, self._clock())):
                looks.saw = mark
            else:
                looks.stale = True
            return True

    async def _home(self, person: Person) -> Home:
        """What they may see; for a guest without a duty the sentence that a command would get, and nothing else."""
        try:
            await self._house.admit(person, None)
        except Refused as refused:
            return Home(person.actor, refused=refused.sentence)
        reading = self._house.reading
        return Home(person.actor, await reading.open_incidents(person.actor), await reading.owed(person.actor))


def _mark(blocks: Sequence[Block]) -> str:
    return hashlib.sha256(json.dumps(blocks).encode()).hexdigest()
