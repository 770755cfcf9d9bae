"""Who is on call and how to reach them: read from PagerDuty now and then, remembered for when it cannot be asked."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import available_timezones

from bot.engine.directory import Directory
from bot.incident.people import KnownService, OnCall, Person
from bot.incident.values import Actor, Target, TargetKind
from bot.integrations.pagerduty.payloads import ContactMethod, OnCallEntry, Service, User
from bot.integrations.pagerduty.rest import Rest

PEOPLE_EVERY = timedelta(hours=1)
"""People change less often than shifts do."""
ZONES = frozenset(available_timezones())


class Contacts:
    """Answers from memory, whether or not PagerDuty does."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def email_of(self, person: Actor) -> str:
        """The e-mail of someone who has a PagerDuty login; "" otherwise."""
        known = self._directory.person_of(person)
        return known.email if known and known.pagerduty else ""

    def on_call_for(self, target: Target) -> tuple[str, ...]:
        """Names to call, the first level first."""
        if target.kind is TargetKind.USER:
            return (target.name,)
        return tuple(o.name for o in self._directory.on_call(target.id))


class OnCallReader:
    """Reads people, services and who is on call into the directory, which outlives PagerDuty's bad days."""

    def __init__(self, rest: Rest, directory: Directory, own_email: str) -> None:
        self._rest, self._directory, self._own_email = rest, directory, own_email
        self._people_at: datetime | None = None

    async def read_people(self, now: datetime) -> None:
        """Raises Trouble; what cannot be read stays as it was."""
        if self._people_at is None or now - self._people_at >= PEOPLE_EVERY:
            users = await self._rest.users()
            await self._directory.remember_people([person(u, now, own=self._is_us(u)) for u in users])
            self._people_at = now

    async def read_services(self, now: datetime) -> None:
        """Raises Trouble. `now` becomes the services' `seen_at`."""
        services, on_calls = await self._rest.services(), await self._rest.on_calls()
        await self._directory.remember_services([known_service(s, on_calls, now) for s in services])

    def _is_us(self, user: User) -> bool:
        return user.email.casefold() == self._own_email.casefold()


def person(user: User, now: datetime, *, own: bool = False) -> Person:
    """A PagerDuty user as a person; `own`: it is Muster itself."""
    return Person(
        pagerduty=user.id,
        name=user.name or user.email or user.id,
        email=user.email.casefold(),
        zone=user.time_zone if user.time_zone in ZONES else "UTC",
        phones=_phones(user.contact_methods),
        bot=own,
        seen_at=now,
    )


def _phones(methods: Iterable[ContactMethod]) -> tuple[str, ...]:
    """Numbers with their country code, those that ring before those that only take messages, each once."""
    kinds = ("phone_contact_method", "sms_contact_method")
    found = [_number(m) for kind in kinds for m in methods if m.type == kind and m.address]
    return tuple(dict.fromkeys(found))


def _number(method: ContactMethod) -> str:
    return f"+{method.country_code} {method.address}" if method.country_code else method.address


def known_service(service: Service, on_calls: Iterable[OnCallEntry], now: datetime) -> KnownService:
    """A service with the people of its escalation policy, level by level, each once a level."""
    policy = service.escalation_policy
    mine = [e for e in on_calls if policy and e.escalation_policy.id == policy.id]
    people = [
        OnCall(service=service.id, level=e.escalation_level, pagerduty=e.user.id, name=e.user.name)
        for e in sorted(mine, key=lambda e: (e.escalation_level, e.user.name))
    ]
    return KnownService(
        id=service.id,
        name=service.name or service.summary or service.id,
        policy=policy.id if policy else "",
        policy_name=policy.name if policy else "",
        url=service.html_url or "",
        on_call=tuple(dict.fromkeys(people)),
        seen_at=now,
    )
