"""Everything that comes in from Slack: one set of listeners, whether it comes over sockets or signed HTTP."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import Response

from bot.documents.wording import Wording, shipped_wording
from bot.engine.handle import Engine, utc_now
from bot.engine.inbox import Reader
from bot.incident.steps import Runbook
from bot.integrations.slack.acks import Acks
from bot.integrations.slack.clicks import Clicks
from bot.integrations.slack.desk import Desk
from bot.integrations.slack.endpoint import Endpoint
from bot.integrations.slack.errors import FAILURES, code_of
from bot.integrations.slack.events import Events, worth_keeping
from bot.integrations.slack.health import APP_TOKEN, BOT_TOKEN, Health
from bot.integrations.slack.hearing import Ears
from bot.integrations.slack.homes import Homes
from bot.integrations.slack.kept import Kept
from bot.integrations.slack.listeners import Listeners
from bot.integrations.slack.modals import CALLBACK
from bot.integrations.slack.people import UNREACHABLE, People
from bot.integrations.slack.presses import Hands
from bot.integrations.slack.replies import Replies
from bot.integrations.slack.sockets import Sockets
from bot.integrations.slack.verbs import House

log = structlog.get_logger(__name__)

AT_START = 5.0
"""Seconds that the start waits for Slack; it goes on without."""
AGAIN = 15.0
"""Seconds between attempts to learn who we are."""
LOOK_EVERY = 60.0
"""Seconds between two looks at whether Slack still takes our token: one call of the hundred a minute that it allows."""
ANY = re.compile(".*")


class Inbound:
    """What app.py starts, stops and routes to."""

    def __init__(
        self,
        bolt: AsyncApp,
        reader: Reader,
        people: People,
        endpoint: Endpoint,
        sockets: Sockets | None,
        homes: Homes,
        kept: Kept,
        client: AsyncWebClient,
        health: Health,
        acks: Acks,
    ) -> None:
        self.bolt = bolt
        self.reader = reader
        self.health = health
        self.acks = acks
        self.look_every = LOOK_EVERY
        self._client = client
        self._looking: asyncio.Task[None] | None = None
        self._people = people
        self._endpoint = endpoint
        self._sockets = sockets
        self._homes = homes
        self._kept = kept

    @property
    def connected(self) -> bool:
        """Whether what people do in Slack can reach us."""
        if self._sockets is not None:
            return self._sockets.connected
        return self._people.known_workspace is not None

    @property
    def mismatches(self) -> int:
        """Requests since the start that were signed with another secret than ours: perhaps ours is wrong."""
        return self._endpoint.mismatches

    @property
    def known(self) -> bool:
        """Whether Slack has taken every token that we need since the start."""
        return {BOT_TOKEN, *([APP_TOKEN] if self._sockets is not None else [])} <= self.health.taken

    @property
    def open(self) -> bool | None:
        """Whether a socket is open; None over HTTP, where nobody can tell before a request comes."""
        return None if self._sockets is None else self._sockets.connected

    async def http_handler(self, request: Request) -> Response:
        """`POST /slack/events`."""
        return await self._endpoint.answer(request)

    async def start(self) -> None:
        """Learns who we are and who is here. With Slack down it returns after a while and goes on trying."""
        self._looking = asyncio.create_task(self._watch_token(), name="slack-token")
        task = self._kept.task(self._get_to_know())
        await asyncio.wait({task}, timeout=AT_START)

    async def stop(self) -> None:
        """Ends what is still in hand; sockets are stopped before."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        self._homes.close()
        await self._kept.finish(2.0)

    async def start_sockets(self) -> None:
        if self._sockets is not None:
            await self._sockets.start()

    async def stop_sockets(self) -> None:
        if self._sockets is not None:
            await self._sockets.stop()

    def hang_up(self) -> None:
        """Slack is to send nothing more to this process over sockets: another one hears it."""
        self._kept.let_go(self.stop_sockets())

    async def refresh_people(self) -> None:
        """Reads everyone again; for the ticker, every few hours."""
        try:
            await self._people.warm()
        except UNREACHABLE as error:
            log.warning("people not read", reason=code_of(error) or type(error).__name__)
            if self._people.known_workspace is None:
                self.health.failed(BOT_TOKEN, error)
        if self._people.known_workspace is not None and BOT_TOKEN not in self.health.taken:
            self.health.took(BOT_TOKEN)

    async def _watch_token(self) -> None:
        """Asks once a minute whether our token is still good: on a quiet day nothing else would notice."""
        while True:
            await asyncio.sleep(self.look_every)
            try:
                await self._client.auth_test()
            except FAILURES as error:
                self.health.failed(BOT_TOKEN, error)
            else:
                self.health.took(BOT_TOKEN)

    async def _get_to_know(self) -> None:
        while self._people.known_workspace is None:
            await self.refresh_people()
            if self._people.known_workspace is None:
                await asyncio.sleep(AGAIN)


def build_inbound(
    *,
    engine: Engine,
    client: AsyncWebClient,
    retry: Callable[[int], Awaitable[bool]],
    signing_secret: str = "",
    app_token: str = "",
    pagerduty_up: Callable[[], bool] = lambda: True,
    runbooks: tuple[Runbook, ...] = (),
    wording: Wording | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Inbound:
    """Puts the incoming half together; touches no network. `client` brings the shared session and no retries."""
    kept = Kept()
    people = People(client, engine.directory, engine.reading, clock, kept)
    command, words = engine.policy.command, wording or shipped_wording()
    house = House(engine.policy, engine.directory, engine.reading, pagerduty_up, people.admit, command, runbooks, words)
    replies, desk = Replies(client, command), Desk(engine, people)
    clicks = Clicks(Hands(house, client, retry, engine.hear))
    homes = Homes(house, replies, kept, clock)
    listeners = Listeners(engine, house, desk, clicks, replies, people, homes, kept, clock)
    bolt = _bolt(client, people, listeners, command)
    emoji = engine.policy.marking.emoji
    worth = partial(worth_keeping, known=people.known, in_room=listeners.in_room, emoji=emoji)
    health, acks = Health(), Acks()
    sockets = Sockets(bolt, client, app_token, worth_keeping=worth, health=health, acks=acks) if app_token else None
    events = Events(Ears(house, client, people, replies, desk), homes)
    endpoint = Endpoint(bolt, signing_secret, acks)
    return Inbound(bolt, events.read, people, endpoint, sockets, homes, kept, client, health, acks)


def _bolt(client: AsyncWebClient, people: People, listeners: Listeners, command: str) -> AsyncApp:
    """The one set of listeners. Who we are comes from memory: Bolt itself would ask Slack at the first command.

    Signatures are checked by `Endpoint`; a socket needs none.
    """

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        ours = people.known_workspace
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=ours.user if ours else None,
            bot_id=ours.bot if ours else None,
            bot_token=client.token,
        )

    bolt = AsyncApp(
        name="muster",
        client=client,
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
        attaching_function_token_enabled=False,  # workflow steps, which we have none of
        signing_secret="checked before",  # nosec B106 # noqa: S106  (no secret: Bolt wants a word here)
    )
    _listen(bolt, listeners, command)
    return bolt


def _listen(bolt: AsyncApp, listeners: Listeners, command: str) -> None:
    """Bolt asks in this order whose a request is; what a button sends is the longest question."""
    bolt.command(command)(listeners.command)
    bolt.view(CALLBACK)(listeners.submission)
    bolt.action(ANY)(listeners.action)
    bolt.shortcut(ANY)(listeners.shortcut)
    bolt.event(ANY)(listeners.event)
