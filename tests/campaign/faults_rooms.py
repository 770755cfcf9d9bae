"""The short night of what rooms can do: a link, a group, an export, another name, words taken back, a merge, and a
room that is shut and opened again by hand. The refusals of the methods that only this night calls are tried in it."""

from bot.incident import AddLink, AskIn, Declare, ExportTimeline, Merge, NameRoom, RedactEntry
from bot.incident.exports import Format
from bot.incident.inviting import Group
from tests.campaign.faults_world import Brisk, act

BOARD = "https://graphs.example/checkout"
PAYMENTS = Group(id="@payments", name="@payments")
UNTIL_CLOSED = 61.0
"""Seconds after which the room of what was merged is archived."""
METHODS = {
    "usergroups.list",
    "usergroups.users.list",
    "conversations.open",
    "conversations.rename",
    "conversations.archive",
    "conversations.unarchive",
    "conversations.join",
    "bookmarks.remove",
    "bookmarks.edit",
    "bookmarks.list",
    "files.delete",
}
"""What only this night calls."""
FIRST = ("bookmarks.list", "usergroups.list")
"""Calls without which another that is refused in other nights is never made."""


async def furnished(world: Brisk) -> None:
    """An alert opens a room, a group is asked in, a page is linked, and the timeline is taken out as a file."""
    await world.hands.pagerduty.trigger("checkout", "Checkout answers 5xx", priority="P2")
    await world.settled()
    for wish in (
        AskIn(incident=1, groups=(PAYMENTS,)),
        AddLink(incident=1, url=BOARD, title="hunter2 board"),
        ExportTimeline(incident=1, format=Format.MARKDOWN),
    ):
        await act(world, wish)


async def renamed(world: Brisk) -> None:
    await act(world, NameRoom(incident=1, name="inc-1-payments"))


async def redacted(world: Brisk) -> None:
    """The link's words are taken back, and the alert's."""
    for kind in ("link_added", "alert_joined", "declared"):
        seq = next(s.seq for s in await world.app.engine.reading.events(1) if s.event.kind == kind)
        await act(world, RedactEntry(incident=1, entry=seq))


async def merged(world: Brisk) -> None:
    """Another incident turns out to be this one; its room is closed a minute later."""
    await act(world, Declare(title="Payments fail", severity=4))
    await act(world, Merge(incident=2, into=1))
    world.put_forward(UNTIL_CLOSED)
    await world.settled()


async def shut_and_opened(world: Brisk) -> None:
    """Somebody archives the room and opens it again: Slack took us out of it, and we come back."""
    room = (await world.room())["id"]
    await world.hands.slack.archive("ada", room)
    await world.settled()
    await world.hands.slack.unarchive("ada", room)
    await world.settled()


PARTS = (furnished, renamed, redacted, merged, shut_and_opened)
