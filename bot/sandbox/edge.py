"""The door of every API call: it logs the call, delays it, and lets a fault strike before or after the act."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.types import Receive, Send

from bot.sandbox.calls import Call, CallLog
from bot.sandbox.faults import HANG_SECONDS, Faults, Rule, System
from bot.sandbox.wire import Answer, Connections, Request, client_gone, send_answer, text_answer

Act = Callable[[], Awaitable[Answer]]


class Dialect(Protocol):
    """How one vendor words its refusals."""

    def rate_limited(self, retry_after: float) -> Answer: ...

    def broken(self, status: int) -> Answer: ...

    def error(self, code: str) -> Answer: ...


@dataclass(frozen=True)
class Edge:
    """What both systems share: faults, the call log and the TCP connections."""

    faults: Faults
    calls: CallLog
    connections: Connections

    async def serve(
        self,
        system: System,
        method: str,
        args: dict[str, Any],
        request: Request,
        receive: Receive,
        send: Send,
        dialect: Dialect,
        act: Act,
    ) -> None:
        """Perform `act` and send its answer, unless a fault has it otherwise."""
        call = self.calls.begin(system, method, args, request.connection)
        travel = self.faults.latency[system] / 2
        if travel:
            await asyncio.sleep(travel)
        rule = self.faults.call(system, method)
        said = await self._answer(call, rule, dialect, act)
        if travel:
            await asyncio.sleep(travel)
        if said is not None:
            self.calls.finish(call, said.status, said.outcome)
            await send_answer(send, said)
            return
        assert rule is not None
        if rule.kind.startswith("hang"):
            await client_gone(receive, HANG_SECONDS)
        self.calls.finish(call, None, rule.kind)
        self.connections.cut(request.peer)
        await client_gone(receive, 1)

    async def _answer(self, call: Call, rule: Rule | None, dialect: Dialect, act: Act) -> Answer | None:
        """What to say; None where the fault leaves the caller without an answer."""
        if rule is None or rule.kind.endswith("_after"):
            said = await act()
            call.acted = said.status < 400 and said.outcome == "ok"
            if rule is None:
                return said
        return _struck(rule, dialect)


def _struck(rule: Rule, dialect: Dialect) -> Answer | None:
    match rule.kind.removesuffix("_after"):
        case "429":
            return dialect.rate_limited(rule.retry_after)
        case "500" | "503":
            return dialect.broken(int(rule.kind[:3]))
        case "malformed":
            return text_answer("<html><body>Bad gateway</body></html>", outcome="malformed")
        case "error":
            return dialect.error(rule.error)
        case "answer":
            headers = tuple((name.lower().encode(), value.encode()) for name, value in rule.headers.items())
            return Answer(rule.status, rule.body.encode(), "answer", headers)
        case _:
            return None
