"""Every surface on which somebody could see of a private incident what they may not, each looked at by outsiders.

A surface is a function of the night that is over; it tells what was seen there and should not have been, nothing when
all is well.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from sqlalchemy import select
from typer.testing import CliRunner

from bot import cli
from bot.documents.export import exported
from bot.engine import tables as t
from bot.engine.effects import Attempt, Effect
from bot.engine.soundness import Soundness
from bot.incident import Merge
from bot.incident.exports import Format
from bot.incident.model import Refused
from bot.incident.timeline import timeline
from bot.integrations.calling_out import CallOut, filled, said_of
from bot.integrations.slack import actions
from bot.integrations.slack import effects as slack
from bot.integrations.slack.catchup_effects import SendCatchUp
from bot.integrations.slack.homes import Homes
from bot.integrations.slack.kept import Kept
from bot.integrations.slack.likeness import likeness
from bot.integrations.slack.link_effects import RetitleBookmarks
from bot.integrations.slack.presses import PRESSES
from bot.integrations.slack.replies import Replies
from bot.integrations.slack.runbook_effects import RefreshRunbook
from bot.integrations.slack.shortcuts import SHORTCUTS
from bot.integrations.slack.timeline_effects import SendExport
from bot.integrations.slack.update_effects import EditSaid
from bot.integrations.slack.verbs import FORMS, VERBS
from bot.pulse.counts import Counts
from bot.pulse.watched import Watched
from tests.privacy.asking import OPS, chosen, pressed, sent, typed
from tests.privacy.night import QUIET, SECRET
from tests.privacy.stage import ADA, CARLA, DEV, OUTSIDERS, Night

Leaks = set[str]
Surface = Callable[[Night], Awaitable[Leaks]]
SURFACES: dict[str, Surface] = {}
SLUG = QUIET.replace(" ", "-").casefold()
"""What is secret in the name of a room."""
LATER = "SEV1"
"""What INC-1 and INC-2 became once everybody was out who shall be out, and nothing else ever was."""
NEVER_NAMED = ("INC-1", "INC-5")
"""Those that were never open to all: not even their numbers are told."""
HIDDEN = (*(f"{name} " for name in NEVER_NAMED), "INC-2 ", *(f"{name}*" for name in (*NEVER_NAMED, "INC-2")))
"""The names of private incidents, as they stand in lists, offers and forms."""
NOWHERE = 77
"""No incident has that number: who guesses a private one is answered as who guesses this."""
ELSEWHERE = "INC-2 goes on in a private room"
"""What whoever speaks in the room that it left is answered."""
GUESSED = ("{0}", "{0}/1", "{0}/2", "{0}/commander", "{0}/pagerduty/Q1", "{0}/1/1/done", "{0}/yes", "{0}/resolve",
           "correct/{0}/1", "redact/{0}/1", "hide/{0}/1", "split/{0}/pagerduty/Q1", "unrelated/{0}/pagerduty/Q1",
           "INC-{0} show", "INC-{0} reopen")  # fmt: skip
"""What buttons bring back, with a number to fill in."""


def surface(name: str) -> Callable[[Surface], Surface]:
    """Enters a function as a surface of that name."""

    def enter(looked_at: Surface) -> Surface:
        SURFACES[name] = looked_at
        return looked_at

    return enter


def betrayed(where: str, told: str, words: Iterable[str] = (SECRET, QUIET, SLUG)) -> Leaks:
    """The secrets that stand in what was told there."""
    return {f"{where}: {word}" for word in words if word in told}


@surface("channels")
async def channels(night: Night) -> Leaks:
    """Names, topics, bookmarks, files and messages wherever an outsider is, as they are and as they ever were.

    And who is let into a private room.
    """
    state = await night.hands.slack.state()
    leaks: Leaks = set()
    for channel in state["channels"].values():
        inside = {person.slack for person in OUTSIDERS} & set(channel["members"])
        if channel.get("is_private"):
            leaks |= {f"{channel['name']}: {user} is let in" for user in inside}
        known = () if channel.get("is_im") and DEV.slack in inside else (QUIET, SLUG, *NEVER_NAMED)
        words = (SECRET, LATER, *known)
        if inside or (channel.get("name", "").startswith("inc-") and not channel.get("is_private")):
            head = {name: channel.get(name) for name in ("name", "topic", "purpose", "bookmarks")}
            leaks |= betrayed(channel["id"], json.dumps(head), words)
            for message in channel["messages"]:
                leaks |= betrayed(f"{channel['id']}/{message['ts']}", json.dumps(message), words)
                leaks |= await _files(night, message)
    return leaks


async def _files(night: Night, message: dict[str, Any]) -> Leaks:
    files = [await night.hands.slack.file(f["id"]) for f in message.get("files") or []]
    return {leak for file in files for leak in betrayed(f"the file {file['id']}", str(file["content"]))}


@surface("drawn anew")
async def drawn_anew(night: Night) -> Leaks:
    """The same, after everything that shows the present was shown once more, by promises of before it was private."""
    for nth, effect in enumerate(await _old_promises(night)):
        attempt = Attempt(
            key=f"anew/{nth}/{night.sandbox.calls.last}",
            tries=1,
            since=night.now(),
            refs=await night.engine.reading.refs(effect.incident or 0),
        )
        await night.performer.perform(effect, attempt)
    return await channels(night)


async def _old_promises(night: Night) -> list[Effect]:
    update = {n: await night.entry(n, "update_posted") for n in (1, 2)}
    dev = {"person": DEV.actor.id, "name": DEV.name, "seq": update[1]}
    return [
        slack.RefreshCard(incident=2),
        slack.SetTopic(incident=2),
        slack.RefreshAnnouncement(incident=2),
        slack.RefreshAnnouncement(incident=3),
        slack.RefreshCard(incident=3),
        slack.PostAnnouncement(incident=1),
        slack.UploadDraft(incident=2, version=2),
        slack.RefreshTriage(source="pagerduty", alert="Q1"),
        slack.RefreshTriage(source="pagerduty", alert="Q4"),
        RefreshRunbook(incident=2, run=1),
        EditSaid(incident=1, entry=update[1]),
        EditSaid(incident=2, entry=update[2], room=2),
        RetitleBookmarks(incident=2, room=2),
        SendCatchUp(incident=1, why="joined", **dev),
        SendExport(incident=1, format=Format.MARKDOWN, **dev),
        slack.Invite(incident=1, people=(DEV.actor.id,)),
        slack.Invite(incident=2, people=(CARLA.actor.id,), room=2),
    ]


@surface("promises")
async def promises(night: Night) -> Leaks:
    """What is promised of incidents that are private: nothing to the shared channels, no title to PagerDuty."""
    query = select(t.effect.c.kind, t.effect.c.body, t.effect.c.key, t.effect.c.incident, t.effect.c.system)
    rows = await night.engine.database.read(lambda c: list(c.execute(query)))
    leaks = {f"{r.key} is promised" for r in rows if r.kind == "post_announcement" and r.incident in (1, 5)}
    for row in rows:
        if row.system == "pagerduty":
            leaks |= betrayed(row.key, json.dumps(row.body))
            if row.kind.startswith("resolve"):
                leaks |= betrayed(row.key, json.dumps(row.body), (ADA.name,))
    return leaks


@surface("guesses")
async def guesses(night: Night) -> Leaks:
    """Numbers guessed by somebody outside, with every verb: answered as if there were no such incident."""
    leaks: Leaks = set()
    for verb in VERBS:
        nothing = await typed(night, CARLA, f"INC-{NOWHERE} {verb}")
        for number in (1, 2, 5):
            told = await typed(night, CARLA, f"INC-{number} {verb}")
            leaks |= {f"INC-{number} {verb}"} if told != nothing.replace(f"INC-{NOWHERE}", f"INC-{number}") else set()
    return leaks


@surface("presses")
async def presses(night: Night) -> Leaks:
    """Buttons, menus and forms with a guessed number in them: the same."""
    leaks: Leaks = set()
    for action in (*night.clicks._means, *PRESSES):
        for value in GUESSED:
            nothing = await pressed(night, action, value.format(NOWHERE))
            told = await pressed(night, action, value.format(1))
            leaks |= {f"{action} {value}"} if told != nothing.replace(str(NOWHERE), "1") else set()
    for form in FORMS:
        nothing, told = await sent(night, form, NOWHERE), await sent(night, form, 1)
        leaks |= {f"the form {form}"} if told != nothing.replace(str(NOWHERE), "1") else set()
    return leaks


@surface("the room that was left")
async def left(night: Night) -> Leaks:
    """Whoever speaks where INC-2 has been is told that it goes on elsewhere, and nothing is done."""
    room = (await night.incident(2)).former_rooms[0].channel
    told = {verb: await typed(night, CARLA, verb, room) for verb in VERBS}
    return {f"/incident {verb}" for verb, said in told.items() if ELSEWHERE not in said}


@surface("shortcuts")
async def shortcuts(night: Night) -> Leaks:
    """Slack's own menus, on a message that speaks of the secret: in the room that was left, and elsewhere."""
    room = (await night.incident(2)).former_rooms[0].channel
    told = {name: await chosen(night, name, OPS) for name in SHORTCUTS}
    there = {name: await chosen(night, name, room) for name in (actions.ADD_TO_TIMELINE, actions.TASK_FROM_MESSAGE)}
    leaks = {leak for name, said in told.items() for leak in betrayed(name, said, HIDDEN)}
    return leaks | {f"{name} in the room" for name, said in there.items() if ELSEWHERE not in said}


@surface("lists")
async def lists(night: Night) -> Leaks:
    """Lists, offers and forms of somebody outside, and everything that can be asked of the open INC-3."""
    asked = ["list", "tasks", "note hello", "reopen", "INC-4 merge", *(f"INC-3 {verb}" for verb in VERBS)]
    told = {text: await typed(night, CARLA, text) for text in asked}
    return {leak for text, said in told.items() for leak in betrayed(text, said, (SECRET, QUIET, SLUG, *HIDDEN))}


@surface("home")
async def home(night: Night) -> Leaks:
    """The home tab."""
    replies = Replies(night.clicks._hands.client, night.house.command)
    tabs = Homes(night.house, replies, Kept(), night.now)
    await tabs.opened(CARLA)
    tabs.close()
    return betrayed("home", json.dumps(await night.hands.slack.home("carla", wait=0)), (SECRET, *HIDDEN))


@surface("likeness")
async def alike(night: Night) -> Leaks:
    """What is declared already, as a form offers it to somebody outside."""
    found = [await likeness(night.house, CARLA.actor, f"{SECRET} {n}", night.now()) for n in (1, 2)]
    return {f"{i.name} looks alike" for i in found if i}


@surface("alerts")
async def alerts(night: Night) -> Leaks:
    """The alert of a private incident, for whoever knows its id; and which incident a new alert joined."""
    which = {
        "declare_alert": "pagerduty/Q1",
        "dismiss_alert": "pagerduty/Q1",
        "worth": "pagerduty/Q1/real",
        "join_alert": "4/pagerduty/Q1",
    }
    told = {action: await pressed(night, action, value, handled=True) for action, value in which.items()}
    leaks = {leak for action, said in told.items() for leak in betrayed(action, said, (SECRET, *NEVER_NAMED))}
    joined = [await night.incident(n) for n in (1, 2, 5)]
    return leaks | {f"Q4 joined {i.name}" for i in joined if any(alarm.id == "Q4" for alarm in i.alarms)}


@surface("people")
async def people(night: Night) -> Leaks:
    """Who counts as in it, who is kept up to date, and who is asked about it."""
    leaks: Leaks = set()
    for number in (1, 2):
        i, told = await night.incident(number), await night.engine.reading.events(number)
        asked = [
            who for s in told for who in getattr(s.event, "to", ()) if isinstance(getattr(s.event, "to", ()), tuple)
        ]
        outside = {person.actor.id for person in OUTSIDERS}
        leaks |= {f"{i.name}: {id} is in it" for id in i.members if id in outside}
        leaks |= {f"{i.name}: {who.name} is told" for who in (*i.followers, *asked) if who.id in outside}
    return leaks - {f"INC-1: {DEV.name} is told"}


@surface("another incident")
async def another(night: Night) -> Leaks:
    """A private incident does not go on in one that everybody sees."""
    try:
        await night.engine.handle(Merge(incident=1, into=4), ADA.actor)
    except Refused:
        return set()
    return {"INC-1 went on in INC-4"}


@surface("exports")
async def exports(night: Night) -> Leaks:
    """The timeline of INC-3, which everybody may have, in every format."""
    i, entries = await night.incident(3), timeline(await night.engine.reading.history(3, CARLA.actor))
    told = "\n".join(exported(i.name, i.title, entries, format) for format in Format)
    return betrayed("INC-3", told, (SECRET, QUIET, SLUG, *NEVER_NAMED))


@surface("calls of runbooks")
async def calls(night: Night) -> Leaks:
    """What goes out to other systems."""
    leaks: Leaks = set()
    for effect in await night.engine.reading.promised(2, CallOut):
        request = filled(effect.call, said_of(await night.incident(2), effect.person), {})
        leaks |= betrayed(effect.step, f"{request.url} {request.body!r}")
    return leaks


@surface("command line")
async def command_line(night: Night) -> Leaks:
    """Everything that is printed to whoever does not say that they may read it."""
    asked = [[*words, f"INC-{n}"] for n in (1, 2) for words in (["timeline"], ["timeline", "--json"], ["postmortem"])]
    leaks: Leaks = set()
    for words in (*asked, ["outbox", "list"], ["inbox", "list"]):
        env = {"MUSTER_DATABASE_URL": night.url}
        done = await asyncio.to_thread(CliRunner().invoke, cli.app, words, env=env)
        leaks |= betrayed(" ".join(words), f"{done.output} {done.exception}", (SECRET, QUIET))
    return leaks


@surface("figures")
async def figures(night: Night) -> Leaks:
    """What `/metrics` tells, its labels too."""
    counts = Counts(Watched(night.engine, Soundness(night.engine.database, night.engine.clock), None, None, None, None))
    return betrayed("/metrics", str(await counts.all()), (SECRET, QUIET, SLUG, *NEVER_NAMED))


@surface("log")
async def log(night: Night) -> Leaks:
    """What was logged all night."""
    return betrayed("the log", "\n".join(night.logged), (SECRET, QUIET))
