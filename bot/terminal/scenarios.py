"""The three stories that the demo plays by itself: a bad deploy, a storm of alerts, a private security incident."""

import contextlib
from collections.abc import Sequence

from bot.sandbox import Impossible
from bot.sandbox.slack.seed import BO, DEV, OPS
from bot.terminal.player import ANNOUNCED, PAGER, ROOM, WEATHER, Beat, Scenario
from bot.terminal.scene import Scene

DEAD = 2.0
"""Seconds that the bot stays dead, while people go on."""
BETWEEN = 0.6
"""Seconds between two alerts of a storm."""
STORM: Sequence[tuple[str, str, str | None]] = (
    ("search", "Search latency above 4 s", None),
    ("cdn", "Origin unreachable from two regions", None),
    ("mail", "Order mails wait for more than 10 minutes", None),
    ("payments", "Card payments time out", None),
    ("identity", "Logins fail with 503", None),
    ("checkout", "Checkout answers 5xx to every second request", "P1"),
)
"""Service, title and priority: the fifth service makes it a storm."""


async def _nothing(scene: Scene) -> None:
    """Nobody does anything: there is something to see."""


async def _fires(scene: Scene) -> None:
    await scene.fire("checkout", "Checkout answers 5xx to every fifth request", "P2")
    await scene.enter()


async def _gathers(scene: Scene) -> None:
    await scene.seen("Checkout answers 5xx")
    await scene.until(lambda: scene.has(BO), "nobody on call was invited")


async def _commands(scene: Scene) -> None:
    await scene.hands.slack.join("ada", scene.room)
    await scene.say("ada", "lead")
    await scene.seen("*Incident Commander*")


async def _communicates(scene: Scene) -> None:
    await scene.hands.slack.join("carla", scene.room)
    await scene.say("carla", "role comms")
    await scene.seen("*Communications*")


async def _suspects(scene: Scene) -> None:
    await scene.hands.slack.join("dev", scene.room)
    posted = await scene.hands.slack.post("dev", scene.room, "Every error comes from the hosts with checkout 2026.11.3")
    await scene.hands.slack.react("ada", scene.room, posted["ts"], "pushpin")
    await scene.until(lambda: scene.knows("hosts with checkout 2026.11.3"), "the message is not on the timeline")


async def _worsens(scene: Scene) -> None:
    await scene.say("ada", "sev 1")
    await scene.seen("raised the severity")


async def _updates(scene: Scene) -> None:
    await scene.say("carla", "update")
    await scene.hands.slack.wait_for_modal("carla", "How do things stand?")
    said = {
        "condition": "One in five orders fails at the last step. Nobody is charged twice.",
        "actions": "Bo rolls checkout back to 2026.11.2",
    }
    await scene.hands.slack.submit("carla", said, wait=0)
    await scene.until(lambda: scene.knows("One in five orders fails"), "the update was not posted")


async def _dies(scene: Scene) -> None:
    await scene.bot.kill()


async def _goes_on(scene: Scene) -> None:
    await scene.hands.pagerduty.acknowledge(scene.alerts[0], by="Bo")
    await scene.hands.slack.post("bo", scene.room, "Rolling back now, ten minutes")
    await scene.rest(DEAD)


async def _returns(scene: Scene) -> None:
    await scene.bot.start()
    await scene.until(lambda: scene.knows("acknowledged the alert"), "the acknowledgement was lost")


async def _watches(scene: Scene) -> None:
    await scene.say("ada", "status monitoring")
    await scene.seen("moved it to *monitoring*")


async def _hands_over(scene: Scene) -> None:
    await scene.say("ada", "handover @bo")
    await scene.until(lambda: scene.knows("Bo Lind"), "nobody took over")


async def _resolves(scene: Scene) -> None:
    await scene.say("bo", "resolve Rolled back to 2026.11.2")
    await scene.seen("*resolved*")
    await scene.until(scene.is_calm, "PagerDuty still has an open incident")


async def _drafts(scene: Scene) -> None:
    await scene.until(scene.has_file, "no draft came")


BAD_DEPLOY = Scenario(
    "deploy",
    "A bad deploy",
    "An alert, an update, a rollback; and the bot is killed in the middle of it.",
    (
        Beat("Twenty-five minutes after a deploy, PagerDuty fires for checkout.", "bo", PAGER, _fires, 4),
        Beat(
            "A war room opens by itself. Bo, who is on call, is in it, and a card tells what is known.",
            "bo",
            ROOM,
            _gathers,
            5,
        ),
        Beat("Ada takes command.", "ada", ROOM, _commands),
        Beat("Carla of customer support takes communications.", "carla", ROOM, _communicates),
        Beat("Dev finds the cause. Ada's 📌 puts his message on the timeline.", "dev", ROOM, _suspects, 4),
        Beat("It is worse than thought: Ada raises it to SEV1, and who must know is paged.", "ada", ROOM, _worsens, 4),
        Beat("Carla tells everybody how things stand, in the room and in #incidents.", "carla", ROOM, _updates, 4),
        Beat("Now the bot's process is killed.", "ada", WEATHER, _dies, 3),
        Beat("Bo acknowledges in PagerDuty and rolls back. Nobody listens.", "bo", ROOM, _goes_on, 2),
        Beat(
            "The bot is started again, and does what it owes: it heard of the acknowledgement after all.",
            "bo",
            ROOM,
            _returns,
            4,
        ),
        Beat("The errors are gone. Ada says that it is being watched.", "ada", ROOM, _watches),
        Beat("Ada's day ends: she hands command to Bo.", "ada", ROOM, _hands_over, 3),
        Beat("Bo resolves it. PagerDuty is told.", "bo", ROOM, _resolves, 4),
        Beat("The postmortem draft is there: a file with the timeline, and without blame.", "bo", ROOM, _drafts, 6),
    ),
)


async def _rumbles(scene: Scene) -> None:
    for service in ("cdn", "mail"):
        with contextlib.suppress(Impossible):  # it is there from the time before
            await scene.hands.pagerduty.create_service(service, "Incident commanders")
    await _fire(scene, STORM[:4])


async def _breaks(scene: Scene) -> None:
    await _fire(scene, STORM[4:])
    await scene.enter("ada")
    await scene.until(lambda: scene.has_said("Many services alert at once"), "the storm was not seen as one")


async def _fire(scene: Scene, alerts: Sequence[tuple[str, str, str | None]]) -> None:
    for alert in alerts:
        await scene.fire(*alert)
        await scene.rest(BETWEEN)


async def _looks(scene: Scene) -> None:
    await scene.say("ada", "alerts")
    await scene.hands.slack.wait_for_ephemeral("ada", "Alerts of INC")


async def _splits(scene: Scene) -> None:
    await scene.say("ada", "alerts split payments")
    await scene.enter("finn")
    await scene.say("finn", "lead")
    await scene.seen("*Incident Commander*")


async def _mends_payments(scene: Scene) -> None:
    await scene.say("finn", "resolve The card gateway answers again")
    await scene.seen("*resolved*")


async def _finds_cause(scene: Scene) -> None:
    scene.go(0)
    await scene.say("ada", "note A network change cut two regions off; it is being taken back")
    await scene.seen("A network change")


async def _clears(scene: Scene) -> None:
    await scene.say("ada", "resolve The network change is taken back")
    await scene.seen("*resolved*")
    await scene.until(scene.is_calm, "PagerDuty still has an open incident")


A_STORM = Scenario(
    "storm",
    "A storm",
    "Six services alert within a minute: one room for all, and one service split off.",
    (
        Beat(
            "Four services alert, one after the other. Each waits in #incidents for a decision.",
            "dev",
            ANNOUNCED,
            _rumbles,
            3,
        ),
        Beat("The fifth and the sixth: that is a storm. One incident takes them all in.", "ada", ROOM, _breaks, 5),
        Beat("Ada takes command, of one room instead of six.", "ada", ROOM, _commands, 3),
        Beat("She looks at the alerts, the worst first.", "ada", ROOM, _looks, 4),
        Beat("Payments is something else. She splits it off, and Finn takes that one.", "finn", ROOM, _splits, 4),
        Beat("The card gateway answers again: Finn resolves his part.", "finn", ROOM, _mends_payments, 4),
        Beat("In the storm's room the cause is found and written down.", "ada", ROOM, _finds_cause, 3),
        Beat("It clears up. Ada resolves the rest, and PagerDuty with it.", "ada", ROOM, _clears, 6),
    ),
)


async def _declares(scene: Scene) -> None:
    scene.host = "emi"
    await scene.hands.slack.command("emi", "#ops", "declare Somebody reads customer data from outside", wait=0)
    await scene.hands.slack.wait_for_modal("emi", "Declare")
    await scene.hands.slack.submit("emi", {"severity": "2", "command": ["yes", "private"]}, wait=0)
    await scene.enter()


async def _is_silent(scene: Scene) -> None:
    await scene.seen("Somebody reads customer data")


async def _asks_in(scene: Scene) -> None:
    await scene.say("emi", "invite @dev @ada")
    await scene.until(lambda: scene.has(DEV), "Dev was not let in")


async def _finds_key(scene: Scene) -> None:
    posted = await scene.hands.slack.post("dev", scene.room, "An access key from a public repository. It is revoked.")
    await scene.hands.slack.react("emi", scene.room, posted["ts"], "pushpin")
    await scene.until(lambda: scene.knows("It is revoked"), "the message is not on the timeline")


async def _gives_task(scene: Scene) -> None:
    await scene.say("emi", "task List what was read with the key @dev 30m")
    await scene.until(lambda: scene.knows("List what was read"), "the task was not given")


async def _is_over(scene: Scene) -> None:
    await scene.say("emi", "resolve The key is revoked, two records were read")
    await scene.seen("*resolved*")


PRIVATE = Scenario(
    "private",
    "A private security incident",
    "Declared by hand, seen by few, and told to nobody else.",
    (
        Beat("Emi declares it by hand, with “private” ticked.", "emi", f"/c/{OPS}", _declares, 3),
        Beat("Its room is private, and so are its title, its card and its draft.", "emi", ROOM, _is_silent, 4),
        Beat("#incidents hears nothing of it.", "bo", ANNOUNCED, _nothing, 4),
        Beat("Emi lets in whom she needs: Dev and Ada.", "emi", ROOM, _asks_in, 3),
        Beat("Dev finds the way in. His message goes on the timeline.", "dev", ROOM, _finds_key, 4),
        Beat("He has a task, with a time for it.", "dev", ROOM, _gives_task, 4),
        Beat("Emi resolves it.", "emi", ROOM, _is_over, 3),
        Beat("The draft comes into the private room, and nowhere else.", "emi", ROOM, _drafts, 6),
    ),
)

SCENARIOS = (BAD_DEPLOY, A_STORM, PRIVATE)
