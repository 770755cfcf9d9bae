"""A draft is promised when a review is owed or asked for, written from the facts, and kept as a version."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.documents.postmortem import Style
from bot.engine.db import Database
from bot.engine.effects import Attempt, GiveUp, Receipt
from bot.engine.handle import Engine
from bot.engine.outbox import Outbox
from bot.engine.pace import Pace
from bot.engine.schema import migrate
from bot.engine.tables import EffectState
from bot.incident import AddNote, AskForDraft, Declare, Edit, RedactEntry, Reopen, Resolve
from bot.incident.policy import Policy
from bot.incident.review import POSTMORTEM, DraftReady
from bot.incident.values import Actor
from bot.integrations.drafting import SYSTEM, Drafting, DraftPostmortem, announce
from bot.integrations.slack.sentences import draft_ready

ADA = Actor(id="slack:U1", name="Ada")
ATTEMPT = Attempt(key="k", tries=1, since=datetime(2026, 11, 21, tzinfo=UTC), refs={})


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    url = f"sqlite:///{tmp_path / 'muster.db'}"
    migrate(url)
    engine = Engine(Database.open(url), Policy(), facts=[announce])
    await engine.start()
    yield engine
    await engine.stop()
    engine.database.close()


async def kept(engine: Engine, style: Style = Style()) -> None:
    outbox = Outbox(engine, {SYSTEM: Drafting(engine.reading, style)}, Pace())
    await outbox.start()
    await outbox.idle()
    await outbox.stop()


async def promised(engine: Engine) -> list[str]:
    return [step.key for step in await engine.reading.effects()]


async def test_a_major_incident_has_its_draft_once_it_is_resolved(engine: Engine) -> None:
    await engine.handle(Declare(title="Checkout is down", severity=2), ADA)
    await engine.handle(AddNote(incident=1, text="rolled back"), ADA)
    assert await promised(engine) == []
    await engine.handle(Resolve(incident=1, words_said="4.1 again"), ADA)
    await kept(engine)

    found = await engine.reading.document(1, POSTMORTEM)
    assert found is not None
    assert found.version == 1
    assert "# Postmortem of INC-1: Checkout is down" in found.body
    assert "Ada: rolled back" in found.body
    assert "> 4.1 again" in found.body


async def test_a_minor_incident_has_one_when_somebody_asks(engine: Engine) -> None:
    await engine.handle(Declare(title="Typo", severity=4), ADA)
    await engine.handle(Resolve(incident=1), ADA)
    assert await promised(engine) == []

    await engine.handle(AskForDraft(incident=1), ADA)
    await kept(engine)
    assert await engine.reading.document(1, POSTMORTEM) is not None


async def test_after_a_second_resolution_there_is_a_second_version(engine: Engine) -> None:
    await engine.handle(Declare(title="Again", severity=1), ADA)
    for _ in range(2):
        await engine.handle(Resolve(incident=1), ADA)
        await kept(engine)
        await engine.handle(Reopen(incident=1), ADA)

    found = await engine.reading.document(1, POSTMORTEM)
    assert found is not None
    assert found.version == 2


async def test_where_the_company_s_template_breaks_the_draft_is_in_muster_s_own_and_says_so(
    engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "postmortem").mkdir()
    (tmp_path / "postmortem" / "default.md.j2").write_text("one\n{% if %}\n")
    await engine.handle(Declare(title="Down", severity=1), ADA)
    await engine.handle(Resolve(incident=1), ADA)
    await kept(engine, Style(folder=tmp_path))

    found = await engine.reading.document(1, POSTMORTEM)
    ready = [s.event for s in await engine.reading.events(1) if isinstance(s.event, DraftReady)]
    assert found is not None
    assert "could not be used.** postmortem/default.md.j2, line 2" in found.body
    assert "# Postmortem of INC-1: Down" in found.body
    assert "line 2" in ready[0].trouble
    assert "yours could not be used" in ready[0].line()
    assert "line 2" in draft_ready(ready[0]), "the room is told, too"


async def test_a_template_that_nobody_has_is_parked_with_its_reason_and_blocks_nothing(engine: Engine) -> None:
    await engine.handle(Declare(title="Down", severity=4), ADA)
    await engine.handle(Resolve(incident=1), ADA)
    await engine.handle(AskForDraft(incident=1, template="ours"), ADA)
    await kept(engine)

    parked = await engine.reading.effects(EffectState.PARKED)
    incident = await engine.reading.incident(1)
    assert "There is no template postmortem/ours.md.j2." in parked[0].reason
    assert incident is not None
    assert incident.failed_steps.keys() == {"write the postmortem draft"}
    assert incident.status == "resolved"


async def test_an_incident_that_is_not_there_is_given_up(engine: Engine) -> None:
    answer = await Drafting(engine.reading, Style()).perform(DraftPostmortem(incident=7), ATTEMPT)

    assert answer == GiveUp("the incident is not there any more")


async def test_written_twice_it_is_the_same_text(engine: Engine) -> None:
    await engine.handle(Declare(title="Twice", severity=1), ADA)
    drafting = Drafting(engine.reading, Style())
    first, second = [await drafting.perform(DraftPostmortem(incident=1), ATTEMPT) for _ in range(2)]

    assert isinstance(first, Receipt)
    assert first == second


@pytest.mark.parametrize(
    "words",
    [
        "the password is hunter2",
        "hunter2 | `x` <y> *z* [l](https://h.example/hunter2)",
        "hunter2 foo_ \u202eb \u200bc",
        "first line\n\n# hunter2 & &lt; ~s~ $a$\n1. hunter2",
    ],
)
async def test_redacted_words_leave_the_draft_however_it_had_escaped_them(engine: Engine, words: str) -> None:
    await engine.handle(Declare(title="Leak", severity=1), ADA)
    noted = await engine.handle(AddNote(incident=1, text=words), ADA)
    await engine.handle(Edit(incident=1, impact=words), ADA)
    await engine.handle(Resolve(incident=1), ADA)
    await kept(engine)
    before = await engine.reading.document(1, POSTMORTEM)
    await engine.handle(RedactEntry(incident=1, entry=noted.first_seq), ADA)
    after = await engine.reading.document(1, POSTMORTEM)

    assert before is not None
    assert after is not None
    assert before.body.count("hunter2") >= 3
    assert "hunter2" not in after.body
