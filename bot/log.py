"""One log for everybody: one line per step of the way, never a secret, never what people wrote."""

import logging
import re
import sys
import traceback
from collections.abc import Collection, Iterator
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

NOISY = {
    "aiohttp.access": logging.WARNING,
    "apscheduler": logging.WARNING,
    "alembic": logging.WARNING,
    "asyncio": logging.WARNING,
    "slack_bolt": logging.WARNING,
    "slack_bolt.AsyncApp": logging.ERROR,
    "slack_sdk": logging.WARNING,
    "urllib3": logging.WARNING,
    "uvicorn": logging.WARNING,
    "uvicorn.access": logging.WARNING,
}
"""From which level on a library is heard. Lower ones tell of every request, or print its body: Bolt at DEBUG and INFO,
and in its warning about a request without a listener (a button of an older version)."""

SECRET_SHAPES = re.compile(
    r"""
      xox[a-z]?-[\w-]{4,} | xoxe\.[\w.-]{4,} | xapp-[\w-]{4,} | xwfp-[\w-]{4,}   # Slack tokens
    | (?<=Token\ token=)[^\s"',]+ | (?<=Bearer\ )[^\s"',]+                       # authorization headers
    | (?<=://)[^/\s:@"']+:[^@\s"']+(?=@)                                         # user:password in a URL
    | (?<=hooks\.slack\.com/)[^\s"'<>]+                                          # whoever has a response_url may post
    | (?<=ticket=)[\w.-]+                                                        # Socket Mode's one-time key
    """,
    re.VERBOSE,
)
HIDDEN = "[secret]"
LONGEST_SAYING = 200
SHORTEST_SECRET = 6


class Redactor:
    """Takes secrets out of a finished line: those that were given, and whatever has the shape of one."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        known = sorted({s for s in secrets if len(s) >= SHORTEST_SECRET}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, line: str) -> str:
        line = self._known.sub(HIDDEN, line) if self._known else line
        return SECRET_SHAPES.sub(HIDDEN, line)


def set_up(
    *, level: str = "INFO", form: str = "auto", secrets: Collection[str] = (), stream: TextIO | None = None
) -> None:
    """Send everything, the libraries' own logging included, to `stream` (standard error).

    `form`: json, plain, or auto, which is plain on a terminal.
    """
    target = stream or sys.stderr
    plain = form == "plain" or (form == "auto" and target.isatty())
    handler = logging.StreamHandler(target)
    handler.setFormatter(_formatter(plain=plain, colors=target.isatty(), redactor=Redactor(secrets)))
    root = logging.getLogger()
    handler.addFilter(_worth_telling)
    root.handlers[:] = [handler]
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # nobody prints them; they cost
    root.setLevel(level)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=stream is None,  # a stream that was given (by a test) goes away again
    )


def _worth_telling(record: logging.LogRecord) -> bool:
    """Asked at the handler, because Bolt gives each of its loggers the root's level."""
    name = record.name
    while name:
        if name in NOISY:
            return record.levelno >= NOISY[name]
        name = name.rpartition(".")[0]
    return True


def _shared() -> list[Processor]:
    """What every line gets, ours and the libraries'."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        told_exception,
    ]


def _formatter(*, plain: bool, colors: bool, redactor: Redactor) -> logging.Formatter:
    render: Processor = (
        structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)
        if plain
        else structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    )

    def redacted(logger: WrappedLogger, name: str, event: EventDict) -> str:
        return redactor(str(render(logger, name, event)))

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.PositionalArgumentsFormatter(), *_shared()],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redacted],
    )


def told_exception(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Replaces exception objects by what they say in one line and where they came from.

    No local variables, and no second line: pydantic, SQLAlchemy and others put the values they choked on there.
    """
    given = event.pop("exc_info", None)
    error = _error(given)
    if error is not None:
        event["error"] = "; because of ".join(saying(e) for e in chain(error))
        event["where"] = " < ".join(_frames(error))
    return event


def _error(given: Any) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if isinstance(given[1], BaseException) else None
    return sys.exc_info()[1] if given else None


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, outermost first."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def saying(error: BaseException) -> str:
    """What an error says, by its type and the first line of its words."""
    words = str(error).partition("\n")[0]
    kept = words if len(words) <= LONGEST_SAYING else words[: LONGEST_SAYING - 1] + "…"
    return f"{type(error).__name__}: {kept}" if kept else type(error).__name__


def _frames(error: BaseException) -> Iterator[str]:
    """Where it was raised and who called that, innermost first, by module and line."""
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))[-12:]):
        yield f"{frame.f_globals.get('__name__', '?')}:{line} {frame.f_code.co_name}"
