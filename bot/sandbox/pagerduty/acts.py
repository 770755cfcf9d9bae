"""How an act at the control desk is refused: as something that a person could not have done there."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from bot.sandbox.control import Impossible
from bot.sandbox.pagerduty.problems import Problem

Args = ParamSpec("Args")
Result = TypeVar("Result")


def act(method: Callable[Args, Result]) -> Callable[Args, Result]:
    """Turns PagerDuty's own refusal into `Impossible`."""

    @functools.wraps(method)
    def tried(*args: Args.args, **kwargs: Args.kwargs) -> Result:
        try:
            return method(*args, **kwargs)
        except Problem as problem:
            raise Impossible(str(problem)) from problem

    return tried
