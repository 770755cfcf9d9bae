"""The verb that renames a room, and what people answer when Muster asks: later, not needed, open the room again."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.engine.handle import Outcome
from bot.incident import AnswerPrompt, NameRoom, OpenRoomAgain, Snooze
from bot.incident.habits import Hours
from bot.incident.model import Refused
from bot.incident.upkeep import neutral_name
from bot.integrations.slack import actions
from bot.integrations.slack.asking import readable
from bot.integrations.slack.blocks import Message, sentence
from bot.integrations.slack.effects import Button
from bot.integrations.slack.modals import Filled, Form, text_input
from bot.integrations.slack.presses import OLD, Click, Hands, about, press
from bot.integrations.slack.text import NAME_LENGTH, channel_name, escape
from bot.integrations.slack.verbs import Answer, Ask, Do, Open, form, verb

HOUR = 60
MORNING = "morning"
LETTERS = "A room's name needs letters from a to z, or digits."


@verb("rename", usage="<name>", free=True)
async def rename(ask: Ask) -> Answer:
    """Rename the room. Its number stays in front; `edit` changes the incident's title."""
    if ask.bare:
        return Open(_rename_form(ask))
    return _named(ask, readable(ask, ask.words))


def _rename_form(ask: Ask) -> Form:
    i = ask.about
    front = f"{neutral_name(i.number)}-"
    called = i.room.name.removeprefix(front) if i.room else ""
    hint = f"Small letters, digits and hyphens. “{front}” stays in front, so that the room is found."
    field = text_input("name", "What is the room to be called?", initial=called, hint=hint, most=NAME_LENGTH)
    return Form("rename", f"Rename room of {i.name}", (field,), "Rename", i.number)


@form("rename")
async def rename_sent(ask: Ask, filled: Filled) -> Answer:
    return _named(ask, filled.text("name"))


def _named(ask: Ask, words: str) -> Answer:
    number = ask.about.number
    front = neutral_name(number)
    wanted = words.strip().strip("#\"“”'").casefold()
    name = channel_name(number, wanted.removeprefix(front))
    if name == front and wanted != front:
        raise Refused(LETTERS, field="name")
    return Do(NameRoom(incident=number, name=name), tell=_renamed(name))


def _renamed(name: str) -> Callable[[Outcome], Message | None]:
    def tell(outcome: Outcome) -> Message | None:
        told = f"becomes #{escape(name)}" if outcome.events else f"is #{escape(name)} already"
        return sentence(f"The room {told}.")

    return tell


@press(actions.UNARCHIVE)
async def unarchive(click: Click, hands: Hands) -> Answer:
    """Somebody wants the archived room open again."""
    i, _ = await about(hands, click)
    return Do(OpenRoomAgain(incident=i.number), tell=_opening)


def _opening(outcome: Outcome) -> Message | None:
    return sentence("Muster asks Slack to open the room again." if outcome.events else "The room is open already.")


@press(actions.ANSWER_PROMPT)
async def answer_prompt(click: Click, hands: Hands) -> Answer:
    """What Muster asked for is not needed."""
    i, key = await about(hands, click)
    return Do(AnswerPrompt(incident=i.number, key=key), tell=lambda _: sentence("Noted. Nobody else is asked."))


@press(actions.SNOOZE)
async def snooze(click: Click, hands: Hands) -> Answer:
    """Ask me again in a while; or at the other time that the answer offers, which the value then names."""
    i, rest = await about(hands, click)
    key, _, other = rest.partition("@")
    policy = hands.house.policy
    minutes = _minutes(other, policy.watching.snooze, policy.hours, click)
    return Do(Snooze(incident=i.number, key=key, minutes=minutes), tell=_snoozed(f"{i.number}/{key}", other, minutes))


def _minutes(other: str, usual: int, hours: Hours, click: Click) -> int:
    if other == MORNING:
        return _until_morning(hours, click.person.zone, click.now)
    if other and not (other.isascii() and other.isdecimal() and len(other) < 5):
        raise Refused(OLD)
    return int(other or usual)


def _until_morning(hours: Hours, zone: str, now: datetime) -> int:
    """Minutes until their working day begins next, today or tomorrow."""
    days = (now.date() + timedelta(days=ahead) for ahead in (-1, 0, 1, 2))
    soonest = min(at for at in (hours.morning(day, zone) for day in days) if at > now)
    return max(1, min(int((soonest - now).total_seconds() // 60), 24 * HOUR))


def _snoozed(value: str, other: str, minutes: int) -> Callable[[Outcome], Message | None]:
    def tell(outcome: Outcome) -> Message | None:
        if not outcome.events and not other:
            return sentence("There is nothing to remind you of any more.")
        when = "in the morning" if other == MORNING else f"in {minutes} minutes"
        return sentence(f"You are reminded again {when}.", [] if other else _other_times(value))

    return tell


def _other_times(value: str) -> list[Button]:
    times = {"In an hour": str(HOUR), "In the morning": MORNING}
    return [Button(label=label, action=actions.SNOOZE, value=f"{value}@{time}") for label, time in times.items()]
