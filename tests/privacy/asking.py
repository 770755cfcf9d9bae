"""What somebody outside is answered, however they ask: typed, pressed, sent, chosen."""

import json
from collections.abc import Awaitable

from bot.incident.model import Refused
from bot.incident.people import Person
from bot.integrations.slack.commands import Spoken, answer
from bot.integrations.slack.modals import Filled
from bot.integrations.slack.presses import Click
from bot.integrations.slack.seeing import seen
from bot.integrations.slack.shortcuts import SHORTCUTS, Picked
from bot.integrations.slack.verbs import FORMS, Answer, Ask, Do, Later, Open, Show
from tests.privacy.night import SECRET
from tests.privacy.stage import CARLA, Night

OPS = "C0OPS00001"
"""A channel that is no incident's, and has everybody in it."""


async def typed(night: Night, who: Person, text: str, channel: str = OPS) -> str:
    """What somebody is answered who types it there; a wish is only told, not handled."""
    return await _told(answer(night.house, Spoken(text, who, channel, night.now())))


async def pressed(night: Night, action: str, value: str, *, handled: bool = False) -> str:
    """The same for a button or a menu."""
    meant = night.clicks.answer(Click(action, value, CARLA, OPS, night.now()))
    return await _told(meant, night if handled else None)


async def chosen(night: Night, name: str, channel: str) -> str:
    """The same for a shortcut that is chosen on a message."""
    message = {"ts": "1795424646.000100", "text": f"{SECRET} 2", "user": CARLA.slack}
    picked = Picked(CARLA, channel, message, "https://sandbox.slack.com/x", night.now(), night.clicks._hands.hear)
    return await _told(SHORTCUTS[name](night.house, picked))


async def sent(night: Night, form: str, number: int) -> str:
    """The same for a form that is sent empty."""

    async def meant() -> Answer:
        incident = await seen(night.house, CARLA, number, OPS)
        ask = Ask(night.house, CARLA, form, "", "", night.now(), OPS, incident)
        return await FORMS[form](ask, Filled({}))

    return await _told(meant())


async def _told(answering: Awaitable[Answer], night: Night | None = None) -> str:
    try:
        match await answering:
            case Show(message):
                return json.dumps([message.text, *message.blocks])
            case Open(form):
                return json.dumps([form.title, form.incident, *form.blocks])
            case Do(command, tell) if night:
                outcome = await night.engine.handle(command, CARLA.actor)
                return str(tell(outcome) if tell else outcome)
            case Do(command):
                return str(command)
            case Later():
                return "done by and by"
    except Refused as refused:
        return refused.sentence
