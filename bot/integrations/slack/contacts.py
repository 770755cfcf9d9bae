"""Who is meant and how they are reached: from PagerDuty's ids to Slack's, whom to mention, whom to call by hand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.engine.directory import Directory
from bot.incident.people import OnCall, Person
from bot.incident.rooms import Uninvited
from bot.incident.values import Actor, Target, TargetKind
from bot.integrations.slack.calls import Calls
from bot.integrations.slack.errors import Unkept
from bot.integrations.slack.text import PERSON_ID, cut, escape, mention

UNKNOWN = "no Slack account with their PagerDuty e-mail is known; invite them by hand"
SHOWN = 6
GROUPLESS = {
    "missing_scope": "the Slack app lacks the scope usergroups:read; add it (`muster manifest`), install it anew",
    "no_such_subteam": "Slack knows no such group",
    "plan_upgrade_required": "this workspace's plan of Slack has no groups",
}
"""Why nobody of a group could be invited, by Slack's word for it."""


@dataclass(frozen=True)
class Found:
    """People by their Slack ids, with their names, and those who are not in Slack."""

    names: dict[str, str]
    missing: tuple[Uninvited, ...]


class Contacts:
    """The directory, asked from Slack's side; Slack itself only where the directory has nobody."""

    def __init__(self, directory: Directory, calls: Calls) -> None:
        self._directory = directory
        self._calls = calls

    async def find(
        self, ids: Iterable[str], names: dict[str, str], services: Iterable[str], groups: Iterable[str] = ()
    ) -> Found:
        """Everyone named, the first level of the services' on-call, the members of the groups. Raises Unkept."""
        called = [c for service in services for c in self._first_level(service)]
        wanted = dict(names) | {f"pagerduty:{c.pagerduty}": c.name for c in called}
        found: dict[str, str] = {}
        missing: list[Uninvited] = []
        for who in dict.fromkeys([*ids, *(f"pagerduty:{c.pagerduty}" for c in called)]):
            actor = Actor(id=who, name=wanted.get(who, who))
            slack_id = await self.slack_id(actor)
            known = self._directory.person_of(actor)
            if slack_id:
                found[slack_id] = known.name if known else actor.name
            else:
                missing.append(Uninvited(name=known.name if known else actor.name, reason=UNKNOWN))
        for group in groups:
            members = await self._members(group, names.get(group, group))
            found |= members.names
            missing += members.missing
        return Found(found, tuple(missing))

    async def _members(self, group: str, called: str) -> Found:
        """Who is in a user group of Slack, by its id or its handle (`@payments`)."""
        try:
            id = await self._group_id(group)
            members = await self._calls.group_members(id) if id else None
        except Unkept as unkept:
            if unkept.code not in GROUPLESS:
                raise
            return Found({}, (Uninvited(name=called, reason=GROUPLESS[unkept.code]),))
        if members is None:
            return Found({}, (Uninvited(name=called, reason=GROUPLESS["no_such_subteam"]),))
        people = {user: self._directory.by_slack(user) for user in members}
        return Found({user: known.name if known else f"somebody of {called}" for user, known in people.items()}, ())

    async def _group_id(self, group: str) -> str:
        if not group.startswith("@"):
            return group
        return (await self._calls.groups()).get(group.removeprefix("@"), "")

    async def slack_id(self, actor: Actor) -> str:
        """Someone's Slack id, asked by e-mail where it is not known yet; the empty string for nobody. Raises Unkept."""
        if actor.system == "slack":
            return actor.foreign_id if PERSON_ID.fullmatch(actor.foreign_id) else ""
        person = self._directory.person_of(actor)
        if person is None or person.slack:
            return person.slack if person else ""
        return await self._by_email(person) if person.email else ""

    async def _by_email(self, person: Person) -> str:
        try:
            slack_id = await self._calls.by_email(person.email)
        except Unkept as unkept:
            if unkept.code in ("users_not_found", "missing_scope"):
                return ""
            raise
        await self._directory.remember_people([person.model_copy(update={"slack": slack_id})])
        return slack_id

    def mentions(self, services: Iterable[str]) -> str:
        """The first level of the services' on-call, mentioned where Slack knows them, else by name; all in one line."""
        called = {c.pagerduty: c for service in services for c in self._first_level(service)}
        return " ".join(self._mention(c) for c in list(called.values())[:SHOWN])

    def to_call(self, targets: Sequence[Target], *, numbers: bool) -> str:
        """Whom to call by hand for these targets, a line each, as last heard; numbers only where asked for."""
        lines = [line for target in targets for line in self._lines(target, numbers=numbers)]
        return "\n".join(lines) or "No on-call names are known here: call by your own list."

    def _lines(self, target: Target, *, numbers: bool) -> list[str]:
        if target.kind is TargetKind.USER:
            return [f"• {self._reach(target.id, target.name, numbers=numbers)}"]
        calls = sorted(self._on_call(target), key=lambda c: c.level)[:SHOWN]
        return [f"• level {c.level}: {self._reach(c.pagerduty, c.name, numbers=numbers)}" for c in calls]

    def _on_call(self, target: Target) -> Sequence[OnCall]:
        if target.kind is TargetKind.SERVICE:
            return self._directory.on_call(target.id)
        return next((s.on_call for s in self._directory.services() if s.policy == target.id), ())

    def _first_level(self, service: str) -> list[OnCall]:
        return [c for c in self._directory.on_call(service) if c.level == 1]

    def _mention(self, call: OnCall) -> str:
        person = self._directory.by_pagerduty(call.pagerduty)
        return mention(person.actor) if person else escape(call.name)

    def _reach(self, pagerduty: str, name: str, *, numbers: bool) -> str:
        person = self._directory.by_pagerduty(pagerduty)
        phones = ", ".join(person.phones) if person else ""
        called = escape(cut(person.name if person else name, 80))
        if not numbers:
            return called
        return f"{called} · {escape(phones)}" if phones else f"{called} · no number known"
