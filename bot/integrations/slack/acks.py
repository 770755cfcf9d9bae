"""How long Slack waited for our answer, by what it had sent; it shows people an error after three seconds."""

from collections.abc import Mapping
from time import perf_counter

from bot.engine.durations import Durations


class Acks:
    """Filled by whichever way deliveries come in: sockets or HTTP."""

    def __init__(self) -> None:
        self.by_kind = {kind: Durations() for kind in ("command", "interaction", "event")}

    def add(self, body: Mapping[str, object], began: float) -> None:
        """A delivery that came at `began` (perf_counter) is answered now."""
        self.by_kind[kind_of(body)].add(perf_counter() - began)


def kind_of(body: Mapping[str, object]) -> str:
    """What sort of delivery it is; a form, a button and a shortcut are interactions."""
    if "command" in body:
        return "command"
    return "event" if body.get("type") == "event_callback" else "interaction"
