"""What Slack makes of facts: who is told what, where, and what is only brought up to date."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from bot.engine.effects import EFFECTS, Effect, InDoubt, Promise
from bot.incident.alerts import AlertJoined, AlertReported, AlertsClear
from bot.incident.lifecycle import Canceled, Declared, Edited, Reopened, Resolved
from bot.incident.mirror import Alert, Report, What
from bot.incident.model import Birth, Event, Incident
from bot.incident.notes import Corrected, MessageMarked, Noted, Redacted
from bot.incident.nudges import CALL, MENTION, Nudged
from bot.incident.paging import LadderEnded, NobodyToPage, PageAnswered, PageFailed, PageRequested, PageUnanswered
from bot.incident.policy import Policy
from bot.incident.review import DraftReady
from bot.incident.roles import RoleTaken
from bot.incident.rooms import GOES_ON, CardReplaced, PeopleInvited, RoomOpened, StepFailed, Uninvited
from bot.incident.severity import SeverityChanged
from bot.incident.status import StatusChanged
from bot.incident.values import MUSTER, Actor, Service, Status
from bot.integrations.slack import effects as slack
from bot.integrations.slack.fact import Places
from bot.integrations.slack.outbound import alert_announcer, announcer
from bot.integrations.slack.refs import tell_ref
from tests.integrations.slack.nights import ADA, BO, CHECKOUT, NIGHT, ON_CALL, SEV1, SEV2, TWO, calling

POLICY = Policy()
ALL = Places()


def promised(event: Event, before: Incident | None = NIGHT, places: Places = ALL) -> list[Promise]:
    """What is promised when this happens on the ordinary night."""
    after = event.begin().but(seq=1) if isinstance(event, Birth) else (before or NIGHT).but(seq=9)
    if before is not None and not isinstance(event, Birth):
        after = event.apply(before).but(seq=before.seq + 1)
    return list(announcer(places)(event, before, after, POLICY))


def kinds(promises: Iterable[Promise]) -> list[str]:
    return [p.effect.kind for p in promises]


def said(event: Event, before: Incident = NIGHT) -> slack.Say:
    """The one sentence that the fact gives rise to."""
    found = [p.effect for p in promised(event, before) if isinstance(p.effect, slack.Say)]
    assert len(found) == 1
    return found[0]


def told(event: Event, before: Incident = NIGHT) -> list[slack.Tell]:
    return [p.effect for p in promised(event, before) if isinstance(p.effect, slack.Tell)]


def stamp(by: Actor = ADA) -> dict[str, object]:
    return {"incident": 42, "at": TWO + timedelta(minutes=5, seconds=7), "by": by}


def declared(**more: object) -> Declared:
    return Declared.model_validate(
        {**stamp(), "title": "Checkout errors", "severity": SEV2, "services": (CHECKOUT,), **more}
    )


def test_a_declaration_promises_the_room_and_what_goes_out_side_by_side() -> None:
    promises = promised(declared(), before=None)
    assert kinds(promises) == [
        "open_room",
        "post_card",
        "invite",
        "set_topic",
        "pin_card",
        "post_announcement",
    ]
    room, *rest = [p.effect for p in promises]
    assert isinstance(room, slack.OpenRoom)
    assert (room.name, room.private, room.need) == ("inc-42-checkout-errors", False, None)
    assert {e.need for e in rest if e.kind != "pin_card"} == {"slack.channel"}
    assert next(e for e in rest if e.kind == "pin_card").need == "slack.card"
    lanes = [e.lane for e in rest]
    assert len(set(lanes)) == len(lanes), "one behind the other would cost round trips"
    invite = next(e for e in rest if isinstance(e, slack.Invite))
    assert (invite.people, invite.services) == (("slack:U0ADA00001",), ("PCHECK",))


def test_a_private_incident_never_reaches_the_announcement_channel() -> None:
    promises = promised(declared(private=True), before=None)
    assert "post_announcement" not in kinds(promises)
    room = promises[0].effect
    assert isinstance(room, slack.OpenRoom)
    assert room.private
    hidden = NIGHT.but(private=True)
    changed = SeverityChanged.model_validate({**stamp(), "was": SEV1, "now": SEV2})
    assert "refresh_announcement" not in kinds(promised(changed, hidden))
    assert "refresh_announcement" in kinds(promised(changed, NIGHT))


def test_without_an_announcement_channel_nothing_is_announced() -> None:
    assert "post_announcement" not in kinds(promised(declared(), None, Places(announcements=False)))


def test_where_it_came_from_and_the_bridge_are_bookmarked() -> None:
    places = Places(bridge="https://meet.example/x")
    promises = promised(declared(source="https://acme.slack.com/archives/C1/p2"), None, places)
    marks = [p.effect for p in promises if isinstance(p.effect, slack.AddBookmark)]
    assert [m.link for m in marks] == ["https://acme.slack.com/archives/C1/p2", "https://meet.example/x"]
    assert not [p for p in promised(declared(source="pagerduty"), None) if p.effect.kind == "add_bookmark"]


def test_what_happens_before_the_room_is_there_is_told_by_its_card() -> None:
    unborn = NIGHT.but(room=None)
    moved = StatusChanged.model_validate({**stamp(), "was": "investigating", "now": "identified"})
    assert kinds(promised(moved, unborn)) == []


def test_a_changed_status_is_said_and_everything_that_shows_it_refreshed() -> None:
    moved = StatusChanged.model_validate({**stamp(), "was": "investigating", "now": "identified"})
    assert kinds(promised(moved)) == ["say", "refresh_card", "set_topic", "refresh_announcement"]
    assert said(moved).text == "Ada Nwosu moved it to *identified* (was investigating)."


def test_what_no_card_shows_refreshes_none() -> None:
    marked = MessageMarked(**stamp(), channel="C0ROOM", ts="1.2", author=BO, text="found it")
    assert kinds(promised(marked)) == []
    noted = Noted.model_validate({**stamp(), "text": "rolled back"})
    assert kinds(promised(noted)) == ["say"]


def test_a_note_with_a_time_given_by_hand_offers_to_use_now() -> None:
    assert said(Noted.model_validate({**stamp(), "text": "x"})).buttons == ()
    given = {**stamp(), "at": TWO, "written": TWO + timedelta(minutes=5)}
    by_hand = said(Noted.model_validate({**given, "typed": "02:10", "text": "14:05 is when it failed over"}))
    assert [(b.action, b.value) for b in by_hand.buttons] == [("use_now", "42/10")]
    time = f"<!date^{int(TWO.timestamp())}^{{time}}|2026-11-21 02:10 UTC>"
    assert by_hand.text == f"Ada Nwosu noted at {time}: 14:05 is when it failed over"


def test_a_severity_says_what_it_implies() -> None:
    text = said(SeverityChanged.model_validate({**stamp(), "was": SEV1, "now": SEV2})).text
    assert text == (
        "Ada Nwosu lowered the severity from SEV1 to *SEV2*: Critical: many customers. An update is due every 60 min."
    )


def test_whoever_took_over_is_named_and_whoever_had_it_is_mentioned() -> None:
    taken = RoleTaken(**stamp(BO), role="commander", label="Incident Commander", person=BO, before=ADA)
    due = f"<!date^{int((TWO + timedelta(minutes=30)).timestamp())}^{{time}}|2026-11-21 02:40 UTC>"
    assert said(taken).text == f"Bo Carter took over *Incident Commander* from <@U0ADA00001>. Next update {due}."
    given = RoleTaken(**stamp(ADA), role="scribe", label="Scribe", person=BO)
    assert said(given).text == "<@U0BO000001> is *Scribe*, named by Ada Nwosu."
    handed = taken.model_copy(update={"by": ADA, "handed_over": True})
    assert said(handed).text == f"Ada Nwosu handed *Incident Commander* over to <@U0BO000001>. Next update {due}."


def test_duties_are_told_in_private_once_per_role_and_person() -> None:
    taken = RoleTaken(**stamp(BO), role="scribe", label="Scribe", person=BO)
    again = NIGHT.but(seq=30)
    keys = [p.key for before in (NIGHT, again) for p in promised(taken, before) if p.effect.kind == "tell"]
    assert keys == ["duties/42/scribe/slack:U0BO000001"] * 2
    (tell,) = told(taken)
    assert tell.person == "slack:U0BO000001"
    assert "You write down decisions" in tell.text


@pytest.mark.parametrize(
    "event",
    [
        StatusChanged.model_validate({**stamp(), "was": "triage", "now": "monitoring"}),
        SeverityChanged.model_validate({**stamp(), "was": SEV1, "now": SEV2}),
        RoleTaken(**stamp(), role="scribe", label="Scribe", person=ADA),
        Resolved.model_validate({**stamp(), "review": True, "words_said": "fixed <!here>"}),
        Reopened.model_validate({**stamp(), "was": "resolved"}),
        Canceled.model_validate({**stamp(), "why": "<@U0ADA00001>"}),
        Edited.model_validate({**stamp(), "impact": "all <!channel>"}),
        Noted.model_validate({**stamp(), "text": "<!everyone>"}),
        PageRequested.model_validate({**stamp(), "page": 2, "target": ON_CALL, "why": "<@U0ADA00001>"}),
    ],
)
def test_the_one_who_acted_is_never_pinged_nor_is_anybody_by_their_words(event: Event) -> None:
    assert "<@" not in said(event).text
    assert "<!" not in said(event).text.replace("<!date", "")


def test_a_resolve_says_how_long_and_offers_to_reopen() -> None:
    text = said(Resolved.model_validate({**stamp(), "review": True, "words_said": "rolled back"}))
    assert text.text == "Ada Nwosu *resolved* INC-42 after 5 min: “rolled back”. A postmortem draft follows."
    assert [b.value for b in text.buttons] == ["42/reopen"]


def test_when_all_is_clear_the_commander_is_asked() -> None:
    asked = said(AlertsClear.model_validate(stamp(MUSTER)))
    assert asked.text == "<@U0ADA00001> All alerts are clear. Resolve?"
    assert [(b.action, b.value) for b in asked.buttons] == [("resolve_form", "42")]


def test_an_unanswered_page_offers_the_next_level() -> None:
    silent = PageUnanswered.model_validate({**stamp(MUSTER), "page": 1, "minutes": 5})
    asked = said(silent, NIGHT.but(severity=SEV2))
    assert asked.text == "*Nobody answered* the page to Checkout within 5 min."
    assert [(b.action, b.value) for b in asked.buttons] == [("page_next", "42/1")]


def test_at_a_severity_that_climbs_no_button_is_needed() -> None:
    asked = said(PageUnanswered.model_validate({**stamp(MUSTER), "page": 1, "minutes": 5}))
    assert (asked.buttons, asked.call) == ((), ())


def test_when_the_ladder_ends_by_itself_the_names_to_call_are_given() -> None:
    ended = said(LadderEnded.model_validate({**stamp(MUSTER), "page": 1}))
    assert (ended.text, ended.call) == ("That was the last level to page. Call by hand:", (ON_CALL,))


def test_that_nobody_was_paged_is_said_aloud_and_told_to_the_declarer() -> None:
    nobody = NobodyToPage.model_validate({**stamp(), "services": ("Printers",)})
    assert said(nobody).text.startswith("*Nobody was paged for Printers")
    assert [t.person for t in told(nobody)] == [ADA.id]


def test_above_the_last_level_the_names_to_call_are_given() -> None:
    top = NIGHT.but(severity=SEV2, pages=(calling(level=3),))
    asked = said(PageUnanswered.model_validate({**stamp(MUSTER), "page": 1, "minutes": 5}), top)
    assert asked.call == (ON_CALL,)
    assert asked.buttons == ()


def test_a_page_that_failed_is_told_at_once_in_the_room_and_to_who_answers_for_it() -> None:
    failed = PageFailed.model_validate({**stamp(MUSTER), "page": 1, "reason": "PagerDuty does not answer."})
    before = NIGHT.but(declared_by=BO)
    room = said(failed, before)
    assert room.text == "*The page to Checkout did not go out:* PagerDuty does not answer. Call by hand:"
    assert (room.call, room.wake) == ((ON_CALL,), ("PCHECK",))
    assert {t.person for t in told(failed, before)} == {ADA.id, BO.id}
    assert all(t.call == (ON_CALL,) for t in told(failed, before))


def test_a_page_that_failed_before_the_room_is_there_is_told_all_the_same() -> None:
    failed = PageFailed.model_validate({**stamp(MUSTER), "page": 1, "reason": "no"})
    assert "say" in kinds(promised(failed, NIGHT.but(room=None)))


def test_a_declined_page_offers_the_next_level_and_an_answer_invites() -> None:
    answered = PageAnswered.model_validate({**stamp(BO), "page": 1})
    assert said(answered).text == "Bo Carter answered the page to Checkout."
    assert "invite" in kinds(promised(answered))
    declined = answered.model_copy(update={"accepted": False})
    assert [b.action for b in said(declined).buttons] == ["page_next"]


def test_an_overdue_update_is_asked_of_the_commander_in_private() -> None:
    nudged = Nudged.model_validate({**stamp(MUSTER), "key": "update/20261121T021000", "to": [ADA]})
    (tell,) = told(nudged)
    assert tell.person == ADA.id
    assert tell.ref == tell_ref(NIGHT.seq + 1, ADA.id)
    assert [(b.action, b.value) for b in tell.buttons] == [
        ("open_form", "42/update"),
        ("snooze", "42/update/20261121T021000"),
        ("answer_prompt", "42/update/20261121T021000"),
    ]
    assert "say" not in kinds(promised(nudged))


@pytest.mark.parametrize("key", [MENTION, CALL])
def test_nobody_in_command_mentions_the_on_call_in_the_room(key: str) -> None:
    due = {**stamp(MUSTER), "key": f"{key}/20261121T021000"}
    asked = said(Nudged.model_validate(due), NIGHT.but(holdings=()))
    assert "nobody has taken command" in asked.text.lower()
    assert asked.wake == ("PCHECK",)
    assert [b.value for b in asked.buttons] == ["42/commander"]


def test_an_update_is_asked_of_the_room_where_nobody_is_in_charge_and_wakes_nobody() -> None:
    asked = said(Nudged.model_validate({**stamp(MUSTER), "key": "update/20261121T021000"}))
    assert asked.text.startswith("A status update on INC-42 is due")
    assert asked.wake == ()


def test_a_prompt_with_words_of_its_own_says_them_to_each_whom_it_is_put_to() -> None:
    due = {**stamp(MUSTER), "key": "tea/20261121T021000", "to": [ADA, BO], "text": "<The tea> is cold"}
    asked = told(Nudged.model_validate(due))
    assert [t.person for t in asked] == [ADA.id, BO.id]
    assert {t.text for t in asked} == {"INC-42: &lt;The tea&gt; is cold."}


def joined(**more: object) -> AlertJoined:
    base = {**stamp(MUSTER), "source": "pagerduty", "alert": "Q2", "title": "Disk full", "url": "https://pd.example/Q2"}
    return AlertJoined.model_validate({**base, "service": Service(id="PDISK", name="Disk"), "assignees": (BO,), **more})


def test_another_alert_is_a_line_an_invitation_and_a_bookmark() -> None:
    promises = promised(joined())
    assert kinds(promises) == ["say", "invite", "add_bookmark", "refresh_card"]
    invite = next(p.effect for p in promises if isinstance(p.effect, slack.Invite))
    assert (invite.people, invite.services) == (("slack:U0BO000001",), ("PDISK",))


def test_an_alert_while_monitoring_asks_whether_to_go_back() -> None:
    asked = said(joined(), NIGHT.but(status=Status.MONITORING))
    assert (asked.buttons[0].label, asked.buttons[0].value) == ("Back to investigating?", "42/investigating")
    assert "Back to investigating?" not in [b.label for b in said(joined()).buttons]


def test_what_pagerduty_tells_is_said_where_people_must_notice_it() -> None:
    base = {**stamp(BO), "source": "pagerduty", "alert": "Q1", "title": "High error rate"}
    acked = AlertReported.model_validate({**base, "what": What.ACKNOWLEDGED})
    assert said(acked).text == "Bo Carter acknowledged the alert “High error rate”."
    assert "invite" in kinds(promised(acked))
    assert kinds(promised(AlertReported.model_validate({**base, "what": What.FIELDS, "text": "x"}))) == []
    bridge = AlertReported.model_validate({**base, "what": What.BRIDGE, "text": "https://meet"})
    assert kinds(promised(bridge)) == ["say", "refresh_card"]


def test_redaction_blanks_the_sentence_and_redraws_the_cards() -> None:
    gone = Redacted.model_validate({**stamp(), "entry": 7})
    promises = promised(gone)
    taken = ["blank_message", "blank_tells", "withdraw_exports", "retitle_bookmarks"]
    rewritten = ["redraw_catch_ups", "refresh_card", "set_topic", "refresh_announcement"]
    assert kinds(promises) == [*taken, "say", *rewritten]
    blank = promises[0].effect
    assert isinstance(blank, slack.BlankMessage)
    assert blank.entry == 7


def test_a_correction_is_told_without_its_words() -> None:
    fixed = Corrected.model_validate({**stamp(), "entry": 7, "text": "secret"})
    assert "secret" not in said(fixed).text


def test_who_could_not_be_invited_is_said_with_the_reason() -> None:
    missing = (Uninvited(name="Zoe", reason="a guest"), Uninvited(name="Xenia", reason="of another company"))
    invited = PeopleInvited(**stamp(MUSTER), people=("Bo",), missing=missing)
    assert said(invited).text == "Zoe could not be invited: a guest\nXenia could not be invited: of another company"


def test_a_room_that_cannot_be_opened_is_told_to_the_declarer() -> None:
    failed = StepFailed.model_validate({**stamp(MUSTER), "step": "open the room", "reason": "an admin must allow it"})
    unborn = NIGHT.but(room=None)
    (tell,) = told(failed, unborn)
    assert tell.person == ADA.id
    assert "an admin must allow it" in tell.text
    assert "say" not in kinds(promised(failed, unborn))


SHUT = "the channel is archived; unarchive it, then Retry"


@pytest.mark.parametrize("step", ["set the topic", "post entry 7 of the timeline", "bring the card up to date"])
def test_a_room_that_is_shut_is_told_in_private_and_once(step: str) -> None:
    failed = StepFailed.model_validate({**stamp(MUSTER), "step": step, "reason": SHUT})
    (tell,) = told(failed)
    assert tell.person == ADA.id
    assert "unarchive it" in tell.text
    assert "say" not in kinds(promised(failed))
    assert told(failed, NIGHT.but(failed_steps={"pin the card": SHUT})) == []


def test_an_announcement_channel_that_is_shut_is_told_in_the_room() -> None:
    failed = StepFailed.model_validate({**stamp(MUSTER), "step": "announce it", "reason": SHUT})
    assert told(failed) == []
    assert "unarchive it" in said(failed).text


def test_what_is_late_is_told_without_a_retry_that_nobody_needs() -> None:
    late = StepFailed.model_validate({**stamp(MUSTER), "step": "invite people", "reason": f"no answer{GOES_ON}"})
    assert said(late).text.endswith("Muster goes on trying. The card shows it.")


def test_a_card_posted_anew_is_pinned() -> None:
    assert kinds(promised(CardReplaced.model_validate(stamp(MUSTER)))) == ["pin_card"]


@pytest.mark.parametrize("step", ["post entry 7 of the timeline", "bring the card up to date", "post the card"])
def test_a_failed_sentence_gives_rise_to_no_further_sentence(step: str) -> None:
    failed = StepFailed.model_validate({**stamp(MUSTER), "step": step, "reason": "no"})
    assert kinds(promised(failed)) == ["refresh_card"]


def test_a_draft_is_uploaded_once_per_version() -> None:
    promises = promised(DraftReady.model_validate({**stamp(MUSTER), "version": 1}))
    assert kinds(promises) == ["say", "upload_draft"]
    assert promises[1].key == "draft/42/1"


def test_an_open_room_alone_promises_nothing_new() -> None:
    opened = RoomOpened.model_validate({**stamp(MUSTER), "channel": "C1", "name": "inc-42"})
    assert promised(opened, NIGHT.but(room=None)) == []


def alert(what: What = What.TRIGGERED, urgency: str = "high", **more: object) -> Alert:
    report = Report(source="pagerduty", alert="Q1", key="e1", at=TWO, what=what, by=BO, title="Disk", urgency=urgency)
    return Alert(source="pagerduty", id="Q1", reports=(report,)).model_copy(update=more)


def triaged(before: Alert | None, after: Alert) -> list[tuple[str, str]]:
    return [(p.effect.kind, p.key) for p in alert_announcer(ALL)(before, after, POLICY)]


def test_an_alert_for_triage_is_posted_once_and_then_refreshed() -> None:
    assert triaged(None, alert()) == [("post_triage", "triage/pagerduty/Q1")]
    later = alert().heard(alert().reports[0].model_copy(update={"key": "e2", "at": TWO + timedelta(minutes=1)}))
    assert triaged(alert(), later) == [
        ("post_triage", "triage/pagerduty/Q1"),
        ("refresh_triage", "triage/pagerduty/Q1/2"),
    ]
    assert triaged(alert(), alert(dismissed=True)) == [("refresh_triage", "triage/pagerduty/Q1/1/dismissed")]


def test_a_quiet_alert_is_posted_nowhere() -> None:
    assert triaged(None, alert(urgency="low")) == []
    assert list(alert_announcer(Places(triage=False))(None, alert(), POLICY)) == []


def of_slack() -> list[type[Effect]]:
    return [cls for cls in EFFECTS.values() if issubclass(cls, slack.SlackEffect)]


def test_every_promise_to_slack_says_what_to_do_in_doubt() -> None:
    doubts = {cls.kind: cls.in_doubt for cls in of_slack()}
    assert {kind for kind, doubt in doubts.items() if doubt is InDoubt.REPEAT} == {
        "refresh_card",
        "refresh_announcement",
        "refresh_triage",
        "pin_card",
        "invite",
        "invite_to_storm",
        "blank_message",
        "withdraw_drafts",
        "refresh_runbook",
        "redraw_catch_ups",
        "edit_said",
        "remove_bookmark",
        "rename_room",
        "archive_room",
        "unarchive_room",
        "blank_tells",
        "withdraw_exports",
        "unname_room",
        "retitle_bookmarks",
        "sweep_room",
        "refresh_offer",
    }
    assert set(doubts.values()) == {InDoubt.REPEAT, InDoubt.LOOK}


def test_a_redacted_fact_leaves_no_words_in_what_still_waits() -> None:
    waiting: Effect = said(Noted.model_validate({**stamp(), "text": "secret"}))
    assert waiting.redacted() is None
    room = slack.OpenRoom(incident=42, name="inc-42-secret-project")
    assert room.redacted().name == "inc-42"
