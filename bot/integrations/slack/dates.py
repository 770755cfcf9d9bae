"""The days that people type for what is due later ("tomorrow", "friday", "2026-12-01", "5d"), and due times told."""

import re
from datetime import date, datetime, timedelta

from bot.integrations.slack.text import moment
from bot.integrations.slack.times import zone_of

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
AHEAD = re.compile(r"(?P<count>\d{1,3})(?P<unit>[dw])", re.IGNORECASE)
ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
LONG = timedelta(hours=12)
DAY_HINT = "For example tomorrow, friday, next week, 2026-12-01 or 5d."


def day_of(words: str, zone: str, now: datetime) -> date | None:
    """The coming day that the words mean and nothing else; a weekday is the next one, never today."""
    said, today = words.strip().casefold(), now.astimezone(zone_of(zone)).date()
    if said == "tomorrow":
        return today + timedelta(days=1)
    if said == "next week":
        return _next(today, 0)
    if found := AHEAD.fullmatch(said):
        return today + int(found["count"]) * timedelta(days=7 if found["unit"] == "w" else 1)
    if ISO.fullmatch(said):
        return _exact(said)
    weekday = next((n for n, name in enumerate(DAYS) if said in (name, name[:3])), None)
    return None if weekday is None else _next(today, weekday)


def until(due: datetime | None, said: datetime, *, followup: bool) -> str:
    """`, by 02:20`, where it is long after it was said with the day; of a follow-up the day alone; or nothing."""
    if due is None:
        return ""
    return f", by {shown_day(due) if followup else clock(due, said)}"


def clock(due: datetime, said: datetime) -> str:
    """A time, with the day where it may be another one than the reader's today."""
    return moment(due, day=abs(due - said) >= LONG)


def shown_day(at: datetime) -> str:
    """A day in the reader's own zone; clients that cannot show it say it in UTC."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}}|{at:%Y-%m-%d}>"


def _next(today: date, weekday: int) -> date:
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _exact(said: str) -> date | None:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None
