"""Puts the postmortem draft into the room as a file."""

from hashlib import sha256

from bot.engine.effects import Answer, Attempt, Doubtful, GiveUp, Receipt, Ref, Retry
from bot.engine.reading import Reading
from bot.incident.review import POSTMORTEM
from bot.integrations.slack.calls import Calls
from bot.integrations.slack.effects import SYSTEM, UploadDraft
from bot.integrations.slack.errors import Unkept
from bot.integrations.slack.refs import CHANNEL, DRAFTS


class Drafts:
    """Keeps the promise of the draft: three calls, of which only the last is seen."""

    def __init__(self, calls: Calls, reading: Reading) -> None:
        self._calls = calls
        self._reading = reading

    async def upload(self, effect: UploadDraft, attempt: Attempt) -> Answer:
        document = await self._reading.document(effect.incident, POSTMORTEM)
        if document is None:
            return GiveUp("there is no draft any more")
        try:
            file = await self._calls.begin_upload(file_name(effect, attempt.key), document.body.encode())
        except Unkept as unkept:
            # Nothing is to be seen before the last step: a doubt about the first two is no doubt.
            return Retry(unkept.answer.reason) if isinstance(unkept.answer, Doubtful) else unkept.answer
        title = f"INC-{effect.incident} postmortem draft, version {effect.version}"
        await self._calls.share_upload(file, title, attempt.refs[CHANNEL])
        return _receipt(effect, file)

    async def withdraw(self, attempt: Attempt) -> Receipt:
        """Deletes every file that a draft was posted as."""
        for name, file in attempt.refs.items():
            if name.startswith(DRAFTS):
                await self._calls.delete_file(file)
        return Receipt()

    async def find(self, effect: UploadDraft, attempt: Attempt) -> Receipt | None:
        name = file_name(effect, attempt.key)
        file = await self._calls.file_named(attempt.refs[CHANNEL], name, attempt.since)
        return _receipt(effect, file) if file else None


def file_name(effect: UploadDraft, key: str) -> str:
    """The file's name, with our mark in it: `inc-42-postmortem-v1-1f3a9c2b.md`."""
    mark = sha256(key.encode()).hexdigest()[:8]
    return f"inc-{effect.incident}-postmortem-v{effect.version}-{mark}.md"


def _receipt(effect: UploadDraft, file: str) -> Receipt:
    return Receipt(refs=(Ref(SYSTEM, "file", file, effect.ref),))
