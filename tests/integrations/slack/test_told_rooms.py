"""What Slack is told when an incident moves: into a private room, or into another incident."""

from datetime import timedelta

import pytest

from bot.engine.effects import Effect, Promise
from bot.incident.duties import Task
from bot.incident.lifecycle import Edited, Resolved
from bot.incident.members import MemberJoined
from bot.incident.merging import Absorbed, Merged, TaskBrought
from bot.incident.model import Event, Incident
from bot.incident.notes import NOT_HERE, Noted, Redacted
from bot.incident.policy import Policy
from bot.incident.privacy import MadePrivate
from bot.incident.review import DraftReady
from bot.incident.roles import RoleTaken
from bot.incident.values import MUSTER, Actor, Link, Status
from bot.integrations.slack import effects as slack
from bot.integrations.slack.cards import CardState, room_card
from bot.integrations.slack.fact import Fact, Places
from bot.integrations.slack.limits import violations
from bot.integrations.slack.moved import left_card, merged_announcement, merged_card, private_announcement
from bot.integrations.slack.outbound import announcer
from bot.integrations.slack.refs import card_of, card_ref, next_card, seen_from
from bot.integrations.slack.upkeep_effects import ArchiveRoom
from tests.integrations.slack.nights import ADA, BO, NIGHT, TWO

POLICY = Policy()
CY = Actor(id="slack:U0CY000001", name="Cy Okafor")
LATER = TWO + timedelta(minutes=5)
STAMP = {"incident": 42, "at": LATER, "by": ADA}
HIDDEN = NIGHT.but(
    private=True,
    former_rooms=(NIGHT.room,),
    room=NIGHT.room.model_copy(update={"channel": "G0TWO"}) if NIGHT.room else None,
)
"""The same night, in its private room."""
REFS = {
    "slack.channel": "C1",
    "slack.channel.2": "G2",
    "slack.card": "C1/1",
    "slack.card.2": "C1/2",
    "slack.card.r2": "G2/3",
    "slack.announcement": "CALL/4",
    "slack.say.5": "C1/5",
    "slack.say.6": "G2/6",
    "slack.tell.5.UBO": "D1/7",
    "slack.draft.1": "F8",
}


def promised(event: Event, before: Incident = NIGHT, places: Places = Places()) -> list[Promise]:
    after = event.apply(before).but(seq=before.seq + 1)
    return list(announcer(places)(event, before, after, POLICY))


def effects(event: Event, before: Incident = NIGHT, places: Places = Places()) -> list[Effect]:
    return [p.effect for p in promised(event, before, places)]


def said(event: Event, before: Incident = NIGHT) -> list[tuple[int, str]]:
    """(room, sentence) of each."""
    return [(e.room, e.text) for e in effects(event, before) if isinstance(e, slack.Say)]


def private(*people: Actor) -> MadePrivate:
    return MadePrivate(**STAMP, people=people)


def test_the_private_room_is_furnished_as_the_first_one_was() -> None:
    new = [e for e in effects(private()) if isinstance(e, slack.OpenRoom | slack.RoomEffect) and e.room == 2]
    assert {e.kind for e in new} >= {"open_room", "post_card", "invite", "set_topic", "pin_card", "add_bookmark", "say"}
    opened = next(e for e in new if isinstance(e, slack.OpenRoom))
    assert (opened.private, opened.name) == (True, "inc-42-private-checkout-errors-above-5")
    assert {e.need for e in new} == {None, "slack.channel.2", "slack.card.r2", "slack.announcement"}
    assert all(e.lane.startswith("slack/42/2/") for e in new if isinstance(e, slack.RoomEffect))


def test_only_who_has_a_part_in_it_and_who_was_named_is_asked_in() -> None:
    task = Task(number=1, text="x", to=BO, by=ADA, at=TWO)
    before = NIGHT.but(tasks=(task,), members=("slack:UEVE",))
    asked = [e for e in effects(private(CY), before) if isinstance(e, slack.Invite)]
    assert [(e.people, e.services, e.room) for e in asked] == [((ADA.id, BO.id), (), 2), ((CY.id,), (), 2)]
    assert [e.called_at for e in asked] == [None, STAMP["at"]]


def test_the_old_room_is_told_where_it_went_and_nothing_else() -> None:
    old = [e for e in effects(private()) if isinstance(e, slack.RoomEffect) and e.room == 1]
    assert [e.kind for e in old] == ["say", "refresh_card", "set_topic"]
    assert (1, old[0].text) in said(private()) if isinstance(old[0], slack.Say) else False
    assert "in a new room" in said(private())[1][1]


def test_into_an_archived_room_nothing_more_is_said() -> None:
    room = NIGHT.room.model_copy(update={"archived": LATER}) if NIGHT.room else None
    assert [
        e for e in effects(private(), NIGHT.but(room=room)) if isinstance(e, slack.RoomEffect) and e.room == 1
    ] == []


def test_what_shows_its_title_elsewhere_is_drawn_anew() -> None:
    kinds = [e.kind for e in effects(private())]
    assert "refresh_announcement" in kinds
    assert "refresh_triage" in kinds
    bare = [e.kind for e in effects(private(), places=Places(announcements=False, triage=False))]
    assert not {"refresh_announcement", "refresh_triage"} & set(bare)


def test_links_and_alerts_stand_in_the_bar_of_the_new_room() -> None:
    before = NIGHT.but(links=(Link(url="https://wiki/x", title="Plan"),))
    marks = [e for e in effects(private(), before) if isinstance(e, slack.AddBookmark)]
    assert [(e.title, e.room) for e in marks] == [("Plan", 2), ("Alert · High error rate", 2)]


def test_a_draft_that_is_there_comes_along_under_a_name_of_its_own() -> None:
    assert "upload_draft" not in {e.kind for e in effects(private())}
    (draft,) = [e for e in effects(private(), NIGHT.but(drafts=2)) if isinstance(e, slack.UploadDraft)]
    assert (draft.room, draft.version, draft.need) == (2, 2, "slack.channel.2")
    assert draft.ref == "slack.draft.2.10", "so that redaction finds both"


@pytest.mark.parametrize(
    "event",
    [
        Noted(**STAMP, text="found it"),
        Resolved(**STAMP, review=True),
        Edited(**STAMP, title="another title"),
        RoleTaken(**STAMP, role="scribe", label="Scribe", person=BO),
        DraftReady(**{**STAMP, "by": MUSTER}, version=1, template="default"),
    ],
)
def test_whatever_happens_then_is_for_the_room_of_today(event: Event) -> None:
    made = [e for e in effects(event, HIDDEN) if isinstance(e, slack.RoomEffect)]
    assert made
    assert {e.room for e in made} == {2}
    assert "refresh_announcement" not in {e.kind for e in made}


def test_the_same_person_is_asked_into_each_room_once() -> None:
    event = RoleTaken(**STAMP, role="scribe", label="Scribe", person=BO)
    keys = [p.key for before in (NIGHT, HIDDEN) for p in promised(event, before) if p.effect.kind == "invite"]
    assert keys == [f"invite/42/{BO.id}", f"invite/42/2/{BO.id}"]


def test_of_a_private_incident_only_who_is_in_it_is_told() -> None:
    fact = Fact(Noted(**STAMP, text="x"), HIDDEN, HIDDEN, POLICY, Places())
    assert list(fact.tell(CY, "something", "words")) == []
    assert len(list(fact.tell(ADA, "something", "words"))) == 1
    inside = MemberJoined(**STAMP, person=CY).apply(HIDDEN)
    assert len(list(Fact(fact.event, HIDDEN, inside, POLICY, Places()).tell(CY, "x", "y"))) == 1


def test_seen_from_a_room_nothing_of_another_one_is_there() -> None:
    assert seen_from(REFS, 1) == {
        "slack.channel": "C1",
        "slack.card": "C1/1",
        "slack.card.2": "C1/2",
        "slack.announcement": "CALL/4",
        "slack.say.5": "C1/5",
        "slack.tell.5.UBO": "D1/7",
        "slack.draft.1": "F8",
    }
    assert seen_from(REFS, 2) == {
        "slack.channel": "G2",
        "slack.card.r2": "G2/3",
        "slack.announcement": "CALL/4",
        "slack.say.6": "G2/6",
        "slack.draft.1": "F8",
    }


def test_of_a_room_that_is_not_there_yet_no_other_room_takes_the_place() -> None:
    refs = {name: ref for name, ref in REFS.items() if name != "slack.channel.2"}
    assert "slack.channel" not in seen_from(refs, 2)


def test_each_room_has_cards_of_its_own() -> None:
    first, second = seen_from(REFS, 1), seen_from(REFS, 2)
    assert (card_of(first), next_card(first)) == ("C1/2", "slack.card.3")
    assert (card_of(second), next_card(second)) == ("G2/3", "slack.card.r2.2")
    assert card_ref(2) == "slack.card.r2"
    assert card_of(second | {"slack.card.r2.2": "G2/9"}) == "G2/9"


def test_what_stands_where_it_was_holds_nothing_but_its_number() -> None:
    secret = HIDDEN.but(title="Umbrella", impact="Umbrella", summary="Umbrella")
    for message in (left_card(secret), private_announcement(secret)):
        assert "Umbrella" not in str(message)
        assert "INC-42" in message.text
        assert violations(message) == []


MERGED = Merged(**STAMP, into=41, channel="C0OTHER", room="inc-41-x")
ABSORBED = Absorbed(**{**STAMP, "incident": 42}, source=40, title="Search <!here>", people=(BO,), alerts=2, tasks=1)


def test_the_room_of_a_merged_incident_says_where_it_goes_on_and_closes_a_minute_later() -> None:
    promises = promised(MERGED)
    (sentence,) = said(MERGED)
    assert sentence[1].endswith("This room closes; INC-41 goes on in <#C0OTHER>, where everybody here is invited.")
    (archive,) = [p for p in promises if isinstance(p.effect, ArchiveRoom)]
    assert archive.later == LATER + timedelta(minutes=1)
    assert archive.effect.lane == "slack/42/say", "after the last sentence"


def test_of_a_private_target_the_room_is_told_no_number() -> None:
    told = str(effects(MERGED.model_copy(update={"hidden": True})))
    assert "41" not in told
    assert "C0OTHER" not in told


def test_after_a_merge_nothing_more_is_said_in_the_closed_room() -> None:
    over = MERGED.apply(NIGHT)
    assert said(Noted(**STAMP, text="one more thing"), over) == []


def test_the_room_that_goes_on_hears_what_came_and_its_people_are_asked_over() -> None:
    ((_, text),) = said(ABSORBED)
    assert (
        text == "Ada Nwosu merged INC-40 into this incident: Search &lt;!here&gt;. 2 alerts and 1 open task came along."
    )
    (asked,) = [e for e in effects(ABSORBED) if isinstance(e, slack.Invite)]
    assert asked.people == (BO.id,)


def test_a_page_that_nobody_answered_is_not_forgotten() -> None:
    event = ABSORBED.model_copy(update={"unanswered": ("Search",)})
    ((_, text),) = said(event)
    assert "*Nobody has answered its page to Search:* page again if they are needed." in text
    (sentence,) = [e for e in effects(event) if isinstance(e, slack.Say)]
    assert sentence.buttons[0].label == "Page"


def test_whose_task_goes_over_is_told_its_new_number() -> None:
    task = Task(number=3, text="rebuild it", to=BO, by=ADA, at=TWO)
    (told,) = [e for e in effects(TaskBrought(**STAMP, source=40, task=task)) if isinstance(e, slack.Tell)]
    assert told.person == BO.id
    assert told.text == "INC-40 was merged. “rebuild it” goes on in INC-42, as task 3."
    mine = TaskBrought(**STAMP, source=40, task=task.model_copy(update={"to": ADA}))
    assert not [e for e in effects(mine) if isinstance(e, slack.Tell)], "who merged it knows"


def test_its_card_says_where_it_goes_on_and_offers_no_reopening() -> None:
    for over, where in ((MERGED, "INC-41"), (MERGED.model_copy(update={"hidden": True}), "a private incident")):
        card = str(room_card(CardState(over.apply(NIGHT), POLICY)))
        assert f"*Merged into:* {where}" in card
        assert "Reopen" not in card


def test_words_redacted_in_what_was_merged_are_taken_out_of_what_was_said_where_it_goes_on() -> None:
    gone = Redacted(**STAMP, entry=NOT_HERE, source=40, of=5)
    kinds = {e.kind for e in effects(gone, NIGHT.but(drafts=1, absorbed=(40,)))}
    assert kinds >= {"blank_message", "blank_tells", "withdraw_drafts", "upload_draft", "refresh_card"}
    assert said(gone) == [(1, "Ada Nwosu redacted an entry of INC-40 (5). Its words are gone.")]


def test_what_stands_for_a_merged_incident_names_no_private_one() -> None:
    source = NIGHT.but(number=40, status=Status.MERGED, merged_into=42)
    for drawn in (merged_card, merged_announcement):
        assert "INC-42 · <#C0ROOM>" in str(drawn(source, NIGHT))
        hidden = str(drawn(source, HIDDEN))
        assert "42" not in hidden
        assert "G0TWO" not in hidden
        assert violations(drawn(source, NIGHT)) == []
