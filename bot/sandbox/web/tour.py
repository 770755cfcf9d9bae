"""The tour and the story that plays, in a panel beside every page of a demo."""

from collections.abc import Iterator
from functools import partial

from markupsafe import Markup

from bot.sandbox.web.backstage import Backstage, TourStep
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el
from bot.sandbox.web.windows import Region


def regions(eyes: Eyes, backstage: Backstage | None) -> Iterator[Region]:
    """One region for each step; none where nobody guides."""
    for step in backstage.tour() if backstage else ():
        yield Region(f"s-{step.key}", "tour-steps", step, partial(_step, eyes, step))


def _step(eyes: Eyes, step: TourStep) -> Markup:
    return el("li", el("a", step.title, href=eyes.path(step.place)), el("p", step.words), id=f"s-{step.key}")
