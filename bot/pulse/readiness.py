"""When `/readyz` is red: when this process cannot hear or act, and giving its work to another one would help.

Who asks is a load balancer, which sends PagerDuty's webhooks elsewhere, and a rollout, which goes on to the next
replica or stops. So the question is never "is everything well?", which the metrics and the alarms answer, but "would it
be better not to be asked?". Hence:

- **The database** must be read, have our shape and keep what is written: without it nothing that is heard is kept, and
  PagerDuty is better told 503 by the balancer, for it tries again.
- **The workers and the clock** must go their rounds: they end by a bug only, and a restart helps.
- **A token that was refused since the start** is red: a rollout with a wrong secret must not take over from the process
  that works. A token that was good and is refused later is not: every replica has the same one, and out of the balancer
  this one would be deaf to PagerDuty's webhooks as well. That is what alarms are for.
- **Slack or PagerDuty away** is their bad day, not ours. Webhooks are still heard and kept, and pages still leave while
  Slack is down. Taken out for it, all replicas would be out at once.
- **Before Slack has answered at all**, one way or the other, it is too early to say: red, for seconds.
- **What waits, or was given up**, wants a person, and no other process would do better.
"""

from dataclasses import dataclass

from bot.pulse.watched import Watched
from bot.web.vitals import Check, State

PATIENCE = 2.0
"""Seconds that a look at the database may take; probes usually give up after a few."""
LATE = 60.0
"""Seconds that the clock may be late: reminders and the ladder of pages hang on it."""

UNREACHED = "Not reached yet; tried all the time."


@dataclass(frozen=True)
class Line:
    """How we stand with an outside system. `asked`: it answered, or is known not to; `taken`: it took our credentials
    since the start; `refused`: it does not take them now; `trouble`: what is wrong, in a sentence."""

    asked: bool = True
    taken: bool = True
    refused: bool = False
    trouble: str = ""


@dataclass(frozen=True)
class Findings:
    """What was found. None: not of this process' role, or not set up."""

    database: str = ""
    """What is wrong with it; "" where nothing is."""
    late: float | None = 0.0
    ended: tuple[str, ...] | None = ()
    """The workers that do not go their rounds."""
    slack: Line | None = Line()
    pagerduty: Line | None = Line()


def judge(found: Findings) -> list[Check]:
    """Pure: what was found, judged."""
    checks = [_down("database", found.database)]
    if found.late is not None:
        late = f"The clock is {found.late:.0f} s late: reminders and the ladder of pages wait. Restart the bot."
        checks.append(_down("clock", late if found.late > LATE else ""))
    if found.ended is not None:
        ended = f"Not at work: {', '.join(found.ended)}. If that lasts, restart the bot."
        checks.append(_down("workers", ended if found.ended else ""))
    checks += [_vendor(name, line) for name, line in (("slack", found.slack), ("pagerduty", found.pagerduty)) if line]
    return checks


def _down(name: str, says: str) -> Check:
    return Check(name, State.DOWN, says) if says else Check(name)


def _vendor(name: str, line: Line) -> Check:
    if line.refused and not line.taken:
        return Check(name, State.DOWN, line.trouble)
    if not line.asked:
        return Check(name, State.DOWN, UNREACHED)
    return Check(name, State.DEGRADED, line.trouble) if line.trouble else Check(name)


async def checks(watched: Watched) -> list[Check]:
    """Looks at everything, within `PATIENCE`."""
    workers = watched.workers
    found = Findings(
        database=await watched.soundness.trouble(PATIENCE),
        late=workers.late if workers else None,
        ended=workers.ended if workers else None,
        slack=slack(watched),
        pagerduty=pagerduty(watched),
    )
    return judge(found)


def slack(watched: Watched) -> Line | None:
    """Heard over sockets or HTTP: both tokens that it needs are taken, and with sockets one is open."""
    inbound = watched.slack
    if inbound is None:
        return None
    health, taken = inbound.health, inbound.known
    closed = "" if inbound.open is not False else "No connection to Slack is open; tried again all the time."
    return Line(
        asked=taken or bool(health.refused) or health.away,
        taken=taken,
        refused=bool(health.refused),
        trouble=health.trouble or closed,
    )


def pagerduty(watched: Watched) -> Line | None:
    """What it said last. It is not waited for at the start: who is on call is remembered, webhooks come in anyway."""
    if watched.pagerduty is None:
        return None
    health = watched.pagerduty.health
    off = "PagerDuty has switched our webhook off: alerts come in minutes late." if health.webhook_disabled else ""
    deaf = "PagerDuty's webhooks do not arrive: alerts come in minutes late." if health.deaf_since else ""
    reached = health.reached_at is not None
    trouble = health.trouble or off or deaf or ("" if reached else UNREACHED)
    return Line(taken=reached, refused=health.refused, trouble=trouble)
