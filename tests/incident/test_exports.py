"""Taking the timeline out is on record, and a double click does it once."""

from datetime import timedelta

import pytest

from bot.incident import Declare, ExportTimeline, Resolve
from bot.incident.exports import Format
from bot.incident.model import Refused
from tests.incident.night import ADA, BO, Night, minute


def test_an_export_is_on_record_with_who_asked_and_as_what_and_is_no_line_of_the_timeline() -> None:
    night = Night()
    night.ask(Declare(title="x", command=False))
    (fact,) = night.ask(ExportTimeline(incident=1, format=Format.CSV), by=BO)
    assert fact.line() == "Bo exported the timeline (csv)"
    assert night.lines() == ["Ada declared a SEV3 incident: x"]


def test_what_is_over_can_still_be_exported() -> None:
    night = Night()
    night.ask(Declare(title="x", command=False))
    night.ask(Resolve(incident=1))
    assert night.ask(ExportTimeline(incident=1, format=Format.JSON))


def test_nothing_is_exported_of_no_incident() -> None:
    with pytest.raises(Refused, match="no such incident"):
        Night().ask(ExportTimeline(incident=7, format=Format.MARKDOWN))


def test_the_same_file_is_asked_for_once_a_minute_by_one_person() -> None:
    wish = ExportTimeline(incident=1, format=Format.CSV)
    same = wish.natural_key(ADA, minute(1))
    assert wish.natural_key(ADA, minute(1) + timedelta(seconds=20)) == same
    assert same not in (
        wish.natural_key(BO, minute(1)),
        wish.natural_key(ADA, minute(2)),
        ExportTimeline(incident=1, format=Format.JSON).natural_key(ADA, minute(1)),
    )
