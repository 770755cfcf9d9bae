"""Messages that nobody marked and that look like milestones: what is offered for the timeline when it is over."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.incident.model import Case, Command, Event, Incident
from bot.incident.rooms import ReportStep

OFFERED = 5
"""As many are offered: they are to be read at the end of a night."""
SHORTEST = 12
"""Characters: below, it is a "done" or a "yes, now" that tells nobody anything later."""

ACTED = (
    r"roll(ed|ing)? ?back",
    r"revert(ed|ing)?",
    r"re-?deploy(ed|ing)?",
    r"deploy(ed|ing)?",
    r"released",
    r"restart(ed|ing)?",
    r"reboot(ed|ing)?",
    r"fail(ed|ing)? ?over",
    r"failover",
    r"switched (off|over|back|to)",
    r"(dis|en)abled",
    r"scal(ed|ing) (up|down|out|to)",
    r"drain(ed|ing)",
    r"purged?",
    r"flushed",
    r"killed",
    r"paused",
    r"block(ed|ing)",
    r"patched",
    r"hotfix(ed)?",
    r"merged",
)
"""What somebody did about it."""
LEARNED = (
    r"root cause",
    r"caused by",
    r"because of",
    r"turns out",
    r"the (cause|culprit|problem|reason) (is|was)",
    r"found (it|the|that)",
    r"confirmed",
    r"reproduced?",
    r"(started|began) (at|around|after|when)",
    r"since (the|about|around) ",
    r"ruled out",
    r"not the ",
)
"""What somebody found out."""
CHANGED = (
    r"fixed",
    r"mitigated",
    r"recover(ed|ing|s)",
    r"back to normal",
    r"stable",
    r"(is|are) (up|back|down)",
    r"all clear",
    r"dropp(ed|ing)",
    r"errors? (are|is|rate)",
    r"(went|going) (up|down)",
    r"spik(ed|ing)",
    r"customers?",
    r"workaround",
)
"""How things stood then."""
_KINDS = tuple(re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE) for words in (ACTED, LEARNED, CHANGED))
_FIGURE = re.compile(r"\d+(?:[.:,]\d+)* ?(?:%|ms|s|min|minutes|errors|requests|rps|GB)?(?!\w)")
_QUESTION = re.compile(r"\?\s*$")


def score(text: str) -> int:
    """How much a message looks like a milestone; 0: not at all. A question is none, whatever it speaks of."""
    if len(text) < SHORTEST or _QUESTION.search(text):
        return 0
    found = sum(1 + min(len(kind.findall(text)), 2) for kind in _KINDS if kind.search(text))
    return found + bool(_FIGURE.search(text)) if found else 0


@dataclass(frozen=True)
class Heard:
    """A message of the room: its `ts`, and its words as people read them."""

    ts: str
    text: str


def milestones(heard: Sequence[Heard]) -> list[Heard]:
    """The few that look most like milestones, in the order in which they were said; of the same words the first."""
    said: dict[str, Heard] = {}
    for message in sorted(heard, key=_when):
        said.setdefault(" ".join(message.text.casefold().split()), message)
    likely = [message for message in said.values() if score(message.text)]
    best = sorted(likely, key=lambda message: -score(message.text))[:OFFERED]
    return sorted(best, key=_when)


def _when(message: Heard) -> float:
    return float(message.ts)


class Offered(Event, kind="messages_offered"):
    """Unmarked messages of the room are offered for the timeline; none: what was offered is taken back."""

    shown = False
    news = False
    messages: tuple[str, ...] = ()

    def apply(self, i: Incident) -> Incident:
        return i.but(offered=self.messages)

    def line(self) -> str:
        if not self.messages:
            return f"{self.by.name} wanted none of the offered messages on the timeline"
        return f"{len(self.messages)} unmarked messages were offered for the timeline"


class OfferMessages(Command):
    """Offer messages of the room, by their `ts`, for the timeline; those that are on it already are left out.

    `step`: what the look for them was called by the outbox.
    """

    messages: tuple[str, ...]
    step: str = ""

    def decide(self, case: Case) -> list[Event]:
        i = case.incident
        mended = ReportStep(incident=self.incident, step=self.step).decide(case) if self.step else []
        new = tuple(ts for ts in self.messages if ts not in i.marked)
        return [*mended, Offered(**case.stamp(), messages=new)] if new and new != i.offered else mended


class TakeBackOffer(Command):
    """None of the offered messages belongs on the timeline."""

    def decide(self, case: Case) -> list[Event]:
        return [Offered(**case.stamp())] if case.incident.offered else []


def still_offered(i: Incident) -> tuple[str, ...]:
    """Those of the offered messages that are not on the timeline yet."""
    return tuple(ts for ts in i.offered if ts not in i.marked)
