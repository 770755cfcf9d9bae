"""Every message and form with the most that life can put into it, as Slack gets it: one file each, rewritten by this.

`python -m tests.integrations.slack.extremes` writes `tests/golden/blocks/` anew: the difference is for a reviewer.
"""

import asyncio
import json
import re
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from bot.documents.wording import shipped_wording
from bot.engine.journal import project
from bot.engine.line import Urgency
from bot.incident.catchup import CatchUp
from bot.incident.model import Incident, advance
from bot.incident.policy import Policy
from bot.incident.timeline import Entry
from bot.integrations.slack import cards, panels
from bot.integrations.slack.announcement import announcement
from bot.integrations.slack.blocks import Message, sentence
from bot.integrations.slack.catchup import catchup_message, lead
from bot.integrations.slack.desk import Reaction
from bot.integrations.slack.effects import Say, Tell
from bot.integrations.slack.fact import Places
from bot.integrations.slack.fitting import fit
from bot.integrations.slack.home import Home, home_blocks, home_view
from bot.integrations.slack.modals import view
from bot.integrations.slack.outbound import announcer
from bot.integrations.slack.runbook_message import run_message
from bot.integrations.slack.verbs import VERBS
from tests.integrations.slack.crowd import FILLER, LONG, NOW, Shown, alert, book, crowded, facts, run
from tests.integrations.slack.extremes_besides import (
    A_NOTE,
    AN_UPDATE,
    answers,
    besides,
    forms,
    prompts,
    with_more_roles,
)
from tests.integrations.slack.table import ADA, Night, Row, begin, night

FOLDER = Path(__file__).parents[2] / "golden/blocks"


def sentences() -> Iterator[Shown]:
    """What each kind of fact says in the room, and to whom directly; each of a kind that differs in its blocks."""
    announce = announcer(Places(announcements=True, triage=True, bridge="https://meet.example/1"))
    state: Incident | None = None
    count: dict[str, int] = {}
    for fact in facts():
        after = advance(state, fact)
        for promise in announce(fact, state, after, Policy()):
            if isinstance(promise.effect, Say | Tell):
                count[fact.kind] = count.get(fact.kind, 0) + 1
                made = sentence(promise.effect.text, promise.effect.buttons)
                yield Shown(f"{fact.kind}-{count[fact.kind]}", fit(made))
        state = after


def drawn() -> Iterator[Shown]:
    """The messages that are kept up to date."""
    i, policy, ours = crowded(), Policy(), shipped_wording()
    troubles = tuple(cards.Trouble(LONG, LONG, n) for n in range(9))
    yield Shown("room-card", fit(cards.room_card(cards.CardState(i, policy, LONG, troubles))))
    yield Shown("announcement", fit(announcement(i, policy, ours)))
    yield Shown("panel", fit(panels.panel(i, policy)))
    yield Shown("open-list", fit(panels.open_list([i] * 60)))
    yield Shown("triage-card", fit(cards.triage_card(alert(), [i] * 30)))
    yield Shown("runbook", fit(run_message(i, run(i), book())))
    yield Shown("topic", Message(cards.topic(i, policy)))
    owed = [task.model_copy(update={"followup": False}) for task in i.tasks] * 9
    told = [Entry(i.number, n, NOW, NOW, i.declared_by, LONG, "noted") for n in range(5)]
    late = CatchUp(i.but(pages=i.pages * 9), tuple(told), 99, tuple(owed), NOW, told[0])
    yield Shown("catch-up", fit(catchup_message(late, policy, lead(late, policy, ours, "joined"))))
    yield Shown("home", home_view(home_blocks(Home(i.declared_by, [i] * 60, [i] * 60)), NOW))


async def asked() -> dict[str, list[Shown]]:
    """What is answered in the crowded room: to each verb when it is typed bare, and what comes of more than that."""
    with tempfile.TemporaryDirectory() as folder:
        await begin(Path(folder))
        async with night(Path(folder)) as here:
            here.now = NOW
            noted = await here.engine.handle(A_NOTE, ADA.actor)
            await here.engine.handle(AN_UPDATE, ADA.actor)
            room = await here.engine.reading.incident(1)
            assert room is not None
            i = with_more_roles(crowded()).but(number=1, room=room.room, seq=room.seq)
            await here.engine.database.write(lambda connection: project(connection, i), Urgency.WORK)
            return {
                "verbs": [shown for verb in sorted(VERBS) for shown in await _typed(here, verb)],
                "forms": [shown async for shown in forms(here, i, noted.first_seq or 0)],
                "answers": [shown async for shown in answers(here)],
            }


async def _typed(here: Night, verb: str) -> list[Shown]:
    here.now += timedelta(seconds=1)  # another press than the one before
    reaction = await here.react(Row("room", "ada", verb))
    return list(_of(verb, reaction))


def _of(verb: str, reaction: Reaction) -> Iterator[Shown]:
    if reaction.form:
        yield Shown(verb, view(reaction.form, channel="CROOM1", nonce="nonce"))
    elif reaction.message:
        yield Shown(verb, fit(reaction.message))


async def everything() -> dict[str, list[Shown]]:
    """By folder."""
    drawn_ones = [*drawn(), *besides()]
    return {"facts": list(sentences()), "cards": drawn_ones, "prompts": list(prompts()), **await asked()}


def written(shown: Shown) -> str:
    """As a file: plain ASCII, so that a reviewer sees what does not show; the filler counted, not repeated."""
    text = json.dumps(shown.fields, indent=1, ensure_ascii=True)
    return re.sub(rf"(?:{FILLER}){{3,}}", lambda m: f"{FILLER}x{len(m[0]) // len(FILLER)} ", text) + "\n"


def rewrite() -> None:
    for folder, several in asyncio.run(everything()).items():
        place = FOLDER / folder
        place.mkdir(parents=True, exist_ok=True)
        for old in place.glob("*.json"):
            old.unlink()
        for shown in several:
            (place / f"{shown.name}.json").write_text(written(shown), "utf-8")


if __name__ == "__main__":
    rewrite()
