"""Tasks as Slack meets them: what is typed, what the room and the one who was asked hear, the list, the prompts."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given as any_of
from hypothesis import settings
from hypothesis import strategies as st

from bot.incident.chasing import FOLLOW_UP, LATE, TAKEN_ON, TASK
from bot.incident.duties import Task, TaskState
from bot.incident.followups import TasksKept
from bot.incident.lifecycle import Resolved
from bot.incident.model import Event, Incident
from bot.incident.nudges import Nudged
from bot.incident.policy import Policy
from bot.incident.tasks import TaskGiven, TaskHanded, TaskPutOff, TasksSettled
from bot.incident.upkeep import RoomUnarchived
from bot.incident.values import MUSTER, Actor, Room, Status
from bot.integrations.slack import effects as slack
from bot.integrations.slack import prompts
from bot.integrations.slack.blocks import Message, sentence
from bot.integrations.slack.dates import day_of
from bot.integrations.slack.fitting import fit
from bot.integrations.slack.limits import violations
from bot.integrations.slack.task_list import my_list, task_list
from bot.integrations.slack.task_words import Act, Wanted, act_of, follow_up_of, task_of
from bot.sandbox.slack.content import checked_blocks
from tests.integrations.slack import states
from tests.integrations.slack.nights import ADA, BO, NIGHT, TWO
from tests.integrations.slack.test_outbound import kinds, promised, said, stamp, told
from tests.stories.screen import labels, words

NOW = datetime(2026, 11, 21, 2, 40, tzinfo=UTC)
"""A Saturday."""
TEXT = "restart the <workers> & tell @here"
SAFE = "restart the &lt;workers&gt; &amp; tell @here"
IN_ROOM = NIGHT.but(members=(ADA.id, BO.id))


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("restart the workers", Wanted("restart the workers")),
        ("restart the workers <@UBO|bo> 15m", Wanted("restart the workers", "<@UBO|bo>", 15)),
        ("restart the workers 15m <@UBO>", Wanted("restart the workers", "<@UBO>", 15)),
        ("restart the workers in 1h30m", Wanted("restart the workers", "", 90)),
        ("15m <@UBO> restart the workers", Wanted("restart the workers", "<@UBO>", 15)),
        ("<@UBO> 15m restart the workers", Wanted("restart the workers", "<@UBO>", 15)),
        ("15m <@UBO> restart the workers 30m", Wanted("15m <@UBO> restart the workers", "", 30)),
        ("5m of errors in the log", Wanted("5m of errors in the log")),
        (
            "<@UBO|Bo Lind> restart the workers within 5 15m",
            Wanted("restart the workers within 5", "<@UBO|Bo Lind>", 15),
        ),
        ('"call it <@UCY|cy> 5m" <@UBO>', Wanted("call it <@UCY|cy> 5m", "<@UBO>")),
        ("  two   words\n15m ", Wanted("two   words", "", 15)),
        ("<@UBO>", Wanted("", "<@UBO>")),
        ("15m", Wanted("", "", 15)),
        ("", Wanted("")),
    ],
)
def test_whom_and_the_time_stand_last_in_either_order_or_whom_stands_first(typed: str, wanted: Wanted) -> None:
    assert task_of(typed) == wanted


@pytest.mark.parametrize("typed", ["", "15m", "<@UBO>", "ask <@UBO> about <@UCY>", "wake <!subteam^S1|@sre> 5m"])
def test_what_does_not_say_what_or_names_several_people_is_not_sure(typed: str) -> None:
    assert not task_of(typed).is_sure


@pytest.mark.parametrize("typed", ["ask in <#C1|ops>", "see <https://acme.example|the page>", "drop 3 pods"])
def test_channels_and_links_are_words_like_others(typed: str) -> None:
    assert task_of(typed) == Wanted(typed)
    assert task_of(typed).is_sure


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("alert on it <@UBO> friday", Wanted("alert on it", "<@UBO>", day=date(2026, 11, 27))),
        ("alert on it by next week <@UBO>", Wanted("alert on it", "<@UBO>", day=date(2026, 11, 23))),
        ("alert on it", Wanted("alert on it")),
        ("friday", Wanted("", day=date(2026, 11, 27))),
    ],
)
def test_a_follow_up_has_a_day_instead(typed: str, wanted: Wanted) -> None:
    assert follow_up_of(typed, "UTC", NOW) == wanted


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("tomorrow", date(2026, 11, 22)),
        ("Saturday", date(2026, 11, 28)),
        ("sun", date(2026, 11, 22)),
        ("next week", date(2026, 11, 23)),
        ("5d", date(2026, 11, 26)),
        ("2W", date(2026, 12, 5)),
        ("2026-12-01", date(2026, 12, 1)),
        ("2026-02-30", None),
        ("soon", None),
        ("999w", date(2046, 1, 13)),
    ],
)
def test_days_are_understood_or_not_at_all(typed: str, day: date | None) -> None:
    assert day_of(typed, "UTC", NOW) == day


def test_tomorrow_is_the_persons_own() -> None:
    assert day_of("tomorrow", "America/New_York", NOW) == date(2026, 11, 21)


@pytest.mark.parametrize(
    ("typed", "act"),
    [
        ("done 3", Act("done", (3,))),
        ("Done #3, 4 and 5", Act("done", (3, 4, 5))),
        ("later 3 15m", Act("later", (3,), "15m")),
        ("hand 3 <@UBO> 30m", Act("hand", (3,), "<@UBO> 30m")),
        ("drop 3 pods", Act("drop", (3,), "pods")),
        ("done", None),
        ("done with it", None),
        ("restart 3", None),
    ],
)
def test_what_becomes_of_a_task_is_said_by_its_number(typed: str, act: Act | None) -> None:
    assert act_of(typed) == act


def given(to: Actor = BO, by: Actor = ADA, **more: object) -> TaskGiven:
    return TaskGiven.model_validate({**stamp(by), "task": 1, "text": TEXT, "to": to, **more})


def task(**changes: object) -> Task:
    made = Task(number=1, text=TEXT, to=BO, by=ADA, at=TWO, due=TWO + timedelta(minutes=15))
    return made.model_copy(update=changes)


def with_task(i: Incident = IN_ROOM, **changes: object) -> Incident:
    return i.but(tasks=(task(**changes),))


def test_a_task_for_somebody_in_the_room_mentions_them_once_and_tells_them_nowhere_else() -> None:
    sentence = said(given(due=TWO + timedelta(minutes=20)), IN_ROOM)
    assert sentence.text.startswith("Ada Nwosu gives <@U0BO000001> task 1, by <!date^")
    assert sentence.text.endswith(f": {SAFE}")
    assert [(b.label, b.value) for b in sentence.buttons] == [
        ("I'm on it", "INC-42 task take 1"),
        ("Can't", "INC-42 task decline 1"),
        ("Done", "INC-42 task done 1"),
    ]
    assert told(given(), IN_ROOM) == []
    assert "invite" not in kinds(promised(given(), IN_ROOM))


def test_a_time_on_another_day_is_told_with_its_day() -> None:
    assert "{date_short_pretty} {time}|2026-11-22" in said(given(due=TWO + timedelta(days=1)), IN_ROOM).text
    assert "{date_short_pretty}" not in said(given(due=TWO + timedelta(hours=2)), IN_ROOM).text
    longer = TaskPutOff(**stamp(), task=1, text=TEXT, due=TWO + timedelta(days=1))
    assert "{date_short_pretty} {time}" in said(longer, with_task()).text
    assert "{date_short_pretty} {time}" in shown(task_list(with_task(due=NOW - timedelta(days=2)), ADA, NOW))


def test_who_is_not_in_the_room_is_told_in_private_and_let_in() -> None:
    alone = NIGHT.but(members=(ADA.id,))
    (message,) = told(given(), alone)
    assert (message.person, message.seq) == (BO.id, alone.seq + 1)
    assert message.text == f"INC-42 (<#C0ROOM>): Ada Nwosu gives you task 1: {SAFE}"
    assert [b.label for b in message.buttons] == ["I'm on it", "Can't", "Done"]
    assert "invite" in kinds(promised(given(), alone))


def test_who_takes_a_task_themselves_is_named_and_not_mentioned() -> None:
    sentence = said(given(to=ADA), NIGHT)
    assert sentence.text == f"Ada Nwosu took on task 1: {SAFE}"
    assert [b.label for b in sentence.buttons] == ["Done"]
    assert told(given(to=ADA), NIGHT) == []


def test_a_follow_up_is_told_to_its_owner_wherever_they_are_and_invites_nobody() -> None:
    later = given(followup=True, due=TWO + timedelta(days=7))
    (message,) = told(later, IN_ROOM)
    assert "gives you follow-up 1, by <!date^" in message.text
    assert "{date_short_pretty}|2026-11-28>" in message.text
    assert "invite" not in kinds(promised(later, NIGHT))
    assert said(later, IN_ROOM).buttons == ()


def test_an_archived_room_hears_nothing_and_the_owner_of_a_follow_up_still_does() -> None:
    shut = IN_ROOM.but(status=Status.RESOLVED, room=Room(channel="C0ROOM", name="inc-42", archived=TWO))
    later = given(followup=True)
    assert [e for e in kinds(promised(later, shut)) if e in ("say", "tell")] == ["tell"]
    assert "say" not in kinds(promised(settled(TaskState.DONE), with_task(shut, followup=True)))


def test_in_an_archived_room_nothing_is_drawn_until_people_can_write_there_again() -> None:
    shut = with_task(NIGHT.but(room=Room(channel="C0ROOM", name="inc-42", archived=TWO)))
    assert kinds(promised(settled(TaskState.DONE), with_task(NIGHT))) == ["say", "refresh_card"]
    assert kinds(promised(settled(TaskState.DONE), shut)) == []
    assert kinds(promised(RoomUnarchived.model_validate(stamp()), shut))[-3:] == [
        "refresh_card",
        "set_topic",
        "refresh_announcement",
    ]


def test_before_there_is_a_room_nothing_is_said_in_it() -> None:
    assert [e for e in kinds(promised(given(), NIGHT.but(room=None))) if e in ("say", "tell")] == ["tell"]


def handed(to: Actor, before: Actor) -> TaskHanded:
    return TaskHanded.model_validate({**stamp(), "task": 1, "text": TEXT, "to": to, "before": before})


def settled(state: TaskState, by: Actor = BO, *, tasks: tuple[int, ...] = (1,)) -> TasksSettled:
    only = {"text": TEXT, "to": BO} if len(tasks) == 1 else {}
    return TasksSettled.model_validate({**stamp(by), "tasks": tasks, "state": state, **only})


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (handed(ADA, before=BO), f"Ada Nwosu took on task 1, which <@U0BO000001> had: {SAFE}"),
        (handed(BO, before=ADA), f"Ada Nwosu hands task 1 from Ada Nwosu to <@U0BO000001>: {SAFE}"),
        (settled(TaskState.ACCEPTED), f"Bo Carter is on task 1: {SAFE}"),
        (settled(TaskState.DONE), f"Bo Carter *did* task 1: {SAFE}"),
        (settled(TaskState.DONE, ADA), f"Ada Nwosu ticked off task 1 (<@U0BO000001>): {SAFE}"),
        (settled(TaskState.DECLINED), f"<@U0ADA00001>: Bo Carter *cannot do* task 1: {SAFE}"),
        (settled(TaskState.GIVEN, ADA), f"Ada Nwosu opened task 1 again (<@U0BO000001>): {SAFE}"),
        (settled(TaskState.DROPPED, ADA, tasks=(1, 2)), "Ada Nwosu dropped tasks 1 and 2"),
    ],
)
def test_what_becomes_of_a_task_is_said_aloud_and_whom_it_concerns_is_mentioned_once(event: Event, text: str) -> None:
    assert said(event, with_task()).text == text


def test_more_time_and_what_is_kept_are_said_aloud() -> None:
    longer = TaskPutOff(**stamp(), task=1, text=TEXT, due=TWO + timedelta(minutes=30))
    assert said(longer, with_task()).text.startswith("Ada Nwosu gave task 1 (<@U0BO000001>) time until <!date^")
    kept = TasksKept(**stamp(), tasks=(1,), due=TWO + timedelta(days=7))
    assert said(kept, with_task()).text.startswith("Ada Nwosu kept task 1 as a follow-up, due <!date^")


def test_at_the_end_what_is_still_open_is_offered_for_keeping() -> None:
    over = Resolved(**stamp(), review=False)
    sentence = said(over, with_task())
    assert sentence.text.endswith("*1 task is still open.* Done, or kept for later?")
    assert [(b.label, b.value) for b in sentence.buttons][1:] == [
        ("Keep as follow-ups", "INC-42 tasks keep"),
        ("All are done", "INC-42 tasks done"),
    ]
    settled = said(over, with_task(state=TaskState.DONE))
    assert "open" not in settled.text
    assert [b.label for b in settled.buttons] == ["Reopen"]


@pytest.mark.parametrize(
    ("topic", "offered"),
    [
        (TASK, ["INC-42 task done 1", "INC-42 task later 1 15m", "INC-42 task hand 1"]),
        (TAKEN_ON, ["INC-42 task take 1", "INC-42 task decline 1", "INC-42 task done 1"]),
        (FOLLOW_UP, ["INC-42 followup done 1", "INC-42 followup later 1 1w", "INC-42 followup hand 1"]),
        (LATE, ["INC-42 followup done 1", "INC-42 followup later 1 1w", "INC-42 followup hand 1"]),
    ],
)
def test_each_prompt_offers_what_can_be_said_at_once(topic: str, offered: Sequence[str]) -> None:
    key = f"{topic}/1/20261121T022000"
    values = [b.value for b in prompts.buttons(with_task(), Policy(), key)]
    assert values == [*offered, f"42/{key}"], "and it can be put off"


def test_a_prompt_quotes_the_task_and_says_whose_it_is() -> None:
    key = f"{TASK}/1/20261121T022000"
    due = Nudged(
        incident=42, at=TWO, by=MUSTER, key=key, to=(ADA,), text="The time for task 1 is up (Bo Carter)", quote=TEXT
    )
    (message,) = told(due, with_task())
    assert message.text.startswith(f"INC-42: The time for task 1 is up (Bo Carter): {SAFE}")


def shown(message: Message) -> str:
    return words({"blocks": message.blocks})


def pressable(message: Message) -> list[str]:
    return labels({"blocks": message.blocks})


def test_the_list_says_how_each_task_stands() -> None:
    i = NIGHT.but(
        tasks=(
            task(),
            task(number=2, state=TaskState.ACCEPTED, due=NOW + timedelta(minutes=5)),
            task(number=3, state=TaskState.DECLINED),
            task(number=4, followup=True, due=NOW + timedelta(days=5)),
            task(number=5, state=TaskState.DONE),
            task(number=6, state=TaskState.DROPPED),
            task(number=7, followup=True, due=NOW - timedelta(days=1)),
        )
    )
    told = shown(task_list(i, ADA, NOW))
    assert told.startswith("*3 tasks and 2 follow-ups in INC-42*")
    assert "*Task 1* · Bo Carter · not taken on yet, *time is up* since" in told
    assert "*Task 2* · Bo Carter · on it, by" in told
    assert "*Task 3* · Bo Carter · *declined*, with nobody now" in told
    assert "*Follow-up 4* · Bo Carter · due <!date^" in told
    assert "*Follow-up 7* · Bo Carter · *was due* <!date^" in told
    assert "Done: 5 Dropped: 6" in told
    assert told.index("Task 3") < told.index("Follow-up 4")


def test_the_list_offers_each_person_what_they_are_there_for() -> None:
    assert pressable(task_list(with_task(), BO, NOW))[:3] == ["I'm on it", "Done", "Can't"]
    assert pressable(task_list(with_task(), ADA, NOW))[:3] == ["Done", "15 more minutes", "Hand over"]
    declined = with_task(state=TaskState.DECLINED)
    assert pressable(task_list(declined, ADA, NOW))[:4] == ["I'll do it", "15 more minutes", "Hand over", "Drop"]
    over = with_task(NIGHT.but(status=Status.RESOLVED))
    assert pressable(task_list(over, ADA, NOW)) == [
        *("Done", "Keep as follow-up", "Drop"),
        *("Keep all as follow-ups", "All are done", "New follow-up"),
    ]


def test_a_list_longer_than_a_message_says_how_many_there_are_more() -> None:
    many = NIGHT.but(tasks=tuple(task(number=n, text="x" * 500) for n in range(1, 41)))
    message = task_list(many, ADA, NOW)
    assert violations(message) == []
    assert "and 28 more" in shown(message)


def test_what_somebody_owes_is_told_over_all_incidents_and_of_nobody_else() -> None:
    other = NIGHT.but(number=7, tasks=(task(to=ADA), task(number=2, followup=True)))
    message = my_list([with_task(), other], BO, NOW)
    assert shown(message).startswith("*You have 1 task and 1 follow-up*")
    assert "*INC-42* · task 1" in shown(message)
    assert "*INC-7* · follow-up 2" in shown(message)
    assert "INC-7* · task 1" not in shown(message)
    over = with_task(NIGHT.but(status=Status.RESOLVED))
    assert pressable(my_list([over], BO, NOW)) == ["Done", "Keep as follow-up", "Drop"]
    assert shown(my_list([], BO, NOW)) == "You have no task and no follow-up."


@settings(max_examples=20, deadline=None)
@any_of(states.incidents, st.lists(states.incidents, max_size=3).map(lambda few: few * 6))
def test_any_tasks_give_lists_that_slack_takes_with_every_button_and_that_ping_nobody(
    i: Incident, owed: list[Incident]
) -> None:
    mine = next((t.to for one in owed for t in one.tasks if t.is_open), ADA)
    for message in (task_list(i, ADA, NOW), my_list(owed, mine, NOW)):
        fitted = fit(message)
        checked_blocks(list(fitted.blocks))
        assert pressable(fitted) == pressable(message)
        assert "<@" not in shown(message)
        assert "<!channel>" not in shown(message)


@settings(max_examples=30, deadline=None)
@any_of(states.words, states.actors, st.booleans())
def test_whatever_a_task_says_its_sentences_ping_nobody_but_whom_it_concerns(
    text: str, owner: Actor, followup: bool
) -> None:
    for effect in (p.effect for p in promised(given(to=owner, text=text, followup=followup), NIGHT)):
        if isinstance(effect, slack.Say | slack.Tell):
            assert violations(sentence(effect.text, effect.buttons)) == [] or len(owner.name) > 1_000
            assert set(re.findall(r"<[@!][^>]*>", effect.text.replace("<!date", ""))) <= {f"<@{owner.foreign_id}>"}
