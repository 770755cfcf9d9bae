"""What falls due and is put to somebody: whom, in which words, and that what is calm waits for their morning."""

from collections.abc import Iterable

import pytest

from bot.incident import (
    AnswerPrompt,
    Declare,
    Nudged,
    RecordMember,
    RecordRoom,
    Resolve,
    SetStatus,
    Snooze,
    Snoozed,
)
from bot.incident import nudges as rules
from bot.incident.dues import Due, about_of, later, stamp_of
from bot.incident.habits import Hours
from bot.incident.model import Incident, Refused
from bot.incident.nudges import UPDATE, due, standing
from bot.incident.policy import Policy
from bot.incident.values import MUSTER, Actor, Status
from tests.incident.night import ADA, BO, POLICY, START, Night, minute

TEA = f"tea/{stamp_of(START)}"
MONDAY_AT_9 = 55 * 60
"""In minutes of the night, which begins on a Saturday at 2 in the morning."""


def tea(*to: Actor, urgent: bool = True) -> rules.Rule:
    """A rule: half an hour into the night somebody is asked for tea."""

    def rule(i: Incident, policy: Policy) -> Iterable[Due]:
        return later(i, TEA, START, 30, to=to, text="The tea is cold", urgent=urgent)

    return rule


def minor() -> Night:
    night = Night()
    night.ask(Declare(title="x", severity=4))
    return night


def to_whom(night: Night) -> tuple[Actor, ...]:
    """Who is asked for the next update."""
    return next(d.to for d in night.due() if about_of(d.key) == UPDATE)


def asked(night: Night) -> list[tuple[float, tuple[str, ...]]]:
    """At which minutes who was asked."""
    told = [e for e in night.journal if isinstance(e, Nudged)]
    return [((e.at - START).total_seconds() / 60, tuple(person.name for person in e.to)) for e in told]


def test_a_prompt_brings_its_own_words_and_names_whom_it_is_put_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "RULES", (tea(ADA, BO),))
    night = minor()
    night.pass_until(100)
    assert asked(night) == [(30, ("Ada", "Bo"))]
    assert "The tea is cold" in night.lines()
    assert night.incident.asked == {TEA: minute(30)}


@pytest.mark.parametrize(
    ("zones", "at"),
    [
        ({}, MONDAY_AT_9),
        ({ADA.id: "Europe/Berlin"}, MONDAY_AT_9 - 60),
        ({ADA.id: "America/New_York", BO.id: "Asia/Tokyo"}, MONDAY_AT_9 - 9 * 60),
    ],
)
def test_what_is_calm_waits_until_the_first_of_them_is_at_work(
    zones: dict[str, str], at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "RULES", (tea(ADA, BO, urgent=False),))
    night = minor()
    night.zones = zones
    night.pass_until(4 * 24 * 60)
    assert asked(night) == [(at, ("Ada", "Bo"))]
    assert [e.by for e in night.journal if isinstance(e, Snoozed)] == [MUSTER]


def test_what_is_calm_is_asked_at_once_of_the_room_and_of_whoever_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "RULES", (tea(urgent=False),))
    aloud = minor()
    aloud.pass_until(60)
    assert asked(aloud) == [(30, ())]
    monkeypatch.setattr(rules, "RULES", (tea(ADA, BO, urgent=False),))
    awake = minor()
    awake.zones = {BO.id: "Pacific/Kiritimati"}  # 14 hours ahead
    awake.policy = POLICY.model_copy(update={"hours": Hours(days=("sat",))})
    awake.pass_until(60)
    assert asked(awake) == [(30, ("Ada", "Bo"))]


def test_what_became_moot_while_it_waited_is_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "RULES", (tea(ADA, urgent=False),))
    night = minor()
    night.pass_until(60)
    night.ask(Resolve(incident=1))
    night.pass_until(4 * 24 * 60)
    assert asked(night) == []


def test_once_it_is_over_only_what_is_meant_for_then_falls_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "AFTER", (tea(ADA),))
    night = minor()
    assert TEA not in [d.key for d in night.due()]
    night.ask(Resolve(incident=1), at=1)
    night.pass_until(60)
    assert asked(night) == [(30, ("Ada",))]
    (put_off,) = night.ask(Snooze(incident=1, key=TEA, minutes=15))
    assert isinstance(put_off, Snoozed)
    night.pass_until(80)
    assert [at for at, _ in asked(night)] == [30, 75]


def test_a_reminder_of_an_incident_that_is_over_cannot_be_put_off() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=2))
    night.pass_until(60)
    (key,) = night.incident.nudged
    night.ask(Resolve(incident=1))
    with pytest.raises(Refused, match="INC-1 is resolved"):
        night.ask(Snooze(incident=1, key=key))


def test_what_is_not_needed_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "RULES", (tea(ADA),))
    night = minor()
    assert night.ask(AnswerPrompt(incident=1, key=TEA)) == [], "nobody was asked yet"
    night.pass_until(40)
    (answered,) = night.ask(AnswerPrompt(incident=1, key=TEA))
    assert answered.line() == "Ada said that it is not needed: tea"
    assert night.ask(AnswerPrompt(incident=1, key=TEA)) == []
    assert (night.incident.asked, night.incident.nudged) == ({}, (TEA,))
    night.pass_until(1000)
    assert len(asked(night)) == 1


def test_what_is_put_off_is_not_waiting_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "RULES", (tea(ADA),))
    night = minor()
    night.pass_until(40)
    night.ask(Snooze(incident=1, key=TEA, minutes=15))
    assert night.incident.asked == {}


def test_what_stands_is_what_was_not_done_whether_it_was_asked_for_or_not() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=2))
    before = standing(night.incident, POLICY)
    night.pass_until(60)
    assert not any(d.key.startswith(UPDATE) for d in due(night.incident, POLICY))
    assert standing(night.incident, POLICY) == before
    night.ask(Resolve(incident=1))
    assert standing(night.incident, POLICY) == {}


def test_an_answer_is_waited_for_once_a_subject() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=2))
    night.pass_until(60)
    night.ask(SetStatus(incident=1, to=Status.MONITORING), at=70)
    night.pass_until(139)
    assert asked(night) == [(60, ("Ada",)), (130, ("Ada",))]
    assert night.incident.asked == {f"{UPDATE}/{stamp_of(minute(70))}": minute(130)}


def test_an_update_is_asked_of_the_room_while_the_commander_is_out_of_it_and_there_is_no_deputy() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=2))
    assert to_whom(night) == (ADA,)
    night.ask(RecordRoom(incident=1, channel="C1", name="inc-1"))
    night.ask(RecordMember(incident=1, channel="C1", person=ADA, here=False))
    assert to_whom(night) == ()


def test_neither_a_reminder_nor_putting_it_off_is_news() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=2))
    night.pass_until(60)
    night.ask(Snooze(incident=1, key=night.incident.nudged[0]), at=61)
    assert night.incident.news_at == START


def test_a_key_without_words_or_a_known_topic_still_reads_as_a_sentence() -> None:
    assert Nudged(incident=1, at=START, by=MUSTER, key=f"x/{stamp_of(START)}").line() == "A reminder fell due"


def test_the_words_of_people_in_a_prompt_are_quoted_apart_and_go_with_redaction() -> None:
    quoted = Nudged(incident=1, at=START, by=MUSTER, key=TEA, text="The time is up", quote="restart the tills")
    assert (quoted.line(), quoted.words) == ("The time is up: restart the tills", ("restart the tills",))
    assert quoted.redacted().line() == "The time is up: [redacted]"
    plain = quoted.model_copy(update={"quote": ""})
    assert (plain.words, plain.redacted()) == ((), plain)
