"""A channel in a window: its newest messages, what came before them, a thread beside them."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import chain, pairwise

from markupsafe import Markup

from bot.sandbox.slack.records import Channel, Message
from bot.sandbox.web.chat import beginning, details, head, messages
from bot.sandbox.web.chat.marks import COUNTED, Marks
from bot.sandbox.web.chat.sidebar import named
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el
from bot.sandbox.web.windows import Region

STEP, MOST = 60, 240
"""How many messages a window begins with and looks back by, and how many it holds before the oldest leave it."""
AROUND = 20
"""How many messages before the one that is sought are shown with it."""
RECENT = 3600
"""Seconds for which whispers are shown: the real one forgets them with the window."""
AWAY = 3
"""Seconds without a look after which somebody was away: what came meanwhile is new to them."""


class ChatPage:
    """One conversation as one person sees it."""

    template = "chat.html.j2"

    def __init__(
        self, eyes: Eyes, channel: Channel, marks: Marks, thread: str | None, at: str | None, pane: str | None
    ) -> None:
        self.eyes, self.channel, self.marks = eyes, channel, marks
        sought = channel.messages.get(at or "")
        self.at = sought.ts if sought else None
        self.thread = self._root(thread) or (sought.thread_ts if sought and self._is_aside(sought) else None)
        self.pane, self.place = pane, channel.id
        self._new = marks.first_unread(eyes.viewer.id, channel)
        unread = self._new if marks.unread(eyes.viewer.id, channel) < COUNTED else None
        self._first, self._most = self._start(min(filter(None, (self.thread, self.at, unread)), default=None))
        self._opened = self._looked = eyes.workspace.clock.now()

    @property
    def title(self) -> str:
        return named(self.eyes, self.channel)

    @property
    def without_thread(self) -> str:
        """Where closing the thread leads: back to its root, if the channel alone would not reach so far back."""
        is_far = self.thread is not None and self.thread < self._start(None)[0]
        return self.eyes.path(f"/c/{self.place}" + (f"?at={self.thread}" if is_far else ""))

    def regions(self) -> Iterator[Region]:
        if not self.eyes.sees(self.channel):
            # Taken out of a private channel, or it was deleted, while one looked at it.
            yield head.gone(self.eyes)
            return
        yield from head.regions(self.eyes, self.channel)
        yield from self._spoken()
        yield from self._threaded()
        yield from details.regions(self.eyes, self.channel, self.pane)

    def looked_at(self) -> None:
        now = self.eyes.workspace.clock.now()
        if now - self._looked > AWAY:
            self._new = self.marks.first_unread(self.eyes.viewer.id, self.channel) or self._new
        self._looked = now
        self.marks.read(self.eyes.viewer.id, self.channel)

    def earlier(self) -> None:
        older = self._older()
        if older:
            self._first = older[-STEP:][0]
            self._most += STEP

    def _root(self, thread: str | None) -> str | None:
        """The thread that was asked for; a reply stands for the thread that it is in."""
        asked = self.channel.messages.get(thread or "")
        return (asked.thread_ts or asked.ts) if asked else None

    def _is_aside(self, message: Message) -> bool:
        """Whether it stands in a thread only."""
        return message.is_reply and message.subtype != "thread_broadcast"

    def _start(self, sought: str | None) -> tuple[str, int]:
        """The `ts` of the oldest message to show, and how many to hold: the newest, back to what led to the sought."""
        first, count, owed = "", 0, AROUND if sought else 0
        for ts in reversed(self.channel.messages):
            if self._stands(self.channel.messages[ts]):
                first, count = ts, count + 1
                owed -= sought is not None and ts < sought
            if count >= STEP and owed <= 0:
                break
        return first, max(MOST, count + STEP)

    def _older(self) -> list[str]:
        """What stands above the oldest that is shown, oldest first."""
        return [ts for ts in self.channel.messages if ts < self._first and self._stands(self.channel.messages[ts])]

    def _spoken(self) -> Iterator[Region]:
        shown = self._shown()
        yield beginning.region(self.eyes, self.channel, has_older=self._has_older())
        for before, message in pairwise([None, *shown]):
            assert message is not None
            if before is None or self._day(before) != self._day(message):
                yield self._divider(self._day(message))
                before = None
            if message.ts == self._new:
                yield Region("new", "messages", None, partial(el, "p", "New", id="new", cls="new"))
                before = None
            prefix = "e" if message.ephemeral_to else f"m-{self.channel.id}"
            key = f"{prefix}-{message.ts}"
            yield messages.region(self.eyes, self.channel, message, key=key, slot="messages", before=before)

    def _threaded(self) -> Iterator[Region]:
        parent = self.channel.messages.get(self.thread) if self.thread else None
        if parent is None:
            return
        whispered = (whisper for whisper in self._whispers() if whisper.thread_ts == self.thread)
        said = sorted(chain(messages.replies(self.channel, parent), whispered), key=lambda each: each.ts)
        for before, message in pairwise([None, parent, *said]):
            assert message is not None
            key = f"t-{self.channel.id}-{message.ts}"
            above = None if before is parent else before
            yield messages.region(self.eyes, self.channel, message, key=key, slot="thread-messages", before=above)

    def _has_older(self) -> bool:
        for ts in self.channel.messages:
            if ts >= self._first:
                return False
            if self._stands(self.channel.messages[ts]):
                return True
        return False

    def _shown(self) -> list[Message]:
        """What stands in the main list, oldest first; beyond what a window holds the oldest leave."""
        newest: list[Message] = []
        for ts in reversed(self.channel.messages):
            if ts < self._first:
                break
            if self._stands(self.channel.messages[ts]):
                newest.append(self.channel.messages[ts])
        if len(newest) > self._most:
            newest = newest[: self._most]
            self._first = newest[-1].ts
        whispers = [whisper for whisper in self._whispers() if not whisper.thread_ts and whisper.ts >= self._first]
        return sorted(chain(newest, whispers), key=lambda each: each.ts)

    def _whispers(self) -> Iterator[Message]:
        for whisper in reversed(self.eyes.workspace.ephemerals):
            if float(whisper.ts) < self._opened - RECENT:
                return
            is_here = whisper.channel == self.channel.id and whisper.ephemeral_to == self.eyes.viewer.id
            if is_here and not whisper.deleted:
                yield whisper

    def _stands(self, message: Message) -> bool:
        if self._is_aside(message):
            return False
        return not message.deleted or any(not self.channel.messages[ts].deleted for ts in message.replies)

    def _day(self, message: Message) -> date:
        return self.eyes.moment(float(message.ts)).date()

    def _divider(self, day: date) -> Region:
        def draw() -> Markup:
            return el("h2", f"{day:%A}, {day.day} {day:%B}", id=f"day-{day}", cls="day")

        return Region(f"day-{day}", "messages", None, draw)
