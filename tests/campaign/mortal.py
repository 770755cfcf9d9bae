"""Processes that are the ordinary bot and may die at a named seam: `python -m tests.campaign.mortal`.

It imports the bot once and then gives birth to a life for each line on its standard input, by fork: a process of its
own with all that SIGKILL takes from one, ready a second sooner than a new interpreter.
"""

import gc
import json
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import NoReturn

import psycopg  # noqa: F401  (what the first use of a database would load)

import bot.app
import bot.terminal.serve
from bot.cli import main
from bot.engine.pace import Rate
from bot.engine.seams import hooked

COUNT = signal.SIGUSR1
"""From this signal on seams are counted: the start is over."""


@dataclass(frozen=True)
class Birth:
    """What a life is to be: its variables, where it writes its log, and at which seam it dies (0: at none).

    `counts`: seams count from the first one on, rather than from `COUNT`. `known`: at the first seam of any other kind
    it dies too, or (`walks`) does not die and leaves its name. `place`: where names of seams are left. `hurried`: it
    keeps no pace with Slack's limits, which a test has no time for.
    """

    environment: dict[str, str]
    folder: str
    log: str
    seam: int = 0
    counts: bool = False
    known: Sequence[str] = ()
    walks: bool = False
    place: str = ""
    hurried: bool = False

    def line(self) -> str:
        return json.dumps(asdict(self))


class Death:
    """SIGKILL by its own hand, at the n-th seam that is passed once it counts or at a kind of seam that is new."""

    def __init__(self, birth: Birth) -> None:
        self._at, self._counts, self._walks = birth.seam, birth.counts, birth.walks
        self._known = set(birth.known)
        self._place = os.open(birth.place, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._guard = threading.Lock()
        self._passed = 0

    def count(self, *_: object) -> None:
        self._counts = True

    def __call__(self, name: str) -> None:
        with self._guard:
            self._passed += self._counts
            new = kind_of(name) not in self._known
            if new or self._passed == self._at:
                os.write(self._place, f"{kind_of(name)}\n".encode())
                self._known.add(kind_of(name))
                if not self._walks:
                    os.kill(os.getpid(), signal.SIGKILL)


def kind_of(seam: str) -> str:
    """The seam without what differs from one incident to the next: `before PUT /incidents`, `after say`."""
    return re.sub(r"/[A-Z0-9]{7,}", "/…", seam)


def give_birth() -> None:
    """A life for each line, its process id told on standard output; all of them end with the standard input."""
    os.setpgid(0, 0)  # a family of its own: Ctrl-C is for the campaign, which ends us in its own time
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries them
    gc.freeze()
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _live(Birth(**json.loads(line)))
        print(child, flush=True)
    os.killpg(0, signal.SIGKILL)


def _no_rate(bucket: str) -> Rate | None:
    return None


def _live(birth: Birth) -> NoReturn:
    """In the child: the ordinary `muster serve`, with what is its own in place of what it inherited."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(birth.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for ours, theirs in ((os.open(os.devnull, os.O_RDONLY), 0), (log, 1), (log, 2)):
        os.dup2(ours, theirs)
    os.environ.clear()
    os.environ.update(birth.environment)
    os.chdir(birth.folder)
    sys.argv = ["muster", "serve"]
    try:
        with ExitStack() as stack:
            if birth.seam or birth.walks:
                death = Death(birth)
                signal.signal(COUNT, death.count)
                stack.enter_context(hooked(death))
            if birth.hurried:
                bot.app._rate_of = _no_rate
            main()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(1)


if __name__ == "__main__":
    give_birth()
