"""Who is who: PagerDuty's users as facts name them, and which of them is Muster itself."""

from typing import Protocol

from bot.incident.people import Person
from bot.incident.values import MUSTER, Actor
from bot.integrations.pagerduty.payloads import Reference

PAGERDUTY = Actor(id="pagerduty", name="PagerDuty")
"""Nobody in particular: monitoring, a timer, a rule."""


class People(Protocol):
    """What is asked of the engine's directory here."""

    def by_pagerduty(self, id: str) -> Person | None: ...

    def by_email(self, email: str) -> Person | None: ...


class Names:
    """Turns references to users into actors; our own user is the one with the e-mail that we act as."""

    def __init__(self, people: People, own_email: str) -> None:
        self._people, self._own_email = people, own_email

    @property
    def own_id(self) -> str:
        """The PagerDuty id of our own user; "" until it was once looked up."""
        known = self._people.by_email(self._own_email)
        return known.pagerduty if known else ""

    def is_us(self, agent: Reference | None) -> bool:
        return agent is not None and agent.id != "" and agent.id == self.own_id

    def actor(self, agent: Reference | None) -> Actor:
        """By their Slack id where it is known, else by their PagerDuty id; PagerDuty itself for what is no user."""
        if agent is None or not agent.id or not agent.type.startswith("user"):
            return PAGERDUTY
        if self.is_us(agent):
            return MUSTER
        known = self._people.by_pagerduty(agent.id)
        return known.actor if known else Actor(id=f"pagerduty:{agent.id}", name=agent.name)
