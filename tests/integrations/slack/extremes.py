"""Every message and form with the most that life can put into it, as Slack gets it: one file each, rewritten by this.

Titles of 4,000 characters that name everybody, from right to left and with stacked accents; 60 alerts; 40 responders.
`python -m tests.integrations.slack.extremes` writes `tests/golden/blocks/` anew: the difference is for a reviewer.
"""

import asyncio
import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.documents.wording import shipped_wording
from bot.engine.journal import project
from bot.engine.line import Urgency
from bot.incident.alerts import AlertJoined
from bot.incident.catchup import CatchUp
from bot.incident.mirror import Alert, Report, What
from bot.incident.model import Event, Incident, advance, parse_event, then
from bot.incident.policy import Policy
from bot.incident.roles import RoleTaken
from bot.incident.steps import MOST_STEPS, Call, Outcome, Run, Runbook, Step, Tick, Tried
from bot.incident.timeline import Entry
from bot.incident.values import MUSTER, Actor, Service
from bot.integrations.slack import cards, panels
from bot.integrations.slack.announcement import announcement
from bot.integrations.slack.blocks import Block, Message, sentence
from bot.integrations.slack.catchup import catchup_message, lead
from bot.integrations.slack.desk import Reaction
from bot.integrations.slack.effects import Say, Tell
from bot.integrations.slack.fact import Places
from bot.integrations.slack.fitting import fit
from bot.integrations.slack.home import Home, home_blocks, home_view
from bot.integrations.slack.limits import view_violations, violations
from bot.integrations.slack.modals import view
from bot.integrations.slack.outbound import announcer
from bot.integrations.slack.runbook_message import run_message
from bot.integrations.slack.verbs import VERBS
from tests.integrations.slack.table import Night, Row, begin, night

FOLDER = Path(__file__).parents[2] / "golden/blocks"
JOURNAL = Path(__file__).parents[2] / "golden/journal.jsonl"
NASTY = (
    "<!channel> @here <@U0EVE00001> *b* _i_ ~s~ `c` ```pre``` & <https://evil.example|click> > quote "
    "\u202eשלום עולם\u202c Z\u0351\u036b\u0343a\u0302\u0361l\u0311 👩‍👩‍👧‍👦 "
)
FILLER = "overflow "
LONG = (NASTY + FILLER * 500)[:4000]
PEOPLES = frozenset({"title", "text", "summary", "impact", "why", "reason", "words_said", "name"})
PEOPLES |= {"condition", "actions", "needs", "note", "told"}
"""Fields of facts that hold what people or other systems wrote."""
ALERTS, RESPONDERS = 60, 40
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Shown:
    """Something that Slack gets: a message, or a view as it goes to views.open."""

    name: str
    what: Message | Block

    @property
    def fields(self) -> Block:
        """What a call carries of it."""
        if isinstance(self.what, Message):
            return {"text": self.what.text, "blocks": list(self.what.blocks)}
        return self.what

    @property
    def blocks(self) -> list[Any]:
        found: Any = self.fields["blocks"]
        return list(found)

    def broken(self) -> list[str]:
        """Slack's limits that it breaks."""
        return violations(self.what) if isinstance(self.what, Message) else view_violations(self.what)


def stretched(value: Any, key: str = "") -> Any:
    """The same fact, with as many words as there can be wherever there are any."""
    if isinstance(value, dict):
        return {name: stretched(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [stretched(inner, key) for inner in value]
    return LONG if key in PEOPLES and isinstance(value, str) and value else value


def facts() -> Iterator[Event]:
    """One of each kind and more, in an order in which they can happen."""
    for line in JOURNAL.read_text("utf-8").splitlines():
        told = json.loads(line)
        yield parse_event(told["kind"], stretched(told["body"]))


def crowded() -> Incident:
    """An incident with everything in it: an hour in, 60 alerts, 40 experts."""
    i: Incident | None = None
    for fact in facts():
        if fact.kind in ("canceled", "resolved"):
            break
        i = advance(i, fact)
    assert i is not None
    return then(i, [*_alerts(i), *_experts(i)])


def _alerts(i: Incident) -> Iterator[Event]:
    for n in range(ALERTS):
        yield AlertJoined(
            incident=i.number,
            at=NOW + timedelta(seconds=n),
            by=MUSTER,
            source="pagerduty",
            alert=f"PX{n}",
            title=LONG,
            url=f"https://example.pagerduty.com/incidents/PX{n}",
            service=Service(id=f"PS{n}", name=LONG),
        )


def _experts(i: Incident) -> Iterator[Event]:
    for n in range(RESPONDERS):
        person = Actor(id=f"slack:U{n:04}", name=LONG)
        yield RoleTaken(
            incident=i.number, at=NOW, by=person, role="expert", label="Subject-Matter Expert", person=person
        )


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
    yield Shown("triage-card", fit(cards.triage_card(_alert(), [i] * 30)))
    yield Shown("runbook", fit(run_message(i, _run(i), _runbook())))
    yield Shown("topic", Message(cards.topic(i, policy)))
    owed = [task.model_copy(update={"followup": False}) for task in i.tasks] * 9
    told = [Entry(i.number, n, NOW, NOW, i.declared_by, LONG, "noted") for n in range(5)]
    late = CatchUp(i.but(pages=i.pages * 9), tuple(told), 99, tuple(owed), NOW, told[0])
    yield Shown("catch-up", fit(catchup_message(late, policy, lead(late, policy, ours, "joined"))))
    yield Shown("home", home_view(home_blocks(Home(i.declared_by, [i] * 60, [i] * 60)), NOW))


def _runbook() -> Runbook:
    """With as many steps as there can be, of which the third can be run."""
    call = Call(name=LONG[:60], url="https://ops.example/scale", confirm=LONG[:300])
    steps = (Step(number=n, text=LONG, action=call if n == 3 else None) for n in range(1, MOST_STEPS + 1))
    return Runbook(name="x", title=LONG[:100], steps=tuple(steps))


def _run(i: Incident) -> Run:
    """Two steps were done, one much later, and the third was run in vain."""
    book, tick = _runbook(), Tick(outcome=Outcome.FAILED, by=i.declared_by, at=NOW, note=LONG[:500])
    tried = Tried(attempt=1, name=LONG[:60], by=i.declared_by, at=NOW, ok=False, told=LONG[:300])
    return Run(
        number=1,
        runbook=book.name,
        title=book.title,
        at=NOW,
        steps=tuple(step.text for step in book.steps),
        actions={3: LONG[:60]},
        stale=True,
        done={1: tick, 2: tick, 9: tick},
        tried={3: tried},
    )


def _alert() -> Alert:
    report = Report(
        source="pagerduty",
        alert="P1",
        key="K1",
        at=NOW,
        what=What.TRIGGERED,
        by=MUSTER,
        title=LONG,
        url="https://example.pagerduty.com/incidents/P1",
        service=Service(id="PCHECK", name=LONG),
        priority=LONG,
        urgency="high",
    )
    return Alert(source="pagerduty", id="P1", reports=(report,))


async def asked() -> list[Shown]:
    """What each verb answers in the crowded room when it is typed bare."""
    with tempfile.TemporaryDirectory() as folder:
        await begin(Path(folder))
        async with night(Path(folder)) as here:
            here.now = NOW
            room = await here.engine.reading.incident(1)
            assert room is not None
            i = crowded().but(number=1, room=room.room, seq=room.seq)
            await here.engine.database.write(lambda connection: project(connection, i), Urgency.WORK)
            return [shown for verb in sorted(VERBS) for shown in await _typed(here, verb)]


async def _typed(here: Night, verb: str) -> list[Shown]:
    reaction = await here.react(Row("room", "ada", verb))
    return list(_of(verb, reaction))


def _of(verb: str, reaction: Reaction) -> Iterator[Shown]:
    if reaction.form:
        yield Shown(verb, view(reaction.form, channel="CROOM1", nonce="nonce"))
    elif reaction.message:
        yield Shown(verb, fit(reaction.message))


async def everything() -> dict[str, list[Shown]]:
    """By folder."""
    return {"facts": list(sentences()), "cards": list(drawn()), "verbs": await asked()}


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
