"""Loads of requests over many keep-alive connections, cheap enough to leave the other core to the server."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.bench.figures import quantile


@dataclass(frozen=True)
class Load:
    """What a run came to: requests answered 2xx, others, seconds, and the latencies in milliseconds."""

    accepted: int
    refused: int
    seconds: float
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Accepted requests a second."""
        return self.accepted / self.seconds

    def quantile(self, q: float) -> float:
        return quantile(self.latencies, q)


@dataclass
class _Run:
    """What all senders of a load share."""

    waiting: Iterator[bytes]
    latencies: list[float] = field(default_factory=list)
    accepted: int = 0
    refused: int = 0


class _Sender(asyncio.Protocol):
    """One connection: a request, its whole answer, the next request. A protocol, since streams cost twice as much."""

    def __init__(self, run: _Run, pause: float = 0.0) -> None:
        self._run = run
        self._pause = pause
        self._answer = b""
        self._begun = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if not _whole(self._answer):
            return
        self._run.latencies.append((time.perf_counter() - self._begun) * 1000)
        fine = self._answer.startswith(b"HTTP/1.1 2")
        self._run.accepted += fine
        self._run.refused += not fine
        self._answer = b""
        if self._pause:
            asyncio.get_running_loop().call_later(self._pause, self.next)
        else:
            self.next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server hung up"))

    def next(self) -> None:
        """Sends what is next in line, or hangs up."""
        request = next(self._run.waiting, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._begun = time.perf_counter()
        self._transport.write(request)


def _whole(answer: bytes) -> bool:
    """Whether an answer with a Content-Length is there to its last byte."""
    head, ended, body = answer.partition(b"\r\n\r\n")
    if not ended:
        return False
    lines = head.lower().split(b"\r\n")
    length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
    return len(body) >= length


async def send_all(port: int, requests: Sequence[bytes], senders: int = 64) -> Load:
    """Every request once, over so many connections, each waiting for its answer before the next."""
    run = _Run(iter(requests))
    loop = asyncio.get_running_loop()
    made = [(await loop.create_connection(lambda: _Sender(run), "127.0.0.1", port))[1] for _ in range(senders)]
    begun = time.perf_counter()
    for sender in made:
        sender.next()
    await asyncio.gather(*(sender.done for sender in made))
    return Load(run.accepted, run.refused, time.perf_counter() - begun, tuple(run.latencies))


async def send_in_turn(port: int, requests: Iterable[bytes], pause: float) -> Load:
    """Over one connection, with so many seconds between an answer and the next request."""
    run = _Run(iter(requests))
    _, sender = await asyncio.get_running_loop().create_connection(lambda: _Sender(run, pause), "127.0.0.1", port)
    begun = time.perf_counter()
    sender.next()
    await sender.done
    return Load(run.accepted, run.refused, time.perf_counter() - begun, tuple(run.latencies))


async def send_steadily(port: int, requests: Sequence[bytes], a_second: float, until: asyncio.Event) -> Load:
    """So many a second, each when its moment comes whether or not the one before is answered, until told to stop."""
    begun, loads = time.perf_counter(), []
    for number, request in enumerate(requests):
        if until.is_set():
            break
        loads.append(asyncio.create_task(send_all(port, [request], senders=1)))
        await asyncio.sleep(max(0.0, begun + (number + 1) / a_second - time.perf_counter()))
    done = await asyncio.gather(*loads)
    latencies = tuple(latency for load in done for latency in load.latencies)
    seconds = time.perf_counter() - begun
    return Load(sum(load.accepted for load in done), sum(load.refused for load in done), seconds, latencies)
