"""A status update as the card and the prompts know it: the latest word on how things stand."""

from pydantic import AwareDatetime

from bot.incident.values import Actor, Value


class UpdateLine(Value):
    """The latest status update: condition, actions, needs. `seq`: the timeline entry that posted it."""

    number: int
    seq: int
    at: AwareDatetime
    by: Actor
    condition: str
    actions: str = ""
    needs: str = ""
