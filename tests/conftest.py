"""What holds for every test: an error in the log that nobody expected fails the test that caused it."""

import logging
import os
import re
from collections.abc import Iterator

import pytest
import structlog

from bot import log


class Recorder(logging.Handler):
    """Keeps what was logged, as `logger: event` with the rest behind it."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        told = record.msg if isinstance(record.msg, dict) else {"event": record.getMessage()}
        rest = {name: value for name, value in told.items() if name not in ("event", "timestamp", "level", "logger")}
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        self.lines.append(f"{record.name}: {told.get('event')} {rest or ''} {error or ''}".strip())


@pytest.fixture(scope="session", autouse=True)
def _log() -> None:
    """Our own logger goes through the standard library's in tests as it does in the bot."""
    log.set_up(level="INFO", form="json", stream=open(os.devnull, "w"))  # noqa: SIM115  (pytest shows the records)


@pytest.fixture(scope="session", autouse=True)
def _settings_of_this_machine() -> None:
    """No test reads what the developer has set."""
    for name in [name for name in os.environ if name.startswith("MUSTER_") and name != "MUSTER_REQUIRE_POSTGRES"]:
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


@pytest.fixture(autouse=True)
def _fresh_context() -> None:
    structlog.contextvars.clear_contextvars()
