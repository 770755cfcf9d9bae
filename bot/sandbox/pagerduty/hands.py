"""What a test or a person does in PagerDuty, over the control API."""

from bot.sandbox.line import Line


class PagerDutyHands:
    """Each method is one act of `/control/pagerduty/…`."""

    def __init__(self, line: Line) -> None:
        self._line = line
