"""Makes whole documents of templates, with the headers that keep a page to itself."""

import functools
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from bot.sandbox.slack import rooms
from bot.sandbox.web import assets
from bot.sandbox.web.chat.people import avatar, part, reachable
from bot.sandbox.web.markup import icon

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "frame-src 'self'",
        "frame-ancestors 'self'",
        "form-action 'none'",
        "base-uri 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@functools.cache
def _templates() -> Environment:
    """Made once and with the first page: a suite starts hundreds of sandboxes that show none."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    templates.globals.update(icon=icon, avatar=avatar, part=part, reachable=reachable, limited=rooms.is_limited)
    templates.globals["static"] = f"/static/{assets.version()}"
    return templates


def document(template: str, status: int = 200, **known: object) -> HTMLResponse:
    """The page `template` with what it is told."""
    return HTMLResponse(_templates().get_template(template).render(**known), status, HEADERS)
