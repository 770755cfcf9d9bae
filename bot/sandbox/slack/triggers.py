"""What lets an app answer a person's act: trigger ids (3 s, once) and response URLs (30 min, five times).

https://docs.slack.dev/interactivity/handling-user-interaction
"""

import itertools
import secrets
from dataclasses import dataclass

from bot.sandbox.slack import seed
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.workspace import Workspace

URL_USES = 5
URL_SECONDS = 30 * 60


@dataclass
class Trigger:
    """The right to open one modal for one person."""

    user: str
    sent_at: float
    used: bool = False


@dataclass
class ResponseUrl:
    """The right to answer where a person acted; `message_ts` is the message whose button it was."""

    user: str
    channel: str
    made_at: float
    message_ts: str | None
    thread_ts: str | None
    uses: int = 0


class Triggers:
    """All that were ever given out."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._triggers: dict[str, Trigger] = {}
        self._urls: dict[str, ResponseUrl] = {}
        self._numbers = itertools.count(int(workspace.clock.now() * 1000))

    def new(self, user: str) -> str:
        trigger_id = f"{next(self._numbers)}.{seed.TEAM_ID[2:]}.{secrets.token_hex(16)}"
        self._triggers[trigger_id] = Trigger(user, self._workspace.clock.now())
        return trigger_id

    def exchange(self, trigger_id: str) -> str:
        """Use up a trigger: whose it was. Raises as views.open does."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._workspace.clock.now() - trigger.sent_at > self._workspace.settings.trigger_seconds:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user

    def new_url(self, user: str, channel: str, message_ts: str | None = None, thread_ts: str | None = None) -> str:
        name = secrets.token_hex(12)
        self._urls[name] = ResponseUrl(user, channel, self._workspace.clock.now(), message_ts, thread_ts)
        return f"{self._workspace.url}/slack/response/{name}"

    def use_url(self, name: str) -> ResponseUrl:
        """Use a response URL once. Raises `SlackError` where Slack would answer 404."""
        url = self._urls.get(name)
        if url is None or self._workspace.clock.now() - url.made_at > URL_SECONDS:
            raise SlackError("expired_url")
        if url.uses >= URL_USES:
            raise SlackError("used_url")
        url.uses += 1
        return url
