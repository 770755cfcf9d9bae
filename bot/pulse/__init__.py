"""How the running bot is doing: what `/readyz` looks at, what `/metrics` counts, and what the watchman is shown."""

from functools import partial

from bot.pulse.counts import Counts
from bot.pulse.feeling import Feeling as Feeling
from bot.pulse.readiness import checks
from bot.pulse.watched import Watched as Watched
from bot.pulse.watched import Workers as Workers
from bot.web.vitals import Vitals


def vitals(watched: Watched) -> Vitals:
    """For the site. Begins to count what happens."""
    return Vitals(partial(checks, watched), (Counts(watched).all,))
