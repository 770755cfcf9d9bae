"""The end of a story by the books of both sides: what the bot kept, and what Slack and PagerDuty hold."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.engine.reading import Delivery, Reading, Step
from bot.engine.tables import EffectState, InboxState
from bot.incident.model import Incident, fold
from bot.incident.privacy import MadePrivate
from bot.incident.timeline import Entry, Stored
from bot.incident.values import MUSTER, OPEN
from bot.integrations.drafting import read_report
from bot.sandbox import SandboxClient
from bot.sandbox.pagerduty.records import State
from bot.terminal.opening import opened
from bot.terminal.stage import Stage

POSTS = (
    *("post_card", "say", "tell", "post_announcement", "post_triage"),
    *("post_runbook", "post_offer", "send_catch_up"),
)
"""The promises that each leave one message, marked with its key."""
AT_WILL = ("ask_who",)
"""Those that leave one at most: what is not worth asking any more is not asked."""
REPEAT = "(repeat)"
EVERYTHING = 100_000

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Books:
    """Both sides at one moment. `facts`: by incident; `slack`: everything in the workspace."""

    promised: Sequence[Step]
    unheard: Sequence[Delivery]
    incidents: Sequence[Incident]
    facts: Mapping[int, Sequence[Stored]]
    slack: Json
    pagerduty: State

    def kept(self, *kinds: str) -> list[str]:
        """The keys of the promises of these kinds that the bot takes for kept."""
        return [step.key for step in self.promised if step.kind in kinds and step.state is EffectState.KEPT]

    @property
    def over(self) -> list[int]:
        """The numbers of the incidents that are."""
        return [one.number for one in self.incidents if one.status not in OPEN]

    @property
    def messages(self) -> list[Json]:
        """Everything that anybody wrote in Slack, direct messages too; not what Slack says by itself."""
        channels = self.slack["channels"].values()
        return [message for channel in channels for message in channel["messages"] if not message.get("subtype")]

    @property
    def rooms(self) -> list[Json]:
        return [channel for channel in self.slack["channels"].values() if channel.get("name", "").startswith("inc-")]


@dataclass(frozen=True)
class Finding:
    """What was looked at, and what is wrong with it (nothing: they agree)."""

    looked_at: str
    wrong: Sequence[str] = ()


async def examine(stage: Stage) -> tuple[list[str], list[str]]:
    """(what agrees, what does not), a sentence each."""
    return judged(await read_books(stage.hands, stage.bot.database_url))


async def read_books(hands: SandboxClient, database_url: str) -> Books:
    """The bot's own database and the sandbox, as they are now."""
    with _reading(database_url) as reading:
        incidents = await reading.recent(MUSTER, limit=EVERYTHING)
        return Books(
            promised=await reading.effects(*EffectState, limit=EVERYTHING),
            unheard=[d for state in (InboxState.WAITING, InboxState.PARKED) for d in await reading.deliveries(state)],
            facts={one.number: await reading.events(one.number) for one in incidents},
            incidents=incidents,
            slack=await hands.slack.state(),
            pagerduty=await hands.pagerduty.state(),
        )


async def timeline_of(stage: Stage, number: int) -> Sequence[Entry]:
    """The timeline as the bot's own database has it."""
    with _reading(stage.bot.database_url) as reading:
        report = await read_report(reading, number)
    return report.entries if report else ()


@contextmanager
def _reading(database_url: str) -> Iterator[Reading]:
    with opened(database_url, read_only=True) as database:
        yield Reading(database, lambda: datetime.now(UTC))


def judged(books: Books) -> tuple[list[str], list[str]]:
    """(what agrees, what does not), a sentence each."""
    found = [look(books) for look in LOOKS]
    agreed = [finding.looked_at for finding in found if not finding.wrong]
    return agreed, [f"{one.looked_at}: {wrong}" for one in found for wrong in one.wrong]


def rooms(books: Books) -> Finding:
    """A room for each incident that was promised one, and no other."""
    promised, there = len(books.kept("open_room")), [room["name"] for room in books.rooms]
    wrong = [] if len(there) == promised else [f"{promised} promised, there are {there}"]
    return Finding("one incident, one war room", wrong)


def messages(books: Books) -> Finding:
    """Every promised message is there once, in rooms and in direct messages; what is no promise (a question to
    one person) is not there twice."""
    ours = [message for message in books.messages if message.get("bot_id") and not message.get("files")]
    posted = Counter(_mark(message) for message in ours)
    posted.pop("", None)
    promised = set(books.kept(*POSTS))
    wrong = [f"promised and not there: {key}" for key in sorted(promised - set(posted))]
    wrong += [f"never promised: {key}" for key in sorted(set(posted) - promised - set(books.kept(*AT_WILL)))]
    wrong += [f"there {times} times: {key}" for key, times in posted.items() if times > 1]
    replies = Counter(message["text"] for message in ours if not _mark(message))
    wrong += [f"answered {times} times: {words}" for words, times in replies.items() if times > 1]
    return Finding(f"every message once: {len(promised)} promised, {posted.total()} posted", wrong)


def facts(books: Books) -> Finding:
    """Nothing that happened is told twice or left out, and what is known of an incident is what its facts say."""
    wrong = [
        f"INC-{one.number} is not as its facts tell it"
        for one in books.incidents
        if fold(stored.event for stored in books.facts[one.number]) != one
    ]
    for number, stored in books.facts.items():
        told = Counter(_as_told(stored))
        wrong += [f"INC-{number} has it {times} times: {fact}" for (_, fact), times in told.items() if times > 1]
        if [one.seq for one in stored] != [*range(1, len(stored) + 1)]:
            wrong.append(f"INC-{number}'s facts are numbered {[one.seq for one in stored]}")
    total = sum(len(stored) for stored in books.facts.values())
    return Finding(f"every fact once, the command that was cut off too: {total} facts", wrong)


def _as_told(stored: Sequence[Stored]) -> Iterator[tuple[int, str]]:
    """Each fact without its time, and in which of the incident's rooms it happened: who joins two does so twice."""
    room = 1
    for one in stored:
        room += isinstance(one.event, MadePrivate)
        yield room, f"{one.event.kind} {one.event.model_dump_json(exclude={'at'})}"


def pages(books: Books) -> Finding:
    """Each page that went out is in PagerDuty, and where it is there again, it says so."""
    account, keys = books.pagerduty, books.kept("page")
    asked = {responder.request: responder.message for responder in account.responders}
    wrong = []
    for key in keys:
        words = [i.title for i in account.incidents if _is_of(i.incident_key or "", key)]
        words += [message for message in asked.values() if f"({key})" in message]
        if not words:
            wrong.append(f"nobody was paged by {key}")
        elif sum(not said.startswith(REPEAT) for said in words) > 1:
            wrong.append(f"paged again without saying so: {key}")
    return Finding(f"every page at least once, and marked where it is repeated: {len(keys)} pages", wrong)


def notes(books: Books) -> Finding:
    """Each note that we left in PagerDuty is there once."""
    keys = books.kept("note_there")
    left = {key: sum(f"[{key}]" in note.content for note in books.pagerduty.notes) for key in keys}
    wrong = [f"there {times} times: {key}" for key, times in left.items() if times != 1]
    return Finding(f"every note in PagerDuty once: {len(keys)} notes", wrong)


def drafts(books: Books) -> Finding:
    """Each version of the postmortem draft is one file in the room."""
    promised = len(books.kept("upload_draft"))
    files = [file["name"] for room in books.rooms for one in room["messages"] for file in one.get("files", ())]
    wrong = [f"INC-{number} is over and has no draft" for number in sorted(books.over) if not files]
    wrong += [] if len(files) == promised else [f"{promised} promised, there are {files}"]
    return Finding(f"every postmortem draft once: {promised} promised", wrong)


def alerts(books: Books) -> Finding:
    """When all is over here, it is over in PagerDuty."""
    still = [i.title for i in books.pagerduty.incidents if i.is_open] if len(books.over) == len(books.incidents) else []
    return Finding(
        f"resolved in PagerDuty too: {len(books.pagerduty.incidents)} alerts", [f"open: {title}" for title in still]
    )


def rest(books: Books) -> Finding:
    """Nothing is under way, given up or unheard."""
    over = (EffectState.KEPT, EffectState.DROPPED)
    wrong = [f"{one.state.value}: {one.key} {one.reason}" for one in books.promised if one.state not in over]
    wrong += [f"{one.state.value} in the inbox: {one.source} {one.key} {one.reason}" for one in books.unheard]
    return Finding("nothing left undone, nothing parked", wrong)


LOOKS: tuple[Callable[[Books], Finding], ...] = (rooms, messages, facts, pages, notes, drafts, alerts, rest)


def _mark(message: Json) -> str:
    """The key that a message of ours carries in its metadata."""
    return str(message.get("metadata", {}).get("event_payload", {}).get("key", ""))


def _is_of(incident_key: str, key: str) -> bool:
    """Whether a PagerDuty incident was opened by this page: its key, or with the time in it where that was taken."""
    head, _, tail = key.rpartition("/")
    return re.fullmatch(rf"{re.escape(head)}/(\d+T\d+/)?{re.escape(tail)}", incident_key) is not None
