"""The verbs about what is written down: notes, the timeline and putting it right, the postmortem draft."""

import asyncio
from collections.abc import Callable, Container, Iterator, Sequence
from datetime import UTC, datetime

from bot.engine.handle import Outcome
from bot.incident import (
    AddNote,
    AskForDraft,
    CorrectEntry,
    Declared,
    ExportTimeline,
    HideEntry,
    MarkMessage,
    MessageMarked,
    RedactEntry,
)
from bot.incident.exports import Format
from bot.incident.model import Incident, Refused
from bot.incident.notes import NOTE_LENGTH
from bot.incident.timeline import Entry, Stored, timeline
from bot.incident.values import Status
from bot.integrations.slack import actions
from bot.integrations.slack.alert_list import page_of
from bot.integrations.slack.asking import WHEN, WHEN_HINT, readable, run, sure_moment
from bot.integrations.slack.blocks import Block, Message, section, sentence, words
from bot.integrations.slack.blocks import actions as row
from bot.integrations.slack.effects import Button
from bot.integrations.slack.looking import author_of, text_of
from bot.integrations.slack.marking import ask_to_mark
from bot.integrations.slack.modals import Filled, Form, text_input
from bot.integrations.slack.pictures import has_pictures
from bot.integrations.slack.seeing import seen
from bot.integrations.slack.shortcuts import Picked, shortcut
from bot.integrations.slack.text import channel, cut, escape, moment
from bot.integrations.slack.times import leading_time
from bot.integrations.slack.verbs import Answer, Ask, Do, House, Open, Show, Unclear, form, verb

PAGE = 10
"""Entries shown at once: each carries a menu, and a message holds some 13,000 characters."""
SHOWN_WORDS = 300
Fact = tuple[int, int]
"""(incident, seq): an entry of the timeline, which also tells of the incidents that were merged into this one."""


@verb("note", usage="[14:05] <text>", first_hour=True, free=True)
async def note(ask: Ask) -> Answer:
    """Write something down. A time at its head counts, in your zone, the nearest past."""
    i = ask.about
    typed = readable(ask, ask.words)
    understood = leading_time(typed, ask.person.zone, ask.now)
    if ask.bare or (understood and not understood.rest):
        return Open(note_form(i, "", typed))
    if understood is None:
        return Do(AddNote(incident=i.number, text=typed), tell=_noted(ask, ""))
    head = typed.removesuffix(understood.rest).strip()
    wish = AddNote(incident=i.number, text=understood.rest, at=understood.at, typed=head)
    return Do(wish, tell=_noted(ask, understood.shown))


def note_form(i: Incident, text: str = "", at: str = "") -> Form:
    blocks = (
        text_input("text", "What happened?", initial=text, long=True, most=NOTE_LENGTH),
        text_input("at", WHEN, initial=at, optional=True, hint=WHEN_HINT, placeholder="14:05"),
    )
    return Form("note", f"Note on {i.name}", blocks, "Save", i.number)


def _noted(ask: Ask, shown: str) -> Callable[[Outcome], Message | None]:
    """Says the understood time back, with the way out where it was part of the words; elsewhere, where it was noted."""
    where = "" if ask.in_room else f" in {ask.about.name}"

    def tell(outcome: Outcome) -> Message | None:
        i = outcome.incident
        if i is None or not outcome.events or outcome.again:
            return sentence("That was noted a moment ago.")
        use_now = Button(label="Use now", action=actions.USE_NOW, value=f"{i.number}/{outcome.first_seq}")
        if shown:
            return sentence(f"Noted{where} at {escape(shown)}.", [use_now])
        return sentence(f"Noted{where}.") if where else None

    return tell


@shortcut(actions.ADD_TO_TIMELINE)
async def add_to_timeline(house: House, picked: Picked) -> Answer:
    """A message of a room, onto its timeline."""
    room = house.directory.incident_of_channel(picked.channel)
    ts = str(picked.message.get("ts") or "")
    if room is None or not ts:
        raise Refused("This is no incident's room. Elsewhere, *Declare from message* keeps a message.")
    await seen(house, picked.person, room, picked.channel)
    if has_pictures(picked.message.get("files") or ()):
        await ask_to_mark(picked.hear, picked.person, picked.channel, ts, picked.now)
        return Show(sentence(f"It goes onto the timeline of INC-{room}, with its pictures."))
    wish = MarkMessage(
        incident=room,
        channel=picked.channel,
        ts=ts,
        author=author_of(picked.message, house),
        text=text_of(picked.message, house),
        at=datetime.fromtimestamp(float(ts), UTC),
        url=picked.address,
    )
    return Do(wish, tell=lambda _: sentence(f"It is on the timeline of INC-{room}."))


@form("note")
async def note_sent(ask: Ask, filled: Filled) -> Answer:
    at = sure_moment(ask, filled.text("at"), "at")
    return Do(AddNote(incident=ask.about.number, text=filled.text("text"), at=at))


@verb("timeline", usage="[page | export]")
async def timeline_verb(ask: Ask) -> Answer:
    """See what happened so far. Correct, hide or redact entries there; `timeline export` makes a file of it."""
    i = ask.about
    match ask.words.casefold().split():
        case []:
            return await _paged(ask, None)
        case [page] if _is_number(page):
            return await _paged(ask, int(page))
        case ["export"]:
            return Show(_which_file(i))
        case ["export", kind] | ["export", "as", kind] if kind in FORMATS:
            return _exported(i, FORMATS[kind])
        case ["export", *_]:
            raise Unclear(f"a timeline comes as md, csv or json: `{ask.house.command} timeline export md`.")
        case ["show", entry] if _is_number(entry):
            return Do(HideEntry(incident=i.number, entry=int(entry), hidden=False), tell=_shown_again(entry))
    raise Unclear


async def _paged(ask: Ask, number: int | None) -> Answer:
    entries, wordy = await _told(ask)
    return Show(_page(ask.about, entries, wordy, number))


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdecimal() and len(word) < 10


FORMATS = {
    **{"md": Format.MARKDOWN, "markdown": Format.MARKDOWN},
    **{"csv": Format.CSV, "table": Format.CSV, "json": Format.JSON},
}
"""By what words each kind of file is asked for."""


def _which_file(i: Incident) -> Message:
    kinds = {"Markdown": "md", "CSV": "csv", "JSON": "json"}
    buttons = [run(label, i.number, f"timeline export {kind}") for label, kind in kinds.items()]
    return sentence(f"Which format? The timeline of {i.name} comes to you as a file, in a direct message.", buttons)


def _exported(i: Incident, format: Format) -> Do:
    said = sentence(f"The timeline of {i.name} comes to you as a file, in a direct message.")
    return Do(ExportTimeline(incident=i.number, format=format), tell=lambda _: said)


def _shown_again(entry: str) -> Callable[[Outcome], Message]:
    return lambda done: sentence(f"Entry {entry} is on the timeline {'again' if done.events else 'already'}.")


def _page(i: Incident, entries: Sequence[Entry], wordy: Container[Fact], number: int | None) -> Message:
    """One page of the timeline, the last one unless another is asked for. `wordy`: entries that hold people's words."""
    pages = max(1, -(-len(entries) // PAGE))
    at = page_of(pages if number is None else number, pages, f"the timeline of {i.name}")
    shown = entries[(at - 1) * PAGE : at * PAGE]
    head = section(f"*Timeline of {i.name}*" + (f" · page {at} of {pages}" if pages > 1 else ""))
    rows = [_row(i, e, redacts=(e.incident, e.seq) in wordy) for e in shown] or [
        section("Nothing is on the timeline yet.")
    ]
    turns = [("Earlier", at - 1)] * (at > 1) + [("Later", at + 1)] * (at < pages)
    buttons = [Button(label=label, action=actions.RUN, value=f"timeline {i.name} {to}") for label, to in turns]
    export = [run("Export", i.number, "timeline export")] if entries else []
    return Message(f"Timeline of {i.name}", (head, *rows, *([row([*buttons, *export])] if entries else [])))


def _row(i: Incident, e: Entry, *, redacts: bool) -> Block:
    text = "_redacted_" if e.redacted else cut(escape(e.text), SHOWN_WORDS)
    marks = "".join(f" _({mark})_" for mark in _marks(e))
    other = f"INC-{e.incident} " if e.incident != i.number else ""
    told = f"`{other}{e.seq}` {moment(e.at, day=True)} {text}{marks}"
    return section(told) if e.redacted else section(told, accessory=_menu(e, redacts=redacts))


def _marks(e: Entry) -> Iterator[str]:
    """What a reader must know of an entry beyond its words."""
    if e.images:
        yield "with a picture" if len(e.images) == 1 else f"with {len(e.images)} pictures"
    if e.corrected:
        yield "corrected"
    if e.gone:
        yield "deleted in Slack"


def _menu(e: Entry, *, redacts: bool) -> Block:
    """What can be done with an entry: corrected when a person wrote it, redacted when it holds people's words."""
    acts = [("correct", "Correct …")] * e.written + [("hide", "Hide")] + [("redact", "Redact …")] * redacts
    options: list[object] = [{"text": words(label), "value": f"{act}/{e.incident}/{e.seq}"} for act, label in acts]
    return {"type": "overflow", "action_id": f"{actions.ENTRY}#{e.seq}", "options": options}


async def _told(ask: Ask) -> tuple[list[Entry], set[Fact]]:
    """The timeline and which of its entries hold people's words; put together in a thread, for it may be long."""
    return await asyncio.to_thread(_read, await ask.house.reading.history(ask.about.number))


def _read(stored: Sequence[Stored]) -> tuple[list[Entry], set[Fact]]:
    return timeline(stored), {(s.event.incident, s.seq) for s in stored if s.event.words}


async def entry_of(ask: Ask, seq: int) -> Entry:
    """An entry of the timeline as it stands. Raises Refused when it is not there (any more)."""
    entries, _ = await _told(ask)
    found = next((e for e in entries if (e.incident, e.seq) == (ask.about.number, seq)), None)
    if found is None:
        raise Refused("That entry is no longer on the timeline.")
    return found


async def correct_form(ask: Ask, seq: int) -> Form:
    """An entry's words and time, to be put right."""
    entry = await entry_of(ask, seq)
    written = entry.text.partition(": ")[2]
    blocks = (
        section(f"Entry `{seq}`, {moment(entry.at, day=True)}"),
        text_input("text", "Words", initial=written, long=True, most=NOTE_LENGTH),
        text_input("at", "When? Leave it empty to keep the time", optional=True, hint=WHEN_HINT, placeholder="14:05"),
    )
    return Form("correct", f"Correct entry {seq}", blocks, "Correct", ask.about.number, {"entry": str(seq)})


@form("correct")
async def correct_sent(ask: Ask, filled: Filled) -> Answer:
    at = sure_moment(ask, filled.text("at"), "at")
    entry = filled.kept_number("entry")
    return Do(CorrectEntry(incident=ask.about.number, entry=entry, text=filled.text("text"), happened=at))


async def redact_form(ask: Ask, seq: int) -> Form:
    """The last question before an entry's words are gone."""
    entry = await entry_of(ask, seq)
    blocks = (section(" ".join(_warnings(entry))), section(f"`{seq}` {cut(escape(entry.text), SHOWN_WORDS)}"))
    return Form("redact", f"Redact entry {seq}", blocks, "Redact", ask.about.number, {"entry": str(seq)})


def _warnings(e: Entry) -> Iterator[str]:
    """What goes, and what does not."""
    pictures = " and the pictures" if e.images else ""
    yield f"The words{pictures} are removed *for good*, here and wherever they were copied."
    if e.kind == MessageMarked.kind:
        yield "The message itself stays in the room until its author deletes it."
    if e.kind == Declared.kind:
        yield "The room gets a name without the title; Slack's own line about the renaming says the old one."
    yield "Backups, and what PagerDuty was told, keep them. That it was done stays on record."


@form("redact")
async def redact_sent(ask: Ask, filled: Filled) -> Answer:
    return Do(RedactEntry(incident=ask.about.number, entry=filled.kept_number("entry")))


@verb("postmortem", "pm", usage="[draft]", over=True)
async def postmortem(ask: Ask) -> Answer:
    """See where the postmortem stands, or ask for a draft."""
    i = ask.about
    if ask.words.casefold() == "draft":
        return Do(AskForDraft(incident=i.number), tell=lambda done: _state_of(done.incident or i, ask.house))
    if not ask.bare:
        raise Unclear
    return Show(_state_of(i, ask.house))


def _state_of(i: Incident, house: House) -> Message:
    room = f" in {channel(i.room.channel, i.room.name)}" if i.room else ""
    if i.drafts:
        return sentence(f"The postmortem draft of {i.name}, version {i.drafts}, is{room or ' stored'}.")
    draft = Button(label="Write a draft now", action=actions.RUN, value=f"postmortem {i.name} draft")
    if i.review:
        return sentence(f"The postmortem draft of {i.name} is being written, and will be posted{room}.")
    if i.is_open and house.policy.implied_by(i.severity).review and not i.drill:
        return sentence(f"{i.name} is still open. Its postmortem draft follows once it is resolved.", [draft])
    return sentence(f"{_not_owed(i)}.", [draft])


def _not_owed(i: Incident) -> str:
    """Why there is no postmortem."""
    if i.status is Status.CANCELED:
        return f"No postmortem is owed for {i.name}: it was canceled"
    if i.status is Status.MERGED:
        return f"No postmortem is owed for {i.name}: it goes on in {i.goes_on_in}"
    return f"No postmortem is owed for {i.name}: it is {'a drill' if i.drill else escape(i.severity.label)}"
