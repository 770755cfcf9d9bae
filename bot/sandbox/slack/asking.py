"""Who is calling which method with what: what each method's function is given."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Channel, Json, Message, Token
from bot.sandbox.slack.triggers import Triggers
from bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Asking:
    """One call, after its token and scopes have been checked."""

    workspace: Workspace
    triggers: Triggers
    token: Token
    args: Arguments

    @property
    def user(self) -> str:
        return self.token.user

    def channel(self, name: str = "channel") -> Channel:
        """The conversation named by an argument, if the caller may know that it exists."""
        channel = self.workspace.channels.get(self.args.text(name))
        hidden = channel is None or channel.deleted or (channel.is_private and self.user not in channel.members)
        if channel is None or hidden:
            raise SlackError("channel_not_found")
        return channel

    def joined(self, name: str = "channel") -> Channel:
        """Likewise, for what only members may do."""
        channel = self.channel(name)
        if self.user not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def message(self, channel: Channel, name: str, refusal: str = "message_not_found") -> Message:
        message = channel.messages.get(self.args.text(name))
        if message is None or message.deleted:
            raise SlackError(refusal)
        return message


Handler = Callable[[Asking], Json | Awaitable[Json]]
