"""The workspace's state: who and what is in it, how it is set up, and what has happened there."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from bot.sandbox.clock import Clock
from bot.sandbox.control import Impossible
from bot.sandbox.slack import seed
from bot.sandbox.slack.records import Channel, File, Json, Message, Person, Ping, Token, UserGroup, View


@dataclass
class Settings:
    """How the workspace and the app in it are set up.

    `mode` says how the bot is reached: a socket of its own, or signed HTTP to `request_url`. `ack_seconds` is Slack's
    3 s rule; `retry_delays` are the seconds before the second, third and fourth delivery of an event, times
    `retry_scale`. `limits`: rate limits "off", "strict", or with "burst" (five messages at once per channel).
    `race_creates`: seconds between the check for a free channel name and the creation, in which a second create of
    that name slips through. `commands` and `shortcuts` are what the installed app offers, as its manifest says.
    """

    mode: Literal["socket", "http"] = "socket"
    request_url: str = ""
    ack_seconds: float = 3.0
    retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    retry_scale: float = 1.0
    trigger_seconds: float = 3.0
    limits: Literal["off", "strict", "burst"] = "off"
    race_creates: float = 0.0
    should_escape: bool = True
    approximate_connection_time: int = 3600
    max_connections: int = 10
    events: set[str] = field(default_factory=lambda: set(seed.BOT_EVENTS))
    link_disabled: bool = False
    guests_invitable: bool = True
    commands: list[Json] = field(default_factory=lambda: [{"command": "/incident", "description": "The app's command"}])
    shortcuts: list[Json] = field(default_factory=list)


class Workspace:
    """Everything that is in Slack. Read it from anywhere; only the sandbox's own loop changes it."""

    def __init__(self, clock: Clock, url: str) -> None:
        self.clock, self.url = clock, url
        self.settings = Settings()
        now = int(clock.now())
        self.people: dict[str, Person] = {person.id: person for person in seed.people()}
        self.groups: dict[str, UserGroup] = {group.id: group for group in seed.groups()}
        self.channels: dict[str, Channel] = {channel.id: channel for channel in seed.channels(now)}
        self.names: dict[str, str] = {channel.name: channel.id for channel in self.channels.values()}
        self.directs: dict[frozenset[str], str] = {}
        self.ephemerals: list[Message] = []
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.modals: dict[str, list[str]] = {}
        self.homes: dict[str, str] = {}
        self.pings: list[Ping] = []
        self.tokens: dict[str, Token] = {token.value: token for token in _tokens()}
        self.listeners: list[Callable[[str, Json, Channel | None], None]] = []
        self.changed = asyncio.Event()
        self.socket_tickets: set[str] = set()
        self._last_ts = 0
        self._ids = itertools.count(1)

    def ts(self) -> str:
        """A message timestamp: later than every one given before."""
        self._last_ts = max(int(self.clock.now() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_id(self, letter: str) -> str:
        """An id of the usual shape, such as C00000004K."""
        number, digits = next(self._ids) + 46_656, ""
        while number:
            number, place = divmod(number, 36)
            digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place] + digits
        return f"{letter}0{digits:0>8}"

    def emit(self, event_type: str, event: Json, channel: Channel | None = None) -> None:
        """Something happened: whoever is subscribed hears of it, whoever waits for a change wakes."""
        for listener in self.listeners:
            listener(event_type, event, channel)
        self.touch()

    def touch(self) -> None:
        """Wake those who wait for a change."""
        self.changed.set()
        self.changed = asyncio.Event()

    def person(self, who: str) -> Person:
        """By id, @name, e-mail or full name."""
        key = who.removeprefix("@")
        found = self.people.get(key) or next(
            (person for person in self.people.values() if key in (person.name, person.email, person.real_name)), None
        )
        if found is None:
            raise Impossible(f"nobody here is called {who}")
        return found

    def channel(self, where: str) -> Channel:
        """By id or #name."""
        key = where.removeprefix("#")
        found = self.channels.get(key) or self.channels.get(self.names.get(key, ""))
        if found is None or found.deleted:
            raise Impossible(f"there is no channel {where}")
        return found

    def direct(self, one: str, other: str) -> Channel:
        """The direct messages of two people, opened where they had none."""
        pair = frozenset((one, other))
        if pair not in self.directs:
            person = one if self.people[other].is_bot else other
            channel = Channel(self.new_id("D"), "", one, int(self.clock.now()), is_private=True, im_with=person)
            channel.members.update(dict.fromkeys((one, other)))
            self.channels[channel.id] = channel
            self.directs[pair] = channel.id
        return self.channels[self.directs[pair]]

    def token_for(self, person: Person) -> Token:
        """A user token of that person, with every scope (`xoxp-<user id>`)."""
        value = f"xoxp-{person.id}"
        return self.tokens.setdefault(value, Token(value, person.id, "user", {"*"}))

    def modal(self, user: str) -> View | None:
        """The modal on top of that person's screen."""
        stack = self.modals.get(user)
        return self.views[stack[-1]] if stack else None


def _tokens() -> list[Token]:
    return [
        Token(seed.BOT_TOKEN, seed.BOT_USER, "bot", set(seed.BOT_SCOPES), seed.BOT_ID),
        Token(seed.APP_TOKEN, seed.BOT_USER, "app", {"connections:write"}),
    ]
