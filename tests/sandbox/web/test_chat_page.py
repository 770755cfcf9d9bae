"""A channel in a window: what stands there, what changes when something happens, how far back it reaches."""

from collections.abc import Callable

import pytest

from bot.sandbox.web.chat.page import AROUND, AWAY, MOST, STEP
from bot.sandbox.web.windows import Window
from tests.sandbox.web.company import Company, keys, words


def spoken(company: Company, count: int, channel: str = "#ops") -> list[str]:
    return [company.says(("ada", "bo")[n % 2], channel, f"number {n}.") for n in range(count)]


@pytest.mark.parametrize(
    "act",
    [
        lambda company, ts: company.people.edit_message("ada", "#ops", ts, "better words"),
        lambda company, ts: company.people.react("bo", "#ops", ts, "eyes"),
        lambda company, ts: company.says("bo", "#ops", "a reply", ts),
    ],
    ids=["edit", "reaction", "reply"],
)
def test_what_happens_to_one_message_draws_that_message_only(
    company: Company, act: Callable[[Company, str], object]
) -> None:
    said = spoken(company, 9)
    window = company.window("carla", "#ops")
    act(company, said[4])
    assert [patch.key for patch in window.patches()] == [f"m-C0OPS00001-{said[4]}"]


def test_a_pin_is_counted_in_the_head(company: Company) -> None:
    ts = company.says("ada", "#ops", "the cause")
    window = company.window("carla", "#ops")
    company.people.pin("bo", "#ops", ts)
    assert {"channel-head-only", f"m-C0OPS00001-{ts}"} <= {patch.key for patch in window.patches()}
    assert "1 pinned" in words(company.page("carla", "#ops"), "channel-head")
    assert "Pinned by Bo Lind" in words(company.page("carla", "#ops"))


def test_one_message_among_two_thousand_draws_one_region(company: Company) -> None:
    for number in range(20):
        company.people.create_channel("ada", f"room-{number}")
        for _ in range(100):
            company.says("ada", f"#room-{number}", "words")
    window = company.window("ada", "#room-19")
    ts = company.says("ada", "#room-19", "one more")
    assert [patch.key for patch in window.patches()] == [f"m-{company.channel('#room-19').id}-{ts}"]


def test_a_window_begins_with_the_newest_and_looks_back_step_by_step(company: Company) -> None:
    said = spoken(company, 2 * STEP + 5)
    company.marks.read(company.workspace.person("carla").id, company.channel("#ops"))
    page = company.page("carla", "#ops")
    standing = [key for key in keys(page) if key.startswith("m-")]
    assert standing == [f"m-C0OPS00001-{ts}" for ts in said[-STEP:]]
    assert keys(page)[0] == "earlier-only"
    page.earlier()
    assert len([key for key in keys(page) if key.startswith("m-")]) == 2 * STEP
    page.earlier()
    assert keys(page)[0] == "beginning-only"
    assert len([key for key in keys(page) if key.startswith("m-")]) == 2 * STEP + 5


def test_a_window_that_stays_open_lets_go_of_the_oldest(company: Company) -> None:
    spoken(company, 3)
    window = company.window("carla", "#ops")
    spoken(company, MOST)
    window.patches()
    assert sum(key.startswith("m-") for key in window.sent) == MOST
    assert "earlier-only" in window.sent


def test_an_old_message_that_is_sought_is_there_with_what_led_to_it(company: Company) -> None:
    said = spoken(company, MOST + STEP)
    standing = [key for key in keys(company.page("carla", "#ops", at=said[30])) if key.startswith("m-")]
    assert standing == [f"m-C0OPS00001-{ts}" for ts in said[30 - AROUND :]]


def test_closing_a_thread_of_long_ago_leads_back_to_where_it_hangs(company: Company) -> None:
    said = spoken(company, 2 * STEP)
    old, recent = company.page("carla", "#ops", thread=said[1]), company.page("carla", "#ops", thread=said[-1])
    assert old.without_thread == f"/as/carla/c/C0OPS00001?at={said[1]}"
    assert recent.without_thread == "/as/carla/c/C0OPS00001"


def test_a_reply_that_is_sought_opens_its_thread(company: Company) -> None:
    root = company.says("ada", "#ops", "a question")
    reply = company.says("bo", "#ops", "an answer", root)
    page = company.page("ada", "#ops", at=reply)
    assert page.thread == root
    assert keys(page, "thread-messages") == [f"t-C0OPS00001-{root}", f"t-C0OPS00001-{reply}"]
    assert f"m-C0OPS00001-{reply}" not in keys(page)


def test_a_thread_is_counted_below_its_message_without_what_was_deleted(company: Company) -> None:
    root = company.says("ada", "#ops", "a question")
    first, _ = company.says("bo", "#ops", "an answer", root), company.says("ada", "#ops", "thanks", root)
    assert "2 replies" in words(company.page("ada", "#ops"))
    company.people.delete_message("bo", "#ops", first)
    assert "1 reply" in words(company.page("ada", "#ops"))


def test_a_deleted_message_goes_unless_a_thread_hangs_on_it(company: Company) -> None:
    lonely, root = company.says("ada", "#ops", "oops"), company.says("ada", "#ops", "a question")
    company.says("bo", "#ops", "an answer", root)
    window = company.window("bo", "#ops")
    for ts in (lonely, root):
        company.people.delete_message("ada", "#ops", ts)
    patches = {patch.key: patch.html for patch in window.patches()}
    assert patches[f"m-C0OPS00001-{lonely}"] is None
    assert "This message was deleted." in (patches[f"m-C0OPS00001-{root}"] or "")


def test_what_one_author_says_in_a_row_stands_below_one_name(company: Company) -> None:
    company.says("ada", "#ops", "first")
    company.says("ada", "#ops", "second")
    company.says("bo", "#ops", "third")
    drawn = words(company.page("carla", "#ops"))
    assert (drawn.count("<b>Ada Marsh</b>"), drawn.count("<b>Bo Lind</b>")) == (1, 1)


def new_above(window: Window) -> str | None:
    """The key of the message below the line "New"."""
    standing = [region.key for region in window.page.regions() if region.slot == "messages"]
    return standing[standing.index("new") + 1] if "new" in standing else None


def test_the_line_stands_above_the_first_unread_of_the_moment_when_one_came(company: Company) -> None:
    company.says("bo", "#ops", "seen")
    company.marks.read(company.workspace.person("ada").id, company.channel("#ops"))
    company.says("ada", "#ops", "my own words are not new to me")
    ts = company.says("bo", "#ops", "unseen")
    window = company.window("ada", "#ops")
    assert new_above(window) == f"m-C0OPS00001-{ts}"
    window.page.looked_at()
    company.says("bo", "#ops", "while she looks")
    assert new_above(window) == f"m-C0OPS00001-{ts}"


def test_nothing_is_new_to_whoever_sees_it_come_but_what_came_while_they_were_away_is(company: Company) -> None:
    window = company.window("ada", "#ops")
    window.page.looked_at()
    company.says("bo", "#ops", "while she looks")
    window.page.looked_at()
    assert new_above(window) is None
    ts = company.says("bo", "#ops", "while she is away")
    company.workspace.clock.advance(AWAY + 1)
    window.page.looked_at()
    assert new_above(window) == f"m-C0OPS00001-{ts}"


def test_an_empty_channel_says_how_it_began(company: Company) -> None:
    drawn = words(company.page("bo", "#ops"))
    assert "Ada Marsh made this channel" in drawn
    direct = company.people.open_direct("ada", "bo")["id"]
    assert "Only you and Bo Lind read this." in words(company.page("ada", direct))


def test_the_topic_members_and_pins_can_be_changed_in_the_pane(company: Company) -> None:
    ts = company.says("bo", "#ops", "the *cause*")
    company.people.pin("bo", "#ops", ts)
    drawn = words(company.page("ada", "#ops", pane="details"), "details")
    for act in ("set_topic", "unpin", "invite", "kick", "open_direct", "leave", "archive"):
        assert f'data-act="slack/{act}"' in drawn
    assert "<strong>cause</strong>" in drawn
    assert not keys(company.page("ada", "#ops"), "details")


def test_an_archived_channel_can_be_read_and_brought_back_only(company: Company) -> None:
    company.people.archive("ada", "#ops")
    page = company.page("ada", "#ops", pane="details")
    assert 'data-act="slack/unarchive"' in words(page, "notice")
    assert "data-act" not in words(page, "details").replace('data-act="slack/open_direct"', "")
    assert [region.key for region in company.sidebar("ada")["archived"]] == ["ca-C0OPS00001"]
