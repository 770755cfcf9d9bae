"""Every verb asked in every way, and what it answers, as a person reads it: one file per verb, rewritten by this.

`python -m tests.integrations.slack.table note task` answers the rows of these two files anew; alone it does all.
"""

import asyncio
import html
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.documents.runbooks import Shelf, load_runbooks
from bot.engine.db import Database
from bot.engine.effects import Promise, Ref
from bot.engine.handle import Engine
from bot.engine.schema import migrate
from bot.incident import AddNote, AssignRole, Declare, PageOut, RecordRoom, Resolve, SetStatus
from bot.incident.model import Command, Event, Incident
from bot.incident.people import KnownService, OnCall, Person
from bot.incident.policy import Policy
from bot.incident.steps import Call, Runbook, Step
from bot.incident.values import Service, Status, Target, TargetKind
from bot.integrations.slack import effects as slack
from bot.integrations.slack.blocks import Block, Message
from bot.integrations.slack.commands import Spoken, answer
from bot.integrations.slack.desk import Desk, Reaction, Turn
from bot.integrations.slack.effects import Button
from bot.integrations.slack.fact import Places
from bot.integrations.slack.kept import Kept
from bot.integrations.slack.modals import Form
from bot.integrations.slack.outbound import announcer
from bot.integrations.slack.people import People
from bot.integrations.slack.verbs import Answer, House

FOLDER = Path(__file__).parents[2] / "golden/answers"
COLUMNS = ("bare", "words", "alias", "wrong words", "outside a room", "not allowed", "resolved")
"""The sections that every file has; further ones may follow. A section without rows says why, in parentheses."""
ROW = re.compile(r"(?P<place>room|outside|resolved|private) · @(?P<who>\w+) · /incident ?(?P<text>.*)")
THEN = ", then /incident "
NOW = datetime(2026, 11, 21, 2, 40, 17, tzinfo=UTC)

ADA = Person(slack="UADA", pagerduty="PADA", name="Ada Marsh", email="ada@example.com")
BO = Person(slack="UBO", pagerduty="PBO", name="Bo Lind", email="bo@example.com", phones=("+1 555 0100",))
CY = Person(slack="UCY", name="Cy Okafor", email="cy@example.com")
GIL = Person(slack="UGIL", name="Gil Roth", email="gil@elsewhere.example", guest=True)
PEOPLE = {"ada": ADA, "bo": BO, "cy": CY, "gil": GIL}
"""Ada commands, Bo is on call and scribe, Cy looks on, Gil is a guest without a duty."""
ROOMS = {"room": 1, "resolved": 2, "private": 3}
"""`outside` is a channel that is no incident's."""


def _service(id: str, name: str, *on_call: OnCall) -> KnownService:
    policy = f"{name} first line"
    return KnownService(id=id, name=name, policy=f"E{id}", policy_name=policy, on_call=on_call, seen_at=NOW)


SERVICES = (
    _service("PCHECK", "Checkout", OnCall(service="PCHECK", level=1, pagerduty="PBO", name="Bo Lind")),
    _service("PSEARCH", "Search"),
)


SCALE = Call(name="Add ten instances", url="https://ops.example/scale", roles=("commander",))
RUNBOOKS = (
    Runbook(
        name="checkout-slow",
        title="Checkout is slow",
        owner="ada@example.com",
        services=("Checkout",),
        url="https://wiki.example/checkout-slow",
        steps=(
            Step(number=1, text="**Is it the database?** Look at its load: `checkout-db top`."),
            Step(number=2, text="**Add instances.** Ten at a time.", action=SCALE),
        ),
    ),
    *load_runbooks(Shelf(), Policy()).runbooks,
)
"""One of the company's with a step that can be run from the room, and those that come with Muster."""


@dataclass(frozen=True)
class Row:
    """Something typed by someone somewhere, perhaps after what Ada typed there (`…, then /incident …`)."""

    place: str
    who: str
    text: str

    @property
    def earlier(self) -> list[str]:
        """What Ada typed first."""
        return self.text.split(THEN)[:-1]

    @property
    def last(self) -> str:
        """What is answered."""
        return self.text.split(THEN)[-1]

    def __str__(self) -> str:
        return f"{self.place} · @{self.who} · /incident {self.text}".rstrip()


@dataclass
class Night:
    """Three incidents: Checkout fails in `room`, Search was slow in `resolved`, a leak is handled in `private`."""

    engine: Engine
    house: House
    desk: Desk
    now: datetime
    promised: list[slack.SlackEffect] = field(default_factory=list)
    heard: list[Event] = field(default_factory=list)

    async def begun(self) -> None:
        await self.engine.directory.remember_people(list(PEOPLE.values()))
        await self.engine.directory.remember_services(list(SERVICES))
        checkout = Service(id="PCHECK", name="Checkout")
        await self._declared(1, Declare(title="Checkout errors above 5 %", severity=2, services=(checkout,)))
        on_call = Target(kind=TargetKind.SERVICE, id="PCHECK", name="Checkout")
        await self._ask(
            SetStatus(incident=1, to=Status.INVESTIGATING),
            AssignRole(incident=1, role="scribe", person=BO.actor),
            PageOut(incident=1, target=on_call, why="Nobody here knows the payment gateway"),
        )
        await self._ask(AddNote(incident=1, text="Rolled back to 4.2"))
        await self._declared(2, Declare(title="Search is slow"))
        await self._ask(Resolve(incident=2, words_said="Restarted the indexer"))
        await self._declared(3, Declare(title="Keys in a public repository", private=True))

    async def _declared(self, number: int, wish: Declare) -> None:
        await self._ask(wish)
        channel, name = channel_of(number), f"inc-{number}"
        await self._ask(RecordRoom(incident=number, channel=channel, name=name))

    async def _ask(self, *wishes: Command) -> None:
        for wish in wishes:
            self.now += timedelta(minutes=1)
            await self.engine.handle(wish, ADA.actor)

    async def ask(self, row: Row) -> list[str]:
        """What comes of a row, in lines."""
        reaction = await self.react(row)
        return [*_answered(reaction), *self._followed()] or ["(nothing)"]

    async def react(self, row: Row) -> Reaction:
        """What the one who typed it gets; what is promised and on record since then is kept."""
        person = PEOPLE[row.who]
        channel = channel_of(ROOMS[row.place]) if row.place in ROOMS else "COPS"
        for number in ROOMS.values():
            self.engine.directory.learn(number, [Ref("slack", "channel", channel_of(number), "slack.channel")])
        self.promised.clear()
        self.heard.clear()

        async def work(person: Person) -> Answer:
            return await answer(self.house, Spoken(as_sent(row.last), person, channel, self.now))

        return await self.desk.serve(Turn(person.slack, "", f"table/{self.now}", channel), work)

    def _followed(self) -> Iterator[str]:
        """What is said of it by itself; of facts that nothing says, what the timeline says."""
        said = [e for e in self.promised if isinstance(e, slack.Say | slack.Tell)]
        for effect in said:
            to = f"direct to {effect.name}" if isinstance(effect, slack.Tell) else "room"
            yield from f"{to}: {plainly(effect.text)}{_row(effect.buttons)}".splitlines()
        if not said:
            yield from (f"on record: {e.line()}" for e in self.heard if e.shown)


def channel_of(number: int) -> str:
    return f"CROOM{number}"


def as_sent(text: str) -> str:
    """As Slack sends what was typed: people as tokens, and what is special in mrkdwn escaped."""
    escaped = html.escape(text, quote=False)
    return re.sub(r"@(\w+)", lambda m: f"<@{PEOPLE[m[1]].slack}|{m[1]}>" if m[1] in PEOPLE else m[0], escaped)


@asynccontextmanager
async def night(folder: Path) -> AsyncIterator[Night]:
    """The engine on the file in there, and the desk as the bot has it, but nobody to ask in Slack."""
    database = Database.open(f"sqlite:///{folder / 'muster.db'}")
    announce = announcer(Places(runbooks=RUNBOOKS))

    def facts(event: Event, before: Incident | None, after: Incident, policy: Policy) -> Iterable[Promise]:
        made = list(announce(event, before, after, policy))
        here.heard.append(event)
        here.promised.extend(p.effect for p in made if isinstance(p.effect, slack.SlackEffect))
        return made

    engine = Engine(database, Policy(), facts=[facts], clock=lambda: here.now)
    people = People(AsyncWebClient(), engine.directory, engine.reading, engine.clock, Kept())
    house = House(engine.policy, engine.directory, engine.reading, lambda: True, people.admit, runbooks=RUNBOOKS)
    here = Night(engine, house, Desk(engine, people), NOW - timedelta(minutes=20))
    await engine.start()
    try:
        yield here
    finally:
        await engine.stop()
        database.close()


async def begin(folder: Path) -> None:
    """The night as every row finds it, in a database in there."""
    migrate(f"sqlite:///{folder / 'muster.db'}")
    async with night(folder) as begun:
        await begun.begun()


async def ask(row: Row, begun: Path) -> list[str]:
    """What a row is answered, in a copy of the night that nothing else was asked in."""
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(begun, copy, dirs_exist_ok=True)
        async with night(Path(copy)) as here:
            here.now = NOW
            for text in row.earlier:
                await here.react(Row(row.place, "ada", text))
                here.now += timedelta(seconds=30)
            return await here.ask(row)


def _answered(reaction: Reaction) -> Iterator[str]:
    """What the asker alone gets."""
    if reaction.refused:
        asked = [] if reaction.message is None else _buttons(reaction.message.blocks)
        yield f"refused: {plainly(reaction.refused.sentence)}{_labels(asked)}"
    elif reaction.message:
        yield from _message(reaction.message)
    elif reaction.form:
        yield from _form(reaction.form)
    elif reaction.later:
        yield "(asks outside first, and answers then)"


def _message(message: Message) -> Iterator[str]:
    for block in message.blocks:
        yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    """A block's words, with what can be pressed in brackets."""
    made: Any = block
    match made["type"]:
        case "section" | "header":
            beside = _labels(_pressable(made["accessory"])) if "accessory" in made else ""
            yield from (plainly(made["text"]["text"]) + beside).splitlines()
        case "context":
            yield from (plainly(e["text"]) for e in made["elements"])
        case "actions":
            yield _labels(_buttons([block])).strip()
        case "input":
            yield f"  {_field(made)}"


def _form(form: Form) -> Iterator[str]:
    yield f"form “{form.title}” → {form.submit or 'only shows'}"
    for block in form.blocks:
        yield from _block(block)


def _field(block: Any) -> str:
    """An input: its label, what kind it is, what is filled in already, its hint."""
    element = block["element"]
    initial = [element["initial_value"]] if "initial_value" in element else []
    initial += [plainly(f"<@{element['initial_user']}>")] if "initial_user" in element else []
    chosen = [element["initial_option"]] if "initial_option" in element else element.get("initial_options", [])
    filled = ", ".join([*initial, *(o["text"]["text"] for o in chosen)])
    kind = element["type"].replace("_", " ").removeprefix("plain ")
    hint = f" · {block['hint']['text']}" if "hint" in block else ""
    needed = "" if block.get("optional") else ", needed"
    return f"{block['label']['text']} ({kind}{needed})" + (f" = {filled}" if filled else "") + hint


def _buttons(blocks: Sequence[Block]) -> list[str]:
    rows: Any = [b for b in blocks if b["type"] == "actions"]
    return [label for row in rows for element in row["elements"] for label in _pressable(element)]


def _pressable(element: Any) -> list[str]:
    """A button's label, or what a menu offers."""
    if element["type"] == "overflow":
        return ["… " + " | ".join(o["text"]["text"] for o in element["options"])]
    return [(element.get("text") or element["placeholder"])["text"]]


def _row(buttons: Sequence[Button]) -> str:
    return _labels([b.label for b in buttons])


def _labels(labels: Sequence[str]) -> str:
    return "".join(f" [{label}]" for label in labels)


def plainly(text: str) -> str:
    """mrkdwn as a person sees it: names for tokens, moments in words, nothing escaped."""
    names = {p.slack: p.name for p in PEOPLE.values()}
    text = re.sub(r"<@(\w+)(\|[^>]*)?>", lambda m: f"@{names.get(m[1], m[1])}", text)
    text = re.sub(r"<!date\^[^|>]*\|([^>]*)>", r"\1", text)
    text = re.sub(r"<#CROOM(\d+)(\|[^>]*)?>", r"#inc-\1", text)
    text = re.sub(r"<(https?://[^|>]*)\|([^>]*)>", r"\2 (\1)", text)
    return html.unescape(text)


@dataclass(frozen=True)
class Asked:
    """A row of a file with the answer that stands there."""

    row: Row
    answer: tuple[str, ...]


Page = dict[str, list[Asked | str]]
"""A verb's file: by section, rows and remarks in parentheses."""


def read(text: str) -> Page:
    """A file taken apart. Raises ValueError for a line that is none of its kinds."""
    page: Page = {}
    for line in text.splitlines():
        if line.startswith("# "):
            section = page[line[2:]] = list[Asked | str]()
        elif line.startswith("    ") and isinstance(section[-1], Asked):
            section[-1] = Asked(section[-1].row, (*section[-1].answer, line[4:]))
        elif line.startswith("("):
            section.append(line)
        elif found := ROW.fullmatch(line):
            section.append(Asked(Row(**found.groupdict()), ()))
        elif line:
            raise ValueError(f"neither a section, a row, an answer nor a remark: {line}")
    return page


def written(page: Page) -> str:
    """The file of a page."""
    lines: list[str] = []
    for name, asked in page.items():
        lines += [f"# {name}"]
        for one in asked:
            lines += [one] if isinstance(one, str) else [str(one.row), *(f"    {said}".rstrip() for said in one.answer)]
        lines += [""]
    return "\n".join(lines)


async def answered(page: Page, begun: Path) -> Page:
    """The same rows, with what they are answered now."""
    return {
        name: [
            one if isinstance(one, str) else Asked(one.row, tuple(line.rstrip() for line in await ask(one.row, begun)))
            for one in asked
        ]
        for name, asked in page.items()
    }


async def _rewrite(paths: Sequence[Path]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        await begin(Path(folder))
        for path in paths:
            path.write_text(written(await answered(read(path.read_text("utf-8")), Path(folder))), "utf-8")


if __name__ == "__main__":
    chosen = [FOLDER / f"{name}.txt" for name in sys.argv[1:]]
    asyncio.run(_rewrite(chosen or sorted(FOLDER.glob("*.txt"))))
