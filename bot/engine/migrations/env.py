"""Alembic runs this: migrates the one connection it was handed."""

from typing import Any, Literal

from alembic import context

from bot.engine.columns import Moment, Words
from bot.engine.tables import METADATA


def render(kind: str, value: Any, _autogen: Any) -> str | Literal[False]:
    """Our column types by what they are in the database, so that a revision stays what it was when they change."""
    if kind == "type" and isinstance(value, Words):
        return "sa.Text()"
    if kind == "type" and isinstance(value, Moment):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    render_item=render,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
