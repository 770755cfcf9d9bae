"""The performer under the real outbox: two round trips to a usable room, and messages that read well."""

from bot.engine.outbox import Outbox
from bot.engine.pace import Pace
from bot.incident import AddNote, AssignRole, Declare, SetSeverity
from bot.integrations.slack import effects as slack
from bot.integrations.slack.rates import rate_of
from bot.sandbox import Sandbox, SandboxClient
from bot.sandbox.calls import Call
from bot.sandbox.slack import seed
from tests.integrations.slack.hand import ADA, BO, CHECKOUT, Hand, known


def over(call: Call) -> float:
    """When the call was answered."""
    return call.at + (call.seconds or 0.0)


async def test_a_war_room_is_usable_after_two_sequential_calls(hand: Hand, sandbox: Sandbox) -> None:
    await known(hand.engine)
    await hand.performer.perform(slack.OpenRoom(incident=99, name="warm"), hand.attempt("warm"))
    outbox = Outbox(hand.engine, {"slack": hand.performer}, Pace(rate_of))
    await outbox.start()
    sandbox.faults.latency["slack"] = 0.12
    since = sandbox.calls.last
    await hand.engine.handle(Declare(title="Checkout errors", severity=3, services=(CHECKOUT,)), ADA)
    await outbox.idle()
    await outbox.stop()
    calls = sandbox.calls.all("slack", since=since)
    create = next(c for c in calls if c.method == "conversations.create")
    card = next(c for c in calls if c.method == "chat.postMessage" and str(c.args["text"]).startswith("INC-1"))
    invite = next(c for c in calls if c.method == "conversations.invite")
    there = over(create)
    for second in (card, invite):
        between = [c.method for c in calls if c.at >= there and over(c) <= second.at]
        assert between == [], "a call stood between the room and its use"
    room = next(c for c in sandbox.slack.channels.values() if c.name == "inc-1-checkout-errors")
    assert {seed.ADA, seed.BO} <= set(room.members)
    assert room.topic["value"].startswith("SEV3")
    assert len(room.pins) == 1


async def test_an_ordinary_incident_reads_well_from_beginning_to_end(
    hand: Hand, hands: SandboxClient, outbox: Outbox
) -> None:
    await known(hand.engine)
    await hand.engine.handle(Declare(title="Checkout errors", severity=3, services=(CHECKOUT,)), ADA)
    await outbox.idle()
    await hand.engine.handle(AssignRole(incident=1, role="scribe", person=BO), BO)
    await hand.engine.handle(SetSeverity(incident=1, to=2), ADA)
    await hand.engine.handle(AddNote(incident=1, text="rolled back <!channel>"), BO)
    await outbox.idle()
    room = await hands.slack.messages("inc-1-checkout-errors")
    told = [m["text"] for m in room if "INC-1 ·" not in m["text"]]
    assert told[0] == "Bo is Scribe."
    assert told[1].startswith("Ada raised the severity from SEV3 to SEV2")
    assert told[-1].endswith("rolled back &lt;!channel&gt;")
    (duties,) = [m["text"] for m in await hands.slack.dm("bo")]
    assert duties.startswith("You are Scribe of INC-1 <#C")
    assert [p for p in await hands.slack.pings() if p["by"] == seed.BOT_USER and p["notified"]] == []
    assert await hand.engine.reading.effects() == [] or all(
        s.system != "slack" for s in await hand.engine.reading.effects()
    )


async def test_incident_after_incident_goes_over_the_same_few_connections(
    hand: Hand, sandbox: Sandbox, outbox: Outbox
) -> None:
    for title in ("one", "two", "three", "four"):
        await hand.engine.handle(Declare(title=title, severity=3), ADA)
        await outbox.idle()
    assert len(sandbox.calls.all("slack")) > 24
    assert sandbox.calls.connections("slack") <= 8, "no more than go side by side at once"
