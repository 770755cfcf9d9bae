"""The books are not blind: one lie at a time is planted into the end of a true story, and each is called out."""

import asyncio
import copy
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy import create_engine, text

from bot.sandbox import SandboxClient
from bot.sandbox.slack.records import Channel, Message
from tests.campaign.kill import Peace, how_it_ended, lived_in_peace, theatre, wrongs
from tests.campaign.scene import Scene

STATE = ("channels", "incidents", "notes", "responders", "files")
Lie = Callable[[Scene], None]


@dataclass
class Ended:
    """A story that nobody disturbed, its bot gone, its sandbox still there. `runner`: the event loop of all this."""

    runner: asyncio.Runner
    scene: Scene
    peace: Peace

    def wrongs(self) -> list[str]:
        return self.runner.run(self._wrongs())

    async def _wrongs(self) -> list[str]:
        async with SandboxClient(self.scene.sandbox.url) as hands:
            return await wrongs(replace(self.scene, hands=hands), self.peace)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        try:
            yield runner.run(_ended(runner, stack, tmp_path_factory.mktemp("books")))
        finally:
            runner.run(stack.aclose())


async def _ended(runner: asyncio.Runner, stack: AsyncExitStack, folder: Path) -> Ended:
    place = await stack.enter_async_context(theatre(folder, hurried=True))
    scene = await stack.enter_async_context(place.scene("sqlite", "true"))
    await lived_in_peace(scene)
    life = scene.replicas[0].life
    assert life is not None
    await life.kill()
    with create_engine(scene.database_url).connect() as connection:  # what it left in the log, into the file
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return Ended(runner, scene, Peace(await how_it_ended(scene), frozenset()))


@contextmanager
def told(ended: Ended, lie: Lie) -> Iterator[None]:
    """While it lasts, the lie stands in the sandbox or in the database."""
    database = Path(ended.scene.database_url.removeprefix("sqlite:///"))
    true = copyfile(database, database.with_suffix(".true"))
    slack, pagerduty = ended.scene.sandbox.slack, ended.scene.sandbox.pagerduty
    owners = {name: slack if hasattr(slack, name) else pagerduty for name in STATE}
    before = {name: getattr(owner, name) for name, owner in owners.items()}
    for name, owner in owners.items():
        setattr(owner, name, copy.deepcopy(before[name]))
    try:
        lie(ended.scene)
        yield
    finally:
        for name, owner in owners.items():
            setattr(owner, name, before[name])
        copyfile(true, database)
        for rest in ("-wal", "-shm"):
            database.with_name(database.name + rest).unlink(missing_ok=True)


def room(scene: Scene) -> Channel:
    return next(c for c in scene.sandbox.slack.channels.values() if c.name.startswith("inc-"))


def direct(scene: Scene) -> Channel:
    """Direct messages to somebody whom the bot promised to tell something."""
    return next(c for c in scene.sandbox.slack.channels.values() if c.is_im and any(map(mark, c.messages.values())))


def mark(message: Message) -> str:
    return str(message.fields.get("metadata", {}).get("event_payload", {}).get("key", ""))


def marked(channel: Channel) -> Message:
    return next(m for m in channel.messages.values() if mark(m) and not m.pinned)


def again(channel: Channel, message: Message) -> Message:
    """The same message once more."""
    ts = f"{float(max(channel.messages)) + 1:.6f}"
    channel.messages[ts] = replace(copy.deepcopy(message), ts=ts)
    return channel.messages[ts]


def a_second_room(scene: Scene) -> None:
    scene.sandbox.slack.channels["C0AGAIN0000"] = replace(copy.deepcopy(room(scene)), id="C0AGAIN0000", messages={})


def a_message_twice(scene: Scene) -> None:
    again(room(scene), marked(room(scene)))


def a_message_lost(scene: Scene) -> None:
    marked(room(scene)).deleted = True


def a_message_that_nobody_promised(scene: Scene) -> None:
    extra = again(room(scene), marked(room(scene)))
    extra.fields["metadata"]["event_payload"]["key"] = "say/1/999"


def an_answer_twice(scene: Scene) -> None:
    for _ in range(2):
        message = again(direct(scene), marked(direct(scene)))
        del message.fields["metadata"]


def a_direct_message_twice(scene: Scene) -> None:
    again(direct(scene), marked(direct(scene)))


def a_direct_message_lost(scene: Scene) -> None:
    marked(direct(scene)).deleted = True


def other_words(scene: Scene) -> None:
    said = marked(room(scene))
    said.fields["text"] = said.fields["blocks"][0]["text"]["text"] = "Something else"


def a_card_of_yesterday(scene: Scene) -> None:
    card = room(scene).pins[0]
    card.fields = card.versions[0]


def a_person_not_invited(scene: Scene) -> None:
    room(scene).members.popitem()


def nobody_paged(scene: Scene) -> None:
    account = scene.sandbox.pagerduty
    account.responders.clear()
    for one in [i for i in account.incidents.values() if i.incident_key and i.incident_key.startswith("muster/")]:
        account.incidents[one.id] = one.model_copy(update={"incident_key": "another"})


def paged_twice_without_a_word(scene: Scene) -> None:
    account = scene.sandbox.pagerduty
    account.responders += [r.model_copy(update={"request": "again"}) for r in account.responders]
    for one in [i for i in account.incidents.values() if i.incident_key and i.incident_key.startswith("muster/")]:
        account.incidents["PAGAIN"] = one.model_copy(update={"id": "PAGAIN"})


def a_note_twice(scene: Scene) -> None:
    notes = scene.sandbox.pagerduty.notes
    notes["again"] = next(n for n in notes.values() if "[" in n.content).model_copy(update={"id": "again"})


def a_note_lost(scene: Scene) -> None:
    scene.sandbox.pagerduty.notes.clear()


def an_alert_left_open(scene: Scene) -> None:
    incidents = scene.sandbox.pagerduty.incidents
    one = next(iter(incidents.values()))
    incidents[one.id] = one.model_copy(update={"status": "acknowledged"})


def no_draft(scene: Scene) -> None:
    for message in room(scene).messages.values():
        message.deleted = message.deleted or bool(message.files)


def a_draft_twice(scene: Scene) -> None:
    again(room(scene), next(m for m in room(scene).messages.values() if m.files))


def sql(*statements: str) -> Lie:
    def lie(scene: Scene) -> None:
        engine = create_engine(scene.database_url)
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    return lie


NEWEST = "(SELECT max(seq) FROM event)"
NOTED = (
    "INSERT INTO event (incident, seq, kind, at, recorded_at, inbox, body)"
    f" SELECT incident, {NEWEST} + 1, kind, at, recorded_at, inbox, body FROM event WHERE kind = 'noted'"
)
LIES: tuple[tuple[str, Lie, str], ...] = (
    ("a room twice", a_second_room, "one war room: 1 promised"),
    ("a message twice", a_message_twice, "there 2 times: "),
    ("a message lost", a_message_lost, "promised and not there: "),
    ("a message that nobody promised", a_message_that_nobody_promised, "never promised: say/1/999"),
    ("a direct message twice", a_direct_message_twice, "there 2 times: duties/1/"),
    ("a direct message lost", a_direct_message_lost, "promised and not there: duties/1/"),
    ("an answer twice", an_answer_twice, "answered 2 times"),
    ("other words", other_words, "/rooms/0/said/words/Something else"),
    ("a card of yesterday", a_card_of_yesterday, "/rooms/0/pinned/0"),
    ("a person not invited", a_person_not_invited, "/rooms/0/members"),
    ("nobody paged", nobody_paged, "nobody was paged by muster/INC-1/page-1"),
    ("paged twice without a word", paged_twice_without_a_word, "paged again without saying so: muster/INC-1/page-1"),
    ("a note twice", a_note_twice, "every note in PagerDuty once: 2 notes: there 2 times"),
    ("a note lost", a_note_lost, "every note in PagerDuty once: 2 notes: there 0 times"),
    ("an alert left open", an_alert_left_open, "resolved in PagerDuty too: "),
    ("no draft", no_draft, "INC-1 is over and has no draft"),
    ("a draft twice", a_draft_twice, "every postmortem draft once: 1 promised: 1 promised, there are ["),
    ("a fact twice", sql(NOTED), "INC-1 has it 2 times: noted"),
    ("a fact lost", sql("DELETE FROM event WHERE kind = 'noted'"), "INC-1's facts are numbered"),
    ("the last fact lost", sql(f"DELETE FROM event WHERE seq = {NEWEST}"), "INC-1 is not as its facts tell it"),
    ("a promise that waits", sql("UPDATE effect SET state = 'waiting' WHERE kind = 'set_topic'"), "waiting: topic/1/"),
    ("a promise in hand", sql("UPDATE effect SET state = 'claimed' WHERE kind = 'set_topic'"), "left over: effect"),
    ("a promise given up", sql("UPDATE effect SET state = 'skipped' WHERE kind = 'say'"), "skipped: say/1/"),
    ("an alert unheard", sql("UPDATE inbox SET state = 'waiting' WHERE source = 'pagerduty'"), "waiting in the inbox"),
    ("an alert parked", sql("UPDATE inbox SET state = 'parked' WHERE source = 'pagerduty'"), "parked in the inbox"),
    ("a delivery claimed", sql("UPDATE inbox SET owner = 'the dead'"), "left over: inbox"),
)


@pytest.mark.timeout(300)
def test_a_true_story_has_nothing_wrong(ended: Ended) -> None:
    assert ended.wrongs() == []


@pytest.mark.parametrize(("lie", "called"), [(lie, called) for _, lie, called in LIES], ids=[name for name, *_ in LIES])
def test_each_lie_is_called_out(ended: Ended, lie: Lie, called: str) -> None:
    with told(ended, lie):
        found = ended.wrongs()
    assert any(called in sentence for sentence in found), found
