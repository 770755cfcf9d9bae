"""Who works here and who is on call: the part of the account that changes rarely."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from bot.sandbox.pagerduty.problems import not_found
from bot.sandbox.pagerduty.records import (
    ChangeEvent,
    EscalationPolicy,
    Named,
    Priority,
    Schedule,
    Service,
    Target,
    User,
)


class _Entry(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


Entry = TypeVar("Entry", bound=_Entry)


def by_id(entries: Iterable[Entry]) -> dict[str, Entry]:
    return {entry.id: entry for entry in entries}


@dataclass
class Directory:
    """Everything that incidents refer to, by id. Look-ups take an id or a name and raise a 404 `Problem`."""

    users: dict[str, User]
    teams: dict[str, Named]
    priorities: dict[str, Priority]
    schedules: dict[str, Schedule]
    policies: dict[str, EscalationPolicy]
    services: dict[str, Service]
    changes: list[ChangeEvent] = field(default_factory=list)
    fields: tuple[str, ...] = ("environment", "region")

    def user(self, ref: str) -> User:
        """The user with this id, e-mail, name or first name."""
        wanted = ref.casefold()
        for user in self.users.values():
            names = (user.id, user.email, user.name, user.name.partition(" ")[0])
            if wanted in (name.casefold() for name in names):
                return user
        raise not_found(f"no user is called {ref!r}")

    def user_of_email(self, email: str) -> User | None:
        return next((user for user in self.users.values() if user.email.casefold() == email.casefold()), None)

    def priority(self, ref: str) -> Priority:
        return _one(self.priorities, ref)

    def schedule(self, ref: str) -> Schedule:
        return _one(self.schedules, ref)

    def policy(self, ref: str) -> EscalationPolicy:
        return _one(self.policies, ref)

    def service(self, ref: str) -> Service:
        found = _one(self.services, ref)
        if found.deleted:
            raise not_found(f"{ref!r} was deleted")
        return found

    def on_call(self, policy: str, level: int) -> tuple[str, ...]:
        """The users whom this level (1 is the first) of a policy notifies now; nobody twice."""
        targets = self.policy(policy).levels[level - 1]
        return tuple(dict.fromkeys(self.on_duty(target) for target in targets))

    def on_duty(self, target: Target) -> str:
        return target.id if target.kind == "user" else self.schedules[target.id].on_call


def _one(pool: Mapping[str, Entry], ref: str) -> Entry:
    wanted = ref.casefold()
    for entry in pool.values():
        if wanted in (entry.id.casefold(), entry.name.casefold()):
            return entry
    raise not_found(f"nothing is called {ref!r}")
