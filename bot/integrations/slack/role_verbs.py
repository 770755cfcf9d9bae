"""The verbs about who does what: command, roles, handing over."""

from collections.abc import Callable

from bot.incident import AssignRole, HandOver, LeaveRole
from bot.incident.model import Incident, Refused
from bot.incident.policy import Role
from bot.incident.roles import known_roles, require_hands
from bot.incident.values import Actor
from bot.integrations.slack.asking import actor_chosen, actor_of, readable
from bot.integrations.slack.blocks import section
from bot.integrations.slack.modals import Filled, Form, Option, select, user
from bot.integrations.slack.text import escape
from bot.integrations.slack.verbs import Answer, Ask, Do, Open, Unclear, form, verb
from bot.integrations.slack.words import Kind, first_word, mention, unquoted

COMMANDER = "commander"


@verb("lead", "ic", usage="[@user]", first_hour=True)
async def lead(ask: Ask) -> Answer:
    """Take command, or name who has it. Where someone has it, you are asked once."""
    person = actor_of(ask, ask.words)
    return Do(AssignRole(incident=ask.about.number, role=COMMANDER, person=person), already=_in_command(ask, person))


def _in_command(ask: Ask, person: Actor) -> Callable[[Incident], str]:
    has = "You have" if person == ask.person.actor else f"{escape(person.name)} has"
    return lambda i: f"{has} command of {i.name} already."


@verb("role", usage="<role> [@user]")
async def role(ask: Ask) -> Answer:
    """Take a role, or name who has it. Alone, it shows which roles there are."""
    if ask.bare:
        return Open(_role_form(ask))
    wanted, whom = _role_and_person(ask.words)
    known = ask.house.policy.role(unquoted(wanted))
    if known is None:
        raise _no_role(ask, wanted)
    return _assigned(ask, known, actor_of(ask, whom))


def _no_role(ask: Ask, wanted: str) -> Unclear:
    """Which roles there are; where one was said and something else, only that the rest is not understood."""
    policy = ask.house.policy
    none = f"there is no role “{readable(ask, wanted)}”. {known_roles(policy)}"
    return Unclear("" if policy.role(first_word(wanted)[0]) else none)


def _assigned(ask: Ask, role: Role, person: Actor) -> Answer:
    has = "You are" if person == ask.person.actor else f"{escape(person.name)} is"
    wish = AssignRole(incident=ask.about.number, role=role.key, person=person)
    return Do(wish, already=lambda i: f"{has} {escape(role.label)} of {i.name} already.")


def _role_and_person(words: str) -> tuple[str, str]:
    """`scribe @ada` and `@ada scribe` alike; a role alone is for oneself."""
    head, rest = first_word(words)
    if mention(head):
        return rest, head
    before, _, last = words.rpartition(" ")
    return (before, last) if mention(last) or last.casefold() == "me" else (words, "")


def _role_form(ask: Ask) -> Form:
    i = ask.open_one
    roles = [(r.key, _with_holder(i, r.key, r.label)) for r in ask.house.policy.roles]
    blocks = (select("role", "Role", roles), user("person", "Who takes it?", initial=ask.person.slack))
    return Form("role", f"Roles of {i.name}", blocks, "Set role", i.number)


def _with_holder(i: Incident, role: str, label: str) -> str:
    held = ", ".join(h.person.name for h in i.holdings if h.role == role)
    return f"{label} ({held})" if held else label


@form("role")
async def role_sent(ask: Ask, filled: Filled) -> Answer:
    person = actor_chosen(ask, filled.chosen("person"), "person")
    role = ask.house.policy.role(filled.chosen("role"))
    if role is None:
        raise Refused("Choose a role.", field="role")
    return _assigned(ask, role, person)


def sure_form(wish: AssignRole, question: str, yes: str) -> Form:
    """The question that is asked once before a held role is taken, as a form; `yes` is what its answer does."""
    extra = {"role": wish.role, "person": wish.person.foreign_id}
    return Form("sure", f"{yes}?", (section(escape(question)),), yes, wish.incident, extra)


@form("sure")
async def sure_sent(ask: Ask, filled: Filled) -> Answer:
    person = actor_chosen(ask, filled.kept("person"), "person")
    return Do(AssignRole(incident=ask.about.number, role=filled.kept("role"), person=person, sure=True))


@verb("leave", usage="[role]")
async def leave(ask: Ask) -> Answer:
    """Lay a role down. With several and none named, you choose."""
    i = ask.open_one
    mine: list[Option] = [(h.role, h.label) for h in i.holdings if h.person.id == ask.person.actor.id]
    if ask.bare and len(mine) > 1:
        blocks = (select("role", "Role", mine, initial=mine[0][0]),)
        return Open(Form("leave", f"Leave a role in {i.name}", blocks, "Leave", i.number))
    known = None if ask.bare else ask.house.policy.role(unquoted(ask.words))
    if not ask.bare and known is None:
        raise _no_role(ask, ask.words)
    return Do(LeaveRole(incident=i.number, role=known.key if known else ""))


@form("leave")
async def leave_sent(ask: Ask, filled: Filled) -> Answer:
    return Do(LeaveRole(incident=ask.about.number, role=filled.chosen("role")))


@verb("handover", usage="@user")
async def handover(ask: Ask) -> Answer:
    """Hand command to someone else."""
    i = ask.open_one
    if ask.bare:
        require_hands(i, ask.person.actor)
        blocks = (user("person", "Who takes command?"),)
        return Open(Form("handover", f"Hand over {i.name}", blocks, "Hand over", i.number))
    named = mention(ask.words)
    if named is None or named.kind is not Kind.USER:
        raise Unclear
    return _handed(ask, actor_of(ask, ask.words))


def _handed(ask: Ask, person: Actor) -> Answer:
    return Do(HandOver(incident=ask.about.number, person=person), already=_in_command(ask, person))


@form("handover")
async def handover_sent(ask: Ask, filled: Filled) -> Answer:
    return _handed(ask, actor_chosen(ask, filled.chosen("person"), "person"))
