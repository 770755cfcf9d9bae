"""What the room's card is drawn from."""

from dataclasses import dataclass

from bot.incident.model import Incident
from bot.incident.policy import Policy
from bot.incident.steps import Runbook

WORDS = 280
"""Of what people wrote, on a card: enough to know, short enough for a phone."""
TITLE = 90


@dataclass(frozen=True)
class Trouble:
    """A promise that was not kept: what, why, and the effect to try again, where that can be done."""

    step: str
    reason: str
    effect: int | None = None


@dataclass(frozen=True)
class CardState:
    """All that the room's card shows."""

    incident: Incident
    policy: Policy
    bridge: str = ""
    troubles: tuple[Trouble, ...] = ()
    runbooks: tuple[Runbook, ...] = ()
    """Those that match the incident, the best match first."""
