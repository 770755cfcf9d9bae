"""Somebody who expects a sign of life: remembers each that came, under whatever name it was sent to."""

from collections import defaultdict

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.sandbox.clock import Clock


class Heartbeats:
    """`GET`, `HEAD` or `POST /heartbeats/{name}`; the public methods are acts of the control API."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heard = defaultdict[str, list[float]](list)
        self._status = 200

    @property
    def routes(self) -> list[Route]:
        return [Route("/heartbeats/{name}", self._beat, methods=["GET", "HEAD", "POST"])]

    async def _beat(self, request: Request) -> Response:
        if self._status < 300:
            self._heard[request.path_params["name"]].append(self._clock.now())
        return PlainTextResponse("OK", self._status)

    def heartbeats(self, name: str) -> list[float]:
        """When each came, in seconds since 1970."""
        return list(self._heard[name])

    def answer_heartbeats_with(self, status: int) -> None:
        """From 300 on none is counted."""
        self._status = status
