"""What Slack says when the timeline is written or put right: notes, corrections, and words that are taken away."""

from collections.abc import Iterator

from bot.engine.effects import Promise
from bot.incident.notes import Corrected, Hidden, Noted, Redacted
from bot.integrations.slack import actions, sentences
from bot.integrations.slack import effects as slack
from bot.integrations.slack.effects import Button
from bot.integrations.slack.fact import Fact


def told(fact: Fact) -> Iterator[Promise]:
    match fact.event:
        case Noted() as e:
            yield from fact.news(sentences.noted(e), *_use_now(fact, e))
        case Corrected() as e:
            yield from fact.news(f"{sentences.plainly(e)} ({e.entry}). `/incident timeline` shows it.")
        case Hidden() as e:
            yield from fact.news(f"{sentences.plainly(e)} of the timeline ({e.entry}).")
        case Redacted() as e:
            yield from _redacted(fact, e)


def _use_now(fact: Fact, e: Noted) -> list[Button]:
    """For a time given by hand, which is a whole minute: it may have been part of the words."""
    by_hand = e.at.second == 0 and e.at.microsecond == 0
    return [Button(label="Use now", action=actions.USE_NOW, value=f"{fact.n}/{fact.after.seq}")] if by_hand else []


def _redacted(fact: Fact, e: Redacted) -> Iterator[Promise]:
    yield Promise(slack.BlankMessage(incident=fact.n, entry=e.entry), fact.key("blank"))
    yield from fact.news(f"{sentences.plainly(e)} ({e.entry}). Its words are gone.")
    if version := fact.after.drafts:
        yield Promise(slack.WithdrawDrafts(incident=fact.n), fact.key("withdraw-drafts"))
        anew = slack.UploadDraft(incident=fact.n, version=version, redaction=fact.after.seq)
        yield Promise(anew, f"draft/{fact.n}/{version}/{fact.after.seq}")
