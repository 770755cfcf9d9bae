"""The hands of people and of tests on a sandbox, from any process."""

from types import TracebackType
from typing import Any, Self, cast

from bot.sandbox.faults import CallFault, Kind, System
from bot.sandbox.line import Line
from bot.sandbox.pagerduty.hands import PagerDutyHands
from bot.sandbox.slack.hands import SlackHands


class SandboxClient:
    """`async with SandboxClient(url) as sandbox: await sandbox.slack.command(…)`.

    `slack` and `pagerduty` are what people do there; the methods here are faults, time and the call log.
    """

    def __init__(self, url: str) -> None:
        self._line = Line(url)
        self.url = self._line.url
        self.slack = SlackHands(self._line)
        self.pagerduty = PagerDutyHands(self._line)

    async def add_fault(
        self,
        system: System,
        method: str = "*",
        kind: Kind = "500",
        *,
        times: int | None = 1,
        after: int = 0,
        retry_after: float = 1.0,
        error: str = "internal_error",
        probability: float = 1.0,
    ) -> None:
        """See `faults.Rule` for what each kind does."""
        await self._line.act(
            "sandbox",
            "add_fault",
            system=system,
            method=method,
            kind=kind,
            times=times,
            after=after,
            retry_after=retry_after,
            error=error,
            probability=probability,
        )

    async def faults(self) -> list[dict[str, Any]]:
        return cast(list[dict[str, Any]], await self._line.act("sandbox", "faults"))

    async def clear_faults(self) -> None:
        await self._line.act("sandbox", "clear_faults")

    async def seed_faults(self, number: int) -> None:
        await self._line.act("sandbox", "seed_faults", number=number)

    async def set_latency(self, system: System, seconds: float) -> None:
        """Every call to that system takes this long, half of it before the act."""
        await self._line.act("sandbox", "set_latency", system=system, seconds=seconds)

    async def set_share(self, system: System, kind: CallFault, share: float) -> None:
        """Let this share (0 to 1) of all calls to a system fail in this way, until it is set anew; 0 ends it."""
        await self._line.act("sandbox", "set_share", system=system, kind=kind, share=share)

    async def fair_weather(self) -> None:
        """Nothing fails any more: faults, latency, held and late webhooks, disabled links."""
        await self._line.act("sandbox", "fair_weather")

    async def advance(self, seconds: float) -> float:
        """Move the sandbox's clock forward; returns its new time in seconds since 1970."""
        return cast(float, await self._line.act("sandbox", "advance", seconds=seconds))

    async def calls(
        self, system: System | None = None, method: str | None = None, since: int = 0
    ) -> list[dict[str, Any]]:
        """The API calls received, oldest first; see `calls.Call` for the fields."""
        return cast(
            list[dict[str, Any]], await self._line.act("sandbox", "calls", system=system, method=method, since=since)
        )

    async def last_call(self) -> int:
        return cast(int, await self._line.act("sandbox", "last_call"))

    async def connections(self, system: System | None = None, since: int = 0) -> int:
        """How many TCP connections the calls after number `since` came in on."""
        return cast(int, await self._line.act("sandbox", "connections", system=system, since=since))

    async def heartbeats(self, name: str) -> list[float]:
        """When each sign of life came, in seconds since 1970."""
        return cast(list[float], await self._line.act("sandbox", "heartbeats", name=name))

    async def answer_heartbeats_with(self, status: int) -> None:
        """From 300 on none is counted."""
        await self._line.act("sandbox", "answer_heartbeats_with", status=status)

    async def clear_calls(self) -> None:
        await self._line.act("sandbox", "clear_calls")

    async def close(self) -> None:
        await self._line.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
