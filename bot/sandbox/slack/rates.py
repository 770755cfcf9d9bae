"""How often a method may be called, and a channel be posted to, before Slack answers 429.

Windows of one minute per method and token (tiers), one message a second per channel with short bursts allowed:
https://docs.slack.dev/apis/web-api/rate-limits.
"""

import math
from collections import deque

from bot.sandbox.slack.workspace import Workspace

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
SPECIAL = {"auth.test": 600, "chat.getPermalink": 600}
POSTING = frozenset({"chat.postMessage"})
BURST = 5


class Rates:
    """Counts calls while `settings.limits` is not "off"."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._calls: dict[tuple[str, str], deque[float]] = {}
        self._posts: dict[str, float] = {}

    def wait(self, method: str, tier: int, token: str, channel: str) -> int:
        """Seconds the caller must wait; 0 if this call is within the limits, and counted."""
        if self._workspace.settings.limits == "off":
            return 0
        now = self._workspace.clock.now()
        if method in POSTING:
            return self._post(channel, now)
        return self._call((method, token), PER_MINUTE.get(tier) or SPECIAL.get(method, 600), now)

    def _call(self, key: tuple[str, str], most: int, now: float) -> int:
        calls = self._calls.setdefault(key, deque())
        while calls and calls[0] <= now - 60:
            calls.popleft()
        if len(calls) >= most:
            return max(1, math.ceil(calls[0] + 60 - now))
        calls.append(now)
        return 0

    def _post(self, channel: str, now: float) -> int:
        """A bucket of one token a second: `_posts` holds the time at which it will be full again."""
        size = BURST if self._workspace.settings.limits == "burst" else 1
        full_at = max(self._posts.get(channel, now), now)
        if full_at - now > size - 1:
            return max(1, math.ceil(full_at - now - (size - 1)))
        self._posts[channel] = full_at + 1
        return 0
