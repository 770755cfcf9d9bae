"""Files that were shared: who may see one, its bytes, and its page."""

from collections.abc import Iterator
from functools import partial

from markupsafe import Markup
from starlette.responses import PlainTextResponse, Response

from bot.sandbox.slack.records import File
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.web.blockkit.markdown import markdown
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el
from bot.sandbox.web.windows import Region

PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
SHOWN = PICTURES | {".pdf": "application/pdf", ".txt": "text/plain", ".md": "text/plain"}
LONGEST = 1_000_000


def visible(eyes: Eyes, file: str) -> File | None:
    """The file, if it was shared where this person may look, or is their own."""
    found = _there(eyes.workspace, file)
    if found is None:
        return None
    shared = (eyes.workspace.channels.get(channel) for channel in found.shares)
    return found if found.user == eyes.viewer.id or any(each and eyes.sees(each) for each in shared) else None


def content(workspace: Workspace, file: str) -> Response:
    """Its bytes: shown where that is harmless, else as a download."""
    found = _there(workspace, file)
    if found is None:
        return PlainTextResponse("There is no such file.", 404)
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
    if _ending(found) not in SHOWN:
        headers["Content-Disposition"] = "attachment"
    return Response(found.content, media_type=SHOWN.get(_ending(found), "application/octet-stream"), headers=headers)


def is_picture(file: File) -> bool:
    return _ending(file) in PICTURES


def size(file: File) -> str:
    """In words: 312 bytes, 14 kB, 2.3 MB."""
    if file.length < 1000:
        return f"{file.length} bytes"
    return f"{file.length / 1000:.0f} kB" if file.length < 1_000_000 else f"{file.length / 1_000_000:.1f} MB"


class FilePage:
    """One file, large."""

    template = "file.html.j2"
    place = "file"

    def __init__(self, eyes: Eyes, file: File) -> None:
        self.eyes, self.file, self.title = eyes, file, file.title or file.name

    def regions(self) -> Iterator[Region]:
        yield Region("messages-only", "messages", (self.file.deleted, self.file.length), partial(self._draw))

    def looked_at(self) -> None:
        """Nothing is unread there."""

    def earlier(self) -> None:
        """There is nothing before it."""

    def _draw(self) -> Markup:
        if self.file.deleted:
            return el("p", "This file was deleted.", id="messages-only")
        return el("article", self._content(), id="messages-only", cls="file")

    def _content(self) -> Markup:
        if is_picture(self.file):
            return el("img", src=f"/files/{self.file.id}", alt=self.title)
        words = self.file.content[:LONGEST].decode(errors="replace")
        return markdown(words, self.eyes) if _ending(self.file) == ".md" else el("pre", words)


def _there(workspace: Workspace, file: str) -> File | None:
    found = workspace.files.get(file)
    return found if found and found.complete and not found.deleted else None


def _ending(file: File) -> str:
    return file.name[file.name.rfind(".") :].lower() if "." in file.name else ""
