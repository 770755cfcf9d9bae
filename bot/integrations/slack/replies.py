"""Answers to one person, now: best effort, never waited for, and losing one harms nobody."""

from collections.abc import Awaitable
from typing import Any

import structlog
from aiohttp import ClientTimeout
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.incident.policy import COMMAND
from bot.integrations.slack.blocks import Message
from bot.integrations.slack.called import renamed
from bot.integrations.slack.errors import code_of
from bot.integrations.slack.fitting import fit
from bot.integrations.slack.modals import View
from bot.integrations.slack.people import UNREACHABLE

log = structlog.get_logger(__name__)
PATIENCE = ClientTimeout(total=8)


class Replies:
    """Forms, ephemeral lines and private views, sent straight away."""

    def __init__(self, client: AsyncWebClient, command: str = COMMAND) -> None:
        self._client = client
        self._command = command

    async def open(self, trigger: str, view: View) -> bool:
        """Opens a form; False where Slack did not (a trigger is good for three seconds)."""
        return await self._sent("views.open", self._client.views_open(trigger_id=trigger, view=view))

    async def update(self, view_id: str, view: View) -> bool:
        """Changes an open form, False where it is not open any more.

        Without its hash: of two choices in a row the second one's notice is the right one.
        """
        return await self._sent("views.update", self._client.views_update(view_id=view_id, view=view))

    async def home(self, user: str, view: View) -> bool:
        """Shows somebody's home tab; False where Slack did not take it."""
        return await self._sent("views.publish", self._client.views_publish(user_id=user, view=view))

    async def tell(self, user: str, message: Message, *, url: str = "", channel: str = "", thread: str = "") -> None:
        """Tells one person: where they acted if we can speak there, else in a direct message.

        `url`: the `response_url` of what they did, which works in any channel for 30 minutes.
        """
        said = body_of(message)
        if url and await self._posted(url, said | {"response_type": "ephemeral", "replace_original": False}):
            return
        if channel and await self._sent(
            "chat.postEphemeral",
            self._client.chat_postEphemeral(channel=channel, user=user, thread_ts=thread or None, **said),
        ):
            return
        await self._sent("chat.postMessage", self._client.chat_postMessage(channel=user, **said))

    async def take_back(self, url: str) -> None:
        """Deletes the ephemeral line whose question was answered."""
        await self._posted(url, {"delete_original": True})

    async def _posted(self, url: str, body: dict[str, Any]) -> bool:
        session = self._client.session
        if session is None:
            return False
        try:
            async with session.post(url, json=renamed(body, self._command), timeout=PATIENCE) as response:
                return response.status == 200
        except UNREACHABLE as error:
            log.info("reply lost", method="response_url", reason=type(error).__name__)
            return False

    async def _sent(self, method: str, call: Awaitable[Any]) -> bool:
        try:
            await call
        except SlackApiError as error:
            log.info("reply lost", method=method, reason=code_of(error))
            return False
        except UNREACHABLE as error:
            log.info("reply lost", method=method, reason=type(error).__name__)
            return False
        return True


def body_of(message: Message) -> dict[str, Any]:
    """A message as Slack takes it, held to its limits, pinging and unfurling nothing."""
    fitted = fit(message)
    return {"text": fitted.text, "blocks": list(fitted.blocks)} if fitted.blocks else {"text": fitted.text}
