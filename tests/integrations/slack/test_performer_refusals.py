"""Every promise, refused, rate limited or robbed of its token: nothing is lost, and the reason is plain."""

import pytest
from sqlalchemy import update

from bot.engine import tables as t
from bot.engine.effects import EFFECTS, Effect, GiveUp, Promise, Retry
from bot.engine.promises import promise
from bot.engine.tables import EffectState
from bot.incident import OfferMessages, OpenRunbook, PostUpdate, StoreDraft
from bot.incident.exports import Format
from bot.incident.notes import fingerprint
from bot.incident.people import Person
from bot.incident.steps import Runbook, Step
from bot.incident.values import MUSTER
from bot.integrations.slack import effects as slack
from bot.integrations.slack.catchup_effects import RedrawCatchUps, SendCatchUp
from bot.integrations.slack.link_effects import RemoveBookmark, RetitleBookmarks
from bot.integrations.slack.rates import rate_of
from bot.integrations.slack.runbook_effects import PostRunbook, RefreshRunbook
from bot.integrations.slack.storm_invitations import InviteToStorm
from bot.integrations.slack.timeline_effects import (
    BlankTells,
    PostOffer,
    RefreshOffer,
    SendExport,
    SweepRoom,
    UnnameRoom,
    WithdrawExports,
)
from bot.integrations.slack.update_effects import EditSaid
from bot.integrations.slack.upkeep_effects import ArchiveRoom, RenameRoom, UnarchiveRoom
from bot.integrations.slack.who import AskWho
from bot.sandbox import Rule, Sandbox, SandboxClient
from bot.sandbox.slack import seed
from tests.integrations.slack.hand import BO, Hand, hear

UPDATE = 5
"""Where the first status update stands."""


def one_of_each() -> list[Effect]:
    return [
        slack.OpenRoom(incident=1, name="inc-1-y"),
        slack.PostCard(incident=1),
        slack.RefreshCard(incident=1),
        slack.PinCard(incident=1),
        slack.SetTopic(incident=1),
        slack.Invite(incident=1, people=(BO.id,)),
        slack.AddBookmark(incident=1, title="t", link="https://x.example"),
        slack.PostAnnouncement(incident=1),
        slack.RefreshAnnouncement(incident=1),
        slack.Say(incident=1, seq=3, text="hello"),
        slack.Tell(incident=1, person=BO.id, name="Bo", about="x", text="hello"),
        slack.UploadDraft(incident=1, version=1),
        slack.BlankMessage(incident=1, entry=2),
        slack.WithdrawDrafts(incident=1),
        slack.PostTriage(source="pagerduty", alert="Q1"),
        slack.RefreshTriage(source="pagerduty", alert="Q1"),
        SendCatchUp(incident=1, person=BO.id, name="Bo", why="joined", seq=9),
        RedrawCatchUps(incident=1),
        RenameRoom(incident=1, name="inc-1-z"),
        ArchiveRoom(incident=1),
        UnarchiveRoom(incident=1),
        PostRunbook(incident=1, run=1),
        RefreshRunbook(incident=1, run=1),
        EditSaid(incident=1, entry=UPDATE),
        RemoveBookmark(incident=1, mark=fingerprint("https://x.example")),
        BlankTells(incident=1, entry=2),
        SendExport(incident=1, person=BO.id, name="Bo", format=Format.CSV, seq=9),
        WithdrawExports(incident=1),
        UnnameRoom(incident=1),
        RetitleBookmarks(incident=1),
        SweepRoom(incident=1),
        PostOffer(incident=1, seq=9),
        RefreshOffer(incident=1),
        InviteToStorm(incident=1, people=(BO.id,)),
        AskWho(user=seed.BO, name="Bo"),
    ]


def test_one_of_each_is_every_kind_there_is() -> None:
    kinds = {cls.kind for cls in EFFECTS.values() if issubclass(cls, slack.SlackEffect)}
    assert {e.kind for e in one_of_each()} == kinds


async def furnished(hand: Hand, sandbox: Sandbox) -> None:
    """A room with all that later promises are about."""
    sandbox.slack.settings.limits = "off"
    await hand.engine.directory.remember_people(
        [Person(slack=seed.BO, name="Bo"), Person(pagerduty="PNEW", name="New")]
    )
    await hand.room()
    posted = await hand.engine.handle(PostUpdate(incident=1, condition="hello"), MUSTER)
    assert posted.incident is not None
    assert posted.incident.seq == UPDATE
    await hand.kept(slack.Say(incident=1, seq=UPDATE, text="hello"), "update")
    await hand.engine.database.write(lambda c: c.execute(update(t.effect).values(state=EffectState.KEPT.value)))
    await hand.kept(slack.AddBookmark(incident=1, title="page", link="https://x.example"), "bookmark")
    renamed = Promise(slack.AddBookmark(incident=1, title="[redacted]", link="https://x.example"), "bookmark")
    await hand.engine.database.write(lambda c: promise(c, [(renamed, None)], hand.engine.clock()))
    await hand.engine.handle(StoreDraft(incident=1, body="text"), MUSTER)
    await hear(hand.engine, "Q1")
    await hand.kept(slack.PostCard(incident=1), "card")
    await hand.kept(slack.PostAnnouncement(incident=1), "announcement")
    await hand.kept(slack.Say(incident=1, seq=2, text="hello"), "say")
    await hand.kept(slack.PostTriage(source="pagerduty", alert="Q1"), slack.triage_key("pagerduty", "Q1"))
    await hand.kept(slack.UploadDraft(incident=1, version=1), "draft")
    runbook = Runbook(name="disk", title="Full disk", steps=(Step(number=1, text="Look"),))
    await hand.engine.handle(OpenRunbook(incident=1, runbook=runbook), MUSTER)
    await hand.kept(PostRunbook(incident=1, run=1), "runbook")
    await hand.kept(SendCatchUp(incident=1, person=BO.id, name="Bo", why="joined", seq=8), "catchup")
    await hand.kept(slack.Tell(incident=1, person=BO.id, name="Bo", about="x", text="hello", seq=2), "tell")
    await hand.kept(SendExport(incident=1, person=BO.id, name="Bo", format=Format.CSV, seq=8), "export")
    await offered(hand, sandbox)


async def offered(hand: Hand, sandbox: Sandbox) -> None:
    """A message of somebody's is offered for the timeline."""
    async with SandboxClient(sandbox.url) as hands:
        await hands.slack.join("bo", hand.refs["slack.channel"])
        said = await hands.slack.post("bo", hand.refs["slack.channel"], "rolled back to 4.2")
    await hand.engine.handle(OfferMessages(incident=1, messages=(said["ts"],)), MUSTER)
    await hand.kept(PostOffer(incident=1, seq=8), "offer")


WRITES = {
    "conversations.create",
    "conversations.invite",
    "conversations.setTopic",
    "conversations.rename",
    "conversations.archive",
    "conversations.unarchive",
    "conversations.history",
    "chat.postMessage",
    "chat.update",
    "pins.add",
    "bookmarks.add",
    "bookmarks.remove",
    "bookmarks.edit",
    "files.getUploadURLExternal",
    "files.completeUploadExternal",
    "files.delete",
}


@pytest.mark.parametrize("effect", one_of_each(), ids=lambda e: e.kind)
async def test_each_promise_is_one_write_and_takes_a_token_for_it(hand: Hand, sandbox: Sandbox, effect: Effect) -> None:
    await furnished(hand, sandbox)
    before = sandbox.calls.last
    await hand.kept(effect)
    made = [c.method for c in sandbox.calls.all("slack", since=before) if c.method in WRITES]
    last = made[-1]
    assert made in ([last], ["files.getUploadURLExternal", last], ["conversations.history", last])
    assert f"slack/{last}" in effect.buckets
    assert all(rate_of(bucket) for bucket in effect.buckets)


@pytest.mark.parametrize("effect", one_of_each(), ids=lambda e: e.kind)
async def test_a_dead_token_loses_nothing(hand: Hand, sandbox: Sandbox, hands: SandboxClient, effect: Effect) -> None:
    await furnished(hand, sandbox)
    await hands.slack.revoke_token()
    answer = await hand.do(effect, tries=2)
    assert isinstance(answer, Retry)
    assert "token" in answer.reason
    assert answer.after


@pytest.mark.parametrize("effect", one_of_each(), ids=lambda e: e.kind)
async def test_a_refusal_says_in_plain_words_what_to_do(hand: Hand, sandbox: Sandbox, effect: Effect) -> None:
    await furnished(hand, sandbox)
    for method in WRITES:
        sandbox.faults.add(Rule("slack", method, "error", error="restricted_action", times=None))
    answer = await hand.do(effect)
    assert isinstance(answer, GiveUp)
    assert "ask an admin" in answer.reason


@pytest.mark.parametrize("effect", one_of_each(), ids=lambda e: e.kind)
@pytest.mark.parametrize("fault", ["429", "500", "reset"])
async def test_a_look_that_fails_is_tried_again(hand: Hand, sandbox: Sandbox, effect: Effect, fault: str) -> None:
    await furnished(hand, sandbox)
    await hand.performer.look(slack.OpenRoom(incident=1, name="z"), hand.attempt("z"))
    sandbox.faults.add(Rule("slack", "*", fault, times=None))  # type: ignore[arg-type]
    answer = await hand.look(effect)
    if effect.in_doubt == "look":
        assert isinstance(answer, Retry)
    else:
        assert answer is None


async def test_a_missing_scope_is_named(hand: Hand, sandbox: Sandbox) -> None:
    await furnished(hand, sandbox)
    sandbox.faults.add(Rule("slack", "bookmarks.add", "error", error="missing_scope"))
    answer = await hand.do(slack.AddBookmark(incident=1, title="t", link="https://x.example"))
    assert isinstance(answer, GiveUp)
    assert "scope" in answer.reason


async def test_private_rooms_without_their_scope_say_which_is_missing(hand: Hand, sandbox: Sandbox) -> None:
    sandbox.slack.tokens[seed.BOT_TOKEN].scopes -= {"groups:write", "*"}
    answer = await hand.do(slack.OpenRoom(incident=1, name="inc-1", private=True))
    assert isinstance(answer, GiveUp)
    assert "groups:write" in answer.reason
