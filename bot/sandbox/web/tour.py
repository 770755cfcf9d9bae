"""The tour and the story that plays, in a panel beside every page of a demo."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import partial

from markupsafe import Markup

from bot.sandbox.control import Impossible
from bot.sandbox.web.backstage import Backstage, Offer, Playing, TourStep
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el, icon, join
from bot.sandbox.web.windows import Region

TYPED = re.compile(r"`([^`]+)`")


def regions(eyes: Eyes, backstage: Backstage | None) -> Iterator[Region]:
    """One region for each step, and one for the stories; none where nobody guides."""
    if backstage is None:
        return
    steps = backstage.tour()
    waits = next((step.key for step in steps if not step.done), "")
    for number, step in enumerate(steps, start=1):
        draw = partial(_step, eyes, step, number, is_next=step.key == waits)
        yield Region(f"s-{step.key}", "tour-steps", (step, step.key == waits), draw)
    done = sum(step.done for step in steps)
    yield Region("tour-count-only", "tour-count", done, partial(_count, done, len(steps)))
    playing, offers = backstage.playing(), backstage.scenarios()
    path = _path(eyes, playing) if playing else ""
    yield Region("playing", "player", (playing, path), partial(_playing, playing, path, offers))


def _count(done: int, of: int) -> Markup:
    return el("span", "All done" if done == of else f"{done} of {of} done", id="tour-count-only", cls="soft")


def _step(eyes: Eyes, step: TourStep, number: int, *, is_next: bool) -> Markup:
    """What is next is told at length, what is done can be undone, the rest is named."""
    mark = el("span", icon("check") if step.done else str(number), cls="mark", aria_hidden="true")
    title = el("h3", mark, step.title, _said("done") if step.done else None)
    state = "done" if step.done else "next" if is_next else None
    body = _undo(step) if step.done else _what(eyes, step)
    return el("li", title, *body, id=f"s-{step.key}", cls=state, aria_current="step" if is_next else None)


def _said(words: str) -> Markup:
    return el("span", f", {words}", cls="quiet")


def _what(eyes: Eyes, step: TourStep) -> Sequence[Markup]:
    show = el(
        "a", "Show me", _said(step.title), cls="button", href=_way(eyes, step.place) or eyes.path(""), data_tour_go=True
    )
    return el("p", typed(step.words)), show


def _undo(step: TourStep) -> Sequence[Markup]:
    args = json.dumps({"step": step.key})
    words = join("Undo", _said(step.title))
    button = el("button", icon("undo"), words, type="button", cls="plain", data_act="backstage/undo", data_args=args)
    return button, el("p", f"Undo: {step.undo}")


def typed(words: str) -> Markup:
    """Words with what is to be typed, between backticks, set off."""
    parts = TYPED.split(words)
    return join(*(el("code", part) if at % 2 else part for at, part in enumerate(parts)))


def _playing(playing: Playing | None, path: str, offers: Sequence[Offer]) -> Markup:
    return _now(playing, path) if playing else _offers(offers)


def _offers(offers: Sequence[Offer]) -> Markup:
    items = [el("li", _play(offer), el("p", offer.words, cls="soft")) for offer in offers]
    words = el("p", "It plays by itself, with people and bot doing what they do.", cls="soft")
    return el("div", el("h3", "Or watch a story"), words, el("ul", *items), id="playing")


def _play(offer: Offer) -> Markup:
    args = json.dumps({"scenario": offer.key})
    said = f"Play: {offer.title}"
    return el(
        "button", icon("play"), offer.title, type="button", data_act="backstage/play", data_args=args, aria_label=said
    )


def _now(playing: Playing, path: str) -> Markup:
    going = _button("go_on", "play", "Go on") if playing.paused else _button("pause", "pause", "Pause")
    follow = el("label", el("input", type="checkbox", id="follow"), "Follow along", cls="follow")
    where = el("a", "Go there", href=path) if path else None
    return el(
        "div",
        el("h3", playing.scenario),
        el("progress", value=playing.beat, max=playing.of, aria_label="How far the story is"),
        el("p", f"{playing.beat} of {playing.of}" + (", paused" if playing.paused else ""), cls="soft"),
        el("p", playing.caption, cls="caption", role="status"),
        el("div", going, _button("stop", "stop", "Stop"), follow, where, cls="row"),
        id="playing",
        cls="now",
        data_follow=path or None,
    )


def _button(act: str, drawing: str, words: str) -> Markup:
    return el("button", icon(drawing), words, type="button", data_act=f"backstage/{act}")


def _path(eyes: Eyes, playing: Playing) -> str:
    """Where it can be watched: by the viewer, or, in a room that they may not enter, by whoever acts there."""
    try:
        return _way(eyes, playing.place) or f"/as/{eyes.workspace.person(playing.who).name}{playing.place}"
    except Impossible:
        return ""


def _way(eyes: Eyes, place: str) -> str:
    """The viewer's own way to a place; empty where it is a channel that they may not see."""
    channel = place.removeprefix("/c/")
    return eyes.path(place) if channel == place or eyes.channel(channel) is not None else ""
