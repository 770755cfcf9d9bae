"""A company's own template is rendered in a process of its own, which can be ended: a thread cannot.

Jinja's sandbox keeps a template from our objects, not from our memory and time: `ns.s ~ ns.s` forty times over is a
terabyte, `lipsum(10**6)` minutes in which nothing else is asked. So the process has a limit of memory, of the
processor's seconds and of the clock's, writes no file, and is told no secret.
"""

import json
import os
import pickle
import resource
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from bot.documents.rendering import SLOWEST, Unrenderable

MEMORY = 512 * 1024 * 1024
"""Bytes of address space. A timeline of 10,000 entries needs a quarter of it."""
PROCESSOR = 7
"""Seconds of the processor, starting included; the template itself has `SLOWEST`."""
PATIENCE = 20.0
"""Seconds of the clock, on a machine that has much else to do."""
LIMITS = (
    (resource.RLIMIT_AS, MEMORY),
    (resource.RLIMIT_CPU, PROCESSOR),
    (resource.RLIMIT_FSIZE, 0),
    (resource.RLIMIT_CORE, 0),
)
TOO_MUCH = f"The template needs more than {MEMORY >> 20} MB of memory or {SLOWEST:g} seconds."


def in_child(work: Callable[..., str], *given: object) -> str:
    """What `work`, a function of a module, makes of what it is given. Blocking. Raises Unrenderable."""
    try:
        ended = subprocess.run(  # nosec B603 # noqa: S603  (our own module by our own interpreter; nothing of anybody's words)
            [sys.executable, "-m", __name__],
            input=pickle.dumps((work, given)),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unrenderable(TOO_MUCH) from None
    return _answer(ended.stdout)


def _answer(said: bytes) -> str:
    """The text that the child wrote. Raises Unrenderable: the child's own sentence, or that it was ended."""
    answer: dict[str, str] = json.loads(said) if said.endswith(b"}") else {}
    if "text" not in answer:
        raise Unrenderable(answer.get("failed", TOO_MUCH))
    return answer["text"]


def main() -> None:
    """The child's life: it reads what to do from its standard input, and writes one line of JSON."""
    for limit, most in LIMITS:
        resource.setrlimit(limit, (most, most))
    json.dump(_done(), sys.stdout)


def _done() -> dict[str, Any]:
    try:
        work, given = pickle.load(sys.stdin.buffer)  # nosec B301 # noqa: S301  (from our own parent, over a pipe)
        return {"text": work(*given)}
    except Unrenderable as error:
        return {"failed": str(error)}
    except MemoryError:
        return {"failed": TOO_MUCH}


if __name__ == "__main__":
    main()
