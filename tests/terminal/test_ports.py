"""The demo's pages are where one looks for them, also beside another demo."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.terminal.ports import chosen
from bot.terminal.problem import Problem


@contextmanager
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as one:
        yield one.getsockname()[1]


def test_the_first_usual_port_that_is_free_is_taken() -> None:
    with taken() as first, taken() as second:
        with socket.create_server(("127.0.0.1", 0)) as free:
            third = free.getsockname()[1]
        assert chosen(None, [first, second, third]) == third


def test_a_port_that_was_asked_for_and_is_taken_is_said_to_be() -> None:
    with taken() as port, pytest.raises(Problem, match=f"Port {port} is taken"):
        chosen(port)


def test_when_all_usual_ports_are_taken_any_other_is_offered() -> None:
    with taken() as port, pytest.raises(Problem, match="--port 0"):
        chosen(None, [port])


def test_zero_leaves_the_choice_to_the_system() -> None:
    assert chosen(0) == 0
