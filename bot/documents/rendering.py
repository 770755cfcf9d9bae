"""Jinja held on a short lead: it reads what it is given, changes nothing, and ends in time."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel

from bot.documents.library import template_file, template_folders

LONGEST = 1_000_000
"""Characters; a Slack canvas holds 1 MiB."""
LONGEST_REASON = 300
SLOWEST = 5.0
"""Seconds of the thread at work: on a machine that has much else to do, waiting for a turn is no template's fault."""


class Unrenderable(Exception):
    """The template cannot be rendered; one plain sentence that names the file and the line."""


class _Short(ImmutableSandboxedEnvironment):
    """A sandbox whose templates stop at a deadline, and in which nothing multiplies a text into gigabytes."""

    intercepted_binops = frozenset({"*", "**", "%"})
    deadline = float("inf")

    def _in_time(self) -> None:
        if time.thread_time() > self.deadline:
            raise Unrenderable(f"it takes longer than {SLOWEST:g} s")

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        self._in_time()
        return super().call(context, obj, *args, **kwargs)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Not what every pydantic model brings along: `parse_raw` unpickles, that is, does whatever it is told."""
        inherited = isinstance(obj, BaseModel) or (isinstance(obj, type) and issubclass(obj, BaseModel))
        return not (inherited and hasattr(BaseModel, attr)) and super().is_safe_attribute(obj, attr, value)

    def getattr(self, obj: Any, attribute: str) -> Any:
        self._in_time()
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        self._in_time()
        return super().getitem(obj, argument)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        self._in_time()
        if not (_is_small(left) and _is_small(right)):
            raise Unrenderable(f"`{operator}` is for small numbers only")
        return super().call_binop(context, operator, left, right)


def _is_small(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) <= 1_000_000


def render(
    kind: str,
    name: str,
    values: Mapping[str, Any],
    *,
    filters: Mapping[str, Callable[..., str]],
    own: Path | None = None,
    slowest: float = SLOWEST,
    longest: int = LONGEST,
) -> str:
    """The template `kind/name` filled in; takes up to `slowest` seconds of its thread. Raises Unrenderable."""
    jinja = _Short(
        loader=FileSystemLoader(template_folders(own)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    jinja.filters.update(filters)
    jinja.deadline = time.thread_time() + slowest
    try:
        return _written(jinja, template_file(kind, name), values, longest)
    except TemplateNotFound as error:
        raise Unrenderable(f"There is no template {error.name}.") from None
    except TemplateSyntaxError as error:
        raise Unrenderable(f"{error.name}, line {error.lineno}: {error.message}.") from None
    except (TemplateError, Unrenderable, ArithmeticError, TypeError, ValueError, LookupError, RecursionError) as error:
        raise Unrenderable(f"The template {kind}/{name} cannot be rendered: {_in_short(error)}.") from error


def _in_short(error: Exception) -> str:
    """What is wrong, on one line, with no more of it than a person reads."""
    said = " ".join(str(error).split()).rstrip(".")
    return said if len(said) <= LONGEST_REASON else f"{said[:LONGEST_REASON]}…"


def _written(jinja: _Short, file: str, values: Mapping[str, Any], longest: int) -> str:
    chunks, length = [], 0
    for chunk in jinja.get_template(file).generate(values):
        jinja._in_time()
        length += len(chunk)
        if length > longest:
            raise Unrenderable(f"it writes more than {longest:,} characters")
        chunks.append(chunk)
    return "".join(chunks)
