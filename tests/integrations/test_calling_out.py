"""A step's call is made once, as it was confirmed; what came back is on the timeline, and no secret ever is."""

import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from bot.engine import tables
from bot.engine.db import Database
from bot.engine.effects import Answer, Attempt, Doubtful, GiveUp, Receipt
from bot.engine.handle import Engine
from bot.engine.outbox import Outbox
from bot.engine.pace import Pace
from bot.engine.schema import migrate
from bot.engine.tables import EffectState
from bot.incident import ActionFinished, Declare, OpenRunbook, RedactEntry, RunAction
from bot.incident.policy import Policy
from bot.incident.steps import Call, Runbook, Step, Tried
from bot.incident.values import Actor, Service
from bot.integrations.calling_out import STILL_MEANT, SYSTEM, CallingOut, CallOut, announce, filled

ADA = Actor(id="slack:U1", name='Ada "Ace" Marsh')
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
CHECKOUT = Service(id="P1", name="Checkout & Co")
SECRET = "s3cr3t-of-ops"
TITLE = 'Queue "orders" is stuck \\ <!here>'


@dataclass
class Elsewhere:
    """A system that is called: what it heard, and what it says."""

    url: str = ""
    status: int = 202
    says: bytes = b'{"job": 17}'
    location: str = ""
    mute: bool = False
    heard: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    hangs: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def there() -> Iterator[Elsewhere]:
    told = Elsewhere()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            told.heard.append((self.command, self.path, dict(self.headers), body))
            if told.mute:
                told.hangs.wait(10)
                return
            self.send_response(told.status)
            if told.location:
                self.send_header("location", told.location)
            self.send_header("content-length", str(len(told.says)))
            self.end_headers()
            self.wfile.write(told.says)

        def log_message(self, format: str, *args: object) -> None:
            return

    for method in ("GET", "POST", "PUT"):
        setattr(Handler, f"do_{method}", Handler.answer)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}"
    yield told
    told.hangs.set()
    server.shutdown()
    server.server_close()


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def engine(tmp_path: Path, clock: Clock) -> AsyncIterator[Engine]:
    url = f"sqlite:///{tmp_path / 'muster.db'}"
    migrate(url)
    engine = Engine(Database.open(url), Policy(), facts=[announce], clock=clock)
    await engine.start()
    yield engine
    await engine.stop()
    engine.database.close()


@pytest.fixture
def caller(engine: Engine, clock: Clock) -> CallingOut:
    return CallingOut(engine.reading, clock, {"ops": SECRET})


def call(host: str, path: str = "/scale/{service}", **more: object) -> Call:
    headers = {"Authorization": "Bearer {secret:OPS}"}
    body = '{"by": 10, "why": "{incident} {title}", "who": "{person}", "else": {"x": "{unknown}"}}'
    told = {"name": "Add workers", "url": f"{host}{path}", "headers": headers, "body": body}
    return Call.model_validate({**told, **more})


def effect(made: Call) -> CallOut:
    return CallOut(incident=1, run=1, at_step=1, nth=1, call=made, person=ADA.name, asked=NOW)


async def declared(engine: Engine, **more: object) -> None:
    wish = {"title": TITLE, "severity": 2, "services": (CHECKOUT,), **more}
    await engine.handle(Declare.model_validate(wish), ADA)


async def made(caller: CallingOut, made: Call) -> Answer:
    return await caller.perform(effect(made), Attempt(key="runbook/1/1/1/1", tries=1, since=NOW, refs={}))


async def test_the_call_goes_out_as_it_was_written_with_its_blanks_filled_in(
    engine: Engine, caller: CallingOut, there: Elsewhere
) -> None:
    await declared(engine)
    answer = await made(caller, call(there.url, path="/scale?of={service}&by=10"))
    assert isinstance(answer, Receipt)
    assert answer.data["told"] == '202 Accepted: {"job": 17}'

    ((method, path, headers, body),) = there.heard
    assert (method, path) == ("POST", "/scale?of=Checkout%20%26%20Co&by=10")
    assert headers["Authorization"] == f"Bearer {SECRET}"
    assert headers["Content-Type"] == "application/json"
    assert headers["Idempotency-Key"] == f"muster/runbook/1/1/1/1/{int(NOW.timestamp())}"
    assert json.loads(body) == {"by": 10, "why": f"INC-1 {TITLE}", "who": ADA.name, "else": {"x": "{unknown}"}}


async def test_a_private_incident_is_called_by_its_number_only(
    engine: Engine, caller: CallingOut, there: Elsewhere
) -> None:
    await declared(engine, private=True)
    await made(caller, call(there.url))
    assert json.loads(there.heard[0][3])["why"] == "INC-1 INC-1"


def test_words_end_neither_a_form_nor_a_header_nor_an_address() -> None:
    said = {"title": "a&b=c\r\nX-Evil: 1/../x?"}
    form = {"content-type": "application/x-www-form-urlencoded", "X-Why": "{title}"}
    wanted = Call(name="x", url="https://ops.example/{title}", headers=form, body="why={title}")
    out = filled(wanted, said, {})
    assert out.body == b"why=a%26b%3Dc%0D%0AX-Evil%3A+1%2F..%2Fx%3F"
    assert out.headers["X-Why"] == "a&b=c X-Evil: 1/../x?"
    assert out.url == "https://ops.example/a%26b%3Dc%0D%0AX-Evil%3A%201%2F..%2Fx%3F"


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
async def test_a_refusal_is_final_and_told_as_it_was_said(
    engine: Engine, caller: CallingOut, there: Elsewhere, status: int
) -> None:
    await declared(engine)
    there.status, there.says = status, b"no such   queue\n"
    answer = await made(caller, call(there.url))
    assert isinstance(answer, GiveUp)
    assert answer.final
    assert answer.reason.startswith(str(status))
    assert answer.reason.endswith(": no such queue")
    assert len(there.heard) == 1


async def test_nobody_is_followed_with_our_secrets_in_hand(
    engine: Engine, caller: CallingOut, there: Elsewhere
) -> None:
    await declared(engine)
    there.status, there.location = 307, f"{there.url}/elsewhere"
    answer = await made(caller, call(there.url))
    assert isinstance(answer, GiveUp)
    assert len(there.heard) == 1


async def test_an_answer_that_repeats_our_secret_or_never_ends_is_told_without_it_and_in_short(
    engine: Engine, caller: CallingOut, there: Elsewhere
) -> None:
    await declared(engine)
    there.says = f"you said {SECRET} ".encode() + b"x" * 300_000
    answer = await made(caller, call(there.url))
    assert isinstance(answer, Receipt)
    assert SECRET not in answer.data["told"]
    assert "you said … x" in answer.data["told"]
    assert len(answer.data["told"]) <= 300


async def test_where_nobody_listens_nothing_was_done(engine: Engine, caller: CallingOut) -> None:
    await declared(engine)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    answer = await made(caller, call(f"http://127.0.0.1:{port}"))
    assert isinstance(answer, GiveUp)
    assert answer.final
    assert answer.reason == "it was not made: 127.0.0.1 cannot be reached (Connection refused)"


async def test_where_no_answer_comes_nobody_can_tell(engine: Engine, caller: CallingOut, there: Elsewhere) -> None:
    await declared(engine)
    there.mute = True
    answer = await made(caller, call(there.url, timeout=1))
    assert answer == Doubtful("127.0.0.1 did not answer within 1 s; nobody can tell from here whether it was done")
    there.hangs.set()
    assert isinstance(await made(caller, call(there.url)), Doubtful)


async def test_a_call_is_made_soon_after_it_was_confirmed_or_not_at_all(
    engine: Engine, caller: CallingOut, there: Elsewhere, clock: Clock
) -> None:
    await declared(engine)
    clock.now += STILL_MEANT + timedelta(seconds=1)
    answer = await made(caller, call(there.url))
    assert isinstance(answer, GiveUp)
    assert answer.final
    assert "too much time had passed" in answer.reason
    assert there.heard == []


async def test_a_secret_that_is_not_set_is_named_and_nothing_is_called(
    engine: Engine, caller: CallingOut, there: Elsewhere
) -> None:
    await declared(engine)
    answer = await made(caller, call(there.url, headers={"X-Token": "{secret:DEV}"}))
    assert answer == GiveUp("it was not made: the secret dev is not set", final=True)
    assert there.heard == []


def files_of(folder: Path) -> list[Path]:
    """The database and what stands beside it."""
    found = [*folder.glob("muster.db*")]
    assert found
    return found


async def ran(engine: Engine, caller: CallingOut, wanted: Call) -> Tried:
    """The call of an opened runbook's step, from the button to what is known of it."""
    await declared(engine)
    runbook = Runbook(name="queue", title="Queue", steps=(Step(number=1, text="Add", action=wanted),))
    await engine.handle(OpenRunbook(incident=1, runbook=runbook), ADA)
    await engine.handle(RunAction(incident=1, run=1, step=1, call=wanted), ADA)
    outbox = Outbox(engine, {SYSTEM: caller}, Pace())
    await outbox.start()
    await outbox.idle()
    await outbox.stop()
    incident = await engine.reading.incident(1)
    assert incident is not None
    return incident.runs[0].tried[1]


async def test_what_came_of_it_is_on_record_and_the_secret_is_in_no_file(
    engine: Engine, caller: CallingOut, there: Elsewhere, tmp_path: Path
) -> None:
    there.says = SECRET.encode()
    tried = await ran(engine, caller, call(there.url))
    assert (tried.ok, tried.told) == (True, "202 Accepted: …")
    assert len(there.heard) == 1
    assert not [file.name for file in files_of(tmp_path) if SECRET.encode() in file.read_bytes()]


async def test_a_doubt_waits_for_a_person_and_is_never_repeated(
    engine: Engine, caller: CallingOut, there: Elsewhere
) -> None:
    there.mute = True
    tried = await ran(engine, caller, call(there.url, timeout=1))
    assert tried.ok is False
    assert "nobody can tell" in tried.told
    assert len(there.heard) == 1
    (parked,) = await engine.reading.effects(EffectState.PARKED)
    assert parked.step == "run “Add workers”"


@pytest.mark.parametrize("status", [200, 500])
async def test_what_came_back_is_gone_everywhere_after_a_redaction(
    engine: Engine, caller: CallingOut, there: Elsewhere, status: int
) -> None:
    there.status, there.says = status, b"order 4711 of Jane Roe is stuck"
    tried = await ran(engine, caller, call(there.url))
    assert "Jane Roe" in tried.told
    (entry,) = [s.seq for s in await engine.reading.events(1) if isinstance(s.event, ActionFinished)]
    await engine.handle(RedactEntry(incident=1, entry=entry), ADA)
    assert "Jane Roe" not in str(await engine.reading.events(1))
    assert "Jane Roe" not in str(await engine.reading.incident(1))
    assert "Jane Roe" not in str(await engine.database.read(_effects))


def _effects(connection: Connection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(select(tables.effect)).all()]
