"""The verbs about what and whom the room needs: pages pinned to its bar, people and groups asked in."""

from collections.abc import Iterator

from bot.incident import AddLink, AskIn
from bot.incident.inviting import Group
from bot.incident.model import Incident, Refused
from bot.incident.values import Actor
from bot.integrations.slack.asking import actor_chosen, actor_of, readable
from bot.integrations.slack.blocks import context
from bot.integrations.slack.modals import Filled, Form, text_input, users
from bot.integrations.slack.verbs import Answer, Ask, Do, Open, Unclear, form, verb
from bot.integrations.slack.words import TOKEN, Kind, first_word, mention, unquoted, web_page

TITLE = 150
URL = 1_000
ADDRESS = "https://graphs.example/checkout"
GROUPS = "A whole group: `/incident invite @group`."


@verb("link", usage="<url> [title]", free=True)
async def link(ask: Ask) -> Answer:
    """Pin a page to the room's bar. A dashboard, a ticket, a vendor's status; the timeline has it, too."""
    if ask.bare:
        return Open(_link_form(ask))
    head, rest = first_word(ask.words)
    page = web_page(head)
    if page is None:
        raise Unclear(f"an address begins with https://: `{ask.house.command} link {ADDRESS} [title]`.")
    url, label = page
    return _linked(ask, url, unquoted(readable(ask, rest)) or label)


def _link_form(ask: Ask) -> Form:
    blocks = (
        text_input("url", "Address", placeholder=ADDRESS, most=URL),
        text_input("title", "What is it called?", optional=True, placeholder="Checkout dashboard", most=TITLE),
    )
    return Form("link", f"Link for {ask.about.name}", blocks, "Link", ask.about.number)


@form("link")
async def link_sent(ask: Ask, filled: Filled) -> Answer:
    return _linked(ask, filled.text("url"), filled.text("title"))


def _linked(ask: Ask, url: str, title: str) -> Answer:
    return Do(
        AddLink(incident=ask.about.number, url=url, title=title), already=lambda _: "That page is linked already."
    )


@verb("invite", usage="@user|@group …")
async def invite(ask: Ask) -> Answer:
    """Ask people or a group into the room."""
    i = ask.about
    if ask.bare:
        blocks = (users("people", "Who is needed?"), context(GROUPS))
        return Open(Form("invite", f"Invite to {i.name}", blocks, "Invite", i.number))
    named = list(_named(ask))
    groups = tuple(one for one in named if isinstance(one, Group))
    return _invited(ask, tuple(one for one in named if isinstance(one, Actor)), groups)


def _named(ask: Ask) -> Iterator[Actor | Group]:
    """Everybody who is mentioned, and `me`. Raises Unclear for other words: nobody is left out by a slip."""
    besides = TOKEN.sub(" ", ask.words).replace(",", " ").casefold().split()
    if not {"me", "and"}.issuperset(besides):
        raise Unclear
    if "me" in besides:
        yield ask.person.actor
    for token in TOKEN.finditer(ask.words):
        who = mention(token[0])
        if who is not None and who.kind is Kind.GROUP:
            yield Group(id=who.id, name=f"@{who.name}" if who.name else "a group")
        else:
            yield actor_of(ask, token[0])


@form("invite")
async def invite_sent(ask: Ask, filled: Filled) -> Answer:
    chosen = filled.all_chosen("people")
    if not chosen:
        raise Refused("Choose someone.", field="people")
    return _invited(ask, tuple(actor_chosen(ask, user, "people") for user in chosen), ())


def _invited(ask: Ask, people: tuple[Actor, ...], groups: tuple[Group, ...]) -> Answer:
    wish = AskIn(incident=ask.about.number, people=people, groups=groups)
    you = people == (ask.person.actor,)

    def already(i: Incident) -> str:
        if groups or any(person.id not in i.members for person in people):
            return f"{'You were' if you else 'They were'} asked in a moment ago."
        return f"{'You are' if you else 'They are'} in the room already."

    return Do(wish, already=already)
