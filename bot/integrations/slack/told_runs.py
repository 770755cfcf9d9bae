"""What Slack says as a runbook is followed: its message goes along; aloud is said only what must be noticed."""

from collections.abc import Iterator

from bot.engine.effects import Promise
from bot.incident.lifecycle import Canceled, Declared, Reopened, Resolved
from bot.incident.notes import Redacted
from bot.incident.runs import ActionFinished, ActionStarted, RunbookOpened, StepTicked, matching
from bot.incident.steps import Outcome
from bot.integrations.slack import asking, sentences
from bot.integrations.slack.effects import Button
from bot.integrations.slack.fact import Fact
from bot.integrations.slack.runbook_effects import PostRunbook, RefreshRunbook
from bot.integrations.slack.runbook_message import MARKS


def told(fact: Fact) -> Iterator[Promise]:
    if fact.moves:
        yield from _posted_anew(fact)
        return
    match fact.event:
        case Declared():
            yield from _bookmarked(fact)
        case RunbookOpened() as e:
            yield Promise(PostRunbook(incident=fact.n, run=e.run), f"runbook/{fact.n}/{e.run}")
        case StepTicked() as e:
            yield _refreshed(fact, e.run)
            yield from _failed(fact, e)
        case ActionStarted() as e:
            yield _refreshed(fact, e.run)
        case ActionFinished() as e:
            yield _refreshed(fact, e.run)
            mark = MARKS[Outcome.DONE if e.ok else Outcome.FAILED]
            yield from fact.say(f"{mark} {sentences.plainly(e)}", _look(fact, e))
        case Resolved() | Canceled() | Reopened() | Redacted():
            yield from (_refreshed(fact, run.number) for run in fact.after.runs)


def _refreshed(fact: Fact, run: int) -> Promise:
    return Promise(RefreshRunbook(incident=fact.n, run=run), fact.key(f"refresh-runbook/{run}"))


def _posted_anew(fact: Fact) -> Iterator[Promise]:
    """In the room where it goes on; in the one before, nothing is left of it but a line."""
    for run in fact.after.runs:
        left = RefreshRunbook(incident=fact.n, run=run.number, room=fact.room - 1)
        yield Promise(left, fact.key(f"leave-runbook/{run.number}"))
        again = PostRunbook(incident=fact.n, run=run.number, room=fact.room)
        yield Promise(again, f"runbook/{fact.n}/{run.number}/{fact.room}")


def _bookmarked(fact: Fact) -> Iterator[Promise]:
    """The page of the runbook that fits best, in the room's bar."""
    for runbook in matching(fact.after, fact.places.runbooks)[:1]:
        yield from fact.bookmark(f"Runbook: {runbook.title}", runbook.url)


def _failed(fact: Fact, e: StepTicked) -> Iterator[Promise]:
    if e.outcome is Outcome.FAILED:
        yield from fact.news(f"{MARKS[e.outcome]} {sentences.plainly(e)}", _look(fact, e))


def _look(fact: Fact, e: StepTicked | ActionFinished) -> Button:
    run = fact.after.runs[e.run - 1]
    return asking.run(f"Show step {e.step}", fact.n, f"runbook {run.runbook} show {e.step}")
