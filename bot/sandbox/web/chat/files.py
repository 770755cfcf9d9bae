"""Files that were shared: who may see one, its bytes, and its page."""

from collections.abc import Iterator

from starlette.responses import PlainTextResponse, Response

from bot.sandbox.slack.records import File
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el
from bot.sandbox.web.windows import Region

SHOWN = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp"}
SHOWN |= {".pdf": "application/pdf", ".txt": "text/plain", ".md": "text/plain"}


def visible(eyes: Eyes, file: str) -> File | None:
    """The file, if it was shared where this person may look, or is their own."""
    found = eyes.workspace.files.get(file)
    if found is None or found.deleted or not found.complete:
        return None
    shared = (eyes.workspace.channels.get(channel) for channel in found.shares)
    return found if found.user == eyes.viewer.id or any(each and eyes.sees(each) for each in shared) else None


def content(workspace: Workspace, file: str) -> Response:
    """Its bytes: shown where that is harmless, else as a download."""
    found = workspace.files.get(file)
    if found is None or found.deleted or not found.complete:
        return PlainTextResponse("There is no such file.", 404)
    ending = found.name[found.name.rfind(".") :].lower()
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
    if ending not in SHOWN:
        headers["Content-Disposition"] = "attachment"
    return Response(found.content, media_type=SHOWN.get(ending, "application/octet-stream"), headers=headers)


class FilePage:
    """One file, large."""

    template = "file.html.j2"
    place = "file"

    def __init__(self, eyes: Eyes, file: File) -> None:
        self.eyes, self.file, self.title = eyes, file, file.title or file.name

    def regions(self) -> Iterator[Region]:
        words = self.file.content.decode(errors="replace")
        yield Region("messages-only", "messages", len(words), lambda: el("pre", words, id="messages-only"))

    def looked_at(self) -> None:
        """Nothing is unread there."""

    def earlier(self) -> None:
        """There is nothing before it."""
