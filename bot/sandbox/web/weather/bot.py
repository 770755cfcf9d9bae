"""The bot: whether it is there, the switch for that, and what it still owes the outside."""

from collections.abc import Iterator
from functools import partial

from markupsafe import Markup

from bot.sandbox.web.backstage import Backstage, Life, Promises, Row
from bot.sandbox.web.buttons import button
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el
from bot.sandbox.web.windows import Region

STATES = {
    "needing": "waits for another",
    "waiting": "waits",
    "claimed": "being done",
    "parked": "given up",
}
AT_ONCE = 5
"""How many rows stand there; the others are folded away, or what is beneath would jump about in a storm."""


def regions(eyes: Eyes, backstage: Backstage) -> Iterator[Region]:
    """Its life, its debts."""
    name, life, promises = backstage.name, backstage.life(), backstage.promises()
    yield Region("weather-bot-only", "weather-bot", (name, life), partial(_life, name, life))
    yield Region("weather-outbox-only", "weather-outbox", (name, promises), partial(_outbox, eyes, name, promises))


def _life(name: str, life: Life) -> Markup:
    states = {
        Life.RUNNING: (
            "is running",
            "Killed, it hears nothing more. What it had promised stands in its database, and it goes on once started.",
            button(f"Kill {name}", "backstage/kill", {}, cls="danger"),
        ),
        Life.STARTING: ("is starting …", "It reads what it had promised, then goes on where it stopped.", None),
        Life.DEAD: (
            "is not there",
            "What people press now gets no answer. Alerts wait at PagerDuty until it is back.",
            button(f"Start {name}", "backstage/start", {}, cls="primary"),
        ),
    }
    words, meaning, press = states[life]
    return el(
        "div",
        el("h2", el("span", cls=f"lamp {life}", aria_hidden="true"), f"{name} {words}"),
        el("p", meaning, cls="soft"),
        press,
        id="weather-bot-only",
        cls="card bot",
    )


def _outbox(eyes: Eyes, name: str, promises: Promises) -> Markup:
    counts = [(promises.pending, "still to do"), (promises.retried, "tried again"), (promises.parked, "given up")]
    tiles = [el("div", el("dt", words), el("dd", str(count))) for count, words in counts]
    rows = [_row(eyes, row) for row in promises.rows]
    first, more = rows[:AT_ONCE], rows[AT_ONCE:]
    return el(
        "div",
        el("h2", f"What {name} owes"),
        el("dl", *tiles, cls="counts"),
        el("ul", *first, cls="rows") if rows else el("p", "Nothing: all that was promised is done.", cls="soft"),
        el("details", el("summary", f"{len(more)} more", cls="soft"), el("ul", *more, cls="rows")) if more else None,
        id="weather-outbox-only",
        cls="card outbox",
    )


def _row(eyes: Eyes, row: Row) -> Markup:
    tries = f"{row.tries} {'try' if row.tries == 1 else 'tries'}" if row.tries else "not tried yet"
    due = f"next at {eyes.moment(row.next_at):%H:%M:%S}" if row.next_at is not None else None
    facts = " · ".join(fact for fact in (row.where, tries, due) if fact)
    return el(
        "li",
        el("span", el("b", row.what), el("small", facts, cls="soft"), el("small", row.reason) if row.reason else None),
        el("span", STATES.get(row.state, row.state), cls=f"outcome {row.state}"),
    )
