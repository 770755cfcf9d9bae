"""The account's state."""


class Account:
    """Users, services, escalation policies, incidents, webhook subscriptions."""
