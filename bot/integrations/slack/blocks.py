"""The few shapes of Block Kit that our messages are made of; pure.

https://docs.slack.dev/reference/block-kit/blocks
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.integrations.slack.effects import Button
from bot.integrations.slack.text import steady

Block = dict[str, object]


@dataclass(frozen=True)
class Message:
    """What is posted: blocks, and the text that notifications and screen readers say (and old clients show).

    `notice`: what a lock screen shows in place of that text.
    """

    text: str
    blocks: tuple[Block, ...] = ()
    notice: str = ""


def mrkdwn(text: str) -> Block:
    """Formatted text in which nothing but explicit tokens is live (`verbatim` keeps a bare `@here` a word)."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def words(text: str) -> Block:
    """Text in which nothing is live at all."""
    return {"type": "plain_text", "text": steady(text), "emoji": False}


def header(text: str) -> Block:
    return {"type": "header", "text": words(text)}


def section(text: str, *, accessory: Block | None = None) -> Block:
    block: Block = {"type": "section", "text": mrkdwn(text)}
    return block | {"accessory": accessory} if accessory else block


def lines(several: Iterable[str], *, accessory: Block | None = None) -> Block:
    """A section of one line each."""
    return section("\n".join(several), accessory=accessory)


def context(*texts: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(text) for text in texts]}


def button(made: Button, nth: int = 1) -> Block:
    """A button, the nth of its action in its row; one that asks first says what it will do."""
    action_id = made.action if nth == 1 else f"{made.action}#{nth}"
    block: Block = {"type": "button", "text": words(made.label), "action_id": action_id}
    if made.value:
        block["value"] = made.value
    if made.primary:
        block["style"] = "primary"
    if made.yes:
        block["confirm"] = {
            "title": words(made.label),
            "text": words(made.yes),
            "confirm": words(made.label),
            "deny": words("Not now"),
        }
    return block


def actions(buttons: Sequence[Button]) -> Block:
    """A row of buttons. Slack wants action ids unique within a row: the second `take_role` is `take_role#2`."""
    count: Counter[str] = Counter()
    elements = []
    for made in buttons:
        count[made.action] += 1
        elements.append(button(made, count[made.action]))
    return {"type": "actions", "elements": elements}


def sentence(text: str, buttons: Sequence[Button] = ()) -> Message:
    """One sentence, with its buttons."""
    return Message(text, (section(text), actions(buttons)) if buttons else (section(text),))
