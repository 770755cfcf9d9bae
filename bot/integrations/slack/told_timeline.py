"""What Slack says when the timeline is written, put right, offered or taken out: and how words are taken away."""

from collections.abc import Iterator

from bot.engine.effects import Promise
from bot.incident.exports import Exported
from bot.incident.lifecycle import Resolved
from bot.incident.milestones import Offered
from bot.incident.notes import Corrected, Hidden, MessageMarked, MessageUnmarked, Noted, Redacted
from bot.integrations.slack import actions, sentences
from bot.integrations.slack import effects as slack
from bot.integrations.slack.asking import run
from bot.integrations.slack.effects import Button
from bot.integrations.slack.fact import Fact
from bot.integrations.slack.link_effects import RetitleBookmarks
from bot.integrations.slack.timeline_effects import (
    BlankTells,
    PostOffer,
    RefreshOffer,
    SendExport,
    SweepRoom,
    UnnameRoom,
    WithdrawExports,
)


def told(fact: Fact) -> Iterator[Promise]:
    match fact.event:
        case Noted() as e:
            yield from fact.news(sentences.noted(e), *_use_now(fact, e))
        case Corrected(followed=False) as e:
            yield from fact.news(f"{sentences.plainly(e)} ({e.entry}). `/incident timeline` shows it.")
        case Hidden() as e:
            again = run("Show it again", fact.n, f"timeline show {e.entry}")
            yield from fact.news(f"{sentences.plainly(e)} of the timeline ({e.entry}).", *[again] * e.hidden)
        case Redacted() as e:
            yield from _redacted(fact, e)
        case Resolved() if fact.in_room:
            yield Promise(SweepRoom(incident=fact.n), fact.key("sweep"))
        case Offered() as e:
            yield from _offered(fact, e)
        case MessageMarked(ts=ts) | MessageUnmarked(ts=ts) if ts in fact.after.offered:
            yield Promise(RefreshOffer(incident=fact.n), fact.key("refresh-offer"))
        case Exported() as e:
            yield _export(fact, e)


def _use_now(fact: Fact, e: Noted) -> list[Button]:
    """For a time given by hand: it may have been part of the words."""
    use_now = Button(label="Use now", action=actions.USE_NOW, value=f"{fact.n}/{fact.after.seq}")
    return [use_now] if e.written is not None else []


def _redacted(fact: Fact, e: Redacted) -> Iterator[Promise]:
    yield Promise(slack.BlankMessage(incident=fact.n, entry=e.entry), fact.key("blank"))
    yield Promise(BlankTells(incident=fact.n, entry=e.entry), fact.key("blank-tells"))
    yield Promise(WithdrawExports(incident=fact.n), fact.key("withdraw-exports"))
    yield Promise(RetitleBookmarks(incident=fact.n), fact.key("retitle-bookmarks"))
    for room in e.rooms:
        yield Promise(UnnameRoom(incident=fact.n, room=room), fact.key(f"unname-room/{room}"))
    if fact.after.offered:
        yield Promise(RefreshOffer(incident=fact.n), fact.key("refresh-offer"))
    yield from fact.news(f"{sentences.plainly(e)} ({e.of if e.source else e.entry}). Its words are gone.")
    if version := fact.after.drafts:
        yield Promise(slack.WithdrawDrafts(incident=fact.n), fact.key("withdraw-drafts"))
        anew = slack.UploadDraft(incident=fact.n, version=version, redaction=fact.after.seq)
        yield Promise(anew, f"draft/{fact.n}/{version}/{fact.after.seq}")


def _offered(fact: Fact, e: Offered) -> Iterator[Promise]:
    """What is offered is posted once and shrinks in place; what is taken back goes from there."""
    if e.messages:
        yield Promise(PostOffer(incident=fact.n, seq=fact.after.seq), fact.key("offer"))
    else:
        yield Promise(RefreshOffer(incident=fact.n), fact.key("refresh-offer"))


def _export(fact: Fact, e: Exported) -> Promise:
    seq = fact.after.seq
    sent = SendExport(incident=fact.n, person=e.by.id, name=e.by.name, format=e.format, seq=seq)
    return Promise(sent, fact.key("export"))
