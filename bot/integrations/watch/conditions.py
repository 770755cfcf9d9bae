"""What can be wrong with Muster itself: each condition is a pure question to one look at the running bot.

Silence is no condition. On a quiet Sunday nothing is heard because nothing happens, and whoever is called for that
stops listening. What is asked instead is whether something was said that we did not hear: `unheard` holds when
PagerDuty's log tells of an incident whose webhook did not come within two minutes, or when PagerDuty has switched our
webhook off; `slack_lost` when no connection to Slack is open, over which people could be heard.

What an alarm says is read by whoever is on call for Muster, on a lock screen, perhaps in another company: it gives
counts, ages and what to do, and never a title, a person or an incident's number.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Glance:
    """What a process found when it last looked at itself. Ages are in seconds.

    None: not this process' part, or not to be found out just now; neither an alarm nor an all-clear comes of it.
    """

    page_waits: float | None = None
    """Age of the oldest page that was promised and not kept."""
    pages_waiting: int = 0
    delivery_waits: float | None = None
    """Age of the oldest webhook of PagerDuty that was heard and not handled."""
    deliveries_waiting: int = 0
    parked: int | None = None
    """Pages of open incidents that were given up, and webhooks that could not be handled and might have paged."""
    tick_late: float | None = None
    """By how much the clock that reminders and the ladder of pages hang on is late."""
    writable: bool | None = None
    slack_refuses: bool | None = None
    """Slack does not take one of our tokens."""
    slack_open: bool | None = None
    pagerduty_refuses: bool | None = None
    pagerduty_unheard: bool | None = None
    silent: float | None = None
    """For how long the bot has not looked at itself: its event loop stands still."""


@dataclass(frozen=True)
class Condition:
    """Wrong while `measure` gives more than `over`, and has done so for `holds` seconds.

    `summary` may use the figures. `essential`: no sign of life goes out while it is so. `reminds`: whoever closes the
    alarm while it is still so is told again; otherwise only if it got worse.
    """

    name: str
    measure: Callable[[Glance], float | None]
    over: float
    holds: float
    summary: str
    do: str
    figures: Callable[[Glance], Mapping[str, float]] = lambda glance: {}
    severity: Literal["critical", "error"] = "critical"
    essential: bool = True
    reminds: bool = True

    def wrong(self, glance: Glance) -> bool | None:
        """None: nobody can say."""
        found = self.measure(glance)
        return None if found is None else found > self.over

    def told(self, glance: Glance) -> str:
        """What is wrong, in one sentence."""
        return self.summary.format(**self.figures(glance))


def _is(bad: bool | None) -> float | None:
    return None if bad is None else float(bad)


def _is_not(good: bool | None) -> float | None:
    return None if good is None else float(not good)


CONDITIONS = (
    Condition(
        "page_waits",
        lambda glance: glance.page_waits,
        over=60,
        holds=0,
        summary="Muster cannot page: {waiting:.0f} waiting, the oldest for {oldest_seconds:.0f} s",
        do="Call the on-call by hand (`oncall` in Slack has the numbers). `muster outbox list` says why, then "
        "`muster doctor`.",
        figures=lambda glance: {"waiting": glance.pages_waiting, "oldest_seconds": glance.page_waits or 0.0},
    ),
    Condition(
        "delivery_waits",
        lambda glance: glance.delivery_waits,
        over=120,
        holds=0,
        summary="Muster does not handle what PagerDuty tells it: {waiting:.0f} waiting, the oldest for "
        "{oldest_seconds:.0f} s",
        do="Alerts open no incidents meanwhile: watch PagerDuty itself. `muster doctor` says what is wrong.",
        figures=lambda glance: {"waiting": glance.deliveries_waiting, "oldest_seconds": glance.delivery_waits or 0.0},
    ),
    Condition(
        "parked",
        lambda glance: glance.parked,
        over=0,
        holds=60,
        summary="Muster has given up {parked:.0f} that should have called somebody",
        do="`muster outbox list` and `muster inbox list` say why; then `muster outbox retry`, or `muster replay`.",
        figures=lambda glance: {"parked": glance.parked or 0},
        severity="error",
        essential=False,
        reminds=False,
    ),
    Condition(
        "unheard",
        lambda glance: _is(glance.pagerduty_unheard),
        over=0,
        holds=0,
        summary="Muster does not hear PagerDuty: its webhooks do not arrive",
        do="Look at the webhook subscription in PagerDuty and at what stands before Muster; `muster doctor` compares "
        "both. Alerts come in minutes late until then.",
    ),
    Condition(
        "pagerduty_refuses",
        lambda glance: _is(glance.pagerduty_refuses),
        over=0,
        holds=60,
        summary="PagerDuty refuses Muster's API token: nobody can be paged",
        do="Make a new REST API key, set MUSTER_PAGERDUTY__API_TOKEN and restart. Page in PagerDuty itself meanwhile.",
    ),
    Condition(
        "slack_refuses",
        lambda glance: _is(glance.slack_refuses),
        over=0,
        holds=60,
        summary="Slack refuses Muster's token: no war room opens",
        do="Install the Slack app again, set the new token and restart; `muster doctor` says which. Pages still leave.",
    ),
    Condition(
        "slack_lost",
        lambda glance: _is_not(glance.slack_open),
        over=0,
        holds=60,
        summary="Slack does not reach Muster: commands and buttons do nothing",
        do="Look at status.slack.com, then `muster doctor`. Pages still leave.",
        severity="error",
    ),
    Condition(
        "tick_late",
        lambda glance: glance.tick_late,
        over=60,
        holds=0,
        summary="Muster's clock stands still: reminders and unanswered pages wait for {late_seconds:.0f} s",
        do="Escalate unanswered pages in PagerDuty. Restart Muster; nothing is lost by it.",
        figures=lambda glance: {"late_seconds": glance.tick_late or 0.0},
    ),
    Condition(
        "unwritable",
        lambda glance: _is_not(glance.writable),
        over=0,
        holds=30,
        summary="Muster cannot write to its database: it neither hears nor does anything",
        do="Look at disk space and locks (SQLite) or at the server (PostgreSQL); `muster doctor` says more. Run "
        "incidents by hand meanwhile.",
    ),
    Condition(
        "silent",
        lambda glance: glance.silent,
        over=30,
        holds=0,
        summary="Muster runs and does nothing: it has not moved for {seconds:.0f} s",
        do="Restart it; nothing is lost by it. Run incidents by hand meanwhile.",
        figures=lambda glance: {"seconds": glance.silent or 0.0},
    ),
)
