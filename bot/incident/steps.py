"""A runbook in use: which one it is, its steps as they read when it was opened, and what became of each."""

from bot.incident.values import Value


class Run(Value):
    """A runbook that was opened in an incident. `done`: the outcome of each step that has one, by its number."""

    runbook: str
    title: str
    steps: tuple[str, ...] = ()
    """The texts, copied: a file that is changed later changes no history."""
    done: dict[int, str] = {}
