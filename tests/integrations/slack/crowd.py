"""A crowded night: the incident with the most in it that life can put there, and the words that do the worst.

Titles of 4,000 characters that name everybody, from right to left and with stacked accents; 60 alerts; 40 responders.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.incident.alerts import AlertJoined
from bot.incident.mirror import Alert, Report, What
from bot.incident.model import Event, Incident, advance, parse_event, then
from bot.incident.roles import RoleTaken
from bot.incident.steps import MOST_STEPS, Call, Outcome, Run, Runbook, Step, Tick, Tried
from bot.incident.values import MUSTER, Actor, Service
from bot.integrations.slack.blocks import Block, Message
from bot.integrations.slack.limits import view_violations, violations

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
ENDS = ("canceled", "resolved", "merged", "reopened")
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
    """An incident with everything in it: an hour in, a storm of 60 alerts, 40 experts, and not over."""
    i: Incident | None = None
    for fact in facts():
        if fact.kind == "made_private":
            break
        if fact.kind not in ENDS:
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


def book() -> Runbook:
    """With as many steps as there can be, of which the third can be run."""
    call = Call(name=LONG[:60], url="https://ops.example/scale", confirm=LONG[:300])
    steps = (Step(number=n, text=LONG, action=call if n == 3 else None) for n in range(1, MOST_STEPS + 1))
    return Runbook(name="x", title=LONG[:100], steps=tuple(steps))


def run(i: Incident) -> Run:
    """Two steps were done, one much later, and the third was run in vain."""
    followed, tick = book(), Tick(outcome=Outcome.FAILED, by=i.declared_by, at=NOW, note=LONG[:500])
    tried = Tried(attempt=1, name=LONG[:60], by=i.declared_by, at=NOW, ok=False, told=LONG[:300])
    return Run(
        number=1,
        runbook=followed.name,
        title=followed.title,
        at=NOW,
        steps=tuple(step.text for step in followed.steps),
        actions={3: LONG[:60]},
        stale=True,
        done={1: tick, 2: tick, 9: tick},
        tried={3: tried},
    )


def alert() -> Alert:
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
