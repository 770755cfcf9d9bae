"""How Slack says no."""

from typing import Any


class SlackError(Exception):
    """`{"ok": false, "error": code, …more}`."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.code, self.more = code, more


def invalid_blocks(*problems: str) -> SlackError:
    """The refusal of malformed blocks: each problem as `[ERROR] sentence [json-pointer:/blocks/0/…]`."""
    return SlackError("invalid_blocks", errors=list(problems), response_metadata=messages(*problems))


def invalid_arguments(*problems: str) -> SlackError:
    return SlackError("invalid_arguments", response_metadata=messages(*problems))


def messages(*problems: str) -> dict[str, Any]:
    return {"messages": [f"[ERROR] {problem}" for problem in problems]}
