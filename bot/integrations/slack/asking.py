"""What verbs have in common: reading people, moments, services and plain words out of what was asked."""

from datetime import datetime

from bot.incident.model import Refused
from bot.incident.values import Actor, Service
from bot.integrations.slack import actions
from bot.integrations.slack.effects import Button
from bot.integrations.slack.modals import Filled, Option
from bot.integrations.slack.text import plain
from bot.integrations.slack.times import moment
from bot.integrations.slack.verbs import Ask, House, Unclear
from bot.integrations.slack.words import Kind, mention, named

WHEN = "When? Empty means now"
WHICH = "Choose services"
WHEN_HINT = "For example 14:05, yesterday 23:10 or 2026-11-21 14:05, in your own time zone."


def run(label: str, number: int, words: str, *, primary: bool = False) -> Button:
    """A button that says these words about that incident, as if they had been typed; it works everywhere."""
    return Button(label=label, action=actions.RUN, value=f"INC-{number} {words}", primary=primary)


def severity_options(house: House) -> list[Option]:
    """Each severity with what it means."""
    return [(str(s.level), f"{s.label} · {s.meaning}") for s in house.policy.severities]


def readable(ask: Ask, text: str) -> str:
    """Typed words as facts keep them: mentions as names, nothing live in them."""
    return plain(named(text, lambda user: name_of(ask.house, user)))


def name_of(house: House, user: str) -> str:
    """What a Slack user is called; empty where we never met."""
    person = house.directory.by_slack(user)
    return person.name if person else ""


def actor_of(ask: Ask, words: str) -> Actor:
    """The person that the words name: nobody and `me` are the asker. Raises Unclear for anything but one person."""
    if words.strip().casefold() in ("", "me"):
        return ask.person.actor
    who = mention(words)
    if who is None or who.kind is not Kind.USER:
        raise Unclear
    return _able(ask, who.id, who.name)


def actor_chosen(ask: Ask, user: str, field: str) -> Actor:
    """The person chosen in a form. Raises Refused beside the field when none is."""
    if not user:
        raise Refused("Choose someone.", field=field)
    return _able(ask, user, "")


def _able(ask: Ask, user: str, name: str) -> Actor:
    """Someone who can carry a role. Raises Refused for bots, people who left, and guests from another company."""
    known = ask.house.directory.by_slack(user)
    if known is None:
        return Actor(id=f"slack:{user}", name=name or user)
    if known.bot:
        raise Refused(f"{known.name} is an app; choose a person.", field="person")
    if known.gone:
        raise Refused(f"{known.name} has left this workspace; choose someone else.", field="person")
    if known.external:
        raise Refused(f"{known.name} is of another company; choose someone of this workspace.", field="person")
    return known.actor


def sure_moment(ask: Ask, typed: str, field: str) -> datetime | None:
    """The moment in a form's field; None when it is empty. Raises Refused beside the field for what is none."""
    if not typed.strip():
        return None
    at = moment(typed, ask.person.zone, ask.now)
    if at is None:
        raise Refused("Write a time such as 14:05, yesterday 23:10 or 2026-11-21 14:05.", field=field)
    return at


def services_chosen(house: House, filled: Filled) -> tuple[Service, ...]:
    """The services chosen in a form."""
    chosen = set(filled.all_chosen("services"))
    return tuple(Service(id=s.id, name=s.name) for s in house.directory.services() if s.id in chosen)
