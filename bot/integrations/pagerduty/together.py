"""Many PagerDuty incidents resolved with few calls, though one of them alone makes PagerDuty refuse them all."""

from collections.abc import Sequence

from bot.integrations.pagerduty.rest import Rest
from bot.integrations.pagerduty.trouble import ALREADY_RESOLVED, DATA_CHANGED, UNKNOWN_REQUESTER, Refused

FEWER = 10
"""What is refused together is tried again in so many parts, and these one by one: a hundred take 111 calls at most."""
ABOUT_ALL = frozenset({401, 402, 403})
"""A refusal with such a status is about our token or the account: it would be said of each part, too."""


async def resolve_together(rest: Rest, incidents: Sequence[str], words: str) -> dict[str, Refused]:
    """Resolves them all and gives back those that PagerDuty refuses; what is resolved already is no refusal.

    PagerDuty does not say which of a refused call it meant, nor whether the others were changed, and resolving twice
    does no harm. Raises Trouble where nothing is known of the rest; Refused where it is about none of them by itself.
    """
    try:
        await rest.resolve_all(incidents, words)
    except Refused as refusal:
        if refusal.status in ABOUT_ALL or refusal.code in (DATA_CHANGED, UNKNOWN_REQUESTER):
            raise
        if len(incidents) == 1:
            return {} if refusal.code == ALREADY_RESOLVED else {incidents[0]: refusal}
    else:
        return {}
    refused: dict[str, Refused] = {}
    size = max(1, len(incidents) // FEWER)
    for start in range(0, len(incidents), size):
        refused |= await resolve_together(rest, incidents[start : start + size], words)
    return refused
