"""Lets something stand until somebody says that it is enough."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Any


async def until_told(standing: Coroutine[Any, Any, None]) -> None:
    """Runs it until Ctrl-C or SIGTERM, which end it cleanly also while it still comes up; what it raises is raised."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    stands, told = asyncio.create_task(standing), asyncio.create_task(stop.wait())
    await asyncio.wait({stands, told}, return_when=asyncio.FIRST_COMPLETED)
    if not told.done():
        told.cancel()
        stands.result()
    stands.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await stands
