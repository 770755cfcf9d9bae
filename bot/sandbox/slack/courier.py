"""Brings to the bot what happens in Slack, and brings it again where the bot did not answer in time."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

from bot.sandbox.faults import Faults
from bot.sandbox.slack import payloads, seed
from bot.sandbox.slack.records import Channel, Json
from bot.sandbox.slack.workspace import Workspace

Kind = Literal["events_api", "slash_commands", "interactive"]
# What every app in the workspace hears of public channels, member or not.
PUBLIC = frozenset(f"channel_{what}" for what in ("created", "rename", "archive", "unarchive", "deleted", "shared"))


@dataclass
class Attempt:
    """One try to deliver. `reason`: why it was tried again ("" at first); `outcome`: "acked" or what went wrong."""

    number: int
    reason: str
    at: float
    seconds: float
    outcome: str
    status: int | None = None


@dataclass
class Delivery:
    """One thing that was to be brought to the bot; `ack` is what the bot answered with, if anything."""

    id: str
    kind: Kind
    what: str
    payload: Json
    attempts: list[Attempt] = field(default_factory=list)
    ack: Json | None = None

    @property
    def acked(self) -> bool:
        return any(attempt.outcome == "acked" for attempt in self.attempts)

    def to_json(self) -> Json:
        return {**asdict(self), "acked": self.acked}


@dataclass(frozen=True)
class Outcome:
    """What came of one try."""

    outcome: str
    ack: Json | None = None
    status: int | None = None
    may_retry: bool = True


class Transport(Protocol):
    """A way to the bot: its sockets or its URL."""

    async def carry(self, delivery: Delivery, number: int, reason: str) -> Outcome: ...


class Courier:
    """Keeps every delivery ever made, so that one can be made again on demand."""

    def __init__(self, workspace: Workspace, faults: Faults, socket: Transport, http: Transport) -> None:
        self._workspace, self._faults = workspace, faults
        self._transports: dict[str, Transport] = {"socket": socket, "http": http}
        self.deliveries: dict[str, Delivery] = {}
        self._held: list[Delivery] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        workspace.listeners.append(self._heard)

    async def hand_over(self, kind: Kind, what: str, payload: Json) -> Delivery:
        """Bring one command or click, once: Slack documents no retries for those."""
        delivery = self._new(kind, what, payload)
        rule = self._faults.delivery("slack", what)
        if rule is not None and rule.kind == "lose":
            delivery.attempts.append(Attempt(0, "", time.time(), 0.0, "lost"))
            return delivery
        if rule is not None and rule.kind == "duplicate":
            self._spawn(self._try(delivery, 1, "http_timeout"))
        await self._try(delivery, 0, "")
        return delivery

    async def redeliver(self, delivery: Delivery, number: int = 1, reason: str = "http_timeout") -> Attempt:
        """Bring the very same thing once more, as a retry."""
        await self._try(delivery, number, reason)
        return delivery.attempts[-1]

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _heard(self, event_type: str, event: Json, channel: Channel | None) -> None:
        if event_type not in self._workspace.settings.events or not _hears(event_type, channel):
            return
        delivery = self._new("events_api", event["type"], payloads.event(self._workspace, event, channel))
        rule = self._faults.delivery("slack", event["type"])
        if rule is not None and rule.kind == "lose":
            return
        if rule is not None and rule.kind == "hold":
            self._held.append(delivery)
            return
        self._spawn(self._insist(delivery))
        if rule is not None and rule.kind == "duplicate":
            self._spawn(self._insist(delivery))
        for late in self._held:
            self._spawn(self._insist(late))
        self._held.clear()

    async def _insist(self, delivery: Delivery) -> None:
        """An event: tried again at once, after a minute and after five (https://docs.slack.dev/apis/events-api)."""
        outcome = await self._try(delivery, 0, "")
        for number, delay in enumerate(self._workspace.settings.retry_delays, start=1):
            if outcome.outcome == "acked" or not outcome.may_retry:
                return
            await asyncio.sleep(delay * self._workspace.settings.retry_scale)
            outcome = await self._try(delivery, number, outcome.outcome)

    async def _try(self, delivery: Delivery, number: int, reason: str) -> Outcome:
        started, began = time.time(), time.monotonic()
        transport = self._transports[self._workspace.settings.mode]
        outcome = await transport.carry(delivery, number, reason)
        seconds = time.monotonic() - began
        delivery.attempts.append(Attempt(number, reason, started, seconds, outcome.outcome, outcome.status))
        if outcome.outcome == "acked":
            delivery.ack = outcome.ack
        self._workspace.touch()
        return outcome

    def _new(self, kind: Kind, what: str, payload: Json) -> Delivery:
        delivery = Delivery(f"d{len(self.deliveries) + 1}", kind, what, payload)
        self.deliveries[delivery.id] = delivery
        return delivery

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _hears(event_type: str, channel: Channel | None) -> bool:
    return channel is None or event_type in PUBLIC or seed.BOT_USER in channel.members
