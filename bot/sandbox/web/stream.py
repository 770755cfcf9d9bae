"""Tells a window by server-sent events what has changed, twenty times a second at most."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict

from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.web.windows import Patch, Window

FRAME, TICK, QUIET = 0.05, 0.25, 15.0
"""Seconds: between two patches at least; between two looks at most; after which an unbroken silence is broken."""


async def told(window: Window, workspace: Workspace) -> AsyncIterator[bytes]:
    """The stream of one window, without an end: `patch` events, each a list of patches."""
    window.connected()
    yield b"retry: 500\n\n"
    spoken = asyncio.get_running_loop().time()
    while True:
        # Taken before the look: what comes while we look wakes us afterwards.
        changed = workspace.changed
        window.page.looked_at()
        now = asyncio.get_running_loop().time()
        if patches := window.patches():
            spoken = now
            yield _event("patch", patches)
        elif now - spoken > QUIET:
            spoken = now
            yield b": still here\n\n"
        await asyncio.sleep(FRAME)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TICK):
                await changed.wait()


async def lost() -> AsyncIterator[bytes]:
    """The stream of a window that is not known any more."""
    yield b"event: lost\ndata: \n\n"


def _event(name: str, patches: Sequence[Patch]) -> bytes:
    return f"event: {name}\ndata: {json.dumps([asdict(patch) for patch in patches])}\n\n".encode()
