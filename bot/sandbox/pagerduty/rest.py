"""PagerDuty's REST API over HTTP: who is asking, how often, and which call it is.

Source: "Authentication", "Rate limits" and "Errors" in PagerDuty's REST API documentation.
"""

import math
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

from starlette.types import Receive, Scope, Send

from bot.sandbox.clock import Clock
from bot.sandbox.edge import Edge
from bot.sandbox.pagerduty import rest_directory, rest_incidents, rest_subscriptions
from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.asks import Ask, Endpoint, arguments
from bot.sandbox.pagerduty.problems import Problem, not_found
from bot.sandbox.pagerduty.seed import API_TOKEN, READ_ONLY_TOKEN
from bot.sandbox.pagerduty.watch import Watch
from bot.sandbox.pagerduty.webhooks import Webhooks
from bot.sandbox.wire import Answer, Request, answer, read

ENDPOINTS = (*rest_incidents.ENDPOINTS, *rest_directory.ENDPOINTS, *rest_subscriptions.ENDPOINTS)
MINUTE = 60.0
STATUS_OF_CODE = {2000: 500, 2006: 401, 2010: 403, 2014: 402, 2020: 429, 2100: 404}


def refusal(problem: Problem, **headers: str) -> Answer:
    return answer(problem.to_json(), problem.status, str(problem.status), **headers)


@dataclass
class Quota:
    """How many calls a minute a token has; 960 in the real world."""

    clock: Clock
    limit: int = 960
    used: int = 0
    began: float = 0.0

    def take(self) -> bool:
        """Count one call; False when there were too many this minute."""
        if self.clock.now() - self.began >= MINUTE:
            self.began, self.used = self.clock.now(), 0
        self.used += 1
        return self.used <= self.limit

    def headers(self) -> dict[str, str]:
        reset = max(0, math.ceil(self.began + MINUTE - self.clock.now()))
        left = max(0, self.limit - self.used)
        return {
            "ratelimit_limit": str(self.limit),
            "ratelimit_remaining": str(left),
            "ratelimit_reset": str(reset),
        }


class Wording:
    """How PagerDuty words the faults that the sandbox is told to have."""

    def rate_limited(self, retry_after: float) -> Answer:
        reset = str(math.ceil(retry_after))
        problem = Problem(429, 2020, "Rate Limit Exceeded")
        return refusal(problem, ratelimit_limit="960", ratelimit_remaining="0", ratelimit_reset=reset)

    def broken(self, status: int) -> Answer:
        names = {500: "Internal Server Error", 503: "Service Unavailable"}
        return refusal(Problem(status, 2000, names.get(status, "Internal Server Error")))

    def error(self, code: str) -> Answer:
        """`code` is one of PagerDuty's numbers, such as "1008"; anything else becomes 2001, invalid input."""
        number = int(code) if code.isdecimal() else 2001
        return refusal(Problem(STATUS_OF_CODE.get(number, 400), number, "Refused", code))


class RestApi:
    """The ASGI application behind `/pagerduty/…`."""

    def __init__(self, account: Account, webhooks: Webhooks, watch: Watch, edge: Edge, clock: Clock) -> None:
        self._account, self._webhooks, self._watch, self._edge = account, webhooks, watch, edge
        self._wording = Wording()
        self.quota = Quota(clock)
        self.tokens = {API_TOKEN, READ_ONLY_TOKEN}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._watch.start()
        request = await read(scope, receive, self._edge.connections)
        path = request.path.removeprefix("/pagerduty")
        query = parse_qs(scope["query_string"].decode(), keep_blank_values=True)
        endpoint, params = _found(request.method, path)
        name = endpoint.name if endpoint else f"{request.method} {path}"

        async def act() -> Answer:
            return self._answer(request, endpoint, params, query)

        args = {**params, **query, **arguments(request.body)}
        await self._edge.serve("pagerduty", name, args, request, receive, send, self._wording, act)

    def _answer(
        self, request: Request, endpoint: Endpoint | None, params: dict[str, str], query: dict[str, list[str]]
    ) -> Answer:
        try:
            self._admit(request)
            if endpoint is None:
                raise not_found()
            self._demand_ability(endpoint)
            sender = self._sender(request, endpoint)
            reply = endpoint.handle(Ask(self._account, self._webhooks, params, query, request.body, sender))
        except Problem as problem:
            return refusal(problem, **self.quota.headers())
        if reply.status in (202, 204):
            return Answer(reply.status, b"", headers=())
        return answer(reply.content, reply.status, **self.quota.headers())

    def _admit(self, request: Request) -> None:
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        token = rest.removeprefix("token=") if scheme == "Token" else rest
        if scheme not in ("Token", "Bearer") or token not in self.tokens:
            raise Problem(401, 2006, "Authentication failed")
        if token == READ_ONLY_TOKEN and request.method != "GET":
            raise Problem(403, 2010, "Access Denied", "a read-only key")
        if not self.quota.take():
            raise Problem(429, 2020, "Rate Limit Exceeded")

    def _demand_ability(self, endpoint: Endpoint) -> None:
        if endpoint.ability is not None and endpoint.ability not in self._account.abilities:
            told = f"The account needs the ability {endpoint.ability}"
            raise Problem(402, 2014, "Missing Account Ability", told)

    def _sender(self, request: Request, endpoint: Endpoint) -> str:
        """The user of `From`; only calls that the docs say need one are refused without it."""
        email = request.headers.get("from", "")
        user = self._account.directory.user_of_email(email)
        if user is not None:
            return user.id
        if endpoint.sender:
            raise Problem(400, 1008, "Requester User Not Found", f"From: {email or 'missing'}")
        return ""


def _found(method: str, path: str) -> tuple[Endpoint | None, dict[str, str]]:
    parts = [unquote(part) for part in path.strip("/").split("/")]
    for endpoint in ENDPOINTS:
        params = endpoint.match(method, parts)
        if params is not None:
            return endpoint, params
    return None, {}
