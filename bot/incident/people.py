"""Who people are across systems, and who is on call: as looked up and remembered, never as judged."""

from pydantic import AwareDatetime

from bot.incident.values import Actor, Value


class Person(Value):
    """One human in up to two systems. Ids are empty where the person has none there."""

    slack: str = ""
    pagerduty: str = ""
    name: str
    email: str = ""
    zone: str = "UTC"
    phones: tuple[str, ...] = ()
    guest: bool = False
    external: bool = False
    """Of another workspace (shared channel): may not act."""
    bot: bool = False
    gone: bool = False
    seen_at: AwareDatetime | None = None

    @property
    def actor(self) -> Actor:
        """As facts name them: by the chat where possible."""
        return Actor(id=f"slack:{self.slack}" if self.slack else f"pagerduty:{self.pagerduty}", name=self.name)


class OnCall(Value):
    """Who is on call for a service at one escalation level (1 first), as last heard."""

    service: str
    level: int
    pagerduty: str
    name: str


class KnownService(Value):
    """A service as last read from PagerDuty. `policy` is its escalation policy's id."""

    id: str
    name: str
    policy: str = ""
    policy_name: str = ""
    url: str = ""
    on_call: tuple[OnCall, ...] = ()
    seen_at: AwareDatetime
