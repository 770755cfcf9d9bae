"""What each of the two halves, Slack and PagerDuty, hands to the server."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from starlette.routing import BaseRoute

State = TypeVar("State")
Desk = TypeVar("Desk")


@dataclass(frozen=True)
class Half(Generic[State, Desk]):
    """What the server serves and what tests look at.

    `state` is for asserts; the public methods of `desk` (or of several) become the control API; `close` ends what runs
    by itself.
    """

    state: State
    routes: Sequence[BaseRoute]
    desk: Desk
    close: Callable[[], Awaitable[None]]
