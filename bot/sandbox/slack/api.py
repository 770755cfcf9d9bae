"""The door of the Web API: who is asking, may they, how often, and then the method itself."""

from email.utils import formatdate
from typing import Any

from starlette.types import Receive, Scope, Send

from bot.sandbox.edge import Edge
from bot.sandbox.slack import (
    bookmarks,
    canvases,
    chat,
    connections,
    conversations,
    directory,
    files,
    history,
    pins,
    reactions,
    views,
)
from bot.sandbox.slack.arguments import Arguments, merged
from bot.sandbox.slack.asking import Asking, Handler
from bot.sandbox.slack.dialect import SlackDialect
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.methods import METHODS, Method
from bot.sandbox.slack.rates import Rates
from bot.sandbox.slack.records import Channel, Json, Token
from bot.sandbox.slack.triggers import Triggers
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.wire import Answer, Request, answer, read

HANDLERS: dict[str, Handler] = {
    **conversations.METHODS,
    **history.METHODS,
    **directory.METHODS,
    **chat.METHODS,
    **pins.METHODS,
    **bookmarks.METHODS,
    **reactions.METHODS,
    **views.METHODS,
    **files.METHODS,
    **canvases.METHODS,
    **connections.METHODS,
}
PREFIX = "/slack/api/"


class WebApi:
    """`/slack/api/{method}`, as an ASGI application: Starlette's own request objects would cost half the speed."""

    def __init__(self, workspace: Workspace, triggers: Triggers, edge: Edge) -> None:
        self._workspace, self._triggers, self._edge = workspace, triggers, edge
        self._rates = Rates(workspace)
        self._dialect = SlackDialect()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await read(scope, receive, self._edge.connections)
        method = request.path.removeprefix(PREFIX)
        args, broken = _arguments(request)
        secret = _secret(request, args)

        async def act() -> Answer:
            return await self._act(method, args, secret, broken)

        await self._edge.serve("slack", method, args, request, receive, send, self._dialect, act)

    async def _act(self, method: str, args: Json, secret: str, broken: SlackError | None) -> Answer:
        try:
            if broken:
                raise broken
            known = METHODS.get(method)
            if known is None:
                raise SlackError("unknown_method", req_method=method)
            token = self._token(secret, method)
            if wait := self._rates.wait(method, known.tier, token.value, str(args.get("channel"))):
                return self._dialect.rate_limited(wait)
            _check_scopes(method, known, token, self._kind(method, args))
            asking = Asking(self._workspace, self._triggers, token, Arguments(args))
            asking.args.require(*known.required.split())
            said = HANDLERS[method](asking)
            content = said if isinstance(said, dict) else await said
        except SlackError as refusal:
            return answer({"ok": False, "error": refusal.code, **refusal.more}, outcome=refusal.code, date=self._date())
        scopes = ",".join(sorted(token.scopes))
        return answer({"ok": True, **content}, date=self._date(), x_oauth_scopes=scopes)

    def _date(self) -> str:
        """As every web server says it: the sandbox's clock may be elsewhere than the caller's."""
        return formatdate(self._workspace.clock.now(), usegmt=True)

    def _token(self, secret: str, method: str) -> Token:
        if method == "api.test":
            return Token("", "", "none", {"*"})
        if not secret:
            raise SlackError("not_authed")
        token = self._workspace.tokens.get(secret)
        if token is None:
            raise SlackError("invalid_auth")
        if token.revoked:
            raise SlackError("token_revoked")
        if self._workspace.people[token.user].deleted:
            raise SlackError("account_inactive")
        if (token.kind == "app") != (method == "apps.connections.open"):
            raise SlackError("not_allowed_token_type")
        return token

    def _kind(self, method: str, args: Json) -> str | None:
        """The family of scopes that counts for this call; None where any of the method's scopes will do."""
        if method == "conversations.create":
            return "groups" if Arguments(args).flag("is_private") else "channels"
        if method == "conversations.open":
            return "im"
        channel: Channel | None = self._workspace.channels.get(str(args.get("channel")))
        return channel.kind if channel and method.startswith("conversations.") else None


def _arguments(request: Request) -> tuple[Json, SlackError | None]:
    try:
        return merged(request), None
    except SlackError as refusal:
        return dict(request.query), refusal


def _secret(request: Request, args: Json) -> str:
    """The token, from the header or the arguments; it is taken out of those, so that no log keeps it."""
    sent: Any = args.pop("token", "")
    header = request.headers.get("authorization", "")
    return header.removeprefix("Bearer ").strip() if header else str(sent)


def _check_scopes(method: str, known: Method, token: Token, kind: str | None) -> None:
    if "*" in token.scopes:
        return
    needed = ["connections:write"] if method == "apps.connections.open" else known.needs(kind)
    if needed and not token.scopes.intersection(needed):
        raise SlackError("missing_scope", needed=",".join(needed), provided=",".join(sorted(token.scopes)))
