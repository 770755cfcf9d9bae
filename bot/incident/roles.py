"""Who does what: roles are taken, given, handed over and left, and a held one is asked for before it is taken."""

from bot.incident.model import Case, Command, Event, Incident, Refused
from bot.incident.policy import Policy, Role
from bot.incident.status import begin_work
from bot.incident.values import Actor, Holding

COMMANDER = "commander"
DEPUTY = "deputy"


class RoleTaken(Event, kind="role_taken"):
    """Someone has a role now; `before` had it until then (for a role that one person holds)."""

    role: str
    label: str
    person: Actor
    before: Actor | None = None
    handed_over: bool = False

    def apply(self, i: Incident) -> Incident:
        gone = {self.person.id, *([self.before.id] if self.before else [])}
        kept = tuple(h for h in i.holdings if h.role != self.role or h.person.id not in gone)
        held = Holding(role=self.role, label=self.label, person=self.person, since=self.at)
        return i.but(holdings=(*kept, held), uncommanded=None if self.role == COMMANDER else i.uncommanded)

    def line(self) -> str:
        if self.handed_over and self.before:
            return f"{self.before.name} handed {self.label} over to {self.person.name}"
        took = f"took over {self.label} from {self.before.name}" if self.before else f"is {self.label}"
        given = "" if self.by.id == self.person.id else f" (named by {self.by.name})"
        return f"{self.person.name} {took}{given}"


class RoleLeft(Event, kind="role_left"):
    """Someone laid a role down."""

    role: str
    label: str
    person: Actor

    def apply(self, i: Incident) -> Incident:
        after = i.but(holdings=tuple(h for h in i.holdings if (h.role, h.person.id) != (self.role, self.person.id)))
        left_alone = i.commander is not None and after.commander is None
        return after.but(uncommanded=self.at) if left_alone else after

    def line(self) -> str:
        return f"{self.person.name} is no longer {self.label}"


class AssignRole(Command):
    """Give a role to someone, oneself included. Taking a held one asks the taker once; `sure` is the yes.

    Whoever holds it gives it away unasked.
    """

    role: str
    person: Actor
    sure: bool = False

    def decide(self, case: Case) -> list[Event]:
        i = case.open_incident
        role = known_role(case.policy, self.role)
        if any(h.role == role.key and h.person.id == self.person.id for h in i.holdings):
            return []
        holder = None if role.many else i.holding(role.key)
        gives = holder is not None and holder.person.id == case.actor.id
        if holder and not gives and not self.sure:
            wish = "Take over?" if self.person.id == case.actor.id else f"Give it to {self.person.name}?"
            raise Refused(
                f"{holder.person.name} has been {role.label} of {i.name} since {_since(case, holder)}. {wish}",
                field="person",
                ask=True,
            )
        taken = RoleTaken(
            **case.stamp(),
            role=role.key,
            label=role.label,
            person=self.person,
            before=holder.person if holder else None,
            handed_over=gives,
        )
        return [taken, *(_in_command(case, i, self.person) if role.key == COMMANDER else [])]


def _since(case: Case, held: Holding) -> str:
    """The time of day, with the day where it was another."""
    return f"{held.since:{'%H:%M' if held.since.date() == case.now.date() else '%Y-%m-%d %H:%M'}} UTC"


class LeaveRole(Command):
    """Lay down one role, or all of one's roles when none is named."""

    role: str = ""

    def decide(self, case: Case) -> list[Event]:
        i = case.open_incident
        wanted = known_role(case.policy, self.role).key if self.role else ""
        mine = [h for h in i.holdings if h.person.id == case.actor.id and wanted in ("", h.role)]
        if not mine:
            raise Refused(_not_yours(case, i, wanted), field="role")
        return [RoleLeft(**case.stamp(), role=h.role, label=h.label, person=h.person) for h in mine]


class HandOver(Command):
    """Give command to someone else, on purpose: no question is asked."""

    person: Actor

    def decide(self, case: Case) -> list[Event]:
        i = case.open_incident
        role = known_role(case.policy, COMMANDER)
        holder = i.holding(role.key)
        if holder and holder.person.id == self.person.id:
            return []
        require_hands(i, case.actor)
        taken = RoleTaken(
            **case.stamp(),
            role=role.key,
            label=role.label,
            person=self.person,
            before=holder.person if holder else None,
            handed_over=holder is not None,
        )
        return [taken, *_in_command(case, i, self.person)]


def _in_command(case: Case, i: Incident, person: Actor) -> list[Event]:
    """What command brings along: the work begins, and nobody is the deputy of themselves."""
    stands_by = i.holding(DEPUTY)
    if stands_by is None or stands_by.person.id != person.id:
        return begin_work(case, i)
    left = RoleLeft(**case.stamp(), role=stands_by.role, label=stands_by.label, person=stands_by.person)
    return [left, *begin_work(case, i)]


def require_hands(i: Incident, actor: Actor) -> None:
    """Raises Refused unless somebody may hand command over: who has it, or anybody while nobody does."""
    held = i.commander
    if held is not None and held.id != actor.id:
        raise Refused(
            f"{held.name} has command of {i.name}; only they can hand it over. "
            f"`/incident {i.name} lead` takes it over.",
            field="person",
        )


def _not_yours(case: Case, i: Incident, wanted: str) -> str:
    """That somebody holds no such role, and who does."""
    if not wanted:
        return f"You have no role in {i.name}."
    label, holders = known_role(case.policy, wanted).label, [h.person.name for h in i.holdings if h.role == wanted]
    if not holders:
        return f"You are not {label} of {i.name}; nobody is."
    return f"You are not {label} of {i.name}; {', '.join(holders)} {'is' if len(holders) == 1 else 'are'}."


def in_charge(i: Incident) -> Actor | None:
    """Who is asked on the incident's behalf: its commander, the deputy once the commander left the room, or nobody."""
    held = (i.holding(role) for role in (COMMANDER, DEPUTY))
    return next((h.person for h in held if h and h.person.id not in i.left), None)


def known_role(policy: Policy, word: str) -> Role:
    """The role that a word means. Raises Refused with the ones there are."""
    role = policy.role(word)
    if role is None:
        raise Refused(f"There is no role “{word}”. {known_roles(policy)}", field="role")
    return role


def known_roles(policy: Policy) -> str:
    """The roles in one sentence, for a refusal, as they are typed."""
    return f"Roles: {', '.join(r.aliases[0] if r.aliases else r.key for r in policy.roles)}."
