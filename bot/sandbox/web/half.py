"""The pages' routes: who looks at what, and the stream that keeps it true."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.sandbox.control import Impossible
from bot.sandbox.faults import Faults
from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.half import Desk
from bot.sandbox.slack import seed
from bot.sandbox.slack.records import Channel
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.web import assets, emoji, state, tour
from bot.sandbox.web.backstage import Backstage
from bot.sandbox.web.chat import files, layers, sidebar
from bot.sandbox.web.chat.files import FilePage
from bot.sandbox.web.chat.home import HomePage
from bot.sandbox.web.chat.marks import Marks
from bot.sandbox.web.chat.page import ChatPage
from bot.sandbox.web.document import document
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.pager.page import PagerPage
from bot.sandbox.web.stream import lost, told
from bot.sandbox.web.weather.page import WeatherPage
from bot.sandbox.web.windows import Page, Region, Windows

STREAM = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
FIRST = "ada"


class Web:
    """Everything that a browser may ask of the sandbox; the person is in the path, so two windows are two people."""

    def __init__(self, workspace: Workspace, account: Account, desk: Desk, faults: Faults) -> None:
        self.backstage: Backstage | None = None
        self._workspace, self._account, self._desk, self._faults = workspace, account, desk, faults
        self._windows, self._marks = Windows(), Marks(workspace.ts())

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/", self._front),
            Route("/as/{person}", self._front),
            Route("/as/{person}/c/{channel}", self._chat),
            Route("/as/{person}/home", self._home),
            Route("/as/{person}/waiting", self._waiting),
            Route("/as/{person}/file/{file}", self._file),
            Route("/as/{person}/pager", self._pager),
            Route("/as/{person}/pager/{incident}", self._pager),
            Route("/as/{person}/weather", self._weather),
            Route("/beside/{one}/{other}", self._beside),
            Route("/windows/{window}", self._stream),
            Route("/windows/{window}/earlier", self._earlier, methods=["POST"]),
            Route("/static/{version}/{name}", assets.asset),
            Route("/emoji.json", emoji.table),
            Route("/files/{file}", self._bytes),
            Route("/state", self._state),
        ]

    async def _front(self, request: Request) -> Response:
        """Where somebody comes in: the first channel of theirs."""
        eyes = self._eyes(request)
        if eyes is None:
            return self._unknown(request)
        theirs = [channel for channel in self._workspace.channels.values() if eyes.viewer.id in channel.members]
        ops = self._workspace.channels.get(seed.OPS)
        first = ops if ops in theirs else next(iter(theirs), None)
        return RedirectResponse(eyes.path(f"/c/{first.id}" if first else "/home"), 303)

    async def _chat(self, request: Request) -> Response:
        eyes = self._eyes(request)
        channel = self._channel(eyes, request.path_params["channel"]) if eyes else None
        if eyes is None or channel is None:
            return self._unknown(request)
        asked = request.query_params
        page = ChatPage(eyes, channel, self._marks, asked.get("thread"), asked.get("at"), asked.get("pane"))
        return self._show(eyes, page)

    async def _home(self, request: Request) -> Response:
        eyes = self._eyes(request)
        return self._show(eyes, HomePage(eyes)) if eyes else self._unknown(request)

    async def _waiting(self, request: Request) -> Response:
        """For windows that are hidden: they have no stream, but a title."""
        eyes = self._eyes(request)
        return JSONResponse(asdict(sidebar.waiting(eyes, self._marks))) if eyes else self._unknown(request)

    async def _file(self, request: Request) -> Response:
        eyes = self._eyes(request)
        found = files.visible(eyes, request.path_params["file"]) if eyes else None
        return self._show(eyes, FilePage(eyes, found)) if eyes and found else self._unknown(request)

    async def _pager(self, request: Request) -> Response:
        eyes = self._eyes(request)
        if eyes is None:
            return self._unknown(request)
        return self._show(eyes, PagerPage(eyes, self._account, self._desk, request.path_params.get("incident")))

    async def _weather(self, request: Request) -> Response:
        eyes = self._eyes(request)
        return self._show(eyes, WeatherPage(eyes, self._faults, self.backstage)) if eyes else self._unknown(request)

    async def _beside(self, request: Request) -> Response:
        both = [self._seen_by(request.path_params[each]) for each in ("one", "other")]
        if None in both:
            return self._unknown(request)
        return document("beside.html.j2", both=both, place=request.query_params.get("place", ""))

    async def _stream(self, request: Request) -> Response:
        window = self._windows.find(request.path_params["window"])
        spoken = told(window, self._workspace) if window else lost()
        return StreamingResponse(spoken, media_type="text/event-stream", headers=STREAM)

    async def _earlier(self, request: Request) -> Response:
        if window := self._windows.find(request.path_params["window"]):
            window.page.earlier()
            self._workspace.touch()
        return Response(status_code=204)

    async def _bytes(self, request: Request) -> Response:
        return files.content(self._workspace, request.path_params["file"])

    async def _state(self, request: Request) -> Response:
        return JSONResponse(state.everything(self._workspace, self._account))

    def _show(self, eyes: Eyes, page: "Content") -> Response:
        whole = _Whole(page, eyes, self._marks, self.backstage)
        window = self._windows.open(whole)
        settings = self._workspace.settings
        return document(
            page.template,
            page=page,
            eyes=eyes,
            window=window.id,
            slots=window.slots(),
            backstage=self.backstage,
            people=[person for person in self._workspace.people.values() if not (person.is_bot or person.deleted)],
            groups=list(self._workspace.groups.values()),
            commands=[] if eyes.viewer.is_stranger else settings.commands,
            shortcuts=[] if eyes.viewer.is_stranger else settings.shortcuts,
        )

    def _eyes(self, request: Request) -> Eyes | None:
        return self._seen_by(request.path_params.get("person", FIRST))

    def _seen_by(self, name: str) -> Eyes | None:
        try:
            person = self._workspace.person(name)
        except Impossible:
            return None
        return None if person.is_bot or person.deleted else Eyes(self._workspace, person)

    def _channel(self, eyes: Eyes, named: str) -> Channel | None:
        try:
            channel = self._workspace.channel(named)
        except Impossible:
            return None
        return channel if eyes.sees(channel) else None

    def _unknown(self, request: Request) -> Response:
        return document("missing.html.j2", 404, path=request.url.path)


class Content(Page, Protocol):
    """A page as its templates know it."""

    @property
    def template(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def place(self) -> str: ...


@dataclass
class _Whole:
    """A page with what stands around every page: channels, what floats, the tour."""

    page: Content
    eyes: Eyes
    marks: Marks
    backstage: Backstage | None

    def regions(self) -> Iterator[Region]:
        yield from sidebar.regions(self.eyes, self.marks, self.page.place)
        yield from self.page.regions()
        yield from layers.regions(self.eyes)
        yield from tour.regions(self.eyes, self.backstage)

    def looked_at(self) -> None:
        self.page.looked_at()

    def earlier(self) -> None:
        self.page.earlier()
