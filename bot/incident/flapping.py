"""An alert that fires again and again: whoever is in charge is asked once to have a look at the alert itself."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.incident.dues import Due, asked_of, later, stamp_of
from bot.incident.model import Incident
from bot.incident.policy import Policy

FLAPPING = "flapping"


def flapping(i: Incident, policy: Policy) -> Iterator[Due]:
    """What fired so often in so short a time, told by service and title: a source may open a new alert each time.

    Not in a storm, where everything fires and nothing of it is counted.
    """
    if i.storm:
        return
    fires: dict[tuple[str, str], list[datetime]] = {}
    names: dict[tuple[str, str], str] = {}
    for alarm in i.alarms:
        what = (alarm.service, alarm.title)
        fires.setdefault(what, []).extend(alarm.fires)
        names.setdefault(what, f"{alarm.source}/{alarm.id}")
    for what, moments in fires.items():
        burst = _first_burst(sorted(moments), policy)
        if burst:
            key = f"{FLAPPING}/{names[what]}/{stamp_of(burst[0])}"
            text = f"An alert fires again and again ({len(burst)} times within {_minutes(burst)} min)"
            yield from later(i, key, burst[-1], 0, to=asked_of(i), text=text, quote=what[1], urgent=False)


def _first_burst(moments: list[datetime], policy: Policy) -> list[datetime]:
    """The first so many that lie so close together; the same ones however often it fires later."""
    count, within = policy.watching.flaps, timedelta(minutes=policy.watching.flaps_within)
    for first in range(len(moments) - count + 1):
        burst = moments[first : first + count]
        if burst[-1] - burst[0] <= within:
            return burst
    return []


def _minutes(burst: list[datetime]) -> int:
    return max(1, round((burst[-1] - burst[0]).total_seconds() / 60))
