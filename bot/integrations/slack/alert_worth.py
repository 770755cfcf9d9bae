"""Asking what a page was worth: four answers, one press, never twice."""

from bot.engine.reading import Reading
from bot.incident.mirror import Alert, Worth
from bot.incident.model import Incident
from bot.integrations.slack import actions
from bot.integrations.slack.blocks import Block, Message, section, sentence, words
from bot.integrations.slack.text import cut, escape

LABELS = {
    Worth.REAL: "Real",
    Worth.HEALED: "It healed by itself",
    Worth.NOT_ACTIONABLE: "Nothing could be done",
    Worth.EXPECTED: "Expected",
}
SAID = {
    Worth.REAL: "the page was real",
    Worth.HEALED: "it healed by itself",
    Worth.NOT_ACTIONABLE: "nothing could be done about it",
    Worth.EXPECTED: "it was expected",
}
TITLE = 120


def worth_row(alert: Alert) -> Block:
    """The question under an alert that was decided about."""
    return {"type": "actions", "elements": [_menu(alert)]}


def _menu(alert: Alert) -> Block:
    """The four answers to choose from."""
    which = f"{alert.source}/{alert.id}"
    options = [{"text": words(label), "value": f"{which}/{worth}"} for worth, label in LABELS.items()]
    placeholder = words("What was it worth?")
    return {"type": "static_select", "action_id": actions.WORTH, "placeholder": placeholder, "options": options}


def worth_asked(alert: Alert) -> Block:
    """The question about a page that somebody has just answered."""
    return section(
        f"When you know: what was the page “{escape(cut(alert.title, TITLE))}” worth?", accessory=_menu(alert)
    )


def answered_pages(alert: Alert) -> Message:
    """What whoever has it is told: that it is so, and the question."""
    text = "You have it."
    return Message(text, (section(text), worth_asked(alert)))


def rated(alert: Alert, worth: Worth) -> Message:
    """What whoever answered is told."""
    return sentence(f"Noted for “{escape(cut(alert.title, TITLE))}”: {SAID[worth]}.")


async def unrated(reading: Reading, i: Incident) -> Alert | None:
    """The latest alert of an incident, if nobody said yet what it was worth; none of a storm, which has too many."""
    latest = i.alarms[-1:]
    if i.storm or not latest:
        return None
    alert = await reading.alert(latest[0].source, latest[0].id)
    return alert if alert is not None and alert.worth is None else None
