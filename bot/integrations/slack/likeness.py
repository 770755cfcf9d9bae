"""Whether somebody declares what is declared already: the incident of today whose title is most like theirs."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from bot.incident.model import Incident
from bot.incident.values import Actor, Service
from bot.integrations.slack import actions
from bot.integrations.slack.blocks import Block, button, section
from bot.integrations.slack.effects import Button
from bot.integrations.slack.text import cut, escape
from bot.integrations.slack.verbs import House

SIMILAR = 0.5
"""Of the telling words of two titles, the part that they share."""
STRONG = 0.75
"""As much is asked about, once, before a second incident is declared."""
RECENT = timedelta(hours=24)
"""What was over so long ago may have come back; what is older is another incident."""
LATEST = 50


async def likeness(house: House, viewer: Actor, title: str, now: datetime) -> Incident | None:
    """The open or lately resolved incident that looks alike, of those that the viewer may see."""
    if not _telling(title):
        return None
    open_ones = await house.reading.open_incidents(viewer)
    over = [i for i in await house.reading.recent(viewer, LATEST) if _just_over(i, now)]
    return alike(title, [i for i in (*open_ones, *over) if not i.drill])


def _just_over(i: Incident, now: datetime) -> bool:
    ended = i.moments.resolved
    return not i.is_open and ended is not None and now - ended <= RECENT


def alike(title: str, known: Iterable[Incident]) -> Incident | None:
    """The one whose title shares most telling words with this one, if it shares half of them; open ones first."""
    wanted = _telling(title)
    scored = [(_shared(wanted, _telling(i.title)), i.is_open, i) for i in known]
    share, _, best = max(scored, key=lambda s: s[:2], default=(0.0, False, None))
    return best if share >= SIMILAR else None


def is_strong(title: str, services: Iterable[Service], i: Incident) -> bool:
    """Whether it is nearly sure the same: most words, two at least, and no other service."""
    wanted, known = _telling(title), _telling(i.title)
    chosen, theirs = {s.id for s in services}, {s.id for s in i.services}
    elsewhere = bool(chosen and theirs) and chosen.isdisjoint(theirs)
    return _shared(wanted, known) >= STRONG and len(wanted & known) > 1 and not elsewhere


def _shared(one: set[str], other: set[str]) -> float:
    """The part of the shorter title's telling words that the other has too; 0 where one has none."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def _telling(title: str) -> set[str]:
    return {word for word in re.findall(r"\w+", title.casefold()) if len(word) > 3}


def noticed(i: Incident) -> dict[str, str]:
    """A likeness, as a form remembers it while it is being filled in."""
    told = f"{cut(i.title, 120)} ({i.severity.label}, {i.status})"
    return {"alike": str(i.number), "alike_words": told, "alike_over": "" if i.is_open else "yes"}


def notice(extra: Mapping[str, str]) -> list[Block]:
    """The likeness that a form remembers, with what to do instead; nothing where it remembers none."""
    if "alike" not in extra:
        return []
    number = extra["alike"]
    return [section(f"*INC-{number}* looks alike: {escape(extra['alike_words'])}", accessory=button(_instead(extra)))]


def _instead(extra: Mapping[str, str]) -> Button:
    number = extra["alike"]
    if not extra.get("alike_over"):
        return Button(label=f"Join INC-{number} instead", action=actions.JOIN_ROOM, value=number)
    yes = f"INC-{number} goes on then, in its own room, and nothing new is declared."
    return Button(label=f"Reopen INC-{number} instead", action=actions.RUN, value=f"INC-{number} reopen", yes=yes)
