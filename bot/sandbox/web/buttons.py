"""Makes buttons that do one act each."""

import json
from collections.abc import Mapping

from markupsafe import Markup

from bot.sandbox.web.markup import Child, el


def button(
    words: Child,
    act: str,
    args: Mapping[str, object],
    *,
    cls: str | None = None,
    name: str | None = None,
    confirm: Mapping[str, str] | None = None,
) -> Markup:
    """One that does `act` ("pagerduty/resolve") with `args`; `name` is for ears where `words` alone say too little.

    `confirm` asks first: `{"title", "text", "confirm", "style"}`.
    """
    return el(
        "button",
        words,
        type="button",
        cls=cls,
        data_act=act,
        data_args=json.dumps(args),
        data_confirm=json.dumps(confirm) if confirm else None,
        aria_label=name,
    )


def switch(
    words: str, on: bool, act: str, args: Mapping[str, object], meaning: str, id: str, now: str | None = None
) -> Markup:
    """A row with a switch: `act` turns it over; `meaning` says in a sentence what it does, `now` what it is doing."""
    described = f"{id}-means"
    return el(
        "div",
        el(
            "button",
            el("span", cls="knob", aria_hidden="true"),
            words,
            type="button",
            role="switch",
            cls="switch",
            aria_checked="true" if on else "false",
            aria_describedby=described,
            data_act=act,
            data_args=json.dumps(args),
        ),
        el("small", meaning, " " if now else None, el("b", now) if now else None, cls="soft", id=described),
        cls="switched",
    )
