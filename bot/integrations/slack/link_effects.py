"""What is promised of a pinned page that was redacted: it goes out of the room's bar."""

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
