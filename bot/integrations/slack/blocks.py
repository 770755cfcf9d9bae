"""The few shapes of Block Kit that our messages are made of; pure.

https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.integrations.slack.actions import apart
from bot.integrations.slack.effects import Button

ACTION_ID_LENGTH = 255

Block = dict[str, object]


@dataclass(frozen=True)
class Message:
    """What is posted: blocks, and the text that notifications and screen readers say (and old clients show)."""

    text: str
    blocks: tuple[Block, ...] = ()


def mrkdwn(text: str) -> Block:
    """Formatted text in which nothing but explicit tokens is live (`verbatim` keeps a bare `@here` a word)."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def words(text: str) -> Block:
    """Text in which nothing is live at all."""
    return {"type": "plain_text", "text": text, "emoji": False}


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


def button(made: Button) -> Block:
    """A button; the ones that ask first say what they will do."""
    action_id = apart(made.action, made.value)[:ACTION_ID_LENGTH]
    block: Block = {"type": "button", "text": words(made.label), "action_id": action_id, "value": made.value}
    if made.primary:
        block["style"] = "primary"
    if made.yes:
        block["confirm"] = {
            "title": words(made.label),
            "text": words(made.yes),
            "confirm": words("Yes"),
            "deny": words("No"),
        }
    return block


def actions(buttons: Sequence[Button]) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": [button(made) for made in buttons]}


def sentence(text: str, buttons: Sequence[Button] = ()) -> Message:
    """One sentence, with its buttons."""
    return Message(text, (section(text), actions(buttons)) if buttons else (section(text),))
