"""What Slack is promised: the room and what belongs in it, sentences, direct messages, announcements, triage cards."""

from collections.abc import Mapping
from typing import Any

from pydantic import AwareDatetime

from bot.engine.effects import InDoubt, Priority, Receipt
from bot.incident.model import Command
from bot.incident.rooms import RecordCard, RecordInvitations, RecordRoom, Uninvited
from bot.incident.values import Target
from bot.integrations.slack.lanes import SYSTEM as SYSTEM
from bot.integrations.slack.lanes import Button as Button
from bot.integrations.slack.lanes import RoomEffect as RoomEffect
from bot.integrations.slack.lanes import SlackEffect as SlackEffect
from bot.integrations.slack.refs import ANNOUNCEMENT, CARD, DRAFTS, tell_ref


class OpenRoom(SlackEffect, kind="open_room"):
    """The war room: a channel of this name, or the next free one. `room`: which of the incident's, the first is 1."""

    in_doubt = InDoubt.LOOK
    priority = Priority.ROOM
    method = "conversations.create"
    queue = "room"
    called = "open the room"
    awaited = True
    incident: int
    name: str
    private: bool = False
    room: int = 1

    def kept(self, receipt: Receipt) -> Command | None:
        data: Mapping[str, Any] = receipt.data
        return RecordRoom(
            incident=self.incident, channel=data["channel"], name=data["name"], url=data["url"], step=self.step
        )

    def redacted(self) -> "OpenRoom":
        return self.model_copy(update={"name": f"inc-{self.incident}"})


class PostCard(RoomEffect, kind="post_card"):
    """The room's card, posted once and edited in place ever after; rendered when posted."""

    stays = True
    in_doubt = InDoubt.LOOK
    priority = Priority.CARD
    method = "chat.postMessage"
    queue = "card"
    called = "post the card"
    awaited = True

    @property
    def place(self) -> str:
        return self._whose


class RefreshCard(RoomEffect, kind="refresh_card"):
    """The card as things are now; posted anew where somebody has deleted it."""

    stays = True
    in_doubt = InDoubt.REPEAT
    priority = Priority.SENTENCE
    refreshes = True
    method = "chat.update"
    queue = "card"
    called = "bring the card up to date"
    needs = CARD

    def kept(self, receipt: Receipt) -> Command | None:
        return RecordCard(incident=self.incident, step=self.step) if receipt.refs else super().kept(receipt)


class PinCard(RoomEffect, kind="pin_card"):
    """The card pinned to the top of the room."""

    stays = True
    in_doubt = InDoubt.REPEAT
    method = "pins.add"
    queue = "pin"
    called = "pin the card"
    needs = CARD


class SetTopic(RoomEffect, kind="set_topic"):
    """The room's topic as things are now. Setting it posts a line in the room, so it is read first when in doubt."""

    stays = True
    in_doubt = InDoubt.LOOK
    refreshes = True
    method = "conversations.setTopic"
    queue = "topic"
    called = "set the topic"


class Invite(RoomEffect, kind="invite"):
    """People asked into the room: by their ids (`slack:U…`, `pagerduty:P…`) and whoever is on call for the services.

    `groups`: ids of user groups (`S…`), whose members are read when the invitations go out. Into a private room only
    those are let who may come in then.
    """

    stays = True
    in_doubt = InDoubt.REPEAT
    priority = Priority.CARD
    method = "conversations.invite"
    queue = "invite"
    called = "invite people"
    awaited = True
    people: tuple[str, ...] = ()
    names: dict[str, str] = {}
    """How each of them is called, for telling who could not be invited."""
    services: tuple[str, ...] = ()
    """PagerDuty service ids; who is on call is read when the invitations go out."""
    groups: tuple[str, ...] = ()
    called_at: AwareDatetime | None = None
    """When they were called in; None where they come for the part that they have in it, which they may lose."""

    def kept(self, receipt: Receipt) -> Command | None:
        data: Mapping[str, Any] = receipt.data
        missing = tuple(Uninvited.model_validate(m) for m in data["missing"])
        people = tuple(data["people"])
        return RecordInvitations(incident=self.incident, people=people, missing=missing, step=self.step)


class AddBookmark(RoomEffect, kind="add_bookmark"):
    """A link in the room's bar. `plain`: what it is called once people's words in its title are redacted; nothing
    where the link goes with them."""

    stays = True
    in_doubt = InDoubt.LOOK
    method = "bookmarks.add"
    queue = "bookmark"
    title: str
    link: str
    plain: str = ""

    @property
    def step(self) -> str:
        """Without people's words: it goes on record."""
        return f"bookmark {self.plain or 'a page'}"

    def redacted(self) -> "AddBookmark | None":
        return self.model_copy(update={"title": self.plain}) if self.plain else None


class PostAnnouncement(RoomEffect, kind="post_announcement"):
    """The incident's card in the announcement channel, with Join."""

    stays = True
    in_doubt = InDoubt.LOOK
    method = "chat.postMessage"
    queue = "announcement"
    called = "announce it"

    @property
    def place(self) -> str:
        return "announcements"


class RefreshAnnouncement(RoomEffect, kind="refresh_announcement"):
    """The announcement as things are now."""

    stays = True
    in_doubt = InDoubt.REPEAT
    refreshes = True
    method = "chat.update"
    queue = "announcement"
    called = "bring the announcement up to date"
    needs = ANNOUNCEMENT


class Say(RoomEffect, kind="say"):
    """A sentence in the room about the fact `seq`, rendered when promised (mrkdwn, already escaped).

    `call`: whose on-call names to add when it is posted, because a page did not go out; numbers never go to a room.
    `wake`: services whose on-call it mentions, as known when it is posted.
    """

    stays = True
    in_doubt = InDoubt.LOOK
    priority = Priority.SENTENCE
    method = "chat.postMessage"
    queue = "say"
    seq: int
    text: str
    buttons: tuple[Button, ...] = ()
    call: tuple[Target, ...] = ()
    wake: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        return self._whose

    @property
    def step(self) -> str:
        return f"post entry {self.seq} of the timeline"

    def redacted(self) -> None:
        return None


class Tell(SlackEffect, kind="tell"):
    """A direct message to one person (`slack:U…`, or `pagerduty:P…` who is looked up), rendered when promised.

    `call`: whose on-call names *and numbers* to add when it is sent. `seq`: the fact that it tells of, 0 for none.
    """

    in_doubt = InDoubt.LOOK
    priority = Priority.SENTENCE
    method = "chat.postMessage"
    person: str
    name: str
    about: str
    """What it is about, in the words of the set-up report: "the duties of Scribe"."""
    text: str
    buttons: tuple[Button, ...] = ()
    call: tuple[Target, ...] = ()
    seq: int = 0
    notice: str = ""
    """What a lock screen shows in place of the text, where that is nobody else's business."""

    @property
    def lane(self) -> str:
        return f"slack/tell/{self.person}"

    @property
    def ref(self) -> str:
        """What the message is known by; nothing where it tells of no fact."""
        return tell_ref(self.seq, self.person) if self.incident and self.seq else ""

    @property
    def place(self) -> str:
        return self.person

    @property
    def step(self) -> str:
        return f"tell {self.name} {self.about}"

    def redacted(self) -> None:
        return None


class UploadDraft(RoomEffect, kind="upload_draft"):
    """A version of the postmortem draft as a file in the room."""

    in_doubt = InDoubt.LOOK
    method = "files.completeUploadExternal"
    queue = "draft"
    awaited = True
    version: int
    redaction: int = 0
    """The fact after which it is posted anew: words in it are gone, or the incident moved; 0 the first time."""

    @property
    def ref(self) -> str:
        """What its file is known by."""
        again = f".{self.redaction}" if self.redaction else ""
        return f"{DRAFTS}{self.version}{again}"

    @property
    def place(self) -> str:
        return self._whose

    @property
    def step(self) -> str:
        return f"post version {self.version} of the postmortem draft"


class WithdrawDrafts(RoomEffect, kind="withdraw_drafts"):
    """Every file of the draft deleted, because there were words in it that were redacted."""

    stays = True
    everywhere = True
    in_doubt = InDoubt.REPEAT
    method = "files.delete"
    queue = "draft"
    called = "delete the draft that holds redacted words"


class BlankMessage(RoomEffect, kind="blank_message"):
    """The words of one of our messages taken out, because the entry behind it was redacted.

    In the lane of sentences: when its turn comes, the sentence was posted or never will be.
    """

    stays = True
    everywhere = True
    in_doubt = InDoubt.REPEAT
    priority = Priority.SENTENCE
    method = "chat.update"
    queue = "say"
    entry: int

    @property
    def step(self) -> str:
        return f"take the redacted words of entry {self.entry} out of the room"


class TriageEffect(SlackEffect):
    """What is about an alert that waits for a decision, in a lane of its own."""

    source: str
    alert: str

    @property
    def lane(self) -> str:
        return f"slack/triage/{self.source}/{self.alert}"


class PostTriage(TriageEffect, kind="post_triage"):
    """The alert's card in the triage channel; rendered when posted."""

    in_doubt = InDoubt.LOOK
    priority = Priority.CARD
    method = "chat.postMessage"
    called = "post the alert for triage"

    @property
    def place(self) -> str:
        """By default alerts are put to people where incidents are announced: the two share one message a second."""
        return "announcements"


class RefreshTriage(TriageEffect, kind="refresh_triage"):
    """The alert's card as things are now: dismissed, joined, declared, clear."""

    in_doubt = InDoubt.REPEAT
    refreshes = True
    method = "chat.update"
    called = "bring the alert's triage card up to date"


def triage_key(source: str, alert: str) -> str:
    """The key of an alert's triage card, which is also our mark in the message."""
    return f"triage/{source}/{alert}"
