"""Sends the timeline as a file to whoever asked for it, and deletes such files once words in them are redacted."""

import asyncio
from hashlib import sha256

from bot.documents.export import exported
from bot.engine.effects import Answer, Attempt, Doubtful, GiveUp, Receipt, Ref, Retry
from bot.engine.reading import Reading
from bot.incident.timeline import timeline
from bot.incident.values import Actor
from bot.integrations.slack.calls import Calls
from bot.integrations.slack.contacts import Contacts
from bot.integrations.slack.effects import SYSTEM
from bot.integrations.slack.errors import Unkept
from bot.integrations.slack.timeline_effects import EXPORTS, SendExport, WithdrawExports


class Exports:
    """Keeps the promise of an exported timeline: rendered as it is when it is sent."""

    def __init__(self, calls: Calls, contacts: Contacts, reading: Reading) -> None:
        self._calls = calls
        self._contacts = contacts
        self._reading = reading

    async def keep(self, effect: SendExport | WithdrawExports, attempt: Attempt) -> Answer:
        if isinstance(effect, WithdrawExports):
            return await self._withdraw(attempt)
        user = await self._user(effect)
        return await self._send(effect, attempt, user) if user else _unknown(effect)

    async def find(self, effect: SendExport, attempt: Attempt) -> Receipt | None:
        user = await self._user(effect)
        if not user:
            return None
        direct = await self._calls.direct(user)
        file = await self._calls.file_named(direct, file_name(effect, attempt.key), attempt.since)
        return _receipt(effect, file) if file else None

    async def _send(self, effect: SendExport, attempt: Attempt, user: str) -> Answer:
        body = await self._rendered(effect)
        if body is None:
            return GiveUp(f"INC-{effect.incident} is private, and {effect.name} is not in it", final=True)
        direct = await self._calls.direct(user)
        try:
            file = await self._calls.begin_upload(file_name(effect, attempt.key), body)
        except Unkept as unkept:
            # Nothing is to be seen before the last step: a doubt about the first two is no doubt.
            return Retry(unkept.answer.reason) if isinstance(unkept.answer, Doubtful) else unkept.answer
        await self._calls.share_upload(file, f"Timeline of INC-{effect.incident}", direct)
        return _receipt(effect, file)

    async def _rendered(self, effect: SendExport) -> bytes | None:
        """In a thread, for it may be long. None for who may not see the incident any more."""
        reader = Actor(id=effect.person, name=effect.name)
        incident = await self._reading.incident(effect.incident, reader)
        if incident is None:
            return None
        stored = await self._reading.history(effect.incident, reader)

        def render() -> bytes:
            return exported(incident.name, incident.title, timeline(stored), effect.format).encode()

        return await asyncio.to_thread(render)

    async def _withdraw(self, attempt: Attempt) -> Receipt:
        for name, file in attempt.refs.items():
            if name.startswith(EXPORTS):
                await self._calls.delete_file(file)
        return Receipt()

    async def _user(self, effect: SendExport) -> str:
        return await self._contacts.slack_id(Actor(id=effect.person, name=effect.name))


def file_name(effect: SendExport, key: str) -> str:
    """The file's name, with our mark in it: `inc-42-timeline-1f3a9c2b.csv`."""
    mark = sha256(key.encode()).hexdigest()[:8]
    return f"inc-{effect.incident}-timeline-{mark}.{effect.format}"


def _receipt(effect: SendExport, file: str) -> Receipt:
    return Receipt(refs=(Ref(SYSTEM, "file", file, f"{EXPORTS}{effect.seq}"),))


def _unknown(effect: SendExport) -> GiveUp:
    return GiveUp(f"{effect.name} has no Slack account that is known", final=True)
