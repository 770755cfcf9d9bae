"""The verb that makes one incident of two: the one it is said in ends, the one it names goes on."""

import re

from bot.incident import Merge
from bot.incident.model import Incident, Refused
from bot.incident.privacy import is_for_all
from bot.integrations.slack.asking import readable
from bot.integrations.slack.blocks import context, section, sentence
from bot.integrations.slack.modals import Filled, Form, Option, select
from bot.integrations.slack.seeing import seen
from bot.integrations.slack.text import channel, cut
from bot.integrations.slack.verbs import Answer, Ask, Do, Open, Show, Unclear, form, verb
from bot.integrations.slack.words import REFERENCE

INTO = re.compile(rf"(?:into\s+)?{REFERENCE}", re.IGNORECASE)
TITLE = 60


@verb("merge", usage="into <INC-n>", free=True)
async def merge(ask: Ask) -> Answer:
    """Make one incident of two. This one ends and its room closes; alerts, open tasks and people go to the other."""
    if ask.bare:
        return await _form(ask, ask.open_one)
    named = INTO.fullmatch(readable(ask, ask.words).strip().rstrip("."))
    if named is None:
        raise Unclear
    return await _into(ask, int(named["number"]))


@form("merge")
async def merge_sent(ask: Ask, filled: Filled) -> Answer:
    number = filled.number("into")
    if number is None:
        raise Refused("Choose the incident that goes on.", field="into")
    return await _into(ask, number)


async def _into(ask: Ask, number: int) -> Do:
    """Only into what the asker may see: of any other, nothing is told, not even that it is there. Raises Refused."""
    source = ask.about
    target = await seen(ask.house, ask.person, number, ask.channel)
    where = f": {channel(target.room.channel, target.room.name)}" if target and target.room else ""
    told = sentence(f"{source.name} goes on in INC-{number}{where}.")
    return Do(Merge(incident=source.number, into=number), tell=lambda _: told)


async def _form(ask: Ask, i: Incident) -> Answer:
    """The open ones that it could go on in, as the asker sees them."""
    others = [o for o in await ask.house.reading.open_incidents(ask.person.actor) if _could_be(i, o)]
    if not others:
        return Show(sentence(f"No other incident is open that {i.name} could be merged into."))
    blocks = (
        section(f"{i.name} ends and its room closes. It cannot be taken back."),
        select("into", "Which one goes on?", [_option(other) for other in others]),
        context("Alerts, open tasks, experts and the timeline go there, and people are invited. Its command stays."),
    )
    return Open(Form("merge", f"Merge {i.name}", blocks, "Merge", i.number))


def _could_be(i: Incident, other: Incident) -> bool:
    return other.number != i.number and other.drill is i.drill and (is_for_all(i) or not is_for_all(other))


def _option(i: Incident) -> Option:
    private = " · private" if i.private else ""
    return str(i.number), f"{i.name} {cut(i.title, TITLE - len(private))}{private}"
