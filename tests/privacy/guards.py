"""Every guard of private incidents: where it stands, what it keeps from whom, and how to take it away in a test.

Most guards are questions to one of the rules in RULES, asked in one function: such a guard is taken away by having the
rule answer that function, and nobody else, as if the incident were open to all.
"""

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from bot.engine.reading import Reading
from bot.incident.lifecycle import Declared
from bot.incident.model import Incident
from bot.incident.privacy import MadePrivate
from bot.incident.values import MUSTER, Actor
from bot.integrations.slack import moved
from bot.integrations.slack.answers import Channel
from bot.integrations.slack.calls import Calls
from bot.integrations.slack.refs import CHANNEL

RULES: dict[str, Callable[..., object]] = {
    "is_for_all": lambda i: True,
    "may_see": lambda i, viewer: True,
    "may_enter": lambda i, who, called_at: True,
    "for_eyes": lambda query, viewer: query,
    "is_left": lambda i, room: False,
}
"""The rules, and what each answers where it does not guard: everybody may see it, and it never went elsewhere."""
READ = {"incident": 1, "open_incidents": 0, "recent": 0, "history": 1, "events": 1, "document": 2, "incident_by_ref": 3}
"""The methods of `Reading` that bring incidents, and after how many arguments it is said for whom, where it is."""


@dataclass(frozen=True)
class Guard:
    """One guard. `where`: the function in which it stands (`bot.x.y:Class.method`).

    `surface`: where a secret is seen without it. `told`: whether it guards what is decided and promised, so that the
    night has to be told once more without it; else it is enough to look again.
    """

    rule: str
    where: str
    surface: str
    told: bool = False
    away: Callable[[pytest.MonkeyPatch], None] | None = None
    """How it is taken away, where it is no question to a rule."""

    def __str__(self) -> str:
        return f"{self.rule} in {self.where.partition(':')[2] or self.where}"

    def take_away(self, patch: pytest.MonkeyPatch) -> None:
        if self.away is not None:
            self.away(patch)
        elif self.rule in READ:
            _read_as_muster(patch, self)
        else:
            _unasked(patch, self)


def _unasked(patch: pytest.MonkeyPatch, guard: Guard) -> None:
    """The rule permits everything to the function that asks there."""
    where, _, function = guard.where.partition(":")
    module = where if hasattr(importlib.import_module(where), guard.rule) else moved.__name__
    rule: Callable[..., object] = getattr(importlib.import_module(module), guard.rule)

    def asked(*args: object) -> object:
        return (RULES[guard.rule] if _asker() == function else rule)(*args)

    patch.setattr(f"{module}.{guard.rule}", asked)


def _read_as_muster(patch: pytest.MonkeyPatch, guard: Guard) -> None:
    """What the function reads there, it reads as Muster, who sees all."""
    function, read = guard.where.partition(":")[2], getattr(Reading, guard.rule)

    async def reads(reading: Reading, *args: object) -> object:
        asked = tuple(MUSTER if isinstance(one, Actor) else one for one in args) if _asker() == function else args
        return await read(reading, *asked)

    patch.setattr(Reading, guard.rule, reads)


def _asker() -> str:
    """The function that called the one that asks this."""
    return sys._getframe(2).f_code.co_qualname


def _own(rule: str, where: str, surface: str, target: str, instead: object, *, told: bool = False) -> Guard:
    """A guard that is taken away by putting something else in the place of a name."""
    return Guard(rule, where, surface, told, lambda patch: patch.setattr(target, instead))


def _declared_openly(**facts: Any) -> Declared:
    return Declared(**{**facts, "private": False})


def _everybody_stays(fact: MadePrivate, i: Incident) -> Incident:
    return _MADE_PRIVATE(fact, i).but(members=i.members, followers=i.followers)


async def _opened_to_all(calls: Calls, name: str, *, private: bool) -> Channel:
    return await _CREATE(calls, name, private=False)


_MADE_PRIVATE, _CREATE = MadePrivate.apply, Calls.create
SLACK, PAGERDUTY = "bot.integrations.slack", "bot.integrations.pagerduty.outbound"

GUARDS = (
    # Who reads: the queries, and for whom they are made.
    Guard("may_see", "bot.engine.reading:Reading.incident", "guesses"),
    Guard("for_eyes", "bot.engine.reading:Reading.open_incidents", "lists"),
    Guard("for_eyes", "bot.engine.reading:Reading.recent", "likeness"),
    Guard("incident", f"{SLACK}.seeing:seen", "presses"),
    Guard("incident", f"{SLACK}.presses:alert_shown", "alerts"),
    Guard("incident", f"{SLACK}.exports:Exports._rendered", "drawn anew"),
    Guard("incident", f"{SLACK}.catchup_posts:CatchUps._message", "drawn anew"),
    Guard("open_incidents", f"{SLACK}.declare_verbs:list_open", "lists"),
    Guard("open_incidents", f"{SLACK}.offers:_choices", "lists"),
    Guard("recent", f"{SLACK}.offers:_choices", "lists"),
    Guard("open_incidents", f"{SLACK}.merge_verbs:_form", "lists"),
    Guard("open_incidents", f"{SLACK}.homes:Homes._home", "home"),
    Guard("open_incidents", f"{SLACK}.likeness:likeness", "likeness"),
    Guard("recent", f"{SLACK}.likeness:likeness", "shortcuts"),
    Guard("is_for_all", "bot.terminal.reading:_report", "command line"),
    # Where people read of whom nobody knows who they are.
    Guard("is_for_all", f"{SLACK}.fact:Fact.announced", "promises", told=True),
    Guard("is_for_all", f"{SLACK}.posts:Posts.announcement", "drawn anew"),
    Guard("is_for_all", f"{SLACK}.posts:Posts._announcement", "drawn anew"),
    Guard("is_for_all", f"{SLACK}.posts:Posts._triage", "drawn anew"),
    Guard("is_for_all", f"{SLACK}.posts:Posts._triage.<locals>.<listcomp>", "drawn anew"),
    Guard("is_for_all", f"{PAGERDUTY}:_title", "promises", told=True),
    Guard("is_for_all", f"{PAGERDUTY}:_details", "promises", told=True),
    Guard("is_for_all", f"{PAGERDUTY}:_note", "promises", told=True),
    Guard("is_for_all", f"{PAGERDUTY}:_ended_by", "promises", told=True),
    Guard("is_for_all", "bot.integrations.calling_out:said_of", "calls of runbooks"),
    # Who is told, asked or let in.
    Guard("may_see", f"{SLACK}.fact:Fact.tell", "channels", told=True),
    Guard("may_see", f"{SLACK}.update_posts:Edits.keep", "drawn anew"),
    Guard("may_enter", f"{SLACK}.rooms:Rooms.invite.<locals>.<listcomp>", "drawn anew"),
    Guard("is_for_all", f"{SLACK}.told_links:_groups", "channels", told=True),
    Guard("is_for_all", "bot.incident.runs:owners_asked", "people", told=True),
    Guard("is_for_all", "bot.incident.merging:_coming", "channels", told=True),
    Guard("is_for_all", "bot.incident.merging:_brought", "people", told=True),
    _own("insiders start anew", "bot.incident.privacy:MadePrivate.apply", "people",
         "bot.incident.privacy.MadePrivate.apply", _everybody_stays, told=True),
    _own("rooms are private", f"{SLACK}.calls:Calls.create", "channels",
         f"{SLACK}.calls.Calls.create", _opened_to_all, told=True),
    # What goes on elsewhere: in another room, in another incident.
    Guard("is_left", f"{SLACK}.posts:Posts._card", "drawn anew"),
    Guard("is_left", f"{SLACK}.rooms:Rooms._topic", "drawn anew"),
    Guard("is_left", f"{SLACK}.runbook_posts:RunbookPosts._message", "drawn anew"),
    _own("stays", f"{SLACK}.performer:SlackPerformer._is_left", "drawn anew", f"{SLACK}.lanes.RoomEffect.stays", True),
    _own("seen_from", f"{SLACK}.performer:in_its_room", "drawn anew",
         f"{SLACK}.performer.seen_from", lambda refs, room: dict(refs)),
    _own("here", f"{SLACK}.fact:Fact.here", "channels",
         f"{SLACK}.fact.Fact.here", lambda fact, promise: promise, told=True),
    _own("_is_in", f"{SLACK}.seeing:_spoken_of", "the room that was left",
         f"{SLACK}.seeing._is_in", lambda channel, room: True),
    _own("channel_ref", f"{SLACK}.link_posts:Bars._retitle", "drawn anew",
         f"{SLACK}.link_posts.channel_ref", lambda room: CHANNEL),
    Guard("is_for_all", f"{SLACK}.moved:_goes_on", "drawn anew"),
    Guard("is_for_all", "bot.incident.merging:Merge.decide", "exports", told=True),
    Guard("is_for_all", "bot.incident.merging:Merge._target", "another incident", told=True),
    Guard("is_for_all", "bot.incident.storms:may_join", "alerts", told=True),
    _own("as private as before", "bot.incident.storms:SplitOff.decide", "lists",
         "bot.incident.storms.Declared", _declared_openly, told=True),
)  # fmt: skip

NO_GUARDS = {
    ("is_for_all", "bot.incident.privacy:may_see"): "the rule itself",
    ("may_see", "bot.incident.privacy:may_enter"): "the rule itself",
    ("is_for_all", f"{SLACK}.merge_verbs:_could_be"): "offers nothing that would be refused",
    ("is_left", f"{SLACK}.posts:Posts._is_left"): "a line that tells nothing is not posted a second time",
    ("is_for_all", "bot.terminal.tour:_room_of.<locals>.<listcomp>"): "the demo's, where everybody is invented",
    ("history", f"{SLACK}.exports:Exports._rendered"): "the incident was read for the same person",
    ("history", f"{SLACK}.catchup_posts:CatchUps._message"): "the incident was read for the same person",
}
"""Where a rule is asked, or somebody is named who reads, and no secret depends on it."""

_DRAWN = "shown in its own room, or as the rules above let it be shown"
_LET_IN = "whoever asks was let through to the incident before"
_RECORD = "what happened in one of its rooms goes on record, and is shown to nobody"
_ELSEWHERE = "whether and where something is to be done outside"
AS_MUSTER = {
    "bot.integrations.calling_out:CallingOut.perform": _DRAWN,
    "bot.integrations.drafting:read_report": _DRAWN,
    "bot.integrations.pagerduty.performer:PagerDutyPerformer._still_wanted": _ELSEWHERE,
    "bot.integrations.pagerduty.performer:PagerDutyPerformer._resolve_all": _ELSEWHERE,
    "bot.integrations.pagerduty.reconcile:Reconciler._compare": _ELSEWHERE,
    f"{SLACK}.catchup_verbs:catch_up": _LET_IN,
    f"{SLACK}.clicks:Clicks._use_now": _LET_IN,
    f"{SLACK}.drafts:Drafts.upload": _DRAWN,
    f"{SLACK}.message_events:_marked": _RECORD,
    f"{SLACK}.performer:SlackPerformer._is_left": _ELSEWHERE,
    f"{SLACK}.posts:Posts._incident": _DRAWN,
    f"{SLACK}.posts:Posts._target": _DRAWN,
    f"{SLACK}.posts:Posts._triage": _DRAWN,
    f"{SLACK}.redacting:Redacting._gone": _ELSEWHERE,
    f"{SLACK}.room_events:_incident": _RECORD,
    f"{SLACK}.rooms:Rooms._said": _ELSEWHERE,
    f"{SLACK}.rooms:Rooms.invite": _ELSEWHERE,
    f"{SLACK}.rooms:Rooms._topic": _DRAWN,
    f"{SLACK}.rooms:Rooms.find_open": _ELSEWHERE,
    f"{SLACK}.runbook_posts:RunbookPosts._message": _DRAWN,
    f"{SLACK}.seeing:_spoken_of": "whoever speaks in its room of today is in it",
    f"{SLACK}.storm_invitations:StormInvitations.keep": _ELSEWHERE,
    f"{SLACK}.sweep:Sweep._incident": _DRAWN,
    f"{SLACK}.timeline_verbs:_told": _LET_IN,
    f"{SLACK}.update_posts:Edits.keep": _DRAWN,
    f"{SLACK}.update_verbs:_edit_form": _LET_IN,
    "bot.terminal.backstage:Crew._play": "the demo's, where everybody is invented",
    "bot.terminal.books:read_books": "the books of the sandbox, by whoever keeps it",
    "bot.terminal.reading:postmortem": _LET_IN,
    "bot.terminal.tour:Tour.look": "the demo's, where everybody is invented",
}
"""Where an incident is read as Muster sees it, which is whole, and why nobody sees it there who may not."""

OPENNESS = {
    "bot.incident.privacy:insiders": "the rules",
    "bot.incident.privacy:is_for_all": "the rules",
    "bot.engine.reading:for_eyes": "the rules, asked of the database",
    "bot.incident.privacy:MakePrivate.decide": "it is so already",
    f"{SLACK}.privacy_verbs:private": "it is so already",
    "bot.engine.journal:project": "written down",
    "bot.engine.firing:": "an open storm is looked for; `may_join` decides",
    "bot.incident.lifecycle:Declared.begin": "what is asked for is what it becomes",
    "bot.incident.lifecycle:Declare.decide": "what is asked for is what it becomes",
    "bot.incident.storms:SplitOff.decide": "what comes out of a private one is private",
    f"{SLACK}.outbound:_opened": "the room that is promised",
    f"{SLACK}.rooms:Rooms.open": "the room that is opened",
    f"{SLACK}.rooms:Rooms.find_open": "the room that is opened",
    f"{SLACK}.declare_form:_over": "what was ticked",
    f"{SLACK}.declare_form:_going_on": "what was ticked",
    f"{SLACK}.cards:fallback": "what a locked phone shows of the card",
    f"{SLACK}.cards:notice": "what a locked phone shows of a direct message",
    f"{SLACK}.paging_verbs:_why": "what a locked phone shows of a page",
    f"{SLACK}.declare_verbs:declare_sent": "what was ticked",
    f"{SLACK}.declare_verbs:declared": "told to who declared it",
    f"{SLACK}.merge_verbs:_option": "told to who is in it",
    f"{SLACK}.told_upkeep:_outsider": "told to who is in it",
}
"""Where it is looked up whether an incident is, or shall be, private."""
