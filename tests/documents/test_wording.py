"""A company's own words are filled in with whatever people write, and nothing in that is ever looked at again."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.library import shipped
from bot.documents.wording import LONGEST, MESSAGES, OF_A_ROLE, Wording, load_wording, shipped_wording
from bot.incident.policy import Policy, Role

POLICY = Policy()
SHIPPED = shipped("templates") / "messages"
LIVELY = st.lists(
    st.sampled_from(
        ["{person}", "{condition}", "{next}", "{0}", "{{", "}", "[[", "]]", "\\1", "\\g<0>", "%s", "$x", "é"]
    )
).map("".join) | st.text(min_size=1).filter(str.strip)


def worded(folder: Path, **files: str) -> Wording:
    """What these files make of the wording. There is nothing wrong with any of them."""
    for name, text in files.items():
        (folder / f"{name}.md").write_text(text)
    found = load_wording(folder, POLICY)
    assert found.problems == ()
    return found.wording


def update(wording: Wording, **said: str) -> str:
    nothing = dict.fromkeys(MESSAGES["update"].names, "")
    return wording.say("update", **{**nothing, **said})


@given(LIVELY, LIVELY)
def test_what_people_write_stays_what_they_wrote(one: str, two: str) -> None:
    said = update(shipped_wording(), number="3", person=one, condition=two)
    assert said == f"*Update 3* by {one}" + (f"\n{two}" if two else "\n")


def test_what_has_nothing_to_say_is_left_out_with_the_words_and_the_line_around_it(tmp_path: Path) -> None:
    told = "{condition}[[, and {needs} is needed]].\n[[Doing: {actions}]]\n\n[[Next {next}]]"
    wording = worded(tmp_path, update=told)
    assert update(wording, condition="It burns", needs="water", actions="Running", next="at 3") == (
        "It burns, and water is needed.\nDoing: Running\n\nNext at 3"
    )
    assert update(wording, condition="It burns", next="at 3") == "It burns.\n\nNext at 3"
    assert update(wording, condition="It burns") == "It burns.\n"


def test_two_placeholders_between_brackets_are_told_together_or_not_at_all(tmp_path: Path) -> None:
    wording = worded(tmp_path, update="{condition}[[ ({actions}, {needs})]]")
    assert update(wording, condition="So", actions="this") == "So"
    assert update(wording, condition="So", actions="this", needs="that") == "So (this, that)"


def test_a_file_of_one_s_own_stands_in_the_place_of_that_one_message(tmp_path: Path) -> None:
    wording = worded(
        tmp_path, resolved="<!-- for\nreaders -->\n\nAll clear, {person}. <https://wiki.example|After>\r\n"
    )
    said = dict.fromkeys(MESSAGES["resolved"].names, "") | {"person": "Ada"}
    assert wording.say("resolved", **said) == "All clear, Ada. <https://wiki.example|After>"
    assert update(wording, number="1", person="Ada", condition="x") == "*Update 1* by Ada\nx"


def test_a_role_has_duties_of_its_own_and_one_without_a_file_has_none(tmp_path: Path) -> None:
    (tmp_path / "duties").mkdir()
    (tmp_path / "duties" / "medic.md").write_text("Heal {incident}.")
    policy = Policy(roles=(*POLICY.roles, Role(key="medic", label="Medic"), Role(key="cook", label="Cook")))
    found = load_wording(tmp_path, policy)
    assert found.problems == ()
    about = dict.fromkeys(OF_A_ROLE.names, "") | {"incident": "INC-1", "emoji": ":memo:"}
    assert found.wording.duties("medic", **about) == "Heal INC-1."
    assert found.wording.duties("cook", **about) == ""
    assert ":memo:" in found.wording.duties("scribe", **about)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        (
            "update.md",
            "fine {condition}\n{conditon}",
            ", line 2: nothing is filled in for {conditon}. There are {number}",
        ),
        ("update.md", "<!--\n-->\n{number.__class__}", ", line 3: nothing is filled in for {number.__class__}."),
        ("update.md", "{number!r}", ", line 1: nothing is filled in for {number!r}."),
        ("update.md", "{number:>99}", ", line 1: nothing is filled in for {number:>99}."),
        ("update.md", "{condition} {}", ", line 1: nothing is filled in for {}."),
        ("update.md", "{condition} {{number}}", ", line 1: nothing is filled in for {."),
        ("update.md", "{condition}\n[[{needs}\n]]", ", line 2: [[ and ]] belong together, on one line."),
        ("update.md", "{condition} [[{needs} [[{next}]]]]", ", line 1: [[ and ]] belong together, on one line."),
        ("update.md", "{condition} [[always]]", ", line 1: [[ ]] holds a placeholder, which says when"),
        ("update.md", "[[{needs}]]\n{editor}", ", line 2: all of it may be left out; put some words outside of [[ ]]."),
        ("update.md", " \n", ", line 1: it is empty; write the message, or take the file away."),
        ("update.md", "<!-- only this -->", ", line 1: it is empty; write the message, or take the file away."),
        ("update.md", "{number}\n" + "x" * LONGEST, ", line 2: a message has at most 1,500 characters."),
        ("updates.md", "x", ": there is no message `updates`. Did you mean update.md?"),
        ("duties/scrib.md", "x", ": there is no message `duties/scrib`. Did you mean duties/scribe.md?"),
        ("mood.md", "x", ": there is no message `mood`. There are catchup/command, catchup/joined, declared,"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_file_and_line(tmp_path: Path, name: str, text: str, problem: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    found = load_wording(tmp_path, POLICY)
    (said,) = found.problems
    assert said.startswith(f"{file}{problem}")
    assert found.wording == shipped_wording(), "Muster's own words are used"


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("for readers")
    (tmp_path / "update.md").mkdir()
    (tmp_path / "resolved.md").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "declared.md").symlink_to(tmp_path / "gone.md")
    assert load_wording(tmp_path, POLICY).problems == (
        f"{tmp_path}/declared.md cannot be read: No such file or directory.",
        f"{tmp_path}/resolved.md cannot be read: it is no text in UTF-8.",
        f"{tmp_path}/update.md cannot be read: Is a directory.",
    )
    assert load_wording(tmp_path / "gone", POLICY).problems == (f"{tmp_path}/gone is no folder of messages.",)


@pytest.mark.parametrize("name", MESSAGES)
def test_each_file_of_ours_tells_at_its_head_what_can_be_filled_in(name: str) -> None:
    head = (SHIPPED / f"{name}.md").read_text().partition("-->")[0]
    assert [slot for slot in MESSAGES[name].names if f"{{{slot}}}" not in head] == []


def test_every_role_of_ours_has_duties() -> None:
    assert {path.stem for path in (SHIPPED / "duties").iterdir()} == {role.key for role in POLICY.roles}
