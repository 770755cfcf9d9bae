"""The sky: how fair it is, and a card of sliders for each system."""

import json
from collections.abc import Iterator
from functools import partial

from markupsafe import Markup

from bot.sandbox.faults import Faults, System
from bot.sandbox.web.buttons import button
from bot.sandbox.web.markup import el, icon
from bot.sandbox.web.weather.troubles import SYSTEMS, TROUBLES, Trouble, elsewhere, told
from bot.sandbox.web.windows import Region


def regions(faults: Faults) -> Iterator[Region]:
    """What is wrong now, then the sliders of each system."""
    sentences, others = told(faults), elsewhere(faults)
    yield Region("weather-now-only", "weather-now", (sentences, others), partial(_now, sentences, others))
    for system, name in SYSTEMS.items():
        amounts = tuple(trouble.amount(faults, system) for trouble in TROUBLES)
        yield Region(f"sky-{system}", "weather-sky", amounts, partial(_system, system, name, amounts))


def _now(sentences: tuple[str, ...], others: int) -> Markup:
    is_rough = bool(sentences or others)
    more = f"{others} {'fault was' if others == 1 else 'faults were'} set elsewhere." if others else None
    title = "The weather is rough" if is_rough else "The weather is fair"
    rows = [el("li", sentence) for sentence in (*sentences, *([more] if more else []))]
    return el(
        "div",
        el("h2", icon("weather" if is_rough else "check"), title),
        el("ul", *rows) if is_rough else el("p", "Slack and PagerDuty answer every call at once.", cls="soft"),
        button("Fair weather", "sandbox/fair_weather", {}, cls="primary" if is_rough else None),
        id="weather-now-only",
        cls="card now rough" if is_rough else "card now",
    )


def _system(system: System, name: str, amounts: tuple[float, ...]) -> Markup:
    rows = [_slider(system, name, trouble, amount) for trouble, amount in zip(TROUBLES, amounts, strict=True)]
    return el(
        "section",
        el("h2", name, id=f"sky-{system}-title"),
        *rows,
        _sockets() if system == "slack" else None,
        id=f"sky-{system}",
        cls="card sky",
        aria_labelledby=f"sky-{system}-title",
    )


def _slider(system: System, name: str, trouble: Trouble, amount: float) -> Markup:
    id, words = f"{system}-{trouble.kind}", trouble.words(amount)
    is_slow = trouble.kind == "slow"
    known = {"system": system} if is_slow else {"system": system, "kind": trouble.kind}
    slider = el(
        "input",
        type="range",
        id=id,
        min=0,
        max=len(trouble.steps) - 1,
        value=trouble.nearest(amount),
        aria_valuetext=words,
        aria_describedby=f"{id}-means",
        data_slide="sandbox/set_latency" if is_slow else "sandbox/set_share",
        data_args=json.dumps(known),
        data_field="seconds" if is_slow else "share",
        data_steps=json.dumps(trouble.steps),
    )
    return el(
        "div",
        el("label", trouble.title, for_=id),
        el("output", words, for_=id, cls="some" if amount else None),
        slider,
        el("small", f"{name} {trouble.clause}.", cls="soft", id=f"{id}-means"),
        cls="slider",
    )


def _sockets() -> Markup:
    return el(
        "div",
        button("Drop the sockets", "slack/drop_sockets", {}),
        el("small", "Slack closes the bot's connections without a word; the bot has to open new ones.", cls="soft"),
        cls="once",
    )
