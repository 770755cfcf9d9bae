"""How a company likes to be watched over: its hours, when to ask whom, when an alert is one of a storm."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, model_validator

A_WHILE = 100_000
"""Minutes, some seventy days: more is a slip, and ten digits more than time has."""
Minutes = Annotated[int, Field(ge=1, le=A_WHILE)]
"""Of something that is done again and again, or climbs: none of it is done without end at once."""
AtOnceOrLater = Annotated[int, Field(ge=0, le=A_WHILE)]
Count = Annotated[int, Field(ge=1, le=1_000)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


Emoji = Annotated[str, Field(pattern=r"^[a-z0-9_+'-]+$")]
"""An emoji's name in the chat, without colons."""


class Setting(BaseModel):
    """Something of `muster.yaml`: frozen, and an unknown word in it is a slip, not a wish."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Hours(Setting):
    """When people work, each in their own zone: what is not urgent waits until then. `end` is the first hour off."""

    begin: int = Field(default=9, ge=0, le=23)
    end: int = Field(default=17, ge=1, le=24)
    days: tuple[Day, ...] = Field(default=WEEK[:5], min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.begin >= self.end:
            raise ValueError("the working hours end after they begin, on the same day")
        return self

    def next_open(self, now: datetime, zone: str) -> datetime | None:
        """When work begins next in that zone, in UTC; None while it is going on. An unknown zone counts as UTC."""
        home = _zone(zone)
        local = now.astimezone(home)
        if self._is_day(local) and self.begin <= local.hour < self.end:
            return None
        openings = (self.morning(local.date() + timedelta(days=ahead), zone) for ahead in range(len(WEEK) + 1))
        return next(at for at in openings if at > now and self._is_day(at.astimezone(home)))

    def morning(self, day: date, zone: str) -> datetime:
        """When work begins there on that day, in UTC, were it one of work."""
        return datetime.combine(day, time(self.begin), _zone(zone)).astimezone(UTC)

    def _is_day(self, local: datetime) -> bool:
        return WEEK[local.weekday()] in self.days


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


class Storm(Setting):
    """When alerts are one storm: so many services, or rooms opened by alerts, within so many minutes.

    `named`: how many services are told of by name before only their number is. `quiet`: minutes without a further
    alert, after which it takes in no service that is new to it.
    """

    within: Minutes = 5
    services: Count = 5
    rooms: Count = 2
    named: Count = 10
    quiet: Minutes = 30


class Watching(Setting):
    """When somebody is asked, in minutes and hours, and how often an alert fires before it is said to flap."""

    snooze: Minutes = 15
    answer_within: Minutes = 10
    """Silence after which a prompt at a major severity is put to the room."""
    gone: AtOnceOrLater = 2
    """Minutes that the commander may be out of the room before somebody is asked to stand in."""
    idle_hours: Count = 4
    relief_hours: Count = 4
    flaps: Count = 3
    flaps_within: Minutes = 30


class Rooms(Setting):
    """What becomes of war rooms. `archive_after`: days after the end, 0 for never; `drills_after`: hours, likewise."""

    archive_after: int = Field(default=7, ge=0, le=3_650)
    drills_after: int = Field(default=4, ge=0, le=1_000)


class Marking(Setting):
    """What puts a message on the timeline: these emoji, the first is the one that people are told of.

    `follow_edits`: whether a marked message's later edits and its deletion count; the Slack app then has to hear all
    messages of its channels.
    """

    emoji: tuple[Emoji, ...] = Field(default=("pushpin", "round_pushpin"), min_length=1)
    follow_edits: bool = False

    @property
    def shown(self) -> str:
        """The emoji as people type it: `:pushpin:`."""
        return f":{self.emoji[0]}:"
