"""What happens to a room in Slack without a command: who comes in."""

from collections.abc import Callable, Sequence

from bot.engine.inbox import Heard, Said
from bot.integrations.slack.hearing import Ears, Happening, hears


def _a_newcomer(event: Happening, known: Callable[[str], bool], in_room: Callable[[str], bool]) -> bool:
    return not known(str(event.get("user")))


@hears("member_joined_channel", worth=_a_newcomer)
async def joined(ears: Ears, event: Happening, heard: Heard) -> Sequence[Said]:
    """Someone came into a room: known now, they need not wait when they act."""
    if ears.house.directory.incident_of_channel(str(event.get("channel"))) is not None:
        await ears.people.find(str(event.get("user")))
    return []
