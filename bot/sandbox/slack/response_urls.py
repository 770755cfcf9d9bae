"""Response URLs: where an app answers a command or a click later on, without a token."""

from starlette.types import Receive, Scope, Send

from bot.sandbox.edge import Edge
from bot.sandbox.slack import posting, seed
from bot.sandbox.slack.arguments import Arguments, merged
from bot.sandbox.slack.content import fields
from bot.sandbox.slack.dialect import SlackDialect
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Channel, Json, Message
from bot.sandbox.slack.triggers import ResponseUrl, Triggers
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.wire import Answer, Request, answer, read, text_answer

PREFIX = "/slack/response/"
GONE = frozenset({"expired_url", "used_url"})


class ResponseUrls:
    """`/slack/response/{name}`; the call log and the fault rules know it as method `response_url`."""

    def __init__(self, workspace: Workspace, triggers: Triggers, edge: Edge) -> None:
        self._workspace, self._triggers, self._edge = workspace, triggers, edge
        self._dialect = SlackDialect()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await read(scope, receive, self._edge.connections)

        async def act() -> Answer:
            return self._answer(request)

        args: Json = {"url": request.path.removeprefix(PREFIX)}
        await self._edge.serve("slack", "response_url", args, request, receive, send, self._dialect, act)

    def _answer(self, request: Request) -> Answer:
        try:
            args = Arguments(merged(request))
            url = self._triggers.use_url(request.path.removeprefix(PREFIX))
            respond(self._workspace, url, args)
        except SlackError as refusal:
            status = 404 if refusal.code in GONE else 400
            return answer({"ok": False, "error": refusal.code, **refusal.more}, status, refusal.code)
        return text_answer("ok", media="text/plain")


def respond(workspace: Workspace, url: ResponseUrl, args: Arguments) -> Message | None:
    """Do what a response says: a new message (ephemeral unless `in_channel`), or replace the original, or delete it.

    Where a new message comes with `delete_original`, both are done.
    """
    channel = workspace.channels[url.channel]
    original = _original(workspace, channel, url)
    if args.flag("delete_original"):
        if original is None:
            raise SlackError("message_not_found")
        posting.delete(workspace, channel, original)
        if not args.given.keys() & {"text", "blocks", "attachments"}:
            return None
    content = fields(args)
    if args.flag("replace_original") and original is not None and not original.deleted:
        posting.edit(workspace, channel, original, content, seed.BOT_USER)
        return original
    thread_ts = args.text("thread_ts") or (url.thread_ts if url.message_ts else None)
    if args.text("response_type") == "in_channel":
        return posting.post(workspace, channel, seed.BOT_USER, content, bot_id=seed.BOT_ID, thread_ts=thread_ts)
    return posting.whisper(workspace, channel, url.user, content, thread_ts)


def _original(workspace: Workspace, channel: Channel, url: ResponseUrl) -> Message | None:
    if url.message_ts is None:
        return None
    stored = channel.messages.get(url.message_ts)
    whispered = (message for message in workspace.ephemerals if message.ts == url.message_ts)
    found = stored or next(whispered, None)
    return None if found is None or found.deleted else found
