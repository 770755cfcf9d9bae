"""By what names an incident knows its places in Slack: the room, its card, each sentence and direct message."""

from collections.abc import Mapping

CHANNEL = "slack.channel"
"""The ref of the war room (kind `channel`, foreign id `C…`)."""
CARD = "slack.card"
"""The ref of the pinned card (kind `message`, foreign id `C…/ts`), as of every message below."""
ANNOUNCEMENT = "slack.announcement"
DRAFTS = "slack.draft."
"""How the refs of the draft's files begin (kind `file`)."""


def card_of(refs: Mapping[str, str]) -> str:
    """Where the card is: the newest of them, should earlier ones have been deleted by somebody."""
    return refs[max((name for name in refs if name == CARD or name.startswith(f"{CARD}.")), key=_nth)]


def next_card(refs: Mapping[str, str]) -> str:
    """The ref of a card in the place of one that was deleted."""
    return f"{CARD}.{1 + max(_nth(name) for name in refs if name.startswith(CARD))}"


def _nth(card: str) -> int:
    return int(card.removeprefix(f"{CARD}.")) if card != CARD else 1


def say_ref(seq: int) -> str:
    """The ref of the sentence that tells of the fact `seq`."""
    return f"slack.say.{seq}"


def tell_ref(seq: int, person: str) -> str:
    """The ref of the direct message to somebody (`slack:U…`) about the fact `seq` (foreign id `D…/ts`)."""
    return f"{tells(seq)}{person.partition(':')[2]}"


def tells(seq: int) -> str:
    """How the refs of all direct messages about the fact `seq` begin."""
    return f"slack.tell.{seq}."
