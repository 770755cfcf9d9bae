"""bookmarks.*: the links in a channel's bar."""

from bot.sandbox.slack.asking import Asking
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Bookmark, Channel, Json

MOST_BOOKMARKS = 100


def add(asking: Asking) -> Json:
    channel = _channel(asking)
    if asking.args.text("type") != "link":
        raise SlackError("invalid_bookmark_type")
    link = _link(asking)
    if len(channel.bookmarks) >= MOST_BOOKMARKS:
        raise SlackError("too_many_bookmarks")
    now = int(asking.workspace.clock.now())
    emoji, title = asking.args.text("emoji"), asking.args.text("title")
    bookmark = Bookmark(asking.workspace.new_id("Bk"), channel.id, title, link, emoji, now, now)
    channel.bookmarks[bookmark.id] = bookmark
    asking.workspace.touch()
    return {"bookmark": _json(bookmark)}


def edit(asking: Asking) -> Json:
    bookmark = _found(asking)
    if asking.args.text("link"):
        bookmark.link = _link(asking)
    bookmark.title = asking.args.text("title") or bookmark.title
    bookmark.emoji = asking.args.text("emoji") or bookmark.emoji
    bookmark.updated = int(asking.workspace.clock.now())
    asking.workspace.touch()
    return {"bookmark": _json(bookmark)}


def remove(asking: Asking) -> Json:
    bookmark = _found(asking)
    del _channel(asking).bookmarks[bookmark.id]
    asking.workspace.touch()
    return {}


def list_bookmarks(asking: Asking) -> Json:
    return {"bookmarks": [_json(bookmark) for bookmark in asking.joined("channel_id").bookmarks.values()]}


def _channel(asking: Asking) -> Channel:
    channel = asking.joined("channel_id")
    if channel.is_archived:
        raise SlackError("permission_denied")
    return channel


def _found(asking: Asking) -> Bookmark:
    bookmark = _channel(asking).bookmarks.get(asking.args.text("bookmark_id"))
    if bookmark is None:
        raise SlackError("not_found")
    return bookmark


def _link(asking: Asking) -> str:
    link = asking.args.text("link")
    if not link.startswith(("http://", "https://")):
        raise SlackError("invalid_link")
    return link


def _json(bookmark: Bookmark) -> Json:
    return {
        "id": bookmark.id,
        "channel_id": bookmark.channel_id,
        "title": bookmark.title,
        "link": bookmark.link,
        "emoji": bookmark.emoji,
        "icon_url": "",
        "type": "link",
        "entity_id": None,
        "date_created": bookmark.created,
        "date_updated": bookmark.updated,
        "rank": "i",
        "last_updated_by_user_id": "",
        "last_updated_by_team_id": "",
        "shortcut_id": "",
        "app_id": "",
    }


METHODS = {
    "bookmarks.add": add,
    "bookmarks.edit": edit,
    "bookmarks.remove": remove,
    "bookmarks.list": list_bookmarks,
}
