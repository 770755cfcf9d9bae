"""The command under the name that this company gave it; ours is `/incident`, in every sentence of the program. Pure."""

from typing import Any

from bot.incident.policy import COMMAND

TYPED = f"`{COMMAND}"
"""As all our sentences have it: in code, so that words of people's are not mistaken for it."""


def renamed(made: Any, command: str) -> Any:
    """The same JSON, where it is ours to type saying `command`."""
    if command == COMMAND:
        return made
    if isinstance(made, str):
        return made.replace(TYPED, f"`{command}")
    if isinstance(made, dict):
        return {key: renamed(value, command) for key, value in made.items()}
    if isinstance(made, list | tuple):
        return [renamed(value, command) for value in made]
    return made
