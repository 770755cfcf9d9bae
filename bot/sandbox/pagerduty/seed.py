"""The account as it is on its first day: invented people, four services, and who is on call for them."""

from bot.sandbox.pagerduty.records import (
    ChangeEvent,
    ContactMethod,
    EscalationPolicy,
    Named,
    Priority,
    Schedule,
    Service,
    Target,
    User,
)
