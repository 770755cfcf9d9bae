"""The verb that takes an incident out of sight: it goes on among few, in a private room of its own."""

from bot.engine.handle import Outcome
from bot.incident import MakePrivate
from bot.incident.model import Incident
from bot.incident.privacy import concerned
from bot.incident.values import MUSTER, Actor
from bot.integrations.slack.asking import actor_chosen, actor_of
from bot.integrations.slack.blocks import Message, context, section, sentence
from bot.integrations.slack.modals import Filled, Form, users
from bot.integrations.slack.text import channel, cut, escape
from bot.integrations.slack.verbs import Answer, Ask, Do, Open, Show, Unclear, form, verb
from bot.integrations.slack.words import TOKEN

SHOWN_PEOPLE = 400


@verb("private", usage="[@user …]")
async def private(ask: Ask) -> Answer:
    """Go on in a new private room, with the people named. What was said before stays readable where it was said."""
    i = ask.about
    if not ask.bare:
        return _wish(ask, _named(ask))
    return Show(sentence(_so_already(i))) if i.private else Open(_form(ask, i))


@form("private")
async def private_sent(ask: Ask, filled: Filled) -> Answer:
    return _wish(ask, tuple(actor_chosen(ask, user, "people") for user in filled.all_chosen("people")))


def _wish(ask: Ask, people: tuple[Actor, ...]) -> Do:
    i = ask.about

    def tell(outcome: Outcome) -> Message:
        done = f"{i.name} is private now. You are asked into its new room in a moment."
        return sentence(done if outcome.events else _so_already(i))

    return Do(MakePrivate(incident=i.number, people=people), tell=tell)


def _so_already(i: Incident) -> str:
    return f"{i.name} is private already. To let somebody in: `/incident {i.name} invite @name`."


def _named(ask: Ask) -> tuple[Actor, ...]:
    """The people mentioned. Raises Unclear where there are other words, too."""
    if TOKEN.sub("", ask.words).strip(" ,"):
        raise Unclear
    return tuple(actor_of(ask, token[0]) for token in TOKEN.finditer(ask.words))


def _form(ask: Ask, i: Incident) -> Form:
    """What it means, said before it happens: it cannot be taken back."""
    room = f" in {channel(i.room.channel, i.room.name)}" if i.room else ""
    others = [who.name for who in concerned(i) if who not in (ask.person.actor, MUSTER)]
    coming = f", and who declared it, has a role or a task: {escape(cut(', '.join(others), SHOWN_PEOPLE))}"
    blocks = (
        section(f"{i.name} goes on in a new private room. It cannot be made public again."),
        section(f"Asked in: you{coming if others else ''}."),
        users("people", "Who else?", optional=True),
        context(f"What was said{room} stays readable there: Slack turns no open channel into a private one."),
    )
    return Form("private", f"Make {i.name} private", blocks, "Make it private", i.number)
