"""What Slack's answers say, read so that what is missing is a doubt and never mistaken for an empty room."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.engine.effects import Doubtful
from bot.integrations.slack.errors import Unkept

Said = Mapping[str, object]


@dataclass(frozen=True)
class Channel:
    """A channel as Slack describes it. `created`: seconds since 1970."""

    id: str
    name: str
    creator: str
    created: float


def channel_of(described: Said) -> Channel:
    created = described.get("created", 0)
    return Channel(
        id=word(described, "id", "a channel"),
        name=str(described.get("name", "")),
        creator=str(described.get("creator", "")),
        created=float(created) if isinstance(created, int | float) else 0.0,
    )


def word(said: Said, name: str, method: str) -> str:
    """What an answer must say. Raises Unkept where it does not: who knows then what was done."""
    found = said.get(name)
    if not isinstance(found, str) or not found:
        raise Unkept(Doubtful(f"Slack's answer to {method} lacks what it should say ({name})"))
    return found


def listed(said: Said, name: str, method: str) -> list[Said]:
    """The list that an answer must hold, be it empty. Raises Unkept: without one, nobody knows what is not there."""
    if not isinstance(said.get(name), list):
        raise Unkept(Doubtful(f"Slack's answer to {method} lacks what it should say ({name})"))
    return parts(said, name)


def errors_of(said: object) -> dict[str, str]:
    """What an invitation says of single people."""
    told = parts(said, "errors") if isinstance(said, Mapping) else []
    return {str(e["user"]): str(e.get("error", "")) for e in told if "user" in e}


def part(said: Said, name: str) -> Said:
    found = said.get(name)
    return found if isinstance(found, Mapping) else {}


def parts(said: Said, name: str) -> list[Said]:
    found = said.get(name)
    return [f for f in found if isinstance(f, Mapping)] if isinstance(found, list) else []
