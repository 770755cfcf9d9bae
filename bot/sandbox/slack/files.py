"""files.*: the upload in three steps (ask for a URL, send the bytes there, share), info and delete."""

from starlette.types import Receive, Scope, Send

from bot.sandbox.edge import Edge
from bot.sandbox.slack import posting
from bot.sandbox.slack.asking import Asking
from bot.sandbox.slack.dialect import SlackDialect
from bot.sandbox.slack.errors import SlackError, invalid_arguments
from bot.sandbox.slack.records import Channel, File, Json
from bot.sandbox.slack.shapes import file_json
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.wire import Answer, answer, read, send_answer, text_answer

UPLOADS, DOWNLOADS = "/slack/upload/", "/slack/files/"


def get_upload_url(asking: Asking) -> Json:
    length = asking.args.number("length", 0)
    if length <= 0:
        raise invalid_arguments("must be a positive integer [json-pointer:/length]")
    workspace = asking.workspace
    file_id = workspace.new_id("F")
    file = File(file_id, asking.args.text("filename"), length, asking.user, created=int(workspace.clock.now()))
    workspace.files[file_id] = file
    return {"upload_url": f"{workspace.url}{UPLOADS}{file_id}", "file_id": file_id}


def complete_upload(asking: Asking) -> Json:
    given = asking.args.data("files", "invalid_arguments")
    if not isinstance(given, list) or not given:
        raise SlackError("invalid_arguments")
    files = [_uploaded(asking, entry) for entry in given]
    for where in _places(asking):
        _share(asking, where, files)
    return {"files": [file_json(asking.workspace, file) for file in files]}


def info(asking: Asking) -> Json:
    file = _there(asking)
    return {"file": file_json(asking.workspace, file), "comments": [], "response_metadata": {"next_cursor": ""}}


def delete(asking: Asking) -> Json:
    """The file's bytes are gone; where it was shared a tombstone stays."""
    file = _there(asking)
    if file.user != asking.user:
        raise SlackError("cant_delete_file")
    file.deleted, file.content = True, b""
    return {}


def _there(asking: Asking) -> File:
    file = asking.workspace.files.get(asking.args.text("file"))
    if file is None or not file.complete:
        raise SlackError("file_not_found")
    if file.deleted:
        raise SlackError("file_deleted")
    return file


def _uploaded(asking: Asking, entry: Json) -> File:
    file = asking.workspace.files.get(str(entry.get("id")))
    if file is None or len(file.content) != file.length:
        raise SlackError("file_not_found")
    file.title = entry.get("title") or file.title
    file.complete = True
    return file


def _places(asking: Asking) -> list[Channel]:
    wanted = asking.args.names("channels") or asking.args.names("channel_id")
    places = [asking.workspace.channels.get(where) for where in wanted]
    found = [place for place in places if place is not None and not place.deleted]
    if len(found) < len(wanted):
        raise SlackError("channel_not_found")
    if any(asking.user not in place.members for place in found):
        raise SlackError("not_in_channel")
    return found


def _share(asking: Asking, channel: Channel, files: list[File]) -> None:
    message = posting.post(
        asking.workspace,
        channel,
        asking.user,
        {"text": asking.args.text("initial_comment"), "upload": True},
        bot_id=asking.token.bot_id,
        thread_ts=asking.args.text("thread_ts") or None,
        files=[file.id for file in files],
    )
    for file in files:
        file.shares[channel.id] = message.ts


class Uploads:
    """Takes the bytes at the URL that files.getUploadURLExternal gave out; the call log names it `upload`."""

    def __init__(self, workspace: Workspace, edge: Edge) -> None:
        self._workspace, self._edge = workspace, edge
        self._dialect = SlackDialect()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await read(scope, receive, self._edge.connections)
        file_id = request.path.removeprefix(UPLOADS)

        async def act() -> Answer:
            return self._take(file_id, request.body)

        args: Json = {"file": file_id, "length": len(request.body)}
        await self._edge.serve("slack", "upload", args, request, receive, send, self._dialect, act)

    def _take(self, file_id: str, content: bytes) -> Answer:
        file = self._workspace.files.get(file_id)
        if file is None or file.complete:
            return text_answer("no such upload", 404, "404")
        file.content = content
        return text_answer(f"OK - {len(content)}", media="text/plain")


class Downloads:
    """Gives a file's bytes to whoever has a token, as `url_private` does."""

    def __init__(self, workspace: Workspace, edge: Edge) -> None:
        self._workspace, self._edge = workspace, edge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await read(scope, receive, self._edge.connections)
        file = self._workspace.files.get(request.path.removeprefix(DOWNLOADS))
        token = self._workspace.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if file is None or token is None or token.revoked:
            await send_answer(send, answer({"ok": False, "error": "file_not_found"}, 404))
            return
        await send_answer(send, Answer(200, file.content, headers=((b"content-type", b"application/octet-stream"),)))


METHODS = {
    "files.getUploadURLExternal": get_upload_url,
    "files.completeUploadExternal": complete_upload,
    "files.delete": delete,
    "files.info": info,
}
