"""Pages that people pin to an incident: the dashboard, the ticket, the vendor's status."""

from urllib.parse import urlsplit

from bot.incident.model import Case, Command, Event, Incident, Refused
from bot.incident.notes import GONE
from bot.incident.values import Link

URL_LENGTH = 1_000
TITLE_LENGTH = 150


class LinkAdded(Event, kind="link_added"):
    """Someone pinned a page. Redacted, it has no address any more and is on no card."""

    url: str
    title: str

    def apply(self, i: Incident) -> Incident:
        pinned = Link(url=self.url, title=self.title, entry=i.seq + 1)
        return i.but(links=(*i.links, pinned)) if self.url else i

    def line(self) -> str:
        return f"{self.by.name} linked {self.title}"

    def redacted(self) -> "LinkAdded":
        return self.model_copy(update={"url": "", "title": GONE})

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.title, self.url)))

    @property
    def link(self) -> str:
        return self.url


class AddLink(Command):
    """Pin a page to the incident. Without a title it is called by its host."""

    url: str
    title: str = ""

    def decide(self, case: Case) -> list[Event]:
        i, url = case.incident, self.url.strip()
        host = host_of(url)
        if not host:
            raise Refused("Give the whole address, such as https://graphs.example/checkout.", field="url")
        if len(url) > URL_LENGTH:
            raise Refused(f"A link holds {URL_LENGTH} characters; this one has {len(url)}.", field="url")
        title = " ".join(self.title.split()) or host
        if len(title) > TITLE_LENGTH:
            raise Refused(f"A link's title holds {TITLE_LENGTH} characters; this has {len(title)}.", field="title")
        there = next((known for known in i.links if known.url == url), None)
        if there is not None and self.title.strip() and there.title != title:
            raise Refused(f"That page is linked already, as “{there.title}”.", field="title")
        return [] if there else [LinkAdded(**case.stamp(), url=url, title=title)]


def host_of(url: str) -> str:
    """The host of a web page's address; empty for whatever is none."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    return host if parts.scheme in ("http", "https") and url.isprintable() and " " not in url else ""
