"""The alarm's own line: a status comes back, or nothing does, and never late."""

import importlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.integrations.watch import wire


@contextmanager
def answering(said: bytes | None) -> Iterator[str]:
    """Somebody who takes one request and says this; None: nothing, for as long as it lasts."""
    heard: list[socket.socket] = []

    def serve(listener: socket.socket) -> None:
        line, _ = listener.accept()
        heard.append(line)
        line.recv(65536)
        if said is not None:
            line.sendall(said)
            line.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/check"
        thread.join(5)
        for line in heard:
            line.close()


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK", 200),
        (b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n", 202),
        (b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n", 429),
        (b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n", 503),
        (b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/elsewhere\r\ncontent-length: 0\r\n\r\n", 302),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\ntorn", 200),
        (b"nothing that HTTP knows\r\n\r\n", 0),
        (b"", 0),
    ],
    ids=["ok", "accepted", "too many", "broken", "redirected", "torn", "no HTTP", "hung up"],
)
def test_whatever_answers_is_a_status_or_nothing(said: bytes, status: int) -> None:
    with answering(said) as url:
        assert wire.get(url) == status


def test_who_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "TIMEOUT", 0.2)
    with answering(None) as url:
        began = time.monotonic()
        assert wire.post(url, {"event_action": "trigger"}) == 0
        assert time.monotonic() - began < 2


def test_nobody_there_is_no_error_of_ours() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert wire.get(f"http://127.0.0.1:{port}/") == 0


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with answering(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n") as url:
        assert importlib.reload(wire).get(url) == 200
