"""Files that were shared: who may see one, its bytes, its preview, and its page."""

from collections.abc import Iterator

from markupsafe import Markup
from starlette.responses import PlainTextResponse, Response

from bot.sandbox.slack.records import Canvas, Channel, File
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.web.blockkit.markdown import markdown
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import Child, el, icon
from bot.sandbox.web.windows import Region

PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
TEXTS = {".txt", ".md", ".log", ".csv", ".json", ".yaml", ".yml", ".toml", ".py", ".sql", ".sh", ".diff", ".patch"}
SHOWN = PICTURES | {".pdf": "application/pdf"} | dict.fromkeys(TEXTS, "text/plain")
LONGEST, PREVIEWED, LINES = 1_000_000, 2_000, 12
"""Bytes of a text that its page shows, and that its preview looks at; lines of a preview."""


def visible(eyes: Eyes, file: str) -> File | None:
    """The file, if it was shared where this person may look, or is their own."""
    found = _there(eyes.workspace, file)
    if found is None:
        return None
    return found if found.user == eyes.viewer.id or any(eyes.sees(place) for place in places(eyes, found)) else None


def places(eyes: Eyes, file: File) -> list[Channel]:
    """Where it was shared; a canvas is in the channel in whose tab it is, too."""
    tab = file.tab if isinstance(file, Canvas) else None
    ids = dict.fromkeys([*file.shares, *([tab] if tab else [])])
    return [channel for id in ids if (channel := eyes.workspace.channels.get(id))]


def canvases(workspace: Workspace, channel: Channel) -> list[Canvas]:
    """Those of this channel, its own first."""
    found = [
        file
        for file in list(workspace.files.values())
        if isinstance(file, Canvas) and file.tab == channel.id and not file.deleted
    ]
    return sorted(found, key=lambda each: each is not channel.canvas)


def content(workspace: Workspace, file: str) -> Response:
    """Its bytes: shown where that is harmless, else as a download."""
    found = _there(workspace, file)
    if found is None:
        return PlainTextResponse("There is no such file.", 404)
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
    if _ending(found) not in SHOWN:
        headers["Content-Disposition"] = "attachment"
    return Response(found.content, media_type=SHOWN.get(_ending(found), "application/octet-stream"), headers=headers)


def size(file: File) -> str:
    """In words: 312 bytes, 14 kB, 2.3 MB."""
    if file.length < 1000:
        return f"{file.length} bytes"
    return f"{file.length / 1000:.0f} kB" if file.length < 1_000_000 else f"{file.length / 1_000_000:.1f} MB"


def card(eyes: Eyes, file: File) -> Markup:
    """A file as it stands in a message: its name, a look into it, the way to all of it."""
    if file.deleted:
        return el("p", icon("file"), "This file was deleted.", cls="soft gone")
    name = file.title or file.name
    kind = "Canvas" if isinstance(file, Canvas) else size(file)
    link = el(
        "a",
        icon("file"),
        el("span", name, cls="name"),
        el("small", kind, cls="soft"),
        href=eyes.path(f"/file/{file.id}"),
    )
    return el("figure", link, _preview(eyes, file), cls="shared")


def face(file: File) -> tuple[object, ...]:
    """What can change in it."""
    return file.deleted, file.title, file.name, file.content


class FilePage:
    """One file, large."""

    template = "file.html.j2"
    place = "file"

    def __init__(self, eyes: Eyes, file: File) -> None:
        self.eyes, self.file = eyes, file

    @property
    def title(self) -> str:
        return self.file.title or self.file.name

    def regions(self) -> Iterator[Region]:
        shown = face(self.file), self._is_there
        yield Region("channel-head-only", "channel-head", shown, self._head)
        yield Region("messages-only", "messages", shown, self._draw)

    @property
    def _is_there(self) -> bool:
        """Neither deleted nor out of this person's reach since they opened it."""
        return visible(self.eyes, self.file.id) is not None

    def looked_at(self) -> None:
        """Nothing is unread there."""

    def earlier(self) -> None:
        """There is nothing before it."""

    def _head(self) -> Markup:
        address = f"/files/{self.file.id}"
        return el(
            "div",
            el("h1", icon("file"), el("span", self.title, cls="name")),
            el("p", *self._about(), cls="topic soft whole"),
            None if not self._is_there else el("a", "Download", cls="button", href=address, download=True),
            id="channel-head-only",
            cls="head",
        )

    def _about(self) -> Iterator[Child]:
        """Who made it and when, how big it is, and where it is found."""
        at = self.eyes.moment(self.file.created)
        yield f"{self.eyes.person(self.file.user)}, {at.day} {at:%B}, {at:%H:%M} · {size(self.file)}"
        for channel in filter(self.eyes.sees, places(self.eyes, self.file)):
            ts = self.file.shares.get(channel.id)
            name = "direct messages" if channel.is_im else f"#{channel.name}"
            yield " · "
            yield el("a", name, href=self.eyes.path(f"/c/{channel.id}" + (f"?at={ts}" if ts else "")))

    def _draw(self) -> Markup:
        if not self._is_there:
            return el("p", "This file is not here any more.", id="messages-only", cls="empty")
        return el("article", self._content(), id="messages-only", cls="file")

    def _content(self) -> Markup:
        if _ending(self.file) in PICTURES:
            return el("img", src=f"/files/{self.file.id}", alt=self.title)
        words = self.file.content[:LONGEST].decode(errors="replace")
        if _is_markdown(self.file):
            return markdown(words, self.eyes) if words else el("p", "Nothing is written here yet.", cls="soft")
        return el("pre", words) if _is_text(self.file) else el("p", "It cannot be shown here. Download it.", cls="soft")


def _preview(eyes: Eyes, file: File) -> Markup | None:
    """A picture, or how a text begins."""
    if _ending(file) in PICTURES:
        picture = el("img", src=f"/files/{file.id}", alt=file.title or file.name, loading="lazy")
        return el("a", picture, cls="look", href=eyes.path(f"/file/{file.id}"))
    if not _is_text(file) or not file.content:
        return None
    words = file.content[:PREVIEWED].decode(errors="ignore")
    beginning = "\n".join(words.split("\n")[:LINES])
    is_cut = len(beginning.encode()) < file.length
    drawn = markdown(beginning, eyes) if _is_markdown(file) else el("pre", beginning)
    return el("div", drawn, cls="look cut" if is_cut else "look")


def _there(workspace: Workspace, file: str) -> File | None:
    found = workspace.files.get(file)
    return found if found and found.complete and not found.deleted else None


def _ending(file: File) -> str:
    return file.name[file.name.rfind(".") :].lower() if "." in file.name else ""


def _is_markdown(file: File) -> bool:
    return isinstance(file, Canvas) or _ending(file) == ".md"


def _is_text(file: File) -> bool:
    return _is_markdown(file) or _ending(file) in TEXTS
