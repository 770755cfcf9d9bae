"""By what names an incident knows its places in Slack: its rooms, their cards, each sentence and direct message."""

import re
from collections.abc import Mapping

CHANNEL = "slack.channel"
"""The ref of the war room (kind `channel`, foreign id `C…`)."""
CARD = "slack.card"
"""The ref of the pinned card (kind `message`, foreign id `C…/ts`), as of every message below."""
ANNOUNCEMENT = "slack.announcement"
DRAFTS = "slack.draft."
"""How the refs of the draft's files begin (kind `file`)."""
TELLS = "slack.tell."
_CARDS = re.compile(rf"(?P<first>{re.escape(CARD)}(?:\.r\d+)?)(?:\.(?P<nth>\d+))?")


def channel_ref(room: int) -> str:
    """The ref of one of an incident's rooms: `slack.channel`, then `slack.channel.2`."""
    return CHANNEL if room == 1 else f"{CHANNEL}.{room}"


def card_ref(room: int) -> str:
    """The ref of the first card in one of its rooms: `slack.card`, then `slack.card.r2`."""
    return CARD if room == 1 else f"{CARD}.r{room}"


def seen_from(refs: Mapping[str, str], room: int) -> dict[str, str]:
    """The refs as one of the incident's rooms sees them: `CHANNEL` is that room, other rooms' messages are not there.

    What is written in a room after the incident has moved must not appear where it was before, nor in what was told in
    private to people who may not be in it any more.
    """
    here = refs.get(channel_ref(room))
    others = {refs[name] for name in refs if _is_channel(name)} - {here}
    within = {name: id for name, id in refs.items() if id.partition("/")[0] not in others and not _is_channel(name)}
    if room > 1:
        within = {name: id for name, id in within.items() if not name.startswith(TELLS)}
    return within | ({CHANNEL: here} if here else {})


def channels(refs: Mapping[str, str]) -> list[str]:
    """All of an incident's rooms, former ones too."""
    return [id for name, id in refs.items() if _is_channel(name)]


def _is_channel(name: str) -> bool:
    return name == CHANNEL or name.startswith(f"{CHANNEL}.")


def card_of(refs: Mapping[str, str]) -> str:
    """Where the card is: the newest of them, should earlier ones have been deleted by somebody."""
    return refs[_newest(refs)]


def next_card(refs: Mapping[str, str]) -> str:
    """The ref of a card in the place of one that was deleted."""
    newest = _newest(refs)
    return f"{_taken_apart(newest)['first']}.{1 + _nth(newest)}"


def _newest(refs: Mapping[str, str]) -> str:
    return max((name for name in refs if _CARDS.fullmatch(name)), key=_nth)


def _nth(card: str) -> int:
    return int(_taken_apart(card)["nth"] or 1)


def _taken_apart(card: str) -> re.Match[str]:
    found = _CARDS.fullmatch(card)
    if found is None:
        raise ValueError(f"{card} is no card")
    return found


def say_ref(seq: int) -> str:
    """The ref of the sentence that tells of the fact `seq`."""
    return f"slack.say.{seq}"


def tell_ref(seq: int, person: str) -> str:
    """The ref of the direct message to somebody (`slack:U…`) about the fact `seq` (foreign id `D…/ts`)."""
    return f"{tells(seq)}{person.partition(':')[2]}"


def tells(seq: int) -> str:
    """How the refs of all direct messages about the fact `seq` begin."""
    return f"{TELLS}{seq}."
