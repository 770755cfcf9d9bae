"""What is owed afterwards."""

from bot.incident import AskForDraft, Declare, DraftReady, Resolve, StoreDraft
from bot.incident.values import MUSTER
from tests.incident.night import Night


def test_a_draft_is_asked_for_once() -> None:
    night = Night()
    night.ask(Declare(title="x"))
    (asked,) = night.ask(AskForDraft(incident=1))
    assert asked.line() == "Ada asked for a postmortem draft"
    assert night.ask(AskForDraft(incident=1)) == []


def test_a_draft_that_is_owed_anyway_is_not_asked_for() -> None:
    night = Night()
    night.ask(Declare(title="x", severity=1))
    night.ask(Resolve(incident=1))
    assert night.ask(AskForDraft(incident=1)) == []


def test_each_draft_is_the_next_version_of_the_document() -> None:
    night = Night()
    night.ask(Declare(title="x"))
    wish = StoreDraft(incident=1, body="# Postmortem")
    assert wish.document is not None
    assert (wish.document.kind, wish.document.format, wish.document.body) == ("postmortem", "markdown", "# Postmortem")
    versions = [f.version for _ in range(2) for f in night.ask(wish, by=MUSTER) if isinstance(f, DraftReady)]
    assert versions == [1, 2]
    assert night.incident.drafts == 2
    assert night.lines()[-1] == "Postmortem draft, version 2, is ready"
