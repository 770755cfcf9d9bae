"""Runbooks: what is written down to be done, step by step, and how far one has been followed in an incident."""

from datetime import date

from pydantic import Field

from bot.incident.values import Value


class Call(Value):
    """An HTTP call that a step offers as a button. `roles`: keys of those who may make it; empty: all in the room."""

    name: str
    method: str = "POST"
    url: str
    headers: dict[str, str] = {}
    body: str = ""
    roles: tuple[str, ...] = ()
    timeout: int = Field(default=10, ge=1, le=30)
    """Seconds."""
    confirm: str = ""
    """What is asked before it is made."""


class Step(Value):
    """One thing to do, by hand or by its call."""

    number: int
    text: str
    action: Call | None = None


class Runbook(Value):
    """A runbook as its file tells it. The conditions are globs; those that are given must all hold."""

    name: str
    title: str
    owner: str = ""
    reviewed: date | None = None
    services: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    severities: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    url: str = ""


class Run(Value):
    """A runbook that was opened in an incident. `done`: the outcome of each step that has one, by its number."""

    runbook: str
    title: str
    steps: tuple[str, ...] = ()
    """The texts, copied: a file that is changed later changes no history."""
    done: dict[int, str] = {}
