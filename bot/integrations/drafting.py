"""The postmortem draft as a promise: written when a review is owed or asked for, kept as the next version."""

import asyncio
from collections.abc import Iterable

from bot.documents.postmortem import Style, draft_somehow
from bot.documents.rendering import Unrenderable
from bot.engine.effects import Answer, Attempt, Effect, GiveUp, InDoubt, Promise, Receipt
from bot.engine.reading import Reading
from bot.incident.lifecycle import Resolved
from bot.incident.model import Command, Event, Incident
from bot.incident.policy import Policy
from bot.incident.postmortem import Report, report
from bot.incident.review import DraftRequested, StoreDraft
from bot.incident.rooms import ReportStep

SYSTEM = "drafting"


class DraftPostmortem(Effect, kind="draft_postmortem"):
    """Write the draft from what the journal says when it is written."""

    system = SYSTEM
    in_doubt = InDoubt.REPEAT  # what was not saved is written again, from the same facts

    incident: int
    template: str = "default"

    @property
    def lane(self) -> str:
        return f"draft/{self.incident}"

    @property
    def step(self) -> str:
        return "write the postmortem draft"

    def kept(self, receipt: Receipt) -> Command:
        body, trouble = receipt.data["body"], receipt.data.get("trouble", "")
        return StoreDraft(incident=self.incident, body=body, template=self.template, step=self.step, trouble=trouble)

    def failed(self, reason: str) -> Command:
        return ReportStep(incident=self.incident, step=self.step, reason=reason)


def announce(event: Event, before: Incident | None, after: Incident, policy: Policy) -> Iterable[Promise]:
    """A draft for each request, and for each resolution after which a review is owed."""
    asked = isinstance(event, DraftRequested)
    if asked or (isinstance(event, Resolved) and event.review):
        template = event.template if isinstance(event, DraftRequested) else "default"
        yield Promise(
            DraftPostmortem(incident=after.number, template=template), f"postmortem/{after.number}/{after.seq}"
        )


class Drafting:
    """Writes drafts. The work is done in a thread: a long timeline takes a moment."""

    def __init__(self, journal: Reading, style: Style) -> None:
        self._journal = journal
        self._style = style

    async def perform(self, effect: Effect, attempt: Attempt) -> Answer:
        if not isinstance(effect, DraftPostmortem):
            return GiveUp(f"drafting does not know how to {effect.step}")
        facts = await read_report(self._journal, effect.incident)
        if facts is None:
            return GiveUp("the incident is not there any more")
        try:
            written = await asyncio.to_thread(draft_somehow, facts, self._style, effect.template)
        except Unrenderable as error:
            return GiveUp(str(error))
        return Receipt(data={"body": written.body, "trouble": written.trouble})

    async def look(self, effect: Effect, attempt: Attempt) -> Receipt | None:
        """There is nothing outside to find."""
        return None


async def read_report(journal: Reading, number: int) -> Report | None:
    """The facts of an incident as they are now, or None when there is no such incident. The work is in a thread."""
    incident = await journal.incident(number)
    if incident is None:
        return None
    return await asyncio.to_thread(report, incident, await journal.history(number))
