"""The verb about status updates: said, previewed, put right, followed."""

from bot.documents.wording import Wording
from bot.incident import EditUpdate, Follow, PostUpdate, UpdatePosted
from bot.incident.model import Incident, Refused
from bot.incident.notes import GONE
from bot.incident.policy import Policy
from bot.incident.updates import CONDITION_LENGTH, PART_LENGTH, UpdateEdited
from bot.incident.values import Actor
from bot.integrations.slack import actions, cards, update_words
from bot.integrations.slack.asking import readable
from bot.integrations.slack.blocks import Block, Message, section, sentence
from bot.integrations.slack.blocks import actions as row
from bot.integrations.slack.effects import Button
from bot.integrations.slack.modals import Filled, Form, Memo, Option, select, text_input
from bot.integrations.slack.presses import Click, Hands, about, press
from bot.integrations.slack.update_words import NAME
from bot.integrations.slack.verbs import Answer, Ask, Do, House, Open, Unclear, form, refill, verb

WAITS = (15, 30, 60, 120, 240)
"""Minutes until the next update, as offered."""
NONE = ("0", "No next update promised")
PREVIEW = Button(label="Preview", action="in/preview", value="preview")
PARTS = ("condition", "actions", "needs")
Parts = tuple[str, str, str]


@verb("update", usage="[how things stand | edit 2 | follow]", free=True)
async def update(ask: Ask) -> Answer:
    """Tell everybody how things stand. `update edit` corrects the last one, `update follow` tells you of each."""
    head, _, rest = ask.words.casefold().partition(" ")
    if ask.bare:
        return Open(_new_form(ask.open_one, ask.house.policy, ask.person.actor))
    if head == "edit":
        return Open(await _edit_form(ask, _which(rest)))
    if ask.words.casefold() in ("follow", "unfollow"):
        return _follow(ask.about, follows=head == "follow")
    return Do(PostUpdate(incident=ask.open_one.number, condition=readable(ask, ask.words)), already=_posted_already)


def _posted_already(i: Incident) -> str:
    return f"That update of {i.name} was posted a moment ago."


def _which(words: str) -> int:
    """Which update is meant; 0 for the last. Raises Unclear for other words: perhaps they are to be the update itself,
    perhaps what the last one should say, and neither goes out to everybody on a guess."""
    if words and not (words.isascii() and words.isdecimal()):
        raise Unclear
    return int(words[:9] or 0)


def _new_form(i: Incident, policy: Policy, by: Actor) -> Form:
    """What was said last, to be put as it is now, and the next one as the severity asks."""
    last = i.update
    known: Parts = (last.condition, last.actions, last.needs) if last else (i.summary, "", "")
    every = policy.implied_by(i.severity).update_every or 0
    extra = {"update": str(i.updates + 1), "every": str(every), "label": i.severity.label[:40], "by": by.name[:NAME]}
    return _form(i.number, extra, known, str(every))


def _form(number: int, extra: dict[str, str], known: Parts, then: str) -> Form:
    waits = select("next", "The next update", _waits(int(extra["every"]), extra["label"]), initial=then)
    return Form("update", f"Update on INC-{number}", (*_fields(known), waits, row([PREVIEW])), "Post", number, extra)


def _fields(known: Parts) -> list[Block]:
    condition, doing, needs = (words.replace(GONE, "").strip() for words in known)
    return [
        _part("condition", "How do things stand?", condition, "Card payments fail for one in five", CONDITION_LENGTH),
        _part("actions", "What is being done?", doing, "Bo rolls back to 4.2", PART_LENGTH, optional=True),
        _part("needs", "What is needed?", needs, "Somebody who knows the gateway", PART_LENGTH, optional=True),
    ]


def _part(name: str, label: str, said: str, example: str, most: int, *, optional: bool = False) -> Block:
    return text_input(name, label, initial=said, long=True, optional=optional, placeholder=example, most=most)


def _waits(every: int, label: str) -> list[Option]:
    """When the next one comes; as often as the severity asks, where it does."""
    known = sorted({*WAITS, every} - {0})
    return [*((str(n), f"{_in(n)} (as {label} asks)" if n == every else _in(n)) for n in known), NONE]


def _in(minutes: int) -> str:
    return f"In {minutes} min" if minutes % 60 else f"In {minutes // 60} h"


@form("update")
async def update_sent(ask: Ask, filled: Filled) -> Answer:
    condition, doing, needs = _parts(filled)
    i, then = ask.about, filled.number("next")
    wish = PostUpdate(incident=i.number, condition=condition, actions=doing, needs=needs, next_minutes=then)
    return Do(wish, already=_posted_already)


@refill("update")
async def update_previewed(house: House, memo: Memo, filled: Filled) -> Form:
    """The same form, with the update as it will look."""
    extra = {name: filled.kept(name) for name in ("update", "label", "by")}
    extra["every"] = str(filled.kept_number("every"))
    known, then = _parts(filled), filled.number("next") or 0
    shown = _form(memo.incident or 0, extra, known, str(then))
    return _with_preview(shown, house.wording, known, _in(then).lower() if then else "")


def _with_preview(shown: Form, wording: Wording, known: Parts, then: str) -> Form:
    if not known[0].strip():
        raise Refused("Say how things stand; then it can be shown.", field="condition")
    by, editor = (Actor(id="", name=shown.extra.get(who, "")) for who in ("by", "editor"))
    draft = update_words.Draft(shown.extra["update"], by, *known, then=then)
    looks = section(f"*So it will look*\n{update_words.looks(wording, draft, editor if editor.name else None)}")
    return Form(shown.verb, shown.title, (*shown.blocks, looks), shown.submit, shown.incident, shown.extra)


def _parts(filled: Filled) -> Parts:
    condition, doing, needs = (filled.text(name) for name in PARTS)
    return condition, doing, needs


async def _edit_form(ask: Ask, number: int) -> Form:
    """The words of an update, the last one where no number is told. Raises Refused."""
    i = ask.about
    if not i.updates:
        first = f" yet. `/incident {i.name} update` writes the first." if i.is_open else "."
        raise Refused(f"{i.name} has no update{first}")
    stored, wanted = await ask.house.reading.events(i.number), number or i.updates
    entry = next((s.seq for s in stored if isinstance(s.event, UpdatePosted) and s.event.update == wanted), 0)
    found = update_words.latest(stored, entry)
    if found is None:
        raise Refused(f"There is no update {wanted}; the last is update {i.updates}.")
    if entry in i.redacted:
        raise Refused(f"Update {wanted} was redacted: its words are gone for good.")
    said: UpdatePosted | UpdateEdited = found[1] or found[0]
    known = (said.condition, said.actions, said.needs)
    who = {"by": found[0].by.name[:NAME], "editor": ask.person.actor.name[:NAME]}
    return _edit(i.number, {"entry": str(entry), "update": str(wanted), **who}, known)


def _edit(number: int, extra: dict[str, str], known: Parts) -> Form:
    blocks = (*_fields(known), row([PREVIEW]))
    return Form("update_edit", f"Update {extra['update']} of INC-{number}", blocks, "Save", number, extra)


@form("update_edit")
async def edit_sent(ask: Ask, filled: Filled) -> Answer:
    condition, doing, needs = _parts(filled)
    entry = filled.kept_number("entry")
    wish = EditUpdate(incident=ask.about.number, entry=entry, condition=condition, actions=doing, needs=needs)
    return Do(wish, tell=lambda _: sentence("The update is corrected wherever it was posted."))


@refill("update_edit")
async def edit_previewed(house: House, memo: Memo, filled: Filled) -> Form:
    """The same form, with the update as it will look."""
    known, extra = _parts(filled), {name: filled.kept(name) for name in ("entry", "update", "by", "editor")}
    shown = _edit(memo.incident or 0, extra, known)
    return _with_preview(shown, house.wording, known, "")


@press(actions.FOLLOW)
async def follow_pressed(click: Click, hands: Hands) -> Answer:
    i, wish = await about(hands, click)
    return _follow(i, follows=wish == "yes")


def _follow(i: Incident, *, follows: bool) -> Answer:
    return Do(Follow(incident=i.number, follows=follows), tell=lambda _: _followed(i, follows=follows))


def _followed(i: Incident, *, follows: bool) -> Message:
    if not follows:
        return sentence(f"You no longer follow {i.name}.", [cards.follow(i)])
    told = f"You follow {i.name}: each update, and its end, comes to you in a direct message."
    return sentence(told, [cards.unfollow(i)])
