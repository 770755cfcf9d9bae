"""One HTTP line to a sandbox's control API."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import aiohttp

from bot.sandbox.control import Impossible


class Line:
    """Sends one act at a time to `{url}/control/{desk}/{act}` and gives back its result.

    Raises `Impossible` where a person could not have done that either, `RuntimeError` for anything else.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def act(self, desk: str, act: str, **args: Any) -> Any:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=90))
        async with self._session.post(f"{self.url}/control/{desk}/{act}", json=args) as response:
            said: Mapping[str, Any] = await response.json()
        if response.status == 400 and said["kind"] == "Impossible":
            raise Impossible(said["error"])
        if response.status != 200:
            raise RuntimeError(f"{desk}/{act}: {said['error']}")
        return said["result"]

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
