"""What Muster promises to do in PagerDuty: page, resolve, acknowledge, leave a note."""

from bot.engine.effects import Effect, InDoubt, Priority, Receipt
from bot.incident.model import Command
from bot.incident.paging import RecordPageFailed, RecordPageSent
from bot.incident.rooms import ReportStep
from bot.incident.values import Actor, Target, Value

SYSTEM = "pagerduty"
BUCKET = "pagerduty"
"""The account's rate budget as far as chores may use it; a page asks no budget."""


LAST_LEVEL = "PagerDuty has no level above that."


class Paged(Value):
    """What a page came to, kept with its receipt. `people` are the names of those PagerDuty calls."""

    outside: str
    url: str = ""
    people: tuple[str, ...] = ()
    repeated: bool = False


class Page(Effect, kind="page"):
    """Calls somebody out of bed. `outside`: the PagerDuty incident that is there already; "" opens one."""

    system = SYSTEM
    in_doubt = InDoubt.LOOK
    priority = Priority.PAGE

    incident: int
    page: int
    target: Target
    level: int
    title: str
    details: str
    outside: str = ""
    services: tuple[str, ...] = ()
    """Ids of the incident's services: a person or a policy is paged on one of them."""

    @property
    def lane(self) -> str:
        return f"page/{self.incident}/{self.page}"

    @property
    def step(self) -> str:
        return f"page {self.target.name}"

    def kept(self, receipt: Receipt) -> Command | None:
        paged = Paged.model_validate(dict(receipt.data))
        return RecordPageSent(
            incident=self.incident,
            page=self.page,
            outside=paged.outside,
            url=paged.url,
            people=paged.people,
            repeated=paged.repeated,
        )

    def failed(self, reason: str) -> Command | None:
        above_top = reason == LAST_LEVEL
        return RecordPageFailed(incident=self.incident, page=self.page, reason=reason, above_top=above_top)

    def redacted(self) -> "Page":
        """Still a page: somebody must come, told as little as possible."""
        return self.model_copy(update={"title": f"INC-{self.incident} needs you", "details": ""})


class _Chore(Effect):
    """Something that keeps PagerDuty in step with an incident of ours."""

    system = SYSTEM
    priority = Priority.REST

    incident: int

    @property
    def buckets(self) -> tuple[str, ...]:
        return (BUCKET,)

    def kept(self, receipt: Receipt) -> Command | None:
        return ReportStep(incident=self.incident, step=self.step)

    def failed(self, reason: str) -> Command | None:
        return ReportStep(incident=self.incident, step=self.step, reason=reason)

    def late(self, reason: str) -> Command | None:
        return ReportStep(incident=self.incident, step=self.step, reason=reason, goes_on=True)


class _ChoreAtOne(_Chore):
    """The same, of one PagerDuty incident; one after the other for each of them."""

    outside: str
    name: str
    """How people know it there: its title."""

    @property
    def lane(self) -> str:
        return f"pagerduty/{self.outside}"


class ResolveThere(_ChoreAtOne, kind="resolve_there"):
    """What is over here is over there. `only_ours`: leave it alone unless a page of ours opened it."""

    in_doubt = InDoubt.REPEAT

    words: str
    only_ours: bool = False

    @property
    def step(self) -> str:
        return f"resolve “{self.name}” in PagerDuty"

    def redacted(self) -> "ResolveThere":
        return self.model_copy(update={"words": "", "name": "an incident"})


class ResolveAllThere(_Chore, kind="resolve_all_there"):
    """The alerts of a storm are over there, a hundred with each call. `first`: which of them comes first, from 1."""

    in_doubt = InDoubt.REPEAT

    outside: tuple[str, ...]
    first: int
    words: str

    @property
    def lane(self) -> str:
        return f"pagerduty/over/{self.incident}/{self.first}"

    @property
    def step(self) -> str:
        return f"resolve alerts {self.first}–{self.first + len(self.outside) - 1} in PagerDuty"

    def redacted(self) -> "ResolveAllThere":
        return self.model_copy(update={"words": ""})


class AcknowledgeThere(_ChoreAtOne, kind="acknowledge_there"):
    """Who answered here has answered there: PagerDuty stops calling."""

    in_doubt = InDoubt.REPEAT

    person: Actor

    @property
    def step(self) -> str:
        return f"acknowledge “{self.name}” in PagerDuty"


class NoteThere(_ChoreAtOne, kind="note_there"):
    """A note on the incident there: where people work on it."""

    in_doubt = InDoubt.LOOK

    words: str

    @property
    def step(self) -> str:
        return f"link the war room from “{self.name}” in PagerDuty"
