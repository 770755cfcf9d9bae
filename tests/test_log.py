"""The log tells each step and hides what must not be told."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from pydantic import BaseModel

from bot import log
from tests.conftest import CANARIES, Recorder

BOT_TOKEN = "xoxb-1234-canary"
WEBHOOK_SECRET = "canary-webhook-secret"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """A log of this test's own; whatever was set up before is put back."""
    root = logging.getLogger()
    handlers, level, config = list(root.handlers), root.level, structlog.get_config()
    stream = io.StringIO()
    log.set_up(level="DEBUG", form="json", secrets=(WEBHOOK_SECRET, "short"), stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**config)


def lines(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_our_lines_and_the_libraries_lines_look_the_same(written: io.StringIO) -> None:
    structlog.get_logger("bot.engine").info("kept", incident=42, lane="room/42")
    logging.getLogger("some.library").warning("it took %d s", 3)

    ours, theirs = lines(written)
    assert (ours["event"], ours["incident"], ours["lane"], ours["level"]) == ("kept", 42, "room/42", "info")
    assert (theirs["event"], theirs["logger"], theirs["level"]) == ("it took 3 s", "some.library", "warning")
    assert ours.keys() - {"incident", "lane"} == theirs.keys() == {"event", "logger", "level", "timestamp"}


def test_what_is_bound_to_the_context_stands_on_every_line(written: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(key="event-1"):
        logging.getLogger("some.library").warning("careful")

    assert lines(written)[0]["key"] == "event-1"


@pytest.mark.parametrize(
    "secret",
    [
        BOT_TOKEN,
        "xapp-1-A1-22-abcdef",
        "xoxe.xoxp-1-Mi0yLTk5",
        WEBHOOK_SECRET,
        "Token token=y_NbAkKc66ryYTWUXYEu",
        "Bearer abc.def-ghi",
        "postgresql://muster:hunter2@db/muster",
        "https://hooks.slack.com/commands/T0/123/abcDEF",
        "wss://wss-primary.slack.com/link/?ticket=f3cbe4b4-b222&app_id=1",
    ],
)
def test_a_secret_is_hidden_wherever_it_stands(written: io.StringIO, secret: str) -> None:
    logger = structlog.get_logger("bot")
    logger.info(f"calling with {secret}", kept=secret, deep={"list": [secret]}, **{secret: 1})
    try:
        raise ValueError(f"refused: {secret}")
    except ValueError:
        logger.exception("failed")
        logging.getLogger("some.library").exception("failed too")

    told = written.getvalue()
    kept = (
        secret.replace("Token token=", "").replace("Bearer ", "").replace("postgresql://", "").replace("@db/muster", "")
    )
    kept = kept.partition("slack.com/commands/")[2] or kept
    kept = kept.partition("ticket=")[2].partition("&")[0] or kept
    assert kept not in told
    assert told.count(log.HIDDEN) >= 6


def test_a_short_secret_does_not_blank_common_words(written: io.StringIO) -> None:
    structlog.get_logger("bot").info("a short line")

    assert lines(written)[0]["event"] == "a short line"


class Strict(BaseModel):
    number: int


def test_an_exception_is_told_without_locals_and_without_the_value_it_choked_on(written: io.StringIO) -> None:
    payload = "canary-of-a-payload"
    try:
        try:
            Strict.model_validate({"number": payload})
        except ValueError as cause:
            raise RuntimeError("cannot read it") from cause
    except RuntimeError:
        structlog.get_logger("bot").exception("parked")

    line = lines(written)[0]
    assert payload not in written.getvalue()
    assert line["error"] == "RuntimeError: cannot read it; because of ValidationError: 1 validation error for Strict"
    assert "test_an_exception_is_told" in str(line["where"])


def test_a_long_saying_is_cut() -> None:
    assert len(log.saying(ValueError("x" * 5000))) < 250


@pytest.mark.parametrize(
    ("name", "level", "heard"),
    [
        ("slack_bolt.AsyncApp", logging.WARNING, False),
        ("slack_bolt.AsyncApp", logging.ERROR, True),
        ("slack_bolt.anything.else", logging.INFO, False),
        ("slack_sdk.socket_mode.aiohttp", logging.DEBUG, False),
        ("apscheduler.scheduler", logging.WARNING, True),
        ("bot.engine.outbox", logging.DEBUG, True),
    ],
)
def test_libraries_that_print_bodies_are_heard_from_a_level_on_only(
    written: io.StringIO, name: str, level: int, heard: bool
) -> None:
    logger = logging.getLogger(name)
    logger.setLevel(logging.DEBUG)  # as Bolt does with its own
    logger.log(level, "a body")

    assert bool(written.getvalue()) is heard


def test_on_a_terminal_it_is_plain_text() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    root, config = logging.getLogger(), structlog.get_config()
    handlers, level, stream = list(root.handlers), root.level, Terminal()
    try:
        log.set_up(secrets=(WEBHOOK_SECRET,), stream=stream)
        structlog.get_logger("bot").warning("careful", secret=WEBHOOK_SECRET)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.configure(**config)

    told = stream.getvalue()
    assert "careful" in told
    assert WEBHOOK_SECRET not in told
    assert not told.startswith("{")


def test_the_guard_of_all_tests_sees_errors_and_secrets() -> None:
    recorder = Recorder()
    logger = logging.getLogger("bot.guarded")
    logger.propagate = False
    logger.addHandler(recorder)
    try:
        logger.warning("careful")
        logger.error("it broke")
        logger.info("token %s", CANARIES[0])
    finally:
        logger.removeHandler(recorder)

    assert recorder.lines == ["bot.guarded: it broke"]
    assert recorder.leaks == [f"bot.guarded: token {CANARIES[0]}"]
