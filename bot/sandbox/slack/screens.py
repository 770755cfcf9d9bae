"""What one person has before their eyes, and what is new there since they acted."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.slack.records import Channel, Json, Message, View
from bot.sandbox.slack.shapes import message_json, shown_message, view_json
from bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True)
class Glance:
    """What was there at one moment, to tell afterwards what is new."""

    ts: str
    ephemerals: int
    modal: tuple[str, str] | None


class Screens:
    """Reads the workspace through one person's eyes."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def glance(self, user: str) -> Glance:
        return Glance(self._workspace.ts(), len(self._workspace.ephemerals), _face(self._workspace.modal(user)))

    def news(self, user: str, channel: Channel | None, before: Glance) -> Json:
        """Ephemerals for this person, the app's new or edited messages in the channel, and the modal if it changed."""
        modal = self._workspace.modal(user)
        whispered = [
            ephemeral_json(message)
            for message in self._workspace.ephemerals[before.ephemerals :]
            if message.ephemeral_to == user
        ]
        return {
            "ephemerals": whispered,
            "messages": [] if channel is None else self._fresh(channel, before.ts),
            "modal": full_view(modal) if modal and _face(modal) != before.modal else None,
        }

    async def wait(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Until `ready()` holds, looked at after each change; False if it never did."""
        try:
            async with asyncio.timeout(seconds):
                while not ready():
                    await self._workspace.changed.wait()
        except TimeoutError:
            return ready()
        return True

    def _fresh(self, channel: Channel, since: str) -> list[Json]:
        return [
            shown_message(self._workspace, message, channel, all_metadata=True)
            for message in channel.messages.values()
            if message.bot_id and not message.deleted and (message.ts > since or message.changed_ts > since)
        ]


def ephemeral_json(message: Message) -> Json:
    """An ephemeral message, with who sees it and where."""
    more = {"channel": message.channel, "ephemeral_to": message.ephemeral_to, "deleted": message.deleted}
    return message_json(message) | more


def full_view(view: View) -> Json:
    """A view, with the errors that the app put on it."""
    return view_json(view) | {"errors": dict(view.errors), "user": view.user}


def _face(view: View | None) -> tuple[str, str] | None:
    return (view.id, view.hash) if view else None
