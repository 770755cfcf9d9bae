"""What `muster doctor` asks PagerDuty: token, user, webhook, and whether what the settings name is there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from bot.incident.policy import DEFAULT_RULES, Policy
from bot.incident.values import Target, TargetKind
from bot.integrations.pagerduty.client import Account, Line, Manner
from bot.integrations.pagerduty.payloads import Subscription
from bot.integrations.pagerduty.reports import HAPPENED, TELLERS
from bot.integrations.pagerduty.rest import Rest
from bot.integrations.pagerduty.subscription import ours
from bot.integrations.pagerduty.trouble import Refused, Trouble
from bot.integrations.pagerduty.webhook import PATH

DOCTOR = Manner("doctor", threads=4, read=5.0, whole=8.0)
RESPONDERS = "coordinated_responding"
"""The ability that asking for responders needs; without it a page opens an incident of its own."""
UNHEARD = timedelta(minutes=10)
"""How long a webhook may be on its way before we say that it does not come."""
SECRETS = "MUSTER_PAGERDUTY__WEBHOOK_SECRETS"


@dataclass(frozen=True)
class Asked:
    """What there is to check. `secrets`: how many webhook secrets are set."""

    account: Account
    secrets: int
    policy: Policy


@dataclass(frozen=True)
class Told:
    """What is wrong, a sentence each, and what is worth knowing."""

    wrong: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __add__(self, other: "Told") -> "Told":
        return Told(self.wrong + other.wrong, self.notes + other.notes)


def wrong(*sentences: str) -> Told:
    return Told(wrong=sentences)


async def check_account(asked: Asked) -> Told:
    """Key, user, webhook and names, in a few calls. Nothing is changed there."""
    line = Line(asked.account, DOCTOR)
    rest = Rest(line)
    try:
        return await _user(rest, asked) + await _webhook(rest, asked) + await _named(rest, asked.policy)
    except Refused as refusal:
        return wrong(_refused(refusal))
    except Trouble as error:
        return wrong(f"{error}. Is pagerduty.base_url right, and a proxy or firewall in the way?")
    finally:
        line.close()


async def check_hearing(account: Account, heard: datetime | None, now: datetime) -> Told:
    """Whether what happens there reaches us. `heard`: when the last webhook came in, None where none ever did."""
    line = Line(account, DOCTOR)
    try:
        return await _silence(Rest(line), heard, now)
    except Trouble:
        return Told()  # what is wrong is told by `check_account`
    finally:
        line.close()


def _refused(refusal: Refused) -> str:
    if refusal.status == 401:
        return "PagerDuty does not know the key in MUSTER_PAGERDUTY__API_TOKEN. Copy a REST API key anew."
    return f"{refusal}. Is the key in MUSTER_PAGERDUTY__API_TOKEN one for the whole account?"


async def _user(rest: Rest, asked: Asked) -> Told:
    told = Told()
    email = asked.account.from_email.casefold()
    if email and not any(user.email.casefold() == email for user in await rest.users(email)):
        told += wrong(f"PagerDuty has no user {email} (MUSTER_PAGERDUTY__FROM_EMAIL), so nobody is paged. Name one.")
    if not await rest.may_write():
        told += wrong("The key in MUSTER_PAGERDUTY__API_TOKEN is read-only, so nobody is paged. Make one that is not.")
    if RESPONDERS not in await rest.abilities():
        told += Told(notes=("the plan has no responder requests: each page opens an incident of its own there",))
    return told


async def _webhook(rest: Rest, asked: Asked) -> Told:
    every = await rest.subscriptions()
    found = ours(every)
    told = Told() if asked.secrets else wrong(f"{SECRETS} is not set: no webhook can be believed. Set it.")
    if not found:
        return told + wrong(_missing(every))
    for subscription in found:
        told += _one(subscription)
    wide = [s for s in found if s.is_wide]
    if not wide:
        told += Told(notes=("the webhook is for some services or teams only: other alerts do not come in",))
    elif len(wide) > 1:
        told += _several(wide, asked.secrets)
    return told


def _missing(every: Iterable[Subscription]) -> str:
    elsewhere = sorted({s.delivery_method.url for s in every if s.active})
    make = f"Make a Generic V3 webhook, account-wide, to https://…{PATH}."
    if not elsewhere:
        return f"PagerDuty has no webhook that delivers to Muster. {make}"
    return f"PagerDuty's webhooks deliver elsewhere ({', '.join(elsewhere[:3])}). {make}"


def _one(subscription: Subscription) -> Told:
    name = subscription.id
    if not subscription.active:
        return wrong(f"The webhook subscription {name} is switched off. Switch it on in PagerDuty.")
    told = Told()
    if subscription.delivery_method.temporarily_disabled:
        told += wrong(
            f"PagerDuty has switched the webhook subscription {name} off for a day, after three refusals. A running "
            "Muster switches it on; see what stands in front of it."
        )
    lacking = sorted(set(HAPPENED) - set(subscription.events))
    if lacking:
        told += wrong(f"The webhook subscription {name} lacks {', '.join(lacking)}. Tick all incident events there.")
    quiet = sorted(set(TELLERS) - set(subscription.events))
    if quiet and not lacking:
        told += Told(notes=(f"the webhook subscription {name} lacks {', '.join(quiet)}: the timeline will too",))
    return told


def _several(wide: list[Subscription], secrets: int) -> Told:
    names = ", ".join(s.id for s in wide)
    if secrets > 1:
        return Told(notes=(f"{len(wide)} webhook subscriptions deliver to Muster ({names}): is a secret rotated?",))
    return wrong(
        f"{len(wide)} webhook subscriptions deliver to Muster ({names}), each signed with a secret of its own, and one "
        f"secret is set. Delete all but one, or add theirs to {SECRETS}."
    )


async def _silence(rest: Rest, heard: datetime | None, now: datetime) -> Told:
    """An incident began there, and no webhook came since."""
    found = ours(await rest.subscriptions())
    if not any(s.is_wide and s.active and not s.delivery_method.temporarily_disabled for s in found):
        return Told()
    began = await rest.newest_incident_at()
    if began is None or began > now - UNHEARD:
        return Told()
    if heard is None:
        return Told(notes=("no webhook has come in yet: PagerDuty's *Send Test Event* tries it",))
    if began <= heard + UNHEARD:
        return Told()
    return wrong(
        f"The last webhook came {heard:%d %b %H:%M} UTC; PagerDuty opened an incident {began:%d %b %H:%M} UTC. "
        "Does the webhook's address reach this machine? PagerDuty's *Send Test Event* tells."
    )


async def _named(rest: Rest, policy: Policy) -> Told:
    """Services, policies, people and priorities that the settings name and PagerDuty does not have."""
    services = {s.id: s.name or s.summary or "" for s in await rest.services()}
    ids = {TargetKind.SERVICE: set(services)}
    targets = {"commanders": policy.paging.commanders, "fallback": policy.paging.fallback}
    kinds = {target.kind for target in targets.values() if target}
    if TargetKind.POLICY in kinds:
        ids[TargetKind.POLICY] = {p.id for p in await rest.policies()}
    if TargetKind.USER in kinds:
        ids[TargetKind.USER] = {u.id for u in await rest.users()}
    told = [_unknown(name, target) for name, target in targets.items() if target and target.id not in ids[target.kind]]
    if policy.rules != DEFAULT_RULES:
        told += _unmatched(policy, {*services, *services.values()}, {p.name for p in await rest.priorities()})
    return wrong(*told)


def _unknown(name: str, target: Target) -> str:
    return (
        f"policy.paging.{name} names the {target.kind.value} {target.id} ({target.name}), which PagerDuty does not "
        "have. Its id stands in its address there."
    )


def _unmatched(policy: Policy, services: set[str], priorities: set[str]) -> list[str]:
    told = []
    for place, rule in enumerate(policy.rules, start=1):
        for kind, wanted, there in (("service", rule.service, services), ("priority", rule.priority, priorities)):
            if wanted and not any(fnmatchcase(name.casefold(), wanted.casefold()) for name in there):
                told.append(f"policy.rules, no. {place}: PagerDuty has no {kind} {wanted}, so the rule never counts.")
    return told
