"""What holds for every test: an unexpected error in the log, or a secret, fails the test that caused it."""

import logging
import os
import re
from collections.abc import Iterator

import pytest
import structlog

from bot import log
from bot.sandbox.pagerduty.seed import API_TOKEN, NEXT_WEBHOOK_SECRET, WEBHOOK_SECRET
from bot.sandbox.slack.seed import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET

CANARIES = (BOT_TOKEN, APP_TOKEN, SIGNING_SECRET, API_TOKEN, WEBHOOK_SECRET, NEXT_WEBHOOK_SECRET)
"""The sandbox's secrets: none of them may reach a line of ours, redaction or not."""


class Recorder(logging.Handler):
    """Keeps errors as `logger: event` with the rest behind it, and those lines of ours that hold a secret."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.leaks: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        told = record.msg if isinstance(record.msg, dict) else {"event": record.getMessage()}
        rest = {name: value for name, value in told.items() if name not in ("event", "timestamp", "level", "logger")}
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        line = f"{record.name}: {told.get('event')} {rest or ''} {error or ''}".strip()
        if record.levelno >= logging.ERROR:
            self.lines.append(line)
        if record.name.startswith("bot.") and any(canary in line for canary in CANARIES):
            self.leaks.append(line)


@pytest.fixture(scope="session", autouse=True)
def _log() -> None:
    """Our own logger goes through the standard library's in tests as it does in the bot."""
    log.set_up(level="INFO", form="json", stream=open(os.devnull, "w"))  # noqa: SIM115  (pytest shows the records)


@pytest.fixture(scope="session", autouse=True)
def _settings_of_this_machine() -> None:
    """No test reads what the developer has set."""
    for name in [name for name in os.environ if name.startswith("MUSTER_") and not name.startswith("MUSTER_REQUIRE_")]:
        del os.environ[name]


@pytest.fixture
def expected_errors() -> list[str]:
    """Patterns of the error lines that this test means to cause; one that never comes fails it too.

    The empty one allows any error and wants none: for tests that draw what goes wrong.
    """
    return []


@pytest.fixture(autouse=True)
def _no_unexpected_errors(expected_errors: list[str]) -> Iterator[None]:
    recorder = Recorder()
    logging.getLogger().addHandler(recorder)
    yield
    logging.getLogger().removeHandler(recorder)
    unexpected = [line for line in recorder.lines if not any(re.search(p, line) for p in expected_errors)]
    absent = [p for p in expected_errors if p and not any(re.search(p, line) for line in recorder.lines)]
    assert not unexpected, "Unexpected errors in the log:\n" + "\n".join(unexpected)
    assert not absent, f"Expected errors that never came: {absent}"
    assert not recorder.leaks, "Secrets in the log:\n" + "\n".join(recorder.leaks)


@pytest.fixture(autouse=True)
def _fresh_context() -> None:
    structlog.contextvars.clear_contextvars()
