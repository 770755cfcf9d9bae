"""How text and moments are kept so that both databases take them and give them back the same."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Text, TypeDecorator

NO_TEXT = dict.fromkeys([0, *range(0xD800, 0xE000)], "�")


def clean(text: str) -> str:
    """The text without what some database refuses: NUL and lone surrogates become the replacement character."""
    return text if text.isascii() and "\0" not in text else text.translate(NO_TEXT)


def _cleaned(text: str | None) -> str | None:
    return None if text is None else clean(text)


class Words(TypeDecorator[str]):
    """Text of any length, cleaned on its way in."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        return _cleaned


class Moment(TypeDecorator[datetime]):
    """A point in time, aware and in UTC; SQLite keeps it as text that sorts by time. Naive ones are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a zone")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
