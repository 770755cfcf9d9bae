"""What is promised of pages in the rooms' bars once words are redacted: they go, or are called otherwise."""

from bot.engine.effects import InDoubt
from bot.integrations.slack.lanes import RoomEffect


class RemoveBookmark(RoomEffect, kind="remove_bookmark"):
    """A page out of the bars of all the incident's rooms; `mark` is the fingerprint of its address."""

    stays = True
    everywhere = True
    in_doubt = InDoubt.REPEAT
    method = "bookmarks.remove"
    queue = "bookmark"
    called = "take a redacted link out of the room's bar"
    mark: str


class RetitleBookmarks(RoomEffect, kind="retitle_bookmarks"):
    """The pages in the bars of all the incident's rooms, called as they were promised, without redacted words."""

    stays = True
    everywhere = True
    refreshes = True
    in_doubt = InDoubt.REPEAT
    method = "bookmarks.edit"
    queue = "bookmark"
    called = "take the redacted words out of the room's bar"
