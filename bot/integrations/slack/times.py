"""The moments and spans that people type: "14:05", "yesterday 23:10", "14:05 CET", "30m ago", "2h"."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

AHEAD = timedelta(minutes=2)
"""A clock may run ahead of ours by this much: such a time is meant as now, not as yesterday."""

SPAN = re.compile(
    r"(?=\d)(?:(?P<days>\d{1,3})d)?(?:(?P<hours>\d{1,3})h)?(?:(?P<minutes>\d{1,4})m(?:in|ins)?)?", re.IGNORECASE
)
AGO = re.compile(r"(?P<span>\d\w*)\s+ago(?=$|\W)[\s,;:]*", re.IGNORECASE)
CLOCK = re.compile(
    r"""
    (?: (?P<date>\d{4}-\d{2}-\d{2}) [T\s]\s*  |  (?P<day>today|yesterday) \s+ (?:at\s+)? )?
    (?P<hour>\d{1,2}) : (?P<minute>\d{2}) (?: :(?P<second>\d{2}) (?:\.\d+)? )?
    (?: \s?(?P<half>am|pm) \b )?
    (?: \s?(?P<offset> Z\b | [+-]\d{2}:?\d{2} ) )?
    (?! :?\w ) [,;:]?
    """,
    re.VERBOSE | re.IGNORECASE,
)
HOURS_FROM_UTC = {
    **{"UTC": 0.0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3},
    **{"EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "JST": 9, "AEST": 10, "AEDT": 11},
}
"""Abbreviations that mean one thing nearly everywhere. Others (CST, IST) count only where they are the person's own."""


@dataclass(frozen=True)
class Understood:
    """A moment at the head of some words. `at` is UTC; `shown` says it back with its zone; `rest` follows it."""

    at: datetime
    shown: str
    rest: str


def zone_of(name: str) -> tzinfo:
    """The zone of that name; UTC for one that nobody knows."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def span(word: str) -> timedelta | None:
    """`30m`, `2h`, `1h30m`, `1d` as a span; None for anything else."""
    match = SPAN.fullmatch(word.strip())
    if not match or not any(match.groupdict().values()):
        return None
    return timedelta(**{unit: int(count) for unit, count in match.groupdict().items() if count})


def leading_time(text: str, zone: str, now: datetime) -> Understood | None:
    """The moment that the words begin with, in the person's zone: of a bare clock time the nearest past one."""
    home = zone_of(zone)
    ago = AGO.match(text)
    if ago and (back := span(ago["span"])):
        return Understood(now - back, _shown(now - back, home, now), text[ago.end() :])
    clock = CLOCK.match(text)
    if clock is None or (time := _clock(clock)) is None:
        return None
    rest = text[clock.end() :].lstrip()
    typed, rest = _zone(clock, rest, home, now)
    at = _moment(clock, time, typed or home, now)
    return Understood(at, _shown(at, typed or home, now), rest) if at else None


def moment(text: str, zone: str, now: datetime) -> datetime | None:
    """The moment that the words say and nothing else; None when they say anything more or no moment."""
    understood = leading_time(text.strip(), zone, now)
    return understood.at if understood and not understood.rest else None


def _clock(match: re.Match[str]) -> tuple[int, int, int] | None:
    """(hour, minute, second) within the day, or None for 25:00 and 13:00 pm."""
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"].lower() == "pm" else 0)
    return (hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _zone(match: re.Match[str], rest: str, home: tzinfo, now: datetime) -> tuple[tzinfo | None, str]:
    """The zone that was typed, as an offset or as the word that follows, and what is left of the words."""
    if match["offset"]:
        return _offset(match["offset"]), rest
    word = re.match(r"[A-Z]{2,5}(?=$|\W)", rest)
    if word is None:
        return None, rest
    after = rest[word.end() :].lstrip(" ,;:")
    if word[0] in _own_names(home, now):
        return home, after
    if word[0] in HOURS_FROM_UTC:
        return timezone(timedelta(hours=HOURS_FROM_UTC[word[0]]), word[0]), after
    return None, rest


def _offset(typed: str) -> tzinfo:
    if typed.upper() == "Z":
        return UTC
    digits = typed[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(min(offset, timedelta(hours=23)) * (-1 if typed[0] == "-" else 1))


def _own_names(home: tzinfo, now: datetime) -> set[str | None]:
    """What the person's own zone is called at this time of the year."""
    return {home.tzname(now.astimezone(home).replace(tzinfo=None))}


def _moment(match: re.Match[str], time: tuple[int, int, int], zone: tzinfo, now: datetime) -> datetime | None:
    today = now.astimezone(zone).date()
    try:
        days = _days(match, today)
    except ValueError:
        return None
    at = [datetime(d.year, d.month, d.day, *time, tzinfo=zone, fold=f).astimezone(UTC) for d in days for f in (0, 1)]
    if match["date"] or match["day"]:
        return min((a for a in at if a <= now), key=lambda a: now - a, default=at[0])
    past = min((a for a in at if a <= now + AHEAD), key=lambda a: abs(now - a), default=at[0])
    return min(past, now)


def _days(match: re.Match[str], today: date) -> list[date]:
    """The days that may be meant. Raises ValueError for the 31st of February."""
    if match["date"]:
        return [date.fromisoformat(match["date"])]
    if match["day"]:
        return [today if match["day"].lower() == "today" else today - timedelta(days=1)]
    return [today, today - timedelta(days=1)]


def _shown(at: datetime, zone: tzinfo, now: datetime) -> str:
    """`14:05 CET`, with the day where it is another than today."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    name = local.tzname() or "UTC"
    name = f"UTC{name}" if name[0] in "+-" else name
    clock = f"{local:%H:%M} {name}"
    if local.date() == today:
        return clock
    return f"yesterday {clock}" if local.date() == today - timedelta(days=1) else f"{local:%Y-%m-%d} {clock}"
