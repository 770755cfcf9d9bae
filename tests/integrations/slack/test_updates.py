"""Status updates in Slack: who hears them, how they read, and that an edit reaches every place where they were said."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from sqlalchemy import update

from bot.documents.wording import shipped_wording
from bot.engine import tables as t
from bot.engine.effects import Promise, Retry
from bot.engine.handle import Engine
from bot.engine.outbox import Outbox
from bot.engine.promises import save_refs
from bot.engine.tables import EffectState
from bot.incident import (
    AssignRole,
    Declare,
    EditUpdate,
    Follow,
    GiveTask,
    LeaveRole,
    PostUpdate,
    RecordMember,
    RedactEntry,
)
from bot.incident.lifecycle import Resolved
from bot.incident.model import Event, Incident
from bot.incident.people import Person
from bot.incident.policy import Policy
from bot.incident.updates import UpdateEdited, UpdatePosted
from bot.incident.values import Actor
from bot.integrations.slack import effects as slack
from bot.integrations.slack import update_words
from bot.integrations.slack.blocks import sentence
from bot.integrations.slack.commands import Spoken, answer
from bot.integrations.slack.fact import Places
from bot.integrations.slack.limits import violations
from bot.integrations.slack.modals import Filled, Memo, view
from bot.integrations.slack.outbound import announcer
from bot.integrations.slack.refs import say_ref, tell_ref
from bot.integrations.slack.timeline_effects import BlankTells
from bot.integrations.slack.update_effects import EditSaid
from bot.integrations.slack.update_verbs import edit_previewed, update_previewed
from bot.integrations.slack.verbs import House, Open
from bot.sandbox import Sandbox, SandboxClient
from tests.integrations.slack import states
from tests.integrations.slack.hand import ADA as SEED_ADA
from tests.integrations.slack.hand import BO as SEED_BO
from tests.integrations.slack.hand import Hand, writes
from tests.integrations.slack.nights import ADA, BO, NIGHT, TWO
from tests.stories.screen import words

AT = TWO + timedelta(minutes=20)
OURS = shipped_wording()
POSTED = UpdatePosted(
    incident=42, at=AT, by=ADA, update=3, condition="1 in 5 fails", needs="hands", next_due=AT + timedelta(minutes=30)
)
DUE = f"<!date^{int((AT + timedelta(minutes=30)).timestamp())}^{{time}}|2026-11-21 03:00 UTC>"
GONE = "_This entry was redacted._"
AMPERSAND = Actor(id="slack:U0AMP00001", name="&" * 90)
FOLLOWED = NIGHT.but(followers=(ADA, BO))


def promised(event: Event, before: Incident = NIGHT) -> list[Promise]:
    after = event.apply(before).but(seq=before.seq + 1)
    return list(announcer(Places())(event, before, after, Policy()))


def tells(event: Event, before: Incident) -> list[slack.Tell]:
    return [p.effect for p in promised(event, before) if isinstance(p.effect, slack.Tell)]


def test_the_room_hears_an_update_and_everything_that_shows_it_is_refreshed() -> None:
    made = promised(POSTED)
    assert [p.effect.kind for p in made] == ["say", "refresh_card", "set_topic", "refresh_announcement"]
    said = made[0].effect
    assert isinstance(said, slack.Say)
    assert said.text == f"*Update 3* by Ada Nwosu\n1 in 5 fails\n*Needed:* hands\nNext update by {DUE}."
    assert [(b.label, b.value) for b in said.buttons] == [("Edit", "INC-42 update edit 3"), ("Follow", "42/yes")]


def test_an_update_said_before_the_room_is_there_waits_for_it() -> None:
    assert [p.effect.kind for p in promised(POSTED, NIGHT.but(room=None))] == ["say"]


def test_who_follows_is_told_in_private_with_where_it_is_and_who_said_it_is_not() -> None:
    (tell,) = tells(POSTED, FOLLOWED)
    assert tell.person == BO.id
    assert tell.text.startswith("*INC-42* · SEV1 · investigating · Checkout errors above 5 % · <#C0ROOM>\n*Update 3*")
    assert [(b.label, b.value) for b in tell.buttons] == [("Unfollow", "42/no")]
    over = Resolved(incident=42, at=AT, by=ADA, review=False)
    (told,) = tells(over, FOLLOWED)
    assert told.person == BO.id
    assert "*resolved* INC-42" in told.text


def test_of_a_private_incident_only_who_is_in_it_is_told() -> None:
    hidden = FOLLOWED.but(private=True)
    assert tells(POSTED, hidden) == []
    (tell,) = tells(POSTED, hidden.but(members=(BO.id,)))
    assert tell.person == BO.id


def test_an_edit_is_said_nowhere_anew_but_brought_to_where_it_was_said() -> None:
    edited = UpdateEdited(incident=42, at=AT, by=BO, update=3, entry=10, condition="1 in 10 fails")
    after_update = POSTED.apply(FOLLOWED).but(seq=10)
    made = promised(edited, after_update)
    assert [p.effect for p in made if p.effect.kind != "refresh_announcement"][:1] == [EditSaid(incident=42, entry=10)]
    assert not {"say", "tell"} & {p.effect.kind for p in made}


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(states.words, states.words, states.words, states.incidents)
@example("&" * 1_000, "<" * 600, ">" * 600, NIGHT.but(title="&" * 200, declared_by=AMPERSAND))
def test_whatever_people_write_an_update_is_a_message_that_slack_takes(
    one: str, two: str, three: str, i: Incident
) -> None:
    parts = {"condition": one[:1_000], "actions": two[:600], "needs": three[:600]}
    nasty = POSTED.model_copy(update={**parts, "by": i.declared_by})
    edit = UpdateEdited(incident=42, at=AT, by=i.declared_by, update=3, entry=10, **parts)
    for text in (update_words.in_room(OURS, nasty, edit), update_words.in_private(OURS, i, nasty, edit)):
        assert violations(sentence(text, update_words.room_buttons(NIGHT, 3))) == []
        assert "<!channel>" not in text


async def anybody(_person: Person, _incident: Incident | None) -> None:
    """Nobody is refused."""


def filled(**typed: str) -> Filled:
    values = {name: {f"in/{name}": {"value": said}} for name, said in typed.items()}
    chosen = {"next": {"in/next": {"selected_option": {"value": "15"}}}}
    extra = {"update": "4", "every": "30", "label": "SEV1", "entry": "17", "by": "Ada", "editor": "Bo"}
    return Filled({**values, **chosen}, extra, "preview")


async def test_a_preview_shows_what_is_typed_and_keeps_the_fields(engine: Engine) -> None:
    house = House(engine.policy, engine.directory, engine.reading, lambda: True, anybody)
    memo = Memo(verb="update", incident=42)
    form = await update_previewed(house, memo, filled(condition="<!here> 1 in 5", actions="Bo rolls back"))
    shown = words(view(form))
    so = "*So it will look*\n*Update 4* by Ada\n"
    assert f"{so}&lt;!here&gt; 1 in 5\n*Doing:* Bo rolls back\nNext update in 15 min." in shown
    assert [b.get("block_id") for b in form.blocks if b["type"] == "input"] == ["condition", "actions", "needs", "next"]
    assert (form.title, form.incident, form.extra["update"]) == ("Update on INC-42", 42, "4")
    edit = await edit_previewed(house, memo, filled(condition="1 in 10"))
    assert "*Update 4* by Ada · put right by Bo\n1 in 10" in words(view(edit))
    assert edit.extra == {"entry": "17", "update": "4", "by": "Ada", "editor": "Bo"}


async def begun_with(house: House) -> dict[str, str]:
    """What the form of the next update begins with."""
    ada = Person(slack=SEED_ADA.foreign_id, name="Ada")
    opened = await answer(house, Spoken("INC-1 update", ada, "COPS", AT))
    assert isinstance(opened, Open)
    fields: Any = [block for block in opened.form.blocks if block["type"] == "input"]
    return {f["block_id"]: f["element"].get("initial_value", "") for f in fields if f["block_id"] != "next"}


async def test_the_next_update_begins_with_the_last_one_and_never_with_what_was_redacted(engine: Engine) -> None:
    house = House(engine.policy, engine.directory, engine.reading, lambda: True, anybody)
    await engine.handle(Declare(title="Checkout errors", summary="cards are refused"), SEED_ADA)
    assert await begun_with(house) == {"condition": "cards are refused", "actions": "", "needs": ""}
    posted = PostUpdate(incident=1, condition="1 in 5 fails", needs="hands")
    i = (await engine.handle(posted, SEED_ADA)).incident
    assert i is not None
    assert await begun_with(house) == {"condition": "1 in 5 fails", "actions": "", "needs": "hands"}
    await engine.handle(RedactEntry(incident=1, entry=i.seq), SEED_ADA)
    assert await begun_with(house) == {"condition": "cards are refused", "actions": "", "needs": ""}


async def said_and_told(engine: Engine, outbox: Outbox) -> int:
    """An update in the room and with Bo, who follows; where it stands."""
    await engine.handle(Declare(title="Checkout errors", severity=3), SEED_ADA)
    await engine.handle(Follow(incident=1), SEED_BO)
    i = (await engine.handle(PostUpdate(incident=1, condition="1 in 5 fails"), SEED_ADA)).incident
    assert i is not None
    await outbox.idle()
    return i.seq


async def seen(engine: Engine, hands: SandboxClient, entry: int) -> tuple[str, str]:
    """The update as the room and Bo read it."""
    refs = await engine.reading.refs(1)
    there = [*await hands.slack.messages(refs["slack.channel"]), *await hands.slack.dm("bo")]
    by_ts = {message["ts"]: words(message) for message in there}
    room, private = (refs[name].partition("/")[2] for name in (say_ref(entry), tell_ref(entry, SEED_BO.id)))
    return by_ts[room], by_ts[private]


async def test_an_edit_reaches_the_room_and_who_was_told(engine: Engine, outbox: Outbox, hands: SandboxClient) -> None:
    entry = await said_and_told(engine, outbox)
    await engine.handle(EditUpdate(incident=1, entry=entry, condition="1 in 10 fails"), SEED_BO)
    await outbox.idle()
    room, private = await seen(engine, hands, entry)
    for text in (room, private):
        assert "1 in 10 fails" in text
        assert "put right by Bo" in text
    assert private.startswith("*INC-1*")
    assert room.startswith("*Update 1*")


async def test_an_edit_is_not_told_to_who_may_not_see_the_incident_any_more(
    engine: Engine, outbox: Outbox, hands: SandboxClient
) -> None:
    await engine.handle(Declare(title="Keys leaked", severity=3, private=True), SEED_ADA)
    await engine.handle(AssignRole(incident=1, role="scribe", person=SEED_BO), SEED_BO)
    await engine.handle(Follow(incident=1), SEED_BO)
    i = (await engine.handle(PostUpdate(incident=1, condition="three keys"), SEED_ADA)).incident
    assert i is not None
    await outbox.idle()
    await engine.handle(LeaveRole(incident=1, role="scribe"), SEED_BO)
    channel = (await engine.reading.refs(1))["slack.channel"]
    await engine.handle(RecordMember(incident=1, channel=channel, person=SEED_BO, here=False), SEED_BO)
    await engine.handle(EditUpdate(incident=1, entry=i.seq, condition="all the keys"), SEED_ADA)
    await outbox.idle()
    room, private = await seen(engine, hands, i.seq)
    assert "all the keys" in room
    assert "all the keys" not in private


async def test_no_lock_screen_shows_what_a_private_incident_is_about(
    engine: Engine, outbox: Outbox, hands: SandboxClient
) -> None:
    await engine.handle(Declare(title="Keys leaked", severity=3, private=True), SEED_ADA)
    await engine.handle(GiveTask(incident=1, text="change the keys", to=SEED_BO), SEED_ADA)
    await outbox.idle()
    told = (await hands.slack.dm("bo"))[0]
    assert told["text"] == "INC-1 · SEV3 · investigating · private"
    assert "change the keys" in str(told["blocks"])


async def test_an_edit_waits_for_the_update_itself(hand: Hand, sandbox: Sandbox) -> None:
    await hand.room()
    i = (await hand.engine.handle(PostUpdate(incident=1, condition="1 in 5 fails"), SEED_ADA)).incident
    assert i is not None
    await hand.engine.handle(EditUpdate(incident=1, entry=i.seq, condition="1 in 10 fails"), SEED_BO)
    await hand.kept(slack.Say(incident=1, seq=i.seq, text="1 in 5 fails"), "by hand")
    assert isinstance(await hand.do(EditSaid(incident=1, entry=i.seq)), Retry), "what was promised is not kept yet"
    assert writes(sandbox, "chat.update") == 0


async def said_meanwhile(hand: Hand) -> int:
    """An update that was said and told after a claim was taken: the hand knows only the room; where it stands."""
    await hand.room()
    await hand.engine.handle(Follow(incident=1), SEED_BO)
    i = (await hand.engine.handle(PostUpdate(incident=1, condition="1 in 5 fails"), SEED_ADA)).incident
    assert i is not None
    told = slack.Tell(incident=1, person=SEED_BO.id, name="Bo", about="of it", text="1 in 5 fails", seq=i.seq)
    before = dict(hand.refs)
    receipts = [await hand.kept(slack.Say(incident=1, seq=i.seq, text="1 in 5 fails")), await hand.kept(told, "told")]
    refs = [ref for receipt in receipts for ref in receipt.refs]
    await hand.engine.database.write(lambda c: save_refs(c, 1, refs))
    await hand.engine.database.write(lambda c: c.execute(update(t.effect).values(state=EffectState.KEPT.value)))
    hand.refs = before
    return i.seq


async def test_an_edit_that_was_claimed_while_the_update_was_said_reaches_it(hand: Hand, hands: SandboxClient) -> None:
    entry = await said_meanwhile(hand)
    await hand.engine.handle(EditUpdate(incident=1, entry=entry, condition="1 in 10 fails"), SEED_BO)
    await hand.kept(EditSaid(incident=1, entry=entry))
    there = [*await hands.slack.messages(hand.refs["slack.channel"]), *await hands.slack.dm("bo")]
    assert ["1 in 10 fails" in words(message) for message in there] == [True, True]


async def test_a_redaction_that_was_claimed_while_the_update_was_told_takes_it_back(
    hand: Hand, hands: SandboxClient
) -> None:
    entry = await said_meanwhile(hand)
    await hand.engine.handle(RedactEntry(incident=1, entry=entry), SEED_ADA)
    await hand.kept(BlankTells(incident=1, entry=entry))
    assert [words(message) for message in await hands.slack.dm("bo")] == [GONE]


async def test_a_redacted_edit_is_gone_where_the_update_was_said(
    engine: Engine, outbox: Outbox, hands: SandboxClient, hand: Hand
) -> None:
    entry = await said_and_told(engine, outbox)
    edit = (await engine.handle(EditUpdate(incident=1, entry=entry, condition="the secret"), SEED_BO)).incident
    assert edit is not None
    await outbox.idle()
    await engine.handle(RedactEntry(incident=1, entry=edit.seq), SEED_ADA)
    await outbox.idle()
    assert [text.splitlines()[0] for text in await seen(engine, hands, entry)] == [GONE, GONE]
    assert "secret" not in str([s.event.model_dump_json() for s in await engine.reading.events(1)])
    hand.refs = await engine.reading.refs(1)
    await hand.kept(EditSaid(incident=1, entry=entry))
    assert (await seen(engine, hands, entry))[0] == GONE, "an edit that comes late brings nothing back"
