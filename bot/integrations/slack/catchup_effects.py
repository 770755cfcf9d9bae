"""What a late-comer is promised: the catch-up in private, and its words taken back where they were redacted."""

from bot.engine.effects import InDoubt, Priority
from bot.integrations.slack.effects import SlackEffect

CATCH_UPS = "slack.catchup."
"""How the refs of all catch-ups begin (kind `message`): `slack.catchup.<seq>.<Slack id>`."""


class SendCatchUp(SlackEffect, kind="send_catch_up"):
    """What somebody must know who comes late, in private; rendered when sent, and only for who may still see it.

    `why`: `joined` or `command`. `seq`: the fact that gave rise to it.
    """

    in_doubt = InDoubt.LOOK
    priority = Priority.SENTENCE
    method = "chat.postMessage"
    incident: int
    person: str
    name: str
    why: str
    seq: int = 0

    @property
    def lane(self) -> str:
        return f"slack/tell/{self.person}"

    @property
    def place(self) -> str:
        return self.person

    @property
    def step(self) -> str:
        return f"tell {self.name} how things stand"


class RedrawCatchUps(SlackEffect, kind="redraw_catch_ups"):
    """The catch-ups that were sent, as they read now: after a redaction they held words that are gone.

    `gone`: the fact of this incident that took them away; what a later one gave rise to was drawn without them and
    stays. 0: all.
    """

    in_doubt = InDoubt.REPEAT
    priority = Priority.SENTENCE
    refreshes = True
    method = "chat.update"
    queue = "tell"
    called = "take the redacted words out of the catch-ups"
    incident: int
    gone: int = 0
