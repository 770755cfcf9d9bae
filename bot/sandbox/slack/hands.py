"""What people do in Slack, over the control API."""

from bot.sandbox.line import Line


class SlackHands:
    """Each method is one act of `/control/slack/…`."""

    def __init__(self, line: Line) -> None:
        self._line = line
