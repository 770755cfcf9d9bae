"""Writes moments as Slack does, by the reader's clock.

https://docs.slack.dev/messaging/formatting-message-text#date-formatting
"""

import re
from datetime import datetime, timedelta

from markupsafe import Markup

from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el, join

PLACEHOLDER = re.compile(r"\{(\w+)\}")
FORMATS = {
    "date_num": "%Y-%m-%d",
    "date_slash": "%m/%d/%Y",
    "date": "%B {day}, %Y",
    "date_short": "%b %-d, %Y",
    "date_long": "%A, %B {day}, %Y",
    "date_long_full": "%B %-d, %Y",
    "time": "%H:%M",
    "time_secs": "%H:%M:%S",
    "day_divider": "%A, %B {day}",
}
UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}


def token(target: str, fallback: str, eyes: Eyes) -> Markup:
    """`!date^1392734382^Posted {date_num}^https://…`; the fallback where the moment cannot be read."""
    _, moment, *rest = [*target.split("^"), ""]
    if (seconds := seconds_of(moment)) is None:
        return join(fallback or target)
    return written(seconds, rest[0] or "{date_num}", eyes, url=rest[1] if len(rest) > 2 else None)


def seconds_of(given: object) -> int | None:
    """Epoch seconds, written as a number or in digits; None: no moment that a calendar knows."""
    if not isinstance(given, int | str) or not re.fullmatch(r"[0-9]{1,11}", str(given)):
        return None
    return int(given)


def written(seconds: int, pattern: str, eyes: Eyes, url: str | None = None) -> Markup:
    """The moment `seconds` (epoch) in a pattern such as `{date_short_pretty} at {time}`."""
    moment, now = eyes.moment(seconds), eyes.moment(eyes.workspace.clock.now())
    words = PLACEHOLDER.sub(lambda found: _part(found[1], moment, now), pattern)
    time = el("time", words, datetime=moment.isoformat(), title=f"{moment:%A, %d %B %Y, %H:%M:%S %Z}")
    target = eyes.link(url) if url else None
    return el("a", time, href=target, target="_blank", rel="noopener noreferrer") if target else time


def _part(name: str, moment: datetime, now: datetime) -> str:
    if name == "ago":
        return _ago(now - moment)
    plain = name.removesuffix("_pretty")
    near = NEAR.get((moment.date() - now.date()).days)
    if name != plain and near:
        return near
    if plain == "day_divider" and moment.year != now.year:
        plain = "date_long"
    pattern = FORMATS.get(plain)
    return moment.strftime(pattern.replace("{day}", _ordinal(moment.day))) if pattern else f"{{{name}}}"


def _ordinal(day: int) -> str:
    ending = "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _ago(past: timedelta) -> str:
    seconds = abs(int(past.total_seconds()))
    size, unit = next(each for each in UNITS if seconds >= each[0] or each[0] == 1)
    words = f"{seconds // size} {unit}{'' if seconds // size == 1 else 's'}"
    return f"{words} ago" if past >= timedelta(0) else f"in {words}"
