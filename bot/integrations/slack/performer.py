"""Keeps the promises made to Slack: which effect is done by what, and where its mark is looked for."""

from dataclasses import replace

from bot.documents.wording import Wording, shipped_wording
from bot.engine.directory import Directory
from bot.engine.effects import Answer, Attempt, Effect, GiveUp, Receipt, Retry
from bot.engine.reading import Reading
from bot.incident.policy import Policy
from bot.incident.privacy import room_number
from bot.incident.steps import Runbook
from bot.integrations.slack import effects as slack
from bot.integrations.slack.calls import Calls
from bot.integrations.slack.catchup_effects import RedrawCatchUps, SendCatchUp
from bot.integrations.slack.catchup_posts import CatchUps
from bot.integrations.slack.client import Connection
from bot.integrations.slack.contacts import Contacts
from bot.integrations.slack.drafts import Drafts
from bot.integrations.slack.errors import CONTENT, Unkept
from bot.integrations.slack.exports import Exports
from bot.integrations.slack.link_effects import RemoveBookmark, RetitleBookmarks
from bot.integrations.slack.link_posts import Bars
from bot.integrations.slack.places import Shared
from bot.integrations.slack.posts import Posts
from bot.integrations.slack.redacting import Redacting
from bot.integrations.slack.refs import card_ref, say_ref, seen_from
from bot.integrations.slack.rooms import Rooms
from bot.integrations.slack.runbook_effects import PostRunbook, RefreshRunbook
from bot.integrations.slack.runbook_posts import RunbookPosts
from bot.integrations.slack.storm_invitations import InviteToStorm, StormInvitations
from bot.integrations.slack.sweep import Sweep
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
from bot.integrations.slack.update_posts import Edits
from bot.integrations.slack.upkeep_effects import ArchiveRoom, RenameRoom, UnarchiveRoom
from bot.integrations.slack.upkeep_posts import Upkeep
from bot.integrations.slack.who import AskWho, Questions


class SlackPerformer:
    """The outbox's hand in Slack. Never retries by itself; what failed is said in an Answer.

    `announce`, `triage`: shared channels by name or id (triage defaults to the former); `bridge`: the call's address;
    `runbooks`: those that cards name; `wording`: what the company words itself.
    """

    def __init__(
        self,
        connection: Connection,
        directory: Directory,
        reading: Reading,
        policy: Policy,
        *,
        announce: str = "",
        triage: str = "",
        bridge: str = "",
        runbooks: tuple[Runbook, ...] = (),
        wording: Wording | None = None,
    ) -> None:
        calls, wording = Calls(connection), wording or shipped_wording()
        self._reading = reading
        contacts = Contacts(directory, calls)
        self._rooms = Rooms(calls, contacts, reading, policy)
        self._storms = StormInvitations(self._rooms, reading)
        shared = Shared(calls, announce, triage)
        self._posts = Posts(calls, contacts, reading, policy, shared, bridge, runbooks, wording)
        self._runbooks = RunbookPosts(calls, reading, runbooks)
        self._drafts = Drafts(calls, reading)
        self._redacting = Redacting(calls, reading)
        self._exports = Exports(calls, contacts, reading)
        self._sweep = Sweep(calls, reading, directory, policy)
        self._catchups = CatchUps(calls, contacts, reading, policy, wording)
        self._upkeep = Upkeep(calls)
        self._edits = Edits(calls, reading, wording)
        self._bars = Bars(calls, reading)
        self._questions = Questions(calls, directory)

    async def perform(self, effect: Effect, attempt: Attempt) -> Answer:
        """One try at one promise, from the room that it is about; none in a room that the incident has left."""
        if await self._is_left(effect):
            return Receipt() if effect.refreshes else GiveUp("the incident goes on in another room", final=True)
        try:
            return await self._perform(effect, in_its_room(effect, attempt))
        except Unkept as unkept:
            return _meaning(effect, unkept)

    async def look(self, effect: Effect, attempt: Attempt) -> Receipt | Retry | GiveUp | None:
        """Whether an earlier try took effect.

        Where Slack does not let us look, a person has to: nothing is done twice. But a direct message is sent again,
        since the right to read those is seldom given, and two are better than none.
        """
        try:
            return await self._look(effect, in_its_room(effect, attempt))
        except Unkept as unkept:
            match unkept.answer:
                case GiveUp() if isinstance(effect, slack.Tell | SendCatchUp | AskWho):
                    return None
                case GiveUp(reason):
                    return GiveUp(f"it may have been done, and Muster cannot look: {reason}")
                case Retry():
                    return unkept.answer
                case doubtful:
                    return Retry(doubtful.reason)

    async def _is_left(self, effect: Effect) -> bool:
        if not isinstance(effect, slack.RoomEffect) or effect.stays:
            return False
        incident = await self._reading.incident(effect.incident)
        return incident is not None and room_number(incident) != effect.room

    async def _perform(self, effect: Effect, attempt: Attempt) -> Answer:
        match effect:
            case slack.OpenRoom():
                return await self._rooms.open(effect, attempt)
            case InviteToStorm():
                return await self._storms.keep(effect, attempt)
            case slack.Invite():
                return await self._rooms.invite(effect, attempt)
            case slack.SetTopic():
                return await self._rooms.set_topic(effect, attempt)
            case slack.AddBookmark():
                return await self._rooms.bookmark(effect, attempt)
            case slack.PinCard():
                return await self._rooms.pin(effect, attempt)
            case slack.PostCard():
                return await self._posts.card(effect, attempt)
            case slack.RefreshCard():
                return await self._posts.refresh_card(effect, attempt)
            case slack.PostAnnouncement():
                return await self._posts.announcement(effect, attempt)
            case slack.RefreshAnnouncement():
                return await self._posts.refresh_announcement(effect, attempt)
            case slack.Say():
                return await self._posts.say(effect, attempt)
            case slack.Tell():
                return await self._posts.tell(effect, attempt)
            case slack.BlankMessage() | BlankTells() | UnnameRoom():
                return await self._redacting.keep(effect, attempt)
            case SendExport() | WithdrawExports():
                return await self._exports.keep(effect, attempt)
            case SweepRoom() | PostOffer() | RefreshOffer():
                return await self._sweep.keep(effect, attempt)
            case slack.PostTriage():
                return await self._posts.triage(effect, attempt)
            case slack.RefreshTriage():
                return await self._posts.refresh_triage(effect, attempt)
            case slack.UploadDraft():
                return await self._drafts.upload(effect, attempt)
            case slack.WithdrawDrafts():
                return await self._drafts.withdraw(attempt)
            case SendCatchUp() | RedrawCatchUps():
                return await self._catchups.keep(effect, attempt)
            case RemoveBookmark() | RetitleBookmarks():
                return await self._bars.keep(effect, attempt)
            case EditSaid():
                return await self._edits.keep(effect, attempt)
            case PostRunbook() | RefreshRunbook():
                return await self._runbooks.keep(effect, attempt)
            case RenameRoom() | ArchiveRoom() | UnarchiveRoom():
                return await self._upkeep.keep(effect, attempt)
            case AskWho():
                return await self._questions.keep(effect, attempt)
        raise TypeError(f"{effect.kind} is no promise to Slack")

    async def _look(self, effect: Effect, attempt: Attempt) -> Receipt | None:
        match effect:
            case slack.OpenRoom():
                return await self._rooms.find_open(effect, attempt)
            case slack.SetTopic():
                return await self._rooms.find_topic(effect, attempt)
            case slack.AddBookmark():
                return await self._rooms.find_bookmark(effect, attempt)
            case slack.PostCard():
                return await self._posts.find_in_room(attempt, card_ref(effect.room))
            case slack.Say():
                return await self._posts.find_in_room(attempt, say_ref(effect.seq))
            case slack.PostAnnouncement():
                return await self._posts.find_announcement(attempt)
            case slack.Tell():
                return await self._posts.find_tell(effect, attempt)
            case slack.PostTriage():
                return await self._posts.find_triage(attempt)
            case slack.UploadDraft():
                return await self._drafts.find(effect, attempt)
            case PostRunbook():
                return await self._runbooks.find(effect, attempt)
            case SendCatchUp():
                return await self._catchups.find(effect, attempt)
            case SendExport():
                return await self._exports.find(effect, attempt)
            case PostOffer():
                return await self._sweep.find(effect, attempt)
            case AskWho():
                return await self._questions.find(effect, attempt)
        return None


def in_its_room(effect: Effect, attempt: Attempt) -> Attempt:
    """The attempt with the refs that the effect may use: those of its own room, unless it reaches everywhere."""
    if not isinstance(effect, slack.RoomEffect) or effect.everywhere:
        return attempt
    return replace(attempt, refs=seen_from(attempt.refs, effect.room))


def _meaning(effect: Effect, unkept: Unkept) -> Answer:
    """A sentence that is refused for what it says will be refused for ever; what draws the present may yet pass."""
    match unkept.answer:
        case GiveUp(reason) if unkept.code in CONTENT and isinstance(effect, slack.Say | slack.Tell | SendCatchUp):
            return GiveUp(reason, final=True)
    return unkept.answer
