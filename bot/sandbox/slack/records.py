"""What a workspace holds: people, groups, channels, messages, bookmarks, files, canvases, tokens."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class Person:
    """A member of the workspace; `team_id` of another team makes them an external (a stranger)."""

    id: str
    name: str
    real_name: str
    email: str
    team_id: str
    tz: str = "Europe/Berlin"
    tz_label: str = "Central European Time"
    tz_offset: int = 3600
    title: str = ""
    is_bot: bool = False
    bot_id: str | None = None
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_admin: bool = False
    deleted: bool = False
    updated: int = 1_760_000_000


@dataclass
class UserGroup:
    """A user group (`@handle`)."""

    id: str
    handle: str
    name: str
    users: list[str]
    disabled: bool = False


@dataclass
class Bookmark:
    """A link in a channel's bookmarks bar."""

    id: str
    channel_id: str
    title: str
    link: str
    emoji: str
    created: int
    updated: int


@dataclass
class Message:
    """One message. `fields` is what is stored beside the frame (text, blocks …); `versions` keeps earlier ones."""

    ts: str
    channel: str
    user: str
    fields: Json
    subtype: str | None = None
    bot_id: str | None = None
    thread_ts: str | None = None
    edited: Json | None = None
    changed_ts: str = ""
    reactions: dict[str, list[str]] = field(default_factory=dict)
    pinned: Json | None = None
    replies: list[str] = field(default_factory=list)
    versions: list[Json] = field(default_factory=list)
    deleted: bool = False
    ephemeral_to: str | None = None
    files: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return str(self.fields.get("text") or "")

    @property
    def blocks(self) -> list[Json]:
        return self.fields.get("blocks") or []

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass
class Channel:
    """A conversation: public or private channel, or a direct message (`im_with` is the person).

    `canvas` is the one that conversations.canvases.create made; it may have been deleted since.
    """

    id: str
    name: str
    creator: str
    created: int
    is_private: bool = False
    is_archived: bool = False
    is_general: bool = False
    is_ext_shared: bool = False
    im_with: str | None = None
    topic: Json = field(default_factory=lambda: {"value": "", "creator": "", "last_set": 0})
    purpose: Json = field(default_factory=lambda: {"value": "", "creator": "", "last_set": 0})
    members: dict[str, None] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    bookmarks: dict[str, Bookmark] = field(default_factory=dict)
    previous_names: list[str] = field(default_factory=list)
    canvas: "Canvas | None" = None
    deleted: bool = False

    @property
    def is_im(self) -> bool:
        return self.im_with is not None

    @property
    def kind(self) -> str:
        """Which family of scopes governs it: `channels`, `groups` or `im`."""
        return "im" if self.is_im else "groups" if self.is_private else "channels"

    @property
    def pins(self) -> list[Message]:
        return sorted(
            (message for message in list(self.messages.values()) if message.pinned and not message.deleted),
            key=lambda message: -message.pinned["at"] if message.pinned else 0,
        )


@dataclass
class File:
    """An uploaded file; `complete` once it has been shared by files.completeUploadExternal, `deleted` ever after."""

    id: str
    name: str
    length: int
    user: str
    content: bytes = b""
    title: str = ""
    created: int = 0
    complete: bool = False
    deleted: bool = False
    shares: dict[str, str] = field(default_factory=dict)


@dataclass
class Section:
    """A part of a canvas that an edit can aim at; `kind` is "h1" to "h3", "paragraph", "list_item", "table", …."""

    id: str
    kind: str
    markdown: str


@dataclass
class Canvas(File):
    """A document: a file of type `quip`, whose `content` is its markdown. `tab` is the channel in whose tab it is."""

    tab: str | None = None
    sections: list[Section] = field(default_factory=list)


@dataclass
class View:
    """A modal or a home tab, as one person has it on the screen; `values` is what they have entered so far."""

    id: str
    user: str
    type: str
    content: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    external_id: str = ""
    values: dict[str, dict[str, Json]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> list[Json]:
        return self.content.get("blocks") or []


@dataclass
class Token:
    """What an API token may do."""

    value: str
    user: str
    kind: str
    scopes: set[str]
    bot_id: str | None = None
    revoked: bool = False


@dataclass(frozen=True)
class Ping:
    """Somebody whom a message notifies, and by what: a user's id, or `channel`, `here`, `everyone`, a group's id."""

    channel: str
    ts: str
    by: str
    whom: str
    notified: tuple[str, ...]
    text: str
