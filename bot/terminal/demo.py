"""`muster demo`: the sandbox and the real bot, and a prompt at which you are the people of a small company."""

import asyncio
import os
import shlex
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.sandbox import Impossible
from bot.terminal.shown import Json, Press, buttons, chosen, form_lines, message_lines
from bot.terminal.stage import Stage, set_up

WELCOME = """
Muster's demo: a Slack workspace and a PagerDuty account on this machine, the real bot between them.

  Sandbox  {sandbox}
  Bot      {bot}   its log: {log}

Another terminal can act, too:
  curl {sandbox}/control/pagerduty/trigger -d '{{"service": "checkout", "title": "Down", "priority": "P1"}}'
  curl {sandbox}/control/slack/command -d '{{"user": "ada", "channel": "#ops", "text": "declare Slow"}}'
"""
HELP = """Type as in Slack, or one of these:
  /incident declare checkout is slow   any verb (`/incident help` lists them); this one opens a form: `submit`
  hello everybody                      says it in the channel
  alert checkout P1 Checkout is down   PagerDuty fires (services: checkout payments search identity)
  ack · resolve                        what the on-call does in PagerDuty with the last alert
  press 2                              presses the button of that number
  submit title=… severity=…            sends the open form; `close` leaves it
  as bo · in #inc-1 · look             be someone else (ada bo carla dev emi finn) · go there · see the channel
  help · quit"""
SETTLE = 0.6
"""Seconds after an act until what it led to is shown."""


def demo(port: int) -> None:
    """Runs until it is told to stop: `quit`, the end of input, Ctrl-C, SIGTERM."""
    asyncio.run(_demo(port))


async def _demo(port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    print("Starting …", flush=True)
    async with set_up(port) as stage:
        print(WELCOME.format(sandbox=stage.sandbox.url, bot=stage.bot.url, log=stage.bot.log))
        if sys.stdin.isatty():
            print(HELP)
            await _prompted(stage, stop)
        else:
            print("Ctrl-C stops both.", flush=True)
            await stop.wait()
    print("\nBoth are stopped; nothing of it is left on this machine.")


async def _prompted(stage: Stage, stop: asyncio.Event) -> None:
    someone = Someone(stage, {person["id"]: person["name"] for person in await stage.hands.slack.people()})
    lines = _typed()
    while not stop.is_set():
        print(f"{someone.user} {someone.channel}> ", end="", flush=True)
        waiting = asyncio.create_task(lines.get())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        line = waiting.result() if waiting.done() else None
        if line is None or line in ("quit", "exit"):
            waiting.cancel()
            return
        for told in await someone.do(line):
            print(f"  {told}")


def _typed() -> "asyncio.Queue[str | None]":
    """Lines as they are typed, None at the end; read without a thread, so that Ctrl-C ends it at once."""
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    loop, source = asyncio.get_running_loop(), sys.stdin.fileno()

    def read() -> None:
        text = os.read(source, 65536).decode(errors="replace")
        for line in text.splitlines():
            lines.put_nowait(line.strip())
        if not text:
            loop.remove_reader(source)
            lines.put_nowait(None)

    loop.add_reader(source, read)
    return lines


@dataclass
class Someone:
    """One of the people, somewhere in the workspace, with the buttons that were shown last."""

    stage: Stage
    names: dict[str, str]
    user: str = "ada"
    channel: str = "#ops"
    alert: str = ""
    shown: list[Press] = field(default_factory=list)

    async def do(self, line: str) -> list[str]:
        """What comes of a line, as lines to print."""
        word, _, rest = line.partition(" ")
        acts: dict[str, Callable[[str], Awaitable[list[str]]]] = {
            "": self._nothing,
            "help": self._help,
            "as": self._become,
            "in": self._go,
            "look": self._look,
            "alert": self._fire,
            "ack": self._acknowledge,
            "resolve": self._resolve,
            "press": self._press,
            "submit": self._submit,
            "close": self._close,
            "/incident": self._command,
        }
        try:
            return await acts[word](rest.strip()) if word in acts else await self._say(line)
        except Impossible as error:
            return [str(error)]
        except ValueError as error:
            return [f"That is not understood: {error}. `help` says what is."]

    async def _nothing(self, rest: str) -> list[str]:
        return []

    async def _help(self, rest: str) -> list[str]:
        return HELP.splitlines()

    async def _become(self, rest: str) -> list[str]:
        known = sorted(self.names.values())
        if rest not in known:
            return [f"There are: {', '.join(known)}."]
        self.user = rest
        return []

    async def _go(self, rest: str) -> list[str]:
        """Into a channel, joining it; the beginning of its name is enough."""
        wanted = rest.lstrip("#")
        there = [c["name"] for c in await self.stage.hands.slack.channels()]
        found = next((name for name in there if name == wanted), next((n for n in there if n.startswith(wanted)), ""))
        if not found:
            return [f"There are: {', '.join('#' + name for name in there)}."]
        self.channel = f"#{found}"
        await self.stage.hands.slack.join(self.user, self.channel)
        return await self._look("")

    async def _look(self, rest: str) -> list[str]:
        channel = await self.stage.hands.slack.channel(self.channel)
        self.shown.clear()
        topic = [f"topic: {channel['topic']['value']}"] if channel["topic"]["value"] else []
        return [*topic, *self._told([m for m in channel["messages"] if not m.get("subtype")][-8:])]

    async def _fire(self, rest: str) -> list[str]:
        words = rest.split(maxsplit=2)
        if len(words) < 3:
            return ["alert <service> <P1-P5> <what is wrong>"]
        service, priority, title = words
        self.alert = await self.stage.hands.pagerduty.trigger(service, title, priority=priority)
        await asyncio.sleep(SETTLE)
        rooms = [c["name"] for c in await self.stage.hands.slack.channels() if c["name"].startswith("inc-")]
        return [f"PagerDuty fired. Rooms: {', '.join('#' + room for room in rooms) or 'none; look in #incidents'}."]

    async def _acknowledge(self, rest: str) -> list[str]:
        await self.stage.hands.pagerduty.acknowledge(self.alert, by=self.user)
        return await self._after([])

    async def _resolve(self, rest: str) -> list[str]:
        await self.stage.hands.pagerduty.resolve(self.alert, by=self.user)
        return await self._after([])

    async def _command(self, rest: str) -> list[str]:
        return await self._after([await self.stage.hands.slack.command(self.user, self.channel, rest)])

    async def _say(self, line: str) -> list[str]:
        await self.stage.hands.slack.post(self.user, self.channel, line)
        return []

    async def _press(self, rest: str) -> list[str]:
        if not rest.isdigit() or not 1 <= int(rest) <= len(self.shown):
            return [f"There are {len(self.shown)} buttons."]
        press = self.shown[int(rest) - 1]
        answer = await self.stage.hands.slack.click(
            self.user, press.action, channel=press.channel, ts=press.ts, value=press.value
        )
        return await self._after([answer])

    async def _submit(self, rest: str) -> list[str]:
        values = dict(part.split("=", 1) for part in shlex.split(rest))
        view = await self.stage.hands.slack.modal(self.user)
        return await self._after([await self.stage.hands.slack.submit(self.user, chosen(view, values))])

    async def _close(self, rest: str) -> list[str]:
        await self.stage.hands.slack.close(self.user)
        return []

    async def _after(self, answers: list[Json]) -> list[str]:
        """What this person sees of an act: errors, what is for them alone, what is new in the channel, the form."""
        told: list[str] = []
        self.shown.clear()
        for answer in answers:
            told += [f"{name}: {words}" for name, words in (answer.get("errors") or {}).items()]
            told += [f"Slack says: {answer['error']}"] if answer.get("error") else []
            told += [f"(only you see this) {line}" for line in self._told(answer.get("ephemerals") or [])]
            told += self._told(answer.get("messages") or [])
        view = await self.stage.hands.slack.modal(self.user)
        return told + (form_lines(view, self.names) if view else [])

    def _told(self, messages: list[Json]) -> list[str]:
        lines = []
        for message in messages:
            lines += message_lines(message, self.names)
            pressed = list(buttons(message, message.get("channel") or self.channel))
            numbered = [f"{n}: {press.label}" for n, press in enumerate(pressed, start=len(self.shown) + 1)]
            lines += [f"    press {' · '.join(numbered)}"] if numbered else []
            self.shown += pressed
        return lines
