"""In a company's own words every message says whatever can be filled in, and what people wrote is not live in it."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.documents.wording import MESSAGES, OF_A_ROLE, Wording, load_wording
from bot.incident.catchup import CatchUp
from bot.incident.duties import Task
from bot.incident.lifecycle import Resolved
from bot.incident.model import Event, Incident
from bot.incident.news import UpdateLine
from bot.incident.policy import Policy
from bot.incident.roles import RoleTaken
from bot.incident.updates import UpdateEdited, UpdatePosted
from bot.integrations.slack import update_words
from bot.integrations.slack.announcement import announcement
from bot.integrations.slack.catchup import lead
from bot.integrations.slack.effects import Say, Tell
from bot.integrations.slack.fact import Places
from bot.integrations.slack.limits import text_of
from bot.integrations.slack.outbound import announcer
from tests.integrations.slack.nights import ADA, BO, NIGHT, TWO

POLICY = Policy()
AT = TWO + timedelta(minutes=5)
NASTY = "<!channel> {person} [[x]]"
SAFE = "&lt;!channel&gt; {person} [[x]]"
TAKEN = RoleTaken(incident=42, at=AT, by=ADA, role="commander", label="Incident Commander", person=BO, before=ADA)


@pytest.fixture
def wording(tmp_path: Path) -> Wording:
    """Each message is a list of all that can be filled in: `person=(Ada)`."""
    for name, slots in {**MESSAGES, **{f"duties/{role.key}": OF_A_ROLE for role in POLICY.roles}}.items():
        file = tmp_path / f"{name}.md"
        file.parent.mkdir(exist_ok=True)
        file.write_text("Ours\n" + "\n".join(f"{slot}=({{{slot}}})" for slot in slots.names))
    found = load_wording(tmp_path, POLICY)
    assert found.problems == ()
    return found.wording


def slots(text: str) -> dict[str, str]:
    """What was filled in."""
    return dict(re.findall(r"^(\w+)=\((.*)\)$", text, re.MULTILINE))


def said(wording: Wording, event: Event, before: Incident) -> dict[str, str]:
    """What the room is told of it."""
    made = [p.effect for p in announcer(Places(wording=wording))(event, before, event.apply(before), POLICY)]
    (one,) = [effect for effect in made if isinstance(effect, Say)]
    return slots(one.text)


def test_a_handover_tells_who_had_it_who_has_it_and_what_is_open(wording: Wording) -> None:
    night = NIGHT.but(tasks=(Task(number=1, text="x", to=BO, by=ADA, at=TWO),))
    named = said(wording, TAKEN, night)
    assert named.keys() == set(MESSAGES["handover/taken"].names)
    assert [named[who] for who in ("person", "before", "named_by")] == ["<@U0BO000001>", "Ada Nwosu", "Ada Nwosu"]
    given = said(wording, TAKEN.model_copy(update={"handed_over": True}), night)
    assert given.keys() == set(MESSAGES["handover/given"].names)
    assert (given["tasks"], given["role"], given["incident"]) == ("1 task", "Incident Commander", "INC-42")
    assert given["next"].startswith("<!date^")


def test_duties_hold_those_of_the_role(wording: Wording) -> None:
    made = announcer(Places(wording=wording))(TAKEN, NIGHT, TAKEN.apply(NIGHT), POLICY)
    (told,) = [p.effect.text for p in made if isinstance(p.effect, Tell) and p.effect.person == BO.id]
    about = "Ours\nrole=(Incident Commander)\nincident=(INC-42)"
    own = f"{about}\nemoji=(:pushpin:)\nroom=(<#C0ROOM>)"
    assert told == f"{about}\nroom=(<#C0ROOM>)\nduties=({own})"


def test_the_end_tells_how_long_it_took_what_was_said_and_what_follows(wording: Wording) -> None:
    over = Resolved(incident=42, at=TWO + timedelta(hours=1), by=ADA, review=True, words_said=NASTY)
    told = said(wording, over, NIGHT)
    assert told.keys() == set(MESSAGES["resolved"].names)
    assert (told["said"], told["draft"], told["person"]) == (SAFE, "postmortem draft", "Ada Nwosu")
    assert told["took"]


def test_an_update_tells_all_its_parts_and_who_put_it_right(wording: Wording) -> None:
    parts = {"condition": NASTY, "actions": "a", "needs": "n"}
    posted = UpdatePosted(incident=42, at=AT, by=ADA, update=3, next_due=AT, **parts)
    edit = UpdateEdited(incident=42, at=AT, by=BO, update=3, entry=10, **parts)
    told = slots(update_words.in_room(wording, posted, edit))
    assert told.keys() == set(MESSAGES["update"].names)
    assert (told["condition"], told["editor"], told["actions"], told["needs"]) == (SAFE, "Bo Carter", "a", "n")
    assert slots(update_words.in_private(wording, NIGHT, posted, edit)) == told


def test_the_announcement_tells_how_it_stands(wording: Wording) -> None:
    update = UpdateLine(number=2, seq=7, at=TWO, by=ADA, condition="1 in 5", needs="hands")
    block = announcement(NIGHT.but(title=NASTY, drill=True, impact="x", update=update), POLICY, wording).blocks[0]
    told = slots(text_of(block["text"]))
    assert told.keys() == set(MESSAGES["declared"].names)
    assert (told["title"], told["role"], told["commander"]) == (SAFE, "Incident Commander", "Ada Nwosu")
    assert all(told.values())


def test_a_late_comer_is_greeted(wording: Wording) -> None:
    late = CatchUp(NIGHT, (), 0, (), None, None)
    assert slots(lead(late, POLICY, wording, "joined")) == {"incident": "INC-42", "room": "<#C0ROOM>"}
    taken = {"incident": "INC-42", "room": "<#C0ROOM>", "role": "Incident Commander"}
    assert slots(lead(late, POLICY, wording, "command")) == taken
