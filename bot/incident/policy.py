"""What a company decided beforehand: severities, roles, cadences, routing rules and whom to page, as values."""

from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import Field, model_validator

from bot.incident.habits import AtOnceOrLater, Hours, Marking, Minutes, Rooms, Setting, Storm, Watching
from bot.incident.values import SeverityValue, Target


class Severity(Setting):
    """What a severity implies. Times are minutes."""

    level: int = Field(ge=1, le=9)
    label: str = Field(min_length=1, max_length=40)
    meaning: str
    major: bool = False
    pages: bool = False
    """Declaring at it, or raising to it, pages the on-call of the services concerned."""
    climbs: bool = False
    """An unanswered page goes to the next level by itself."""
    update_every: Minutes | None = None
    review: bool = False
    review_within: str = ""
    invite: tuple[str, ...] = ()
    """Handles of the user groups that come into the room at once (`@payments-leads`)."""

    @property
    def value(self) -> SeverityValue:
        return SeverityValue(level=self.level, label=self.label)


class Role(Setting):
    """A role that people can hold. `many`: several at once. Its duties are a message: `duties/<key>.md`."""

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,40}$")
    label: str = Field(min_length=1, max_length=40)
    aliases: tuple[str, ...] = ()
    many: bool = False


class Action(StrEnum):
    """What a routing rule makes of an alert."""

    OPEN = "open"
    TRIAGE = "triage"
    KEEP = "keep"


class Rule(Setting):
    """One line of the routing table: every condition given must hold; globs (`*`, `?`) and any case will do."""

    source: str | None = None
    service: str | None = None
    priority: str | None = None
    urgency: Literal["high", "low"] | None = None
    title: str | None = None
    action: Action
    severity: int | None = None

    @model_validator(mode="after")
    def _open_needs_severity(self) -> "Rule":
        if (self.action is Action.OPEN) != (self.severity is not None):
            raise ValueError("a rule that opens an incident names its severity, and only such a rule does")
        return self

    def matches(self, *, source: str, service: str, priority: str, urgency: str, title: str) -> bool:
        heard = {"source": source, "service": service, "priority": priority, "urgency": urgency, "title": title}
        return all(
            wanted is None or fnmatchcase(heard[name].casefold(), wanted.casefold())
            for name, wanted in (
                ("source", self.source),
                ("service", self.service),
                ("priority", self.priority),
                ("urgency", self.urgency),
                ("title", self.title),
            )
        )


class Paging(Setting):
    """How long silence is borne, in minutes, and who is paged when nobody commands."""

    answer_within: Minutes = 5
    mention_without_commander: AtOnceOrLater = 5
    page_without_commander: AtOnceOrLater = 10
    commanders: Target | None = None
    """The commanders' escalation policy (or a user); None: the room is mentioned again instead."""
    fallback: Target | None = None
    """Whom a declaration without a service pages."""
    levels: int = Field(default=3, ge=1, le=9)


class Decided(Setting):
    """What the routing table says of an alert."""

    action: Action
    severity: int | None = None


DEFAULT_SEVERITIES = (
    Severity(
        level=1,
        label="SEV1",
        meaning="Critical: public notice and executives",
        major=True,
        pages=True,
        climbs=True,
        update_every=30,
        review=True,
        review_within="3 days",
    ),
    Severity(
        level=2,
        label="SEV2",
        meaning="Critical: many customers",
        major=True,
        pages=True,
        update_every=60,
        review=True,
        review_within="5 business days",
    ),
    Severity(level=3, label="SEV3", meaning="Stability or minor customer impact; needs the owners now"),
    Severity(level=4, label="SEV4", meaning="Minor: to be looked at in working hours"),
    Severity(level=5, label="SEV5", meaning="Cosmetic: affects nobody's work"),
)

DEFAULT_ROLES = (
    Role(
        key="commander",
        label="Incident Commander",
        aliases=("ic", "lead", "commander"),
    ),
    Role(
        key="deputy",
        label="Deputy",
        aliases=("deputy",),
    ),
    Role(
        key="scribe",
        label="Scribe",
        aliases=("scribe",),
    ),
    Role(
        key="communications",
        label="Communications",
        aliases=("comms", "liaison", "communications"),
    ),
    Role(
        key="expert",
        label="Subject-Matter Expert",
        aliases=("sme", "expert"),
        many=True,
    ),
)

DEFAULT_RULES = (
    Rule(priority="P1", action=Action.OPEN, severity=1),
    Rule(priority="P2", action=Action.OPEN, severity=2),
    Rule(urgency="high", action=Action.TRIAGE),
    Rule(action=Action.KEEP),
)


COMMAND = "/incident"
"""What our sentences call the command; where a company calls it otherwise, they are renamed as they go out."""


class Policy(Setting):
    """Everything of `muster.yaml` that the rules ask."""

    command: str = Field(COMMAND, pattern=r"^/[a-z0-9_-]{1,31}$")
    """What people type in Slack."""
    severities: tuple[Severity, ...] = DEFAULT_SEVERITIES
    default_severity: int = 3
    roles: tuple[Role, ...] = DEFAULT_ROLES
    rules: tuple[Rule, ...] = DEFAULT_RULES
    group_within: AtOnceOrLater = 120
    """Minutes after an incident's last news in which an alert of the same service joins it."""
    paging: Paging = Paging()
    hours: Hours = Hours()
    storm: Storm = Storm()
    watching: Watching = Watching()
    rooms: Rooms = Rooms()
    marking: Marking = Marking()
    resolve_when_clear: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> "Policy":
        levels = [s.level for s in self.severities]
        if sorted(set(levels)) != levels:
            raise ValueError("severities are listed from the worst (1) on, each level once")
        for rule in self.rules:
            if rule.severity is not None and rule.severity not in levels:
                raise ValueError(f"a rule opens at severity {rule.severity}, which is not among the severities")
        if self.default_severity not in levels:
            raise ValueError(f"default_severity {self.default_severity} is not among the severities")
        for what, names in (
            ("severities", [s.label for s in self.severities]),
            ("roles", [r.key for r in self.roles]),
            ("roles", [r.label for r in self.roles]),
        ):
            if twice := next((name for name in names if names.count(name) > 1), ""):
                raise ValueError(f"two of the {what} are called {twice}")
        if not any(role.key == "commander" for role in self.roles):
            raise ValueError("one of the roles is `commander`")
        return self

    def severity(self, level: int) -> Severity | None:
        return next((s for s in self.severities if s.level == level), None)

    def implied_by(self, value: SeverityValue) -> Severity:
        """What a severity in the journal implies today; one no longer configured implies what the nearest does."""
        return self.severity(value.level) or min(self.severities, key=lambda s: abs(s.level - value.level))

    def role(self, word: str) -> Role | None:
        """A role by its key, label or alias, in any case."""
        wanted = word.casefold().strip()
        return next(
            (
                r
                for r in self.roles
                if wanted in (r.key.casefold(), r.label.casefold(), *(a.casefold() for a in r.aliases))
            ),
            None,
        )

    def label(self, key: str) -> str:
        """What a role is called here, by its key."""
        return next((r.label for r in self.roles if r.key == key), key.capitalize())

    def route(self, *, source: str, service: str, priority: str, urgency: str, title: str) -> Decided:
        """What the first matching rule says; what no rule matches is kept quietly."""
        for rule in self.rules:
            if rule.matches(source=source, service=service, priority=priority, urgency=urgency, title=title):
                return Decided(action=rule.action, severity=rule.severity)
        return Decided(action=Action.KEEP)
