"""Who people are, which services there are, whose a channel is: in memory, so that no look-up waits."""

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection, delete, or_, select
from sqlalchemy.exc import DBAPIError

from bot.engine import tables as t
from bot.engine.db import Database
from bot.engine.dialects import notify, upsert
from bot.engine.effects import Ref
from bot.engine.line import Urgency
from bot.engine.wakes import DIRECTORY
from bot.incident.people import KnownService, OnCall, Person
from bot.incident.values import Actor

log = structlog.get_logger()

LATE_ROOMS = 500
"""How many incidents may be opened before another process has heard of the room of one that is over meanwhile."""
PART = 1000
"""Rooms that are read at once."""


class Directory:
    """A snapshot of what was last looked up, answered from memory; saved through the writer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._people: dict[str, Person] = {}
        self._by_email: dict[str, Person] = {}
        self._services: dict[str, KnownService] = {}
        self._channels: dict[str, int] = {}
        self._reloading: asyncio.Task[None] | None = None
        self._stale = False
        self._remembering = asyncio.Lock()

    async def load(self) -> None:
        """Reads everything anew, between our own savings: what it finds is never older than what we know.

        Rooms of long ago are read once: a hundred thousand of them, each time that another process opens one, would be
        a second's work.
        """
        async with self._remembering:
            since = max(self._channels.values(), default=0) - LATE_ROOMS
            people, services, channels = await self._database.read(partial(_everything, since=since))
            self._people, self._by_email = {}, {}
            for body in people:
                self._put(Person.model_validate_json(body))
            known = (KnownService.model_validate_json(body) for body in services)
            self._services = {service.id: service for service in known}
            self._channels.update(channels)

    def reload_soon(self) -> None:
        """Another process changed something; what changes while we read is read once more."""
        self._stale = True
        if self._reloading is None or self._reloading.done():
            self._reloading = asyncio.get_running_loop().create_task(self._reload())

    async def _reload(self) -> None:
        while self._stale:
            self._stale = False
            try:
                await self.load()
            except DBAPIError as error:
                log.warning("reload_failed", error=type(error).__name__)

    async def settle(self) -> None:
        """Waits for a reading that is under way."""
        if self._reloading is not None:
            await self._reloading

    def by_slack(self, slack_id: str) -> Person | None:
        return self._people.get(f"slack:{slack_id}")

    def by_pagerduty(self, pagerduty_id: str) -> Person | None:
        return self._people.get(f"pagerduty:{pagerduty_id}")

    def by_email(self, email: str) -> Person | None:
        return self._by_email.get(email.casefold())

    def person_of(self, actor: Actor) -> Person | None:
        return self._people.get(actor.id)

    def zone_of(self, actor: Actor) -> str:
        """Where somebody's clock stands, as an IANA name; UTC for people unknown."""
        person = self.person_of(actor)
        return person.zone if person else "UTC"

    def people(self) -> tuple[Person, ...]:
        """Everyone, once."""
        return tuple({id(person): person for person in self._people.values()}.values())

    def services(self) -> tuple[KnownService, ...]:
        """By name."""
        return tuple(sorted(self._services.values(), key=lambda service: service.name.casefold()))

    def service(self, service_id: str) -> KnownService | None:
        return self._services.get(service_id)

    def on_call(self, service_id: str) -> tuple[OnCall, ...]:
        """Who is on call, as last heard; nobody for an unknown service."""
        service = self._services.get(service_id)
        return service.on_call if service else ()

    def incident_of_channel(self, channel: str) -> int | None:
        return self._channels.get(channel)

    def learn(self, incident: int, refs: Iterable[Ref]) -> None:
        """Foreign ids that were saved just now."""
        self._channels.update({ref.foreign_id: incident for ref in refs if ref.kind == "channel"})

    async def remember_people(self, people: Sequence[Person]) -> None:
        """Saves people as looked up. Those known already keep the other system's id; same e-mail is same person.

        One reading after the other: two systems that tell of the same people at the same moment would miss each other.
        """
        async with self._remembering:
            changed = [merged for person in people if (merged := self._merged(person)) not in self._known(person)]
            if changed:
                await self._save_people(changed)

    async def link(self, slack_id: str, pagerduty_id: str) -> Person | None:
        """Someone said who they are in the other system. None when nobody has that Slack id."""
        person = self.by_slack(slack_id)
        if person is None:
            return None
        other = self.by_pagerduty(pagerduty_id)
        phones = other.phones if other else person.phones
        linked = person.model_copy(update={"pagerduty": pagerduty_id, "phones": phones})
        async with self._remembering:
            await self._save_people([linked])
        return linked

    async def remember_services(self, services: Sequence[KnownService]) -> None:
        """Saves services as read; those not named stay as they are."""
        rows = [{"id": service.id, "body": service.model_dump_json()} for service in services]
        async with self._remembering:
            await self._save(t.service, rows)
            self._services.update({service.id: service for service in services})

    def _known(self, person: Person) -> list[Person]:
        """Who they are known as: under the same id, or under the same e-mail in the other system."""
        same_id = [
            known
            for known in (
                self.by_slack(person.slack) if person.slack else None,
                self.by_pagerduty(person.pagerduty) if person.pagerduty else None,
            )
            if known
        ]
        same_email = self.by_email(person.email) if person.email else None
        if same_email and same_email not in same_id and not _differ(person, same_email):
            return [*same_id, same_email]
        return same_id

    def _merged(self, person: Person) -> Person:
        """The newest word, with what only the older ones knew."""
        for known in self._known(person):
            person = _with_older(person, known)
        return person

    async def _save_people(self, people: Sequence[Person]) -> None:
        rows = [{"id": person.actor.id, "body": person.model_dump_json()} for person in people]
        replaced = [f"pagerduty:{p.pagerduty}" for p in people if p.slack and p.pagerduty]
        await self._save(t.person, rows, replaced)
        for person in people:
            self._put(person)

    async def _save(self, table: Any, rows: list[dict[str, str]], replaced: Sequence[str] = ()) -> None:
        def work(connection: Connection) -> None:
            if replaced:
                connection.execute(delete(table).where(table.c.id.in_(replaced)))
            if rows:
                connection.execute(upsert(connection, table), rows)
                notify(connection, DIRECTORY)

        await self._database.write(work, Urgency.WORK)

    def _put(self, person: Person) -> None:
        if person.slack:
            self._people[f"slack:{person.slack}"] = person
        if person.pagerduty:
            self._people[f"pagerduty:{person.pagerduty}"] = person
        if person.email:
            self._by_email[person.email.casefold()] = person


def _differ(one: Person, other: Person) -> bool:
    """Whether they have two ids in one system: two people who share an e-mail address."""
    return any(a and b and a != b for a, b in ((one.slack, other.slack), (one.pagerduty, other.pagerduty)))


def _with_older(person: Person, known: Person) -> Person:
    """What is newly told, with what only the older word knew; how somebody is called is the chat's word."""
    kept = {
        name: getattr(known, name) for name in ("slack", "pagerduty", "email", "phones") if not getattr(person, name)
    }
    if known.slack and not person.slack:
        kept |= {"name": known.name, "zone": known.zone, "guest": known.guest, "external": known.external}
    return person.model_copy(update=kept)


def _everything(connection: Connection, since: int) -> tuple[Sequence[str], Sequence[str], dict[str, int]]:
    """People, services, and the rooms of incidents that are open or newer than `since`."""
    return (
        connection.execute(select(t.person.c.body)).scalars().all(),
        connection.execute(select(t.service.c.body)).scalars().all(),
        _channels(connection, since),
    )


def _channels(connection: Connection, since: int) -> dict[str, int]:
    """Read in parts, so that they are in memory once only."""
    r = t.ref.c
    wanted = select(r.foreign_id, r.incident).where(r.kind == "channel")
    if since > 0:
        still_open = select(t.incident.c.number).where(t.IS_OPEN)
        wanted = wanted.where(or_(r.incident > since, r.incident.in_(still_open)))
    rows = connection.execute(wanted.execution_options(yield_per=PART))
    return {row.foreign_id: row.incident for row in rows}
