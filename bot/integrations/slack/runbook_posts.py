"""Posts runbooks into the room and keeps them as things are."""

from dataclasses import dataclass

from bot.engine.effects import Attempt, Receipt, Ref
from bot.engine.reading import Reading
from bot.incident.steps import Runbook
from bot.integrations.slack.blocks import Message
from bot.integrations.slack.calls import Calls
from bot.integrations.slack.effects import SYSTEM
from bot.integrations.slack.errors import CONTENT, Unkept
from bot.integrations.slack.moved import is_left
from bot.integrations.slack.refs import CHANNEL
from bot.integrations.slack.runbook_effects import PostRunbook, RefreshRunbook, RunEffect
from bot.integrations.slack.runbook_message import left_message, run_message


@dataclass(frozen=True)
class RunbookPosts:
    """Keeps the promises about runbooks. Every method raises Unkept where a call brought no result."""

    calls: Calls
    reading: Reading
    runbooks: tuple[Runbook, ...]

    async def keep(self, effect: PostRunbook | RefreshRunbook, attempt: Attempt) -> Receipt:
        message = await self._message(effect)
        if isinstance(effect, PostRunbook):
            return await self._post(effect, attempt, message)
        channel, _, ts = attempt.refs[effect.ref].partition("/")
        try:
            await self.calls.update(channel, ts, message)
        except Unkept as unkept:
            if unkept.code != "message_not_found":
                raise
        return Receipt()

    async def find(self, effect: PostRunbook, attempt: Attempt) -> Receipt | None:
        channel = attempt.refs[CHANNEL]
        ts = await self.calls.marked(channel, attempt.key, attempt.since)
        return _receipt(effect, channel, ts) if ts else None

    async def _post(self, effect: PostRunbook, attempt: Attempt, message: Message) -> Receipt:
        """Where Slack takes the steps for malformed, it is said in a line that they are there."""
        channel = attempt.refs[CHANNEL]
        try:
            return _receipt(effect, *await self.calls.post(channel, message, attempt.key))
        except Unkept as unkept:
            if unkept.code not in CONTENT:
                raise
        return _receipt(effect, *await self.calls.post(channel, Message(message.text), attempt.key))

    async def _message(self, effect: RunEffect) -> Message:
        incident = await self.reading.incident(effect.incident)
        if incident is None:
            raise LookupError(f"there is no incident {effect.incident}")
        run = incident.runs[effect.run - 1]
        if is_left(incident, effect.room):
            return left_message(incident, run)
        return run_message(incident, run, next((r for r in self.runbooks if r.name == run.runbook), None))


def _receipt(effect: RunEffect, channel: str, ts: str) -> Receipt:
    ref = Ref(SYSTEM, "message", f"{channel}/{ts}", effect.ref)
    return Receipt(refs=(ref,), data={"channel": channel, "ts": ts})
