"""How one person sees the workspace: whom and what they know by name, their clock, and where a link takes them."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.sandbox.slack.records import Channel, Person
from bot.sandbox.slack.workspace import Workspace

FOLLOWED = ("http", "https", "mailto")
_PERMALINK = re.compile(r"https://sandbox\.slack\.com/archives/(\w+)(?:/p(\d{10})(\d{6}))?")
_FILE = re.compile(r"https://sandbox\.slack\.com/files/\w+/(\w+)")
_INCIDENT = re.compile(r"/pagerduty/web/incidents/(\w+)$")


@dataclass(frozen=True)
class Eyes:
    """The viewer of a page; what they may not know has no name here."""

    workspace: Workspace
    viewer: Person

    def person(self, id: str) -> str:
        """Their full name; the id of one who is not known."""
        found = self.workspace.people.get(id)
        return found.real_name if found else id

    def sees(self, channel: Channel) -> bool:
        """Members see what is theirs, full members every public channel besides."""
        if channel.deleted:
            return False
        is_full_member = not (self.viewer.is_restricted or self.viewer.is_ultra_restricted or self.viewer.is_stranger)
        return self.viewer.id in channel.members or (not channel.is_private and is_full_member)

    def channel(self, id: str) -> str | None:
        """Its name without #; None where the viewer may not know it."""
        found = self.workspace.channels.get(id)
        return found.name if found and self.sees(found) else None

    def group(self, id: str) -> str:
        found = self.workspace.groups.get(id)
        return found.handle if found else id

    def moment(self, seconds: float) -> datetime:
        """An instant in epoch seconds, by the viewer's clock."""
        return datetime.fromtimestamp(seconds, ZoneInfo(self.viewer.tz))

    def path(self, rest: str) -> str:
        """A page of this viewer: `path("/home")` → `/as/ada/home`."""
        return f"/as/{self.viewer.name}{rest}"

    def as_other(self, other: Person, place: str) -> str:
        """The same conversation as somebody else sees it: `/as/bo/c/C…`; their own front page where they do not."""
        channel = self.workspace.channels.get(place)
        theirs = Eyes(self.workspace, other)
        return theirs.path(f"/c/{place}" if channel and theirs.sees(channel) else "")

    def link(self, url: str) -> str | None:
        """Where a link leads; None: nowhere one may go. Messages, files and incidents are pages of ours."""
        if found := _PERMALINK.match(url):
            channel, seconds, micros = found.groups()
            return self.path(f"/c/{channel}" + (f"?at={seconds}.{micros}" if seconds else ""))
        if found := _FILE.match(url):
            return self.path(f"/file/{found[1]}")
        if url.startswith(self.workspace.url) and (found := _INCIDENT.search(url)):
            return self.path(f"/pager/{found[1]}")
        return url if _scheme(url) in FOLLOWED else None


def _scheme(url: str) -> str:
    try:
        return urlsplit(url.strip()).scheme.lower()
    except ValueError:
        return ""
