"""Who somebody is in PagerDuty, asked in private once for ever: promised with the first thing they do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.engine.directory import Directory
from bot.engine.effects import Answer, Attempt, GiveUp, InDoubt, Priority, Promise, Receipt
from bot.incident.people import Person
from bot.integrations.slack import actions
from bot.integrations.slack.blocks import Block, Message, sentence, words
from bot.integrations.slack.calls import Calls
from bot.integrations.slack.effects import SlackEffect
from bot.integrations.slack.errors import Unkept
from bot.integrations.slack.limits import OPTION
from bot.integrations.slack.posts import UNTOLD
from bot.integrations.slack.text import cut

LIKELY = 60
"""PagerDuty users to choose from: a menu could hold 100, but all blocks together some 13,000 characters."""
WHO_ARE_YOU = "Which PagerDuty user are you? Your e-mail address here matches nobody there. This is asked once."


class AskWho(SlackEffect, kind="ask_who"):
    """The question to one person, by their Slack id; rendered when sent, and only while it is worth asking."""

    in_doubt = InDoubt.LOOK
    priority = Priority.SENTENCE
    method = "chat.postMessage"
    user: str
    name: str

    @property
    def lane(self) -> str:
        return f"slack/tell/slack:{self.user}"

    @property
    def place(self) -> str:
        return f"slack:{self.user}"

    @property
    def step(self) -> str:
        return f"ask {self.name} who they are in PagerDuty"


def asked_of(person: Person, directory: Directory) -> tuple[Promise, ...]:
    """The question where it is worth asking: PagerDuty knows somebody who is nobody here yet."""
    if person.pagerduty or not any(_free(directory)):
        return ()
    return (Promise(AskWho(user=person.slack, name=person.name), f"who/{person.slack}"),)


@dataclass(frozen=True)
class Questions:
    """Keeps the promise to ask. Both methods raise Unkept where a call brought no result."""

    calls: Calls
    directory: Directory

    async def keep(self, effect: AskWho, attempt: Attempt) -> Answer:
        """Nothing for who was found out about in the meantime."""
        person = self.directory.by_slack(effect.user)
        likely = _likely(self.directory, person) if person and not person.pagerduty else []
        if not likely:
            return Receipt()
        try:
            await self.calls.post(effect.user, who_are_you(likely), attempt.key)
        except Unkept as unkept:
            if unkept.code not in UNTOLD:
                raise
            return GiveUp(f"Slack lets nobody write to {effect.name}", final=True)
        return Receipt()

    async def find(self, effect: AskWho, attempt: Attempt) -> Receipt | None:
        direct = await self.calls.direct(effect.user)
        return Receipt() if await self.calls.marked(direct, attempt.key, attempt.since) else None


def _free(directory: Directory) -> Iterator[Person]:
    """The PagerDuty users that nobody here is yet."""
    return (p for p in directory.people() if p.pagerduty and not p.slack)


def _likely(directory: Directory, person: Person) -> list[Person]:
    """Of the free ones those first whose name or e-mail is most like this person's."""
    return sorted(_free(directory), key=lambda p: _likeness(p, person), reverse=True)[:LIKELY]


def _likeness(one: Person, other: Person) -> float:
    by_name = SequenceMatcher(None, one.name.casefold(), other.name.casefold()).ratio()
    by_mail = SequenceMatcher(None, one.email.partition("@")[0], other.email.partition("@")[0]).ratio()
    return max(by_name, by_mail if one.email and other.email else 0.0)


def who_are_you(likely: Sequence[Person]) -> Message:
    """The question, the likeliest first."""
    nobody: Block = {"text": words("I am not in PagerDuty"), "value": "-"}
    options: list[object] = [{"text": words(cut(_called(p), OPTION)), "value": p.pagerduty} for p in likely]
    menu: Block = {
        "type": "static_select",
        "action_id": actions.LINK_ME,
        "placeholder": words("Choose yourself"),
        "options": [*options, nobody],
    }
    asked = sentence(WHO_ARE_YOU)
    return Message(asked.text, (*asked.blocks, {"type": "actions", "elements": [menu]}))


def _called(person: Person) -> str:
    return f"{person.name} ({person.email})" if person.email else person.name
