"""The control API: the hands of people and of tests, `POST /control/{desk}/{act}` with the act's arguments as JSON."""

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.calls import CallLog
from bot.sandbox.clock import Clock
from bot.sandbox.faults import CallFault, Faults, Kind, Rule, System


class Impossible(Exception):
    """Somebody tried what cannot be done there: a button that is not on the screen, a person who does not exist."""


class Bench:
    """The acts that concern the sandbox as a whole: faults, latency, time, the call log.

    `cut_all` resets every connection; `calm` undoes what the two halves themselves were told to do badly.
    """

    def __init__(
        self, faults: Faults, calls: CallLog, clock: Clock, cut_all: Callable[[], None], calm: Callable[[], None]
    ) -> None:
        self._faults, self._calls, self._clock, self._cut_all, self._calm = faults, calls, clock, cut_all, calm

    def add_fault(
        self,
        system: System,
        method: str = "*",
        kind: Kind = "500",
        times: int | None = 1,
        after: int = 0,
        retry_after: float = 1.0,
        error: str = "internal_error",
        probability: float = 1.0,
    ) -> None:
        self._faults.add(Rule(system, method, kind, times, after, retry_after, error, probability))

    def faults(self) -> list[dict[str, Any]]:
        return [rule.to_json() for rule in self._faults.rules]

    def clear_faults(self) -> None:
        self._faults.clear()

    def seed_faults(self, number: int) -> None:
        self._faults.seed(number)

    def set_latency(self, system: System, seconds: float) -> None:
        self._faults.latency[system] = seconds

    def set_share(self, system: System, kind: CallFault, share: float) -> None:
        """Let this share (0 to 1) of all calls to a system fail in this way, until it is set anew; 0 ends it."""
        if not 0 <= share <= 1:
            raise Impossible(f"a share lies between 0 and 1, and {share:g} does not")
        self._faults.set_share(system, kind, share)

    def fair_weather(self) -> None:
        """Nothing fails any more: faults, latency, held and late webhooks, disabled links."""
        self._faults.clear()
        self._calm()

    def cut_connections(self) -> None:
        """Reset every TCP connection that is open, this one included."""
        self._cut_all()

    def advance(self, seconds: float) -> float:
        self._clock.advance(seconds)
        return self._clock.now()

    def calls(self, system: str | None = None, method: str | None = None, since: int = 0) -> list[dict[str, Any]]:
        return [call.to_json() for call in self._calls.all(system, method, since)]

    def last_call(self) -> int:
        return self._calls.last

    def connections(self, system: str | None = None, since: int = 0) -> int:
        return self._calls.connections(system, since)

    def clear_calls(self) -> None:
        self._calls.clear()


class Control:
    """The endpoint: finds the desk and the act, calls it, answers `{"result": …}` or 400 with `{"error": …}`.

    `touched` is called after each act, for whoever watches.
    """

    def __init__(self, desks: Mapping[str, object | tuple[object, ...]], touched: Callable[[], None]) -> None:
        self.desks = {name: desk if isinstance(desk, tuple) else (desk,) for name, desk in desks.items()}
        self._touched = touched

    async def __call__(self, request: Request) -> Response:
        desk, act = request.path_params["desk"], request.path_params["act"]
        method = self._find(desk, act)
        if method is None:
            return JSONResponse({"error": f"no act {desk}/{act}"}, 404)
        try:
            given = json.loads(await request.body() or b"{}")
            bound = inspect.signature(method).bind(**given)
            result = method(*bound.args, **bound.kwargs)
            result = await result if inspect.isawaitable(result) else result
        except (Impossible, TypeError, ValueError) as error:
            return JSONResponse({"error": str(error), "kind": type(error).__name__}, 400)
        self._touched()
        return JSONResponse({"result": result})

    def _find(self, desk: str, act: str) -> Callable[..., Any] | None:
        if act.startswith("_"):
            return None
        found = (getattr(part, act, None) for part in self.desks.get(desk, ()))
        return next((method for method in found if callable(method)), None)
