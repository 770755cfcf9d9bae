"""The cards say what a person needs at three in the morning: few lines, the worst first, one obvious step."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.documents.wording import shipped_wording
from bot.incident.mirror import Alert, Report, What, Worth
from bot.incident.model import Incident
from bot.incident.news import UpdateLine
from bot.incident.policy import Policy
from bot.incident.steps import Runbook
from bot.incident.values import PageState, Status
from bot.integrations.slack import actions, cards, commands, panels
from bot.integrations.slack.announcement import announcement
from bot.integrations.slack.blocks import Message
from bot.integrations.slack.limits import elements, list_of, text_of
from bot.integrations.slack.verbs import VERBS
from tests.integrations.slack import states
from tests.integrations.slack.nights import ADA, CHECKOUT, NIGHT, SEV3, TWO, calling

POLICY = Policy()


def card(i: Incident, *troubles: cards.Trouble) -> Message:
    return cards.room_card(cards.CardState(i, POLICY, "https://meet.example/42", troubles))


def announced(i: Incident) -> Message:
    return announcement(i, POLICY, shipped_wording())


def told(message: Message) -> str:
    """All the words of a message."""
    texts = [text_of(b.get("text")) for b in message.blocks]
    texts += [text_of(e) for b in message.blocks if b["type"] == "context" for e in list_of(b["elements"])]
    return "\n".join(text for text in texts if text)


def buttons(message: Message) -> dict[str, str]:
    """The words of each button, and what it brings back."""
    found = [e for b in message.blocks for e in elements(b)]
    return {text_of(e["text"]): f"{actions.action_of(str(e['action_id']))} {e.get('value', '')}" for e in found}


def test_the_card_says_how_bad_who_runs_it_who_was_called_and_what_is_next() -> None:
    words = told(card(NIGHT))
    for said in (
        "INC-42 · Checkout errors above 5 %",
        "*SEV1* · *Investigating*",
        "*Impact:* not known yet",
        "*Incident Commander:* Ada Nwosu",
        "*Paged:* Checkout: calling Ben Carter, no answer yet",
        "*Alerts:* firing: <https://acme.pagerduty.com/incidents/Q1|High error rate>",
        "*Bridge:* <https://meet.example/42|join the call>",
        f"*Next update due:* <!date^{int((TWO + timedelta(minutes=30)).timestamp())}^{{time}}",
        ":pushpin:",
    ):
        assert said in words


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(states.incidents, st.lists(states.runbooks, max_size=5))
def test_the_card_never_has_more_than_twelve_lines(i: Incident, runbooks: list[Runbook]) -> None:
    troubles = tuple(cards.Trouble(step, why, 7) for step, why in i.failed_steps.items())
    state = cards.CardState(i, POLICY, "https://meet.example/42", troubles, tuple(runbooks))
    assert len(told(cards.room_card(state)).split("\n")) <= 12


def test_where_an_update_was_posted_nothing_is_missing() -> None:
    update = UpdateLine(number=2, seq=7, at=TWO, by=ADA, condition="1 in 5 payments fails")
    assert "`/incident summary`" in told(card(NIGHT))
    assert "`/incident summary`" not in told(card(NIGHT.but(update=update)))


def test_without_a_commander_taking_command_is_the_bold_first_step() -> None:
    lonely = NIGHT.but(holdings=(), pages=())
    assert "*Incident Commander:* nobody yet" in told(card(lonely))
    first = elements(card(lonely).blocks[-2])[0]
    assert (text_of(first["text"]), first["style"], first["value"]) == (
        "Take Incident Commander",
        "primary",
        "42/commander",
    )


def test_each_free_role_has_a_take_button_and_held_ones_none() -> None:
    takes = {words: what for words, what in buttons(card(NIGHT)).items() if words.startswith("Take")}
    assert takes == {
        "Take Deputy": "take_role 42/deputy",
        "Take Scribe": "take_role 42/scribe",
        "Take Communications": "take_role 42/communications",
    }


def test_while_somebody_is_called_one_can_say_i_have_it() -> None:
    assert buttons(card(NIGHT))["I have it"] == "ack_page 42"
    assert "I have it" not in buttons(card(NIGHT.but(pages=(calling(PageState.ANSWERED),))))


def test_one_button_of_the_card_is_bold_at_a_time() -> None:
    for night in (NIGHT, NIGHT.but(holdings=()), NIGHT.but(holdings=(), pages=())):
        bold = [text_of(e["text"]) for b in card(night).blocks for e in elements(b) if e.get("style") == "primary"]
        assert bold == (["I have it"] if night.pages else ["Take Incident Commander"])


def test_what_nobody_has_said_yet_stands_there_with_the_way_to_say_it() -> None:
    assert "*Impact:* not known yet · `/incident impact`" in told(card(NIGHT))
    assert "`/incident summary`" in told(card(NIGHT))
    assert "`/incident impact`" not in told(card(NIGHT.but(impact="One in five carts fails")))


def test_a_lock_screen_does_not_show_what_a_private_incident_is_about() -> None:
    secret = NIGHT.but(private=True, title="Keys in a public repository")
    assert card(secret).text == panels.panel(secret, POLICY).text == "INC-42 · SEV1 · investigating · private"
    assert "Keys in a public repository" in told(card(secret)), "who opens the room reads it"


def test_a_failed_step_stands_there_with_its_reason_and_retry() -> None:
    shown = card(NIGHT, cards.Trouble("pin the card", "Muster is not in the channel", 17))
    assert ":warning: Could not pin the card: Muster is not in the channel" in told(shown)
    assert buttons(shown)["Retry"] == "retry_step 42/17"


def test_failures_beyond_the_room_on_the_card_are_counted() -> None:
    many = [cards.Trouble(f"step {n}", "no", n) for n in range(9)]
    words = told(card(NIGHT, *many))
    assert "Could not step 0" in words
    assert "more steps did not work" in words


def test_a_resolved_incident_says_how_long_it_took_and_offers_what_comes_after() -> None:
    moments = NIGHT.moments.model_copy(update={"resolved": TWO + timedelta(minutes=72)})
    over = NIGHT.but(status=Status.RESOLVED, moments=moments)
    assert "*Resolved* · lasted 1 h 12 min" in told(card(over))
    assert "Next update" not in told(card(over))
    assert list(buttons(card(over))) == ["Reopen", "Postmortem", "More"]


def test_a_drill_says_so_first() -> None:
    assert told(card(NIGHT.but(drill=True))).startswith("Drill · INC-42")
    assert told(card(NIGHT.but(drill=True, title="Drill: the disk is full"))).startswith("INC-42 · Drill: the disk")


def test_the_topic_changes_with_facts_only() -> None:
    assert cards.topic(NIGHT, POLICY) == "SEV1 · Investigating · Incident Commander: Ada Nwosu · next update 02:40 UTC"
    assert cards.topic(NIGHT.but(severity=SEV3), POLICY) == "SEV3 · Investigating · Incident Commander: Ada Nwosu"


def test_the_announcement_has_join_while_there_is_something_to_join() -> None:
    shown = announced(NIGHT)
    assert buttons(shown) == {"Join": "join_room 42", "Follow": "follow 42/yes"}
    assert "*INC-42* · Checkout errors above 5 %\n*SEV1* · *Investigating* · <#C0ROOM>" in told(shown)
    assert buttons(announced(NIGHT.but(status=Status.RESOLVED))) == {}


def test_the_announcement_tells_the_last_update_to_who_is_not_in_the_room() -> None:
    update = UpdateLine(number=2, seq=7, at=TWO, by=ADA, condition="1 in 5 payments fails", needs="hands")
    said = told(announced(NIGHT.but(update=update)))
    assert f"*Update 2*, <!date^{int(TWO.timestamp())}^{{time}}|2026-11-21 02:10 UTC>: 1 in 5 payments fails" in said
    assert "Update" not in told(announced(NIGHT))


def test_the_second_row_of_the_card_is_what_is_done_all_night() -> None:
    offered = buttons(card(NIGHT))
    assert list(offered)[-5:] == ["Update", "Task", "Page", "Resolve", "More"]
    assert offered["Update"] == "open_form 42/update"


def fired(**more: object) -> Alert:
    report = Report(
        source="pagerduty",
        alert="Q1",
        key="e1",
        at=TWO,
        what=What.TRIGGERED,
        by=ADA,
        title="Disk full",
        url="https://acme.pagerduty.com/incidents/Q1",
        service=CHECKOUT,
        urgency="high",
    )
    return Alert(source="pagerduty", id="Q1", reports=(report,)).model_copy(update=more)


def test_an_alert_in_triage_can_be_declared_joined_or_dismissed() -> None:
    shown = cards.triage_card(fired(), [NIGHT])
    assert "*Alert* · <https://acme.pagerduty.com/incidents/Q1|Disk full>\nCheckout · high urgency · fired" in told(
        shown
    )
    assert buttons(shown) == {
        "Declare": "declare_alert pagerduty/Q1",
        "Join INC-42": "join_alert 42/pagerduty/Q1",
        "Dismiss": "dismiss_alert pagerduty/Q1",
    }


def worths(message: Message) -> list[str]:
    """What a menu asking for an alert's worth would bring back."""
    menus = [e for b in message.blocks for e in elements(b) if e["type"] == "static_select"]
    return [str(option["value"]) for menu in menus for option in list_of(menu["options"])]


def test_a_decided_alert_says_what_was_decided_and_asks_what_it_was_worth() -> None:
    for alert, joined, said in (
        (fired(dismissed=True), None, "Dismissed: no incident needed"),
        (fired(incident=42), NIGHT, "Part of INC-42: <#C0ROOM>"),
        (fired(incident=42), None, "Part of a private incident"),
    ):
        shown = cards.triage_card(alert, [NIGHT], joined)
        assert said in told(shown)
        assert worths(shown) == ([] if "private" in said else [f"pagerduty/Q1/{worth}" for worth in Worth])


def test_an_alert_whose_worth_was_said_asks_no_more() -> None:
    shown = cards.triage_card(fired(dismissed=True, worth=Worth.HEALED))
    assert "Dismissed: no incident needed · It healed by itself" in told(shown)
    assert worths(shown) == []


def test_the_panel_moves_to_every_other_state_of_work() -> None:
    offered = buttons(panels.panel(NIGHT, POLICY))
    assert offered["Identified"] == "set_status 42/identified"
    assert offered["Monitoring"] == "set_status 42/monitoring"
    assert "Investigating" not in offered
    assert offered["Resolve"] == "resolve_form 42"
    assert offered["Set severity"] == "open_form 42/sev"


def test_the_panel_has_a_button_for_each_verb_about_one_incident() -> None:
    assert commands.TOPICS
    about_one = {name for name, known in VERBS.items() if known.about_one}
    besides = {"show", "status", "resolve", "reopen"}
    offered = {value.rpartition("/")[2] for value in buttons(panels.panel(NIGHT, POLICY)).values()}
    assert about_one - offered == besides
    over = buttons(panels.panel(NIGHT.but(status=Status.RESOLVED), POLICY))
    assert {value.rpartition("/")[2] for value in over.values()} <= about_one


def test_no_row_of_the_panel_is_longer_than_five_buttons_and_each_says_what_it_is_about() -> None:
    for over in (NIGHT, NIGHT.but(status=Status.RESOLVED), NIGHT.but(holdings=())):
        rows = [b for b in panels.panel(over, POLICY).blocks if b["type"] == "actions"]
        assert max(len(elements(b)) for b in rows) <= 5
    headings = [b for b in panels.panel(NIGHT, POLICY).blocks if b["type"] == "context"]
    assert [text_of(e) for b in headings for e in list_of(b["elements"])] == list(panels.GROUPS)


def test_a_role_is_not_laid_down_by_a_slip_of_the_thumb() -> None:
    found = [e for b in panels.panel(NIGHT, POLICY).blocks for e in elements(b)]
    asks = {text_of(e["text"]) for e in found if "confirm" in e}
    assert asks == {"Leave a role"}


def test_the_list_shows_the_worst_first() -> None:
    mild = NIGHT.but(number=41, severity=SEV3)
    words = told(panels.open_list([mild, NIGHT]))
    assert words.startswith("*2 incidents are open*\n*INC-42*")
    assert told(panels.open_list([])) == "No incident is open."


def test_durations_count_days() -> None:
    spans = {90: "1 min", 4_320: "1 h 12 min", 183_600: "2 d 3 h", -5: "less than a minute"}
    assert [cards.duration(timedelta(seconds=s)) for s in spans] == list(spans.values())
