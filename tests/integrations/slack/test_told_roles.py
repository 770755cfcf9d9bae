"""What is said when command changes hands: who has it now, what comes with it, and whoever had it is told."""

from datetime import timedelta

from bot.incident.duties import Task, TaskState
from bot.incident.model import Incident
from bot.incident.policy import Policy
from bot.incident.roles import RoleTaken
from bot.integrations.slack import effects as slack
from bot.integrations.slack.effects import Say, Tell
from bot.integrations.slack.fact import Places
from bot.integrations.slack.outbound import announcer
from tests.integrations.slack.nights import ADA, BO, NIGHT, SEV3, TWO

AT = TWO + timedelta(minutes=5)
TAKEN = RoleTaken(incident=42, at=AT, by=BO, role="commander", label="Incident Commander", person=BO, before=ADA)
TASK = Task(number=1, text="restart the workers", to=BO, by=ADA, at=TWO)
DUE = f"<!date^{int((TWO + timedelta(minutes=30)).timestamp())}^{{time}}|2026-11-21 02:40 UTC>"


def effects(event: RoleTaken, before: Incident) -> list[object]:
    after = event.apply(before).but(seq=before.seq + 1)
    return [p.effect for p in announcer(Places())(event, before, after, Policy())]


def said(event: RoleTaken, before: Incident = NIGHT) -> str:
    (one,) = [e for e in effects(event, before) if isinstance(e, Say)]
    return one.text


def told(event: RoleTaken, before: Incident) -> list[Tell]:
    return [e for e in effects(event, before) if isinstance(e, slack.Tell)]


def test_who_takes_command_over_hears_what_is_open() -> None:
    settled = TASK.model_copy(update={"number": 3, "state": TaskState.DONE})
    later = TASK.model_copy(update={"number": 4, "followup": True})
    took = "Bo Carter took over *Incident Commander* from <@U0ADA00001>."
    assert said(TAKEN, NIGHT.but(tasks=(TASK, settled, later))) == f"{took} Open: 1 task. Next update {DUE}."
    two = NIGHT.but(tasks=(TASK, TASK), severity=SEV3)
    assert said(TAKEN, two) == f"{took} Open: 2 tasks."
    assert said(TAKEN, NIGHT.but(severity=SEV3)) == took


def test_a_first_command_and_other_roles_bring_nothing_along() -> None:
    first = TAKEN.model_copy(update={"before": None})
    assert said(first, NIGHT.but(holdings=(), tasks=(TASK,))) == "Bo Carter is *Incident Commander*."
    scribe = TAKEN.model_copy(update={"role": "scribe", "label": "Scribe"})
    assert said(scribe, NIGHT.but(tasks=(TASK,))) == "Bo Carter took over *Scribe* from <@U0ADA00001>."


def test_whoever_had_command_and_left_the_room_is_told_in_private() -> None:
    gone = NIGHT.but(left=(ADA.id,))
    (tell,) = [t for t in told(TAKEN, gone) if t.person == ADA.id]
    assert tell.text == "INC-42: Bo Carter took over *Incident Commander* from <@U0ADA00001>."
    assert ADA.id not in {t.person for t in told(TAKEN, NIGHT)}, "who is there reads it"
    handed = TAKEN.model_copy(update={"by": ADA, "handed_over": True})
    assert ADA.id not in {t.person for t in told(handed, gone)}, "who gave it away knows"
