"""Moments and durations as documents say them: the zone printed, days counted."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

NOT_KNOWN = "not known"


def when(at: datetime | None, zone: str = "UTC", *, seconds: bool = False) -> str:
    """`2026-11-21 14:05 CET`; the zone of the day, so that a change of clocks within an incident shows."""
    if at is None:
        return NOT_KNOWN
    there = at.astimezone(UTC if zone == "UTC" else ZoneInfo(zone))
    name = there.tzname() or "UTC"
    return f"{there:%Y-%m-%d %H:%M}{f':{there:%S}' if seconds else ''} {f'UTC{name}' if name[0] in '+-' else name}"


def took(span: timedelta | None) -> str:
    """`40 s`, `12 min`, `3 h 5 min`, `2 days 4 h`: the two largest units, the rest left out."""
    if span is None:
        return NOT_KNOWN
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = ((days, "day" if days == 1 else "days"), (hours, "h"), (minutes, "min"), (seconds, "s"))
    first = next((n for n, (amount, _) in enumerate(units) if amount), 3)
    told = [f"{amount} {unit}" for amount, unit in units[first : first + 2] if amount]
    return " ".join(told[:1] if units[first][1] == "min" else told) or "0 s"
