"""The draft: facts filled in and linked, judgement left as questions, nothing invented, nobody blamed."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.documents.postmortem import Style, draft
from bot.incident.alerts import AlertJoined
from bot.incident.duties import TaskState
from bot.incident.model import Event
from bot.incident.notes import Noted
from bot.incident.postmortem import report
from bot.incident.storms import StormBegan
from bot.incident.tasks import TaskGiven, TasksSettled
from bot.incident.values import MUSTER, Service
from tests.documents.sample import ADA, at, folded, night, sample, stored

GOLDEN = Path(__file__).parent / "golden" / "postmortem.md"
BERLIN = Style(zone="Europe/Berlin")
SECTIONS = [
    "Summary",
    "Impact",
    "Moments",
    "Severity",
    "Roles",
    "Alerts",
    "Pages and answers",
    "Tasks",
    "Timeline",
    "Contributing factors",
    "Five whys",
    "What went well",
    "What went badly",
    "Where we got lucky",
    "Follow-ups",
]


def section(text: str, name: str) -> str:
    return text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def test_the_sample_is_rendered_byte_for_byte_as_reviewed() -> None:
    assert draft(sample(), BERLIN) == GOLDEN.read_text("utf-8")


def test_the_sections_stand_in_the_order_of_a_review() -> None:
    assert re.findall(r"^## (.+)$", draft(sample(), BERLIN), re.MULTILINE) == SECTIONS


@pytest.mark.parametrize(
    "judged",
    [
        "Summary",
        "Impact",
        "Contributing factors",
        "Five whys",
        "What went well",
        "What went badly",
        "Where we got lucky",
    ],
)
def test_judgement_is_asked_for_and_never_invented(judged: str) -> None:
    assert "❓ **" in section(draft(sample(), BERLIN), judged)


def test_an_incident_of_which_little_is_known_says_so(tmp_path: Path) -> None:
    only = [night()[0].model_copy(update={"detected": None, "source": "", "services": ()})]
    told = draft(report(folded(only), stored(only)), Style())

    assert "| Lasted | not resolved yet |" in told
    assert "Nobody took a role." in told
    assert "Nobody was paged by Muster." in told
    assert "No alert belongs to this incident" in told
    assert "when was it: impact started, acknowledged, mitigated, resolved?" in told.lower()
    assert "None" not in told


def test_prose_names_roles_and_tables_name_people() -> None:
    told = draft(sample(), BERLIN)
    prose = "\n".join(line for line in told.splitlines() if not line.startswith("|"))

    assert "The Incident Commander declared this incident" in prose
    assert not any(name in prose for name in ("Ada", "Ben", "Chen"))
    assert all(name in section(told, "Timeline") for name in ("Ada Nwosu", "Ben Carter", "Chen Li"))


def test_a_company_that_wants_names_in_prose_gets_them() -> None:
    assert "Ada Nwosu declared this incident" in section(draft(sample(), Style(names=True)), "Summary")


def test_no_wording_of_ours_blames() -> None:
    told = draft(sample(), BERLIN).lower()

    assert not re.search(r"should have|failed to|human error|careless|fault of|mistake", told)


def test_every_row_of_the_timeline_says_where_it_came_from() -> None:
    rows = section(draft(sample(), BERLIN), "Timeline").strip().splitlines()[2:]

    assert len(rows) == len(sample().entries)
    assert all(re.search(r"\| \[[^|]+\]\(<https://acme\.[^|]+>\) \|$", row) for row in rows)


def test_words_from_outside_break_no_table_and_link_nowhere() -> None:
    told = draft(sample(), BERLIN)

    assert "](https://evil" not in told
    assert "<!channel>" not in told
    assert "<high>" not in told


def test_a_timeline_without_end_is_cut_and_says_where_the_rest_is() -> None:
    events = night()
    events += [Noted(incident=42, at=at("06:00:00"), by=ADA, text="x" * 3000) for _ in range(200)]
    told = draft(report(folded(events), stored(events)), BERLIN)

    assert len(told) < 500_000
    assert re.search(r"\d+ later entries are left out here; `muster timeline INC-42` prints them all\.", told)


def many(count: int) -> list[Event]:
    """The night with so many alerts of forty services, the worst of which fires last."""
    facts = [
        AlertJoined(
            incident=42,
            at=at("02:05:00") + timedelta(seconds=n),
            by=MUSTER,
            source="pagerduty",
            alert=f"S{n}",
            title=f"fault {n}",
            url=f"https://acme.pagerduty.com/incidents/S{n}",
            service=Service(id=f"P{n % 40}", name=f"Service {n % 40}"),
            severity=1 if n == count - 1 else None,
        )
        for n in range(count)
    ]
    begun = StormBegan(incident=42, at=at("02:05:00"), by=MUSTER, services=("Service 0",))
    return [*night()[:7], begun, *facts]


def test_the_alerts_of_a_storm_are_counted_by_service_and_the_few_that_tell_most_are_linked() -> None:
    facts = many(2000)
    text = draft(report(folded(facts), stored(facts)), BERLIN)
    alerts = section(text, "Alerts")

    assert "2000 alerts of 40 services" in alerts
    assert "| Service 39 | 50 | 2026-11-20 03:05 CET | 2026-11-20 03:38 CET |" in alerts
    assert alerts.count("https://acme.pagerduty.com") == 10
    assert "fault 1999" in alerts, "the worst, though it came last"
    assert "fault 0" in alerts, "where it began"
    assert "fault" not in section(text, "Timeline")
    assert "`muster timeline INC-42` prints it all" in section(text, "Timeline")
    assert len(text) < 20_000


def test_alerts_that_can_be_read_one_by_one_are_listed() -> None:
    facts = many(20)
    text = draft(report(folded(facts), stored(facts)), BERLIN)
    assert section(text, "Alerts").count("https://acme.pagerduty.com") == 20
    assert section(text, "Timeline").count("fault") == 20


def test_days_are_counted() -> None:
    assert "| Lasted | 2 days 3 h |" in draft(sample(), BERLIN)


def test_a_resolution_before_the_start_gives_no_negative_duration() -> None:
    told = sample()
    moments = told.incident.moments.model_copy(update={"resolved": at("01:00:00")})
    odd = replace(told, incident=told.incident.but(moments=moments))

    assert "| Lasted | not known |" in draft(odd, BERLIN)


def test_tasks_say_whose_they_were_and_how_they_ended_and_each_points_to_where_it_was_said() -> None:
    rows = section(draft(sample(), BERLIN), "Tasks").strip().splitlines()[2:]

    assert "| Ben Carter | 2026-11-20 03:35 CET | done | 12 min | [message](<https://acme." in rows[0]
    assert "| Chen Li | 2026-11-20 03:48 CET | still open |  | [#inc-42-checkout-5xx](<https://acme." in rows[1]
    assert not any("Alert on the queue's age" in row for row in rows)


def test_follow_ups_stand_with_owner_and_date_above_the_empty_row_and_dropped_ones_do_not() -> None:
    events = night()
    given = next(e for e in reversed(events) if isinstance(e, TaskGiven))
    for number, text in ((4, "Move the queue"), (5, "Buy the vendor")):
        events.append(given.model_copy(update={"task": number, "text": text}))
    settled = {"incident": 42, "at": given.at, "by": ADA}
    events.append(TasksSettled.model_validate({**settled, "tasks": (4,), "state": TaskState.DONE}))
    events.append(TasksSettled.model_validate({**settled, "tasks": (5,), "state": TaskState.DROPPED}))
    rows = section(draft(report(folded(events), stored(events)), BERLIN), "Follow-ups").strip().splitlines()[-3:]

    assert rows[0] == "| Alert on the queue's age | Chen Li | 2026-11-27 09:00 CET | |"
    assert rows[1].startswith("| Move the queue *(done)* | Chen Li |")
    assert rows[2] == "| | | | |"


def test_where_nobody_was_asked_for_anything_there_is_no_section_of_tasks() -> None:
    assert "## Tasks" not in draft(report(folded(night()[:5]), stored(night()[:5])), BERLIN)
