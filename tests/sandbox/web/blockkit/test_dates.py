"""Moments are written by the reader's clock.

https://docs.slack.dev/messaging/formatting-message-text#date-formatting
"""

from dataclasses import replace

import pytest

from bot.sandbox.slack import seed
from bot.sandbox.web.blockkit.dates import written
from bot.sandbox.web.blockkit.mrkdwn import mrkdwn
from bot.sandbox.web.eyes import Eyes
from tests.sandbox.web.blockkit.looking import NOON, Page, through

DAY = 86_400


def in_zone(zone: str) -> Eyes:
    eyes = through()
    return Eyes(eyes.workspace, replace(eyes.viewer, tz=zone))


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("{date_num}", "2026-11-22"),
        ("{date_slash}", "11/22/2026"),
        ("{date}", "November 22nd, 2026"),
        ("{date_short}", "Nov 22, 2026"),
        ("{date_long}", "Sunday, November 22nd, 2026"),
        ("{date_long_full}", "November 22, 2026"),
        ("{time}", "12:00"),
        ("{time_secs}", "12:00:00"),
        ("{date_pretty}", "today"),
        ("{date_short_pretty} at {time}", "today at 12:00"),
        ("{date_long_pretty}", "today"),
        ("{day_divider_pretty}", "today"),
        ("{ago}", "0 seconds ago"),
        ("since {nonsense}", "since {nonsense}"),
        ("no place for it", "no place for it"),
    ],
)
def test_every_format(pattern: str, words: str) -> None:
    assert Page(written(NOON, pattern, through())).words == words


@pytest.mark.parametrize(
    ("seconds", "pattern", "words"),
    [
        (-DAY, "{date_pretty}", "yesterday"),
        (DAY, "{date_short_pretty}", "tomorrow"),
        (-2 * DAY, "{date_pretty}", "November 20th, 2026"),
        (-2 * DAY, "{day_divider_pretty}", "Friday, November 20th"),
        (-400 * DAY, "{day_divider_pretty}", "Saturday, October 18th, 2025"),
        (-DAY, "{date}", "November 21st, 2026"),
        (-61, "{ago}", "1 minute ago"),
        (-7200, "{ago}", "2 hours ago"),
        (-3 * DAY, "{ago}", "3 days ago"),
        (59, "{ago}", "in 59 seconds"),
    ],
)
def test_what_is_near_is_said_by_its_distance(seconds: int, pattern: str, words: str) -> None:
    assert Page(written(NOON + seconds, pattern, through())).words == words


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Berlin", "2026-11-22 12:00"),
        ("America/Los_Angeles", "2026-11-22 03:00"),
        ("Asia/Kolkata", "2026-11-22 16:30"),
        ("Pacific/Auckland", "2026-11-23 00:00"),
    ],
)
def test_each_reads_it_by_their_own_clock(zone: str, words: str) -> None:
    assert Page(written(NOON, "{date_num} {time}", in_zone(zone))).words == words


def test_the_night_when_the_clocks_go_back_has_its_hour_twice() -> None:
    first, second = 1_792_888_200, 1_792_891_800  # 25 October 2026, 00:30 and 01:30 UTC.
    drawn = [Page(written(each, "{time}", through())) for each in (first, second)]
    assert [page.words for page in drawn] == ["02:30", "02:30"]
    assert [page.one("time")["datetime"][-6:] for page in drawn] == ["+02:00", "+01:00"]


def test_a_token_may_bear_a_link_and_a_fallback() -> None:
    linked = Page(mrkdwn(f"<!date^{NOON}^at {{time}}^https://a.example|then>", through()))
    assert (linked.words, linked.one("a")["href"]) == ("at 12:00", "https://a.example")
    assert Page(mrkdwn(f"<!date^{NOON}|then>", through())).words == "2026-11-22"
    for broken in ("<!date^soon^{time}|then>", "<!date^|then>", "<!date^-5^{time}|then>", f"<!date^{'9' * 12}^x|then>"):
        assert mrkdwn(broken, through()) == "then"


def test_the_moment_in_full_is_there_for_who_points_at_it() -> None:
    assert Page(written(NOON, "{time}", through(seed.BO))).one("time")["title"].startswith("Sunday, 22 November 2026")
