"""Keeps other websites out: only pages of our own, and programs of this machine, may act here."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

OURSELVES = {"127.0.0.1", "localhost", "::1"}
REFUSAL = "The sandbox answers only pages of its own and programs on this machine."


class Guard:
    """An ASGI application in front of another: 403 for what another website sent, or reached by another name.

    A browser tells where a request comes from (`Origin`, `Sec-Fetch-Site`) and by which name it found us (`Host`: a
    website may have its own name resolve to 127.0.0.1). Programs say neither and pass.
    https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or is_ours(Headers(scope=scope), scope.get("method", "")):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(REFUSAL, 403)(scope, receive, send)


def is_ours(headers: Headers, method: str) -> bool:
    """Whether the request's own account of itself is one that we serve; `method` is empty for a WebSocket."""
    host, origin = headers.get("host", ""), headers.get("origin")
    if urlsplit(f"//{host}").hostname not in OURSELVES:
        return False
    if origin is not None and origin != f"http://{host}":
        return False
    if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return method == "GET" and headers.get("sec-fetch-mode") == "navigate"
    return True
