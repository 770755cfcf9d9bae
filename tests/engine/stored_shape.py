"""What is kept in a database as JSON, field by field, as it was at the newest revision.

`python -m tests.engine.stored_shape` writes it anew: right where a revision was added, or the newest is unreleased.
"""

import json
import typing
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

import bot.app  # noqa: F401  (every kind of fact and of promise is known then)
from bot.engine.effects import EFFECTS
from bot.engine.schema import head
from bot.incident.mirror import Alert
from bot.incident.model import EVENTS, Incident

GOLDEN = Path(__file__).parents[1] / "golden" / "stored_shape.json"


def stored() -> dict[str, object]:
    """The newest revision, and the fields of every model that is kept as JSON, with their types."""
    models: dict[str, type[BaseModel]] = {}
    kinds: list[type[BaseModel]] = [Incident, Alert, *EVENTS.values(), *EFFECTS.values()]
    for kept in kinds:
        if kept.__module__.startswith("bot."):
            models.update((model.__name__, model) for model in _reached(kept, set()))
    shapes = {name: {f: str(i.annotation) for f, i in m.model_fields.items()} for name, m in sorted(models.items())}
    return {"revision": head(), "models": shapes}


def _reached(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    if model in seen:
        return
    seen.add(model)
    yield model
    for info in model.model_fields.values():
        for inner in _models_in(info.annotation):
            yield from _reached(inner, seen)


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from _models_in(inner)


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(stored(), indent=1) + "\n")
