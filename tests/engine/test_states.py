"""A state is stored short and read back whole; a large one is not read anew for every alert of a storm."""

from datetime import UTC, datetime

from bot.engine import states
from bot.incident.model import Incident
from bot.incident.values import Actor, AlertLine, SeverityValue, Status
from tests.integrations.slack.nights import NIGHT

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def storm(number: int = 1, alerts: int = 400) -> Incident:
    lines = tuple(AlertLine(source="pagerduty", id=f"Q{n:06d}", title="", service="Checkout") for n in range(alerts))
    return Incident(
        number=number,
        title="Alert storm",
        status=Status.TRIAGE,
        severity=SeverityValue(level=1, label="SEV1"),
        declared_by=Actor(id="muster", name="Muster"),
        updated_at=NOON,
        alerts=lines,
        storm=True,
    )


def test_what_is_written_is_read_back_whole() -> None:
    for incident in (NIGHT, storm(alerts=0), storm()):
        text = states.written(incident)
        assert states.read(text) == incident
        assert Incident.model_validate_json(text) == incident, "nobody needs to have known it"


def test_what_has_its_default_is_not_stored() -> None:
    assert len(states.written(storm())) < 0.55 * len(storm().model_dump_json())


def test_a_large_state_is_read_once() -> None:
    i = storm()
    assert states.read(states.written(i)) is i
    other = i.but(title="Another").model_dump_json(exclude_defaults=True)
    found = states.read(other)
    assert found.title == "Another", "another process wrote it since"
    assert states.read(other) is found


def test_of_small_ones_nothing_is_kept_and_of_large_ones_few() -> None:
    small = storm(alerts=2)
    assert states.read(states.written(small)) is not small
    many = [storm(number) for number in range(1, states.KEPT + 2)]
    texts = [states.written(i) for i in many]
    assert states.read(texts[0]) is not many[0]
    assert states.read(texts[-1]) is many[-1]
    states.written(small.but(number=states.KEPT + 1))
    assert states.read(texts[-1]) is not many[-1], "what it was is not kept beside what it is"
