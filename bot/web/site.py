"""Every path that Muster answers, and what stands behind it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Protocol

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.web.metrics import CONTENT_TYPE, exposition
from bot.web.vitals import Check, State, Vitals

log = structlog.get_logger(__name__)

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Muster</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}}
td{{padding:.2rem 1rem .2rem 0;vertical-align:top}}.down{{color:#b00020}}.degraded{{color:#8a5a00}}</style>
<h1>Muster {version}</h1>
<p>Incidents are run in Slack: type <code>/incident</code> there.</p>
<table>{rows}</table>
<p><a href="/readyz">/readyz</a> · <a href="/metrics">/metrics</a> · <code>muster doctor</code> says what to do.</p>
</html>
"""
ROW = '<tr><td class="{mark}">{word}</td><td>{name}</td><td>{says}</td></tr>'


class Hook(Protocol):
    """A webhook that is its own ASGI application, under one path. Answers its own failures."""

    @property
    def path(self) -> str: ...

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


@dataclass(frozen=True)
class Site:
    """The whole of it as one ASGI application. What people and webhooks wait for comes first and bare: a storm of them
    is what must be fast."""

    hooks: Mapping[str, Hook]
    rest: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hook = self.hooks.get(scope["path"]) if scope["type"] == "http" else None
        try:
            await (hook or self.rest)(scope, receive, send)
        except Exception:  # the web's edge: Starlette, or uvicorn, answers with 500
            log.exception("page_failed", path=scope["path"])


@dataclass(frozen=True)
class _Posted:
    """What is posted to one path, and its answer."""

    path: str
    answer: Callable[[Request], Awaitable[Response]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        posted = scope["method"] == "POST"
        response = await self.answer(Request(scope, receive)) if posted else PlainTextResponse("", status_code=405)
        await response(scope, receive, send)


def build_site(
    vitals: Vitals,
    *,
    version: str,
    hooks: tuple[Hook, ...] = (),
    slack: Callable[[Request], Awaitable[Response]] | None = None,
) -> Site:
    """`slack` answers `POST /slack/events`; None (another role, no HTTP mode): that path is not there."""

    async def alive(request: Request) -> Response:
        """`/healthz`: the process answers. Nothing outside is asked, so that a sick database restarts nobody."""
        return PlainTextResponse("ok\n")

    async def ready(request: Request) -> Response:
        """`/readyz`: 200 while this process can hear and act, else 503; either way with what is wrong."""
        checks = await vitals.checks()
        up = all(check.state is not State.DOWN for check in checks)
        body = {"ready": up, "checks": {check.name: _told(check) for check in checks}}
        return JSONResponse(body, status_code=200 if up else 503)

    async def metrics(request: Request) -> Response:
        """`/metrics`: Prometheus' text format."""
        return Response(exposition(await vitals.samples()), media_type=CONTENT_TYPE)

    async def page(request: Request) -> Response:
        """`/`: one plain page for whoever looks."""
        rows = "".join(_row(check) for check in await vitals.checks())
        return HTMLResponse(PAGE.format(version=escape(version), rows=rows))

    routes = [Route("/", page), Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", metrics)]
    bare: list[Hook] = [*hooks, *([_Posted("/slack/events", slack)] if slack else [])]
    return Site({hook.path: hook for hook in bare}, Starlette(routes=routes, exception_handlers={Exception: _broken}))


MARKS = {State.FINE: "✓ fine", State.DEGRADED: "! degraded", State.DOWN: "✗ down"}


def _told(check: Check) -> str:
    return f"{check.state}: {check.says}" if check.says else check.state.value


def _row(check: Check) -> str:
    word = MARKS[check.state]
    return ROW.format(mark=check.state.value, word=word, name=escape(check.name), says=escape(check.says))


async def _broken(request: Request, error: Exception) -> Response:
    """What breaks behind a page is ours, and told in one plain word."""
    return PlainTextResponse("This is our fault; it has been recorded.\n", status_code=500)
