"""What was typed after `task` and `followup`, taken apart: who, by when, and what; or what becomes of a task. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.integrations.slack.dates import day_of
from bot.integrations.slack.times import span
from bot.integrations.slack.words import TOKEN, Kind, first_word, mention, unquoted

ACTS = ("done", "take", "drop", "decline", "reopen", "later", "hand", "keep")
ACT = re.compile(
    rf"(?P<act>{'|'.join(ACTS)})\s+(?P<numbers>#?\d{{1,4}}(?:(?:\s*,\s*|\s+and\s+|\s+)#?\d{{1,4}})*)(?:\s+(?P<rest>.+))?",
    re.IGNORECASE | re.DOTALL,
)
BEFORE_SPAN = re.compile(r"(?:^|\s+)(?:in|within)$", re.IGNORECASE)
BEFORE_DAY = re.compile(r"(?:^|\s+)(?:by|on|until)$", re.IGNORECASE)


@dataclass(frozen=True)
class Wanted:
    """What shall be done, by whom (a mention's token, empty for oneself), and by when."""

    text: str
    who: str = ""
    minutes: int | None = None
    day: date | None = None

    @property
    def is_sure(self) -> bool:
        """Whether there is something to do, and nobody else in it who may have been meant."""
        return bool(self.text) and not any(_is_somebody(token[0]) for token in TOKEN.finditer(self.text))


@dataclass(frozen=True)
class Act:
    """What becomes of tasks, by their numbers; `rest` is what was said beside."""

    act: str
    numbers: tuple[int, ...]
    rest: str = ""


def act_of(words: str) -> Act | None:
    """`done 3`, `later 3 15m`, `drop 1, 2 and 5`; None for words that are something else."""
    found = ACT.fullmatch(words.strip())
    if found is None:
        return None
    numbers = tuple(int(n) for n in re.findall(r"\d+", found["numbers"]))
    return Act(found["act"].casefold(), numbers, (found["rest"] or "").strip())


def task_of(words: str) -> Wanted:
    """`restart the workers @bo 15m`: whom and the time stand last, or first, in either order.

    A time that stands first without a person beside it is one of the words: `5m of errors in the log`.
    """
    text, who, minutes = words.strip(), "", None
    while text:
        head, last = _last(text)
        if not who and _is_person(last):
            text, who = head, last
        elif minutes is None and (time := span(last)):
            text, minutes = BEFORE_SPAN.sub("", head), int(time / timedelta(minutes=1))
        else:
            break
    return _boxed(Wanted(text, who, minutes))


def follow_up_of(words: str, zone: str, now: datetime) -> Wanted:
    """`alert on the queue @bo friday`: the same with a day."""
    text, who, day = words.strip(), "", None
    while text:
        head, last = _last(text)
        two = " ".join((_last(head)[1], last)) if head else ""
        if not who and _is_person(last):
            text, who = head, last
        elif day is None and (said := day_of(two, zone, now)):
            text, day = BEFORE_DAY.sub("", _last(head)[0]), said
        elif day is None and (said := day_of(last, zone, now)):
            text, day = BEFORE_DAY.sub("", head), said
        else:
            break
    return _led(Wanted(text, who, day=day))


def _boxed(wanted: Wanted) -> Wanted:
    """`15m @bo restart the workers`, `@bo 15m restart the workers`: the time beside who is named first."""
    first, rest = first_word(wanted.text)
    second, text = first_word(rest)
    who, box = (first, second) if _is_person(first) else (second, first)
    time = span(box)
    if wanted.who or wanted.minutes is not None or not text or not _is_person(who) or not time:
        return _led(wanted)
    return Wanted(unquoted(text), who, int(time / timedelta(minutes=1)))


def _led(wanted: Wanted) -> Wanted:
    """`@bo restart the workers`: who is named first, where nobody was named last."""
    head, rest = first_word(wanted.text)
    if wanted.who or not rest or not _is_person(head):
        return Wanted(unquoted(wanted.text), wanted.who, wanted.minutes, wanted.day)
    return Wanted(unquoted(rest), head, wanted.minutes, wanted.day)


def _last(text: str) -> tuple[str, str]:
    """The words before the last one, and the last one; a mention is one word, whatever is in it."""
    start = text.rfind("<") if text.endswith(">") else -1
    last = text[start:] if start >= 0 else text.split()[-1]
    return text.removesuffix(last).rstrip(), last


def _is_person(word: str) -> bool:
    named = mention(word)
    return named is not None and named.kind is Kind.USER


def _is_somebody(word: str) -> bool:
    named = mention(word)
    return named is not None and named.kind in (Kind.USER, Kind.GROUP)
