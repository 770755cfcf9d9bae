"""The verbs about who does what: command, roles, handing over."""

from bot.incident import AssignRole, HandOver, LeaveRole
from bot.incident.model import Incident
from bot.integrations.slack.asking import actor_chosen, actor_of
from bot.integrations.slack.blocks import section
from bot.integrations.slack.modals import Filled, Form, Option, select, user
from bot.integrations.slack.text import escape
from bot.integrations.slack.verbs import Answer, Ask, Do, Open, Unclear, form, verb
from bot.integrations.slack.words import Kind, first_word, mention, unquoted

COMMANDER = "commander"


@verb("lead", "ic", usage="[@user]", first_hour=True)
async def lead(ask: Ask) -> Answer:
    """Take command, or name who has it. Where someone has it, you are asked once."""
    return Do(AssignRole(incident=ask.about.number, role=COMMANDER, person=actor_of(ask, ask.words)))


@verb("role", usage="<role> [@user]")
async def role(ask: Ask) -> Answer:
    """Take a role, or name who has it: deputy, scribe, comms, sme and whichever else there are."""
    if ask.bare:
        return Open(_role_form(ask))
    wanted, whom = _role_and_person(ask.words)
    known = ask.house.policy.role(unquoted(wanted))
    if known is None:
        raise Unclear
    return Do(AssignRole(incident=ask.about.number, role=known.key, person=actor_of(ask, whom)))


def _role_and_person(words: str) -> tuple[str, str]:
    """`scribe @ada` and `@ada scribe` alike; a role alone is for oneself."""
    head, rest = first_word(words)
    if mention(head):
        return rest, head
    before, _, last = words.rpartition(" ")
    return (before, last) if mention(last) or last.casefold() == "me" else (words, "")


def _role_form(ask: Ask) -> Form:
    i = ask.about
    roles = [(r.key, _with_holder(i, r.key, r.label)) for r in ask.house.policy.roles]
    blocks = (select("role", "Role", roles), user("person", "Who", initial=ask.person.slack))
    return Form("role", f"Roles of {i.name}", blocks, "Set role", i.number)


def _with_holder(i: Incident, role: str, label: str) -> str:
    held = ", ".join(h.person.name for h in i.holdings if h.role == role)
    return f"{label} ({held})" if held else label


@form("role")
async def role_sent(ask: Ask, filled: Filled) -> Answer:
    person = actor_chosen(ask, filled.chosen("person"), "person")
    return Do(AssignRole(incident=ask.about.number, role=filled.chosen("role"), person=person))


def sure_form(wish: AssignRole, question: str) -> Form:
    """The question that is asked once before a held role is taken, as a form."""
    extra = {"role": wish.role, "person": wish.person.foreign_id}
    return Form("sure", "Take over?", (section(escape(question)),), "Take over", wish.incident, extra)


@form("sure")
async def sure_sent(ask: Ask, filled: Filled) -> Answer:
    person = actor_chosen(ask, filled.kept("person"), "person")
    return Do(AssignRole(incident=ask.about.number, role=filled.kept("role"), person=person, sure=True))


@verb("leave", usage="[role]")
async def leave(ask: Ask) -> Answer:
    """Lay a role down; with several and none named, you choose."""
    i = ask.about
    mine: list[Option] = [(h.role, h.label) for h in i.holdings if h.person.id == ask.person.actor.id]
    if ask.bare and len(mine) > 1:
        blocks = (select("role", "Role", mine, initial=mine[0][0]),)
        return Open(Form("leave", f"Leave a role in {i.name}", blocks, "Leave", i.number))
    known = None if ask.bare else ask.house.policy.role(unquoted(ask.words))
    if not ask.bare and known is None:
        raise Unclear
    return Do(LeaveRole(incident=i.number, role=known.key if known else ""))


@form("leave")
async def leave_sent(ask: Ask, filled: Filled) -> Answer:
    return Do(LeaveRole(incident=ask.about.number, role=filled.chosen("role")))


@verb("handover", usage="@user")
async def handover(ask: Ask) -> Answer:
    """Hand command to someone else."""
    i = ask.about
    if ask.bare:
        blocks = (user("person", "Who takes command?"),)
        return Open(Form("handover", f"Hand over {i.name}", blocks, "Hand over", i.number))
    named = mention(ask.words)
    if named is None or named.kind is not Kind.USER:
        raise Unclear
    return Do(HandOver(incident=i.number, person=actor_of(ask, ask.words)))


@form("handover")
async def handover_sent(ask: Ask, filled: Filled) -> Answer:
    return Do(HandOver(incident=ask.about.number, person=actor_chosen(ask, filled.chosen("person"), "person")))
