"""Each sees what is theirs: colleagues, guests, people of another company; and what waits for them."""

import pytest

from bot.sandbox import Impossible
from bot.sandbox.slack import seed
from bot.sandbox.slack.records import Canvas
from bot.sandbox.web.chat import files, people, sidebar
from bot.sandbox.web.chat.files import FilePage
from bot.sandbox.web.chat.sidebar import News
from tests.sandbox.web.company import Company, keys, words


def names(company: Company, who: str, slot: str) -> list[str]:
    return [company.workspace.channels[region.key.split("-")[1]].name for region in company.sidebar(who).get(slot, [])]


def news(company: Company, who: str, channel: str, here: str = "") -> News:
    """What waits for somebody in a channel, as its row's face says."""
    wanted = f"c-{company.channel(channel).id}"
    rows = [region for regions in company.sidebar(who, here).values() for region in regions]
    (face,) = (region.face for region in rows if region.key == wanted)
    assert isinstance(face, tuple)
    return next(part for part in face if isinstance(part, News))


def test_a_colleague_may_join_every_public_channel_and_knows_of_no_private_one_of_others(company: Company) -> None:
    company.people.create_channel("bo", "release-train")
    company.people.create_channel("bo", "legal-case", private=True)
    assert names(company, "ada", "sidebar") == ["general", "incidents", "ops"]
    assert names(company, "ada", "open") == ["release-train"]
    assert names(company, "bo", "sidebar") == ["general", "incidents", "legal-case", "ops", "release-train"]
    assert not company.eyes("ada").sees(company.channel("legal-case"))


def test_whoever_is_taken_out_of_a_private_channel_sees_nothing_of_it_from_then_on(company: Company) -> None:
    company.people.create_channel("bo", "legal-case", private=True)
    company.people.invite("bo", "legal-case", "ada")
    company.says("bo", "legal-case", "a secret")
    page = company.page("ada", "legal-case", pane="details")
    company.people.kick("bo", "legal-case", "ada")
    company.says("bo", "legal-case", "another secret")
    assert [region.key for region in page.regions()] == ["notice-only"]
    assert "not in this channel any more" in words(page, "notice")


def test_a_guest_and_another_company_see_only_what_they_were_let_into(company: Company) -> None:
    assert names(company, "gus", "sidebar") == ["general"]
    assert company.sidebar("xenia") == {}
    company.people.share_channel("#incidents")
    company.people.invite("ada", "#incidents", "xenia")
    assert names(company, "xenia", "sidebar") == ["incidents"]
    assert "open" not in company.sidebar("gus") | company.sidebar("xenia")


def test_they_change_nothing_about_a_channel(company: Company) -> None:
    drawn = words(company.page("gus", "#general", pane="details"), "details")
    assert 'data-act="slack/leave"' in drawn
    assert not any(f"slack/{act}" in drawn for act in ("set_topic", "invite", "kick", "archive"))


def test_that_somebody_is_no_colleague_stands_beside_their_name(company: Company) -> None:
    company.says("gus", "#general", "hello")
    assert '<span class="app">guest</span>' in words(company.page("ada", "#general"))


def test_direct_messages_are_between_two_and_are_opened_once(company: Company) -> None:
    first = company.people.open_direct("ada", "bo")["id"]
    assert company.people.open_direct("bo", "ada")["id"] == first
    company.says("bo", first, "Do you have a minute?")
    assert company.page("ada", first).title == "Bo Lind"
    assert company.page("bo", first).title == "Ada Marsh"
    assert "directs" not in company.sidebar("carla")
    assert company.page("ada", company.people.open_direct("ada", "ada")["id"]).title == "Ada Marsh (you)"


def test_a_guest_writes_only_to_those_with_whom_they_share_a_channel(company: Company) -> None:
    reached = {person.name for person in people.reachable(company.eyes("gus"))}
    assert reached == {"gus", "ada", "bo", "carla", "dev", "emi", "finn"}
    with pytest.raises(Impossible, match="no channel in common"):
        company.people.open_direct("xenia", "ada")
    assert "xenia" not in {person.name for person in people.reachable(company.eyes("ada"))}


def test_a_whisper_is_for_one_pair_of_eyes(company: Company) -> None:
    whisper = company.whispers("#ops", "ada", "You are Incident Commander.")
    assert f"e-{whisper.ts}" in keys(company.page("ada", "#ops"))
    assert "Only you see this" in words(company.page("ada", "#ops"))
    assert f"e-{whisper.ts}" not in keys(company.page("bo", "#ops"))


def test_what_others_said_is_counted_until_it_is_read(company: Company) -> None:
    company.says("bo", "#ops", "one")
    root = company.says("bo", "#ops", "two")
    company.says("ada", "#ops", "my own")
    company.says("bo", "#ops", "in a thread", root)
    company.people.set_topic("bo", "#ops", "what Slack writes")
    assert news(company, "ada", "#ops") == News(2, 0)
    assert news(company, "ada", "#ops", here=seed.OPS) == News()
    company.page("ada", "#ops").looked_at()
    assert news(company, "ada", "#ops") == News()


def test_calls_are_told_apart_from_what_others_say_among_themselves(company: Company) -> None:
    old = company.says("carla", "#ops", "@ada, before she looked")
    company.page("ada", "#ops").looked_at()
    root = company.says("bo", "#ops", "@ada look at this")
    company.says("bo", "#ops", "@sre and you", root)
    company.says("bo", "#ops", "@carla not you")
    company.people.edit_message("carla", "#ops", old, "@ada, again")
    assert news(company, "ada", "#ops") == News(2, 2)
    assert ">@2<" in str(company.sidebar("ada")["sidebar"][2].draw())
    direct = company.people.open_direct("bo", "ada")["id"]
    company.says("bo", direct, "psst")
    assert news(company, "ada", direct) == News(1, 1)
    assert sidebar.waiting(company.eyes("ada"), company.marks) == News(3, 3)


def canvas(company: Company, channel: str, markdown: str) -> Canvas:
    tab = company.channel(channel)
    made = Canvas("F0CANVAS", "Runbook", len(markdown), seed.BOT_USER, markdown.encode(), "Runbook", 0, True)
    made.tab = tab.id
    company.workspace.files[made.id] = tab.canvas = made
    return made


def test_a_canvas_stands_in_the_bar_of_its_channel_and_is_read_by_its_members(company: Company) -> None:
    company.people.create_channel("bo", "legal-case", private=True)
    paper = canvas(company, "legal-case", "# First\n\n- *one*")
    page = company.page("bo", "legal-case", pane="details")
    assert all("Runbook" in words(page, slot) for slot in ("bookmarks", "details"))
    assert files.visible(company.eyes("bo"), paper.id) is paper
    assert files.visible(company.eyes("ada"), paper.id) is None
    shown = FilePage(company.eyes("bo"), paper)
    before = {region.key: region.face for region in shown.regions()}
    assert "<em>one</em>" in str(next(region.draw() for region in shown.regions() if region.slot == "messages"))
    paper.content = b"# Other\n\n- *two*"
    assert all(before[region.key] != region.face for region in shown.regions())
    company.people.kick("bo", "legal-case", "bo")
    assert "This file is not here any more." in "".join(str(region.draw()) for region in shown.regions())


def test_a_file_shows_how_it_begins_and_names_no_way_for_those_who_may_not(company: Company) -> None:
    company.people.share_file("ada", "#ops", "notes.md", "IyBUaXRsZQoKPGI+bm90IGJvbGQ8L2I+")
    (file,) = company.workspace.files.values()
    drawn = words(company.page("bo", "#ops"))
    assert f"/as/bo/file/{file.id}" in drawn
    assert "Title</h1>" in drawn
    assert "&lt;b&gt;not bold" in drawn
    assert files.visible(company.eyes("gus"), file.id) is None


def test_a_picture_is_shown_and_what_could_run_is_only_downloaded(company: Company) -> None:
    company.people.share_file("ada", "#ops", "graph.png", "AAAA")
    company.people.share_file("ada", "#ops", "page.html", "PHNjcmlwdD4=")
    picture, page = company.workspace.files.values()
    assert f'<img src="/files/{picture.id}" alt="graph.png"' in words(company.page("bo", "#ops"))
    assert files.content(company.workspace, page.id).headers["content-disposition"] == "attachment"
    assert files.content(company.workspace, picture.id).media_type == "image/png"


def test_to_be_somebody_else_keeps_the_channel_where_they_may_look(company: Company) -> None:
    ada, workspace = company.eyes("ada"), company.workspace
    assert ada.as_other(workspace.person("bo"), seed.OPS) == f"/as/bo/c/{seed.OPS}"
    assert ada.as_other(workspace.person("gus"), seed.OPS) == "/as/gus"
    assert ada.as_other(workspace.person("gus"), "home") == "/as/gus"
