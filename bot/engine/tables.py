"""What is kept: one table per kind of thing. Rows never leave the engine; the rest of the program sees values."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, cast

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from bot.engine.columns import Moment, Words

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = SQLModel.metadata

BigId = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only when the key is called INTEGER."""


class InboxState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    PARKED = "parked"


class EffectState(StrEnum):
    NEEDING = "needing"
    """Its `need` is not there yet."""
    WAITING = "waiting"
    CLAIMED = "claimed"
    KEPT = "kept"
    PARKED = "parked"
    SKIPPED = "skipped"
    DROPPED = "dropped"


LIVE = (EffectState.NEEDING, EffectState.WAITING, EffectState.CLAIMED)
"""What still holds its lane."""

# In the words of the partial indexes, not as parameters: SQLite would read everything ever heard or promised otherwise.
IS_OPEN = text("incident.status IN ('triage', 'investigating', 'identified', 'monitoring')")
IS_OWED = text("incident.owners <> '' AND incident.status <> 'merged'")
IS_LIVE = text("effect.state IN ('needing', 'waiting', 'claimed')")
IS_GIVEN_UP = text("effect.state IN ('parked', 'skipped')")
IS_PARKED = text("effect.state IN ('parked', 'skipped') AND effect.state = 'parked'")
IS_UNHANDLED = text("inbox.state = 'waiting'")
IS_UNREADABLE = text("inbox.state = 'parked'")


def _id() -> Any:
    return Field(default=None, sa_column=Column("id", BigId, primary_key=True, autoincrement=True))


def _usually(value: str | int) -> dict[str, Any]:
    """What the database fills in where an insert says nothing."""
    return {"server_default": value if isinstance(value, str) else text(str(value))}


def _where(condition: str) -> dict[str, Any]:
    """A partial index, said to both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class IncidentRow(SQLModel, table=True):
    """The projection of an incident: columns to ask by, and its folded state as JSON at `seq`."""

    __tablename__ = "incident"
    __table_args__: ClassVar[Any] = (
        Index(
            "ix_incident_open", "number", **_where("status IN ('triage', 'investigating', 'identified', 'monitoring')")
        ),
        Index("ix_incident_updated_at", "updated_at"),
        Index("ix_incident_owed", "number", **_where("owners <> ''")),
    )

    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    status: str = Field(sa_type=Words)
    severity: int
    private: bool
    drill: bool
    storm: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether it takes in the alerts of many services."""
    title: str = Field(sa_type=Words)
    services: str = Field(sa_type=Words)
    """Ids and names (case-folded) of its services, each between line breaks."""
    people: str = Field(sa_type=Words)
    """Ids of those who are in it, each between line breaks: the declarer, who holds a role, who owes a task; of a
    private incident those in its room, too."""
    commander: str = Field(sa_type=Words)
    owners: str = Field(default="", sa_type=Words, sa_column_kwargs=_usually(""))
    """Ids of those with an open task or follow-up, each between line breaks."""
    declared_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)
    seq: int
    state: str = Field(sa_type=Words)


class EventRow(SQLModel, table=True):
    """A fact, appended and never changed but by redaction."""

    __tablename__ = "event"

    incident: int = Field(primary_key=True, sa_type=Integer)
    seq: int = Field(primary_key=True, sa_type=Integer)
    kind: str = Field(sa_type=Words)
    at: datetime = Field(sa_type=Moment)
    recorded_at: datetime = Field(sa_type=Moment)
    inbox: int | None = Field(default=None, sa_type=BigInteger)
    """The inbox row that it came from, for redaction."""
    body: str = Field(sa_type=Words)


class InboxRow(SQLModel, table=True):
    """What was heard, under the key that makes two deliveries one. `grp`: within it, in order."""

    __tablename__ = "inbox"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("source", "key"),
        Index("ix_inbox_waiting", "grp", "id", **_where("state = 'waiting'")),
        Index("ix_inbox_due", "id", **_where("state = 'waiting'")),
        Index("ix_inbox_parked", "id", **_where("state = 'parked'")),
        Index("ix_inbox_heard_at", "heard_at"),
    )

    id: int | None = _id()
    source: str = Field(sa_type=Words)
    key: str = Field(sa_type=Words)
    grp: str = Field(default="", sa_type=Words, sa_column_kwargs=_usually(""))
    body: bytes = Field(sa_column=Column("body", LargeBinary, nullable=False))
    heard_at: datetime = Field(sa_type=Moment)
    state: str = Field(default=InboxState.WAITING, sa_type=Words, sa_column_kwargs=_usually("waiting"))
    tries: int = Field(default=0, sa_column_kwargs=_usually(0))
    not_before: datetime | None = Field(default=None, sa_type=Moment)
    owner: str = Field(default="", sa_type=Words, sa_column_kwargs=_usually(""))
    lease_until: datetime | None = Field(default=None, sa_type=Moment)
    reason: str = Field(default="", sa_type=Words, sa_column_kwargs=_usually(""))
    outcome: str = Field(default="", sa_type=Words, sa_column_kwargs=_usually(""))
    handled_at: datetime | None = Field(default=None, sa_type=Moment)


class EffectRow(SQLModel, table=True):
    """A promise to the outside, and how far it is kept."""

    __tablename__ = "effect"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("key"),
        Index("ix_effect_waiting", "priority", "id", **_where("state = 'waiting'")),
        Index("ix_effect_lane", "lane", "id", **_where("state IN ('needing', 'waiting', 'claimed')")),
        Index("ix_effect_claimed", "lease_until", **_where("state = 'claimed'")),
        Index("ix_effect_needing", "incident", "need", **_where("state = 'needing'")),
        Index("ix_effect_parked", "id", **_where("state IN ('parked', 'skipped')")),
        Index("ix_effect_incident", "incident", "seq"),
    )

    id: int | None = _id()
    key: str = Field(sa_type=Words)
    kind: str = Field(sa_type=Words)
    system: str = Field(sa_type=Words)
    incident: int | None = Field(default=None, sa_type=Integer)
    seq: int | None = Field(default=None, sa_type=Integer)
    """The fact that it was promised for."""
    lane: str = Field(sa_type=Words)
    need: str | None = Field(default=None, sa_type=Words)
    priority: int
    refreshes: bool
    buckets: str = Field(default="", sa_type=Words, sa_column_kwargs=_usually(""))
    body: str = Field(sa_type=Words)
    state: str = Field(default=EffectState.WAITING, sa_type=Words, sa_column_kwargs=_usually("waiting"))
    tries: int = Field(default=0, sa_column_kwargs=_usually(0))
    bugs: int = Field(default=0, sa_column_kwargs=_usually(0))
    since: datetime | None = Field(default=None, sa_type=Moment)
    not_before: datetime | None = Field(default=None, sa_type=Moment)
    doubt_since: datetime | None = Field(default=None, sa_type=Moment)
    owner: str = Field(default="", sa_type=Words, sa_column_kwargs=_usually(""))
    epoch: int = Field(default=0, sa_column_kwargs=_usually(0))
    lease_until: datetime | None = Field(default=None, sa_type=Moment)
    reason: str = Field(default="", sa_type=Words, sa_column_kwargs=_usually(""))
    receipt: str = Field(default="", sa_type=Words, sa_column_kwargs=_usually(""))
    promised_at: datetime = Field(sa_type=Moment)
    finished_at: datetime | None = Field(default=None, sa_type=Moment)


class RefRow(SQLModel, table=True):
    """A foreign id that an incident is known by."""

    __tablename__ = "ref"
    __table_args__: ClassVar[Any] = (UniqueConstraint("incident", "name"),)

    system: str = Field(primary_key=True, sa_type=Words)
    kind: str = Field(primary_key=True, sa_type=Words)
    foreign_id: str = Field(primary_key=True, sa_type=Words)
    incident: int
    name: str = Field(sa_type=Words)


class AlertRow(SQLModel, table=True):
    """The mirror of one outside alert."""

    __tablename__ = "alert"
    __table_args__: ClassVar[Any] = (
        Index("ix_alert_incident", "incident"),
        Index("ix_alert_updated_at", "updated_at"),
        Index("ix_alert_fired_at", "fired_at", "service", "incident"),
    )

    source: str = Field(primary_key=True, sa_type=Words)
    id: str = Field(primary_key=True, sa_type=Words)
    incident: int | None = None
    clear: bool
    service: str = Field(default="", sa_type=Words, sa_column_kwargs=_usually(""))
    """By what its service is counted: the id, or the case-folded name where there is none."""
    fired_at: datetime | None = Field(default=None, sa_type=Moment)
    """When it fired, of those that somebody must look at: they are counted for a storm."""
    updated_at: datetime = Field(sa_type=Moment)
    body: str = Field(sa_type=Words)


class TimerRow(SQLModel, table=True):
    """What falls due, re-derived whenever its incident changes."""

    __tablename__ = "timer"
    __table_args__: ClassVar[Any] = (Index("ix_timer_due_at", "due_at"),)

    incident: int = Field(primary_key=True, sa_type=Integer)
    key: str = Field(primary_key=True, sa_type=Words)
    due_at: datetime = Field(sa_type=Moment)
    lease_until: datetime | None = Field(default=None, sa_type=Moment)


class DocumentRow(SQLModel, table=True):
    """A version of some prose about an incident."""

    __tablename__ = "document"

    incident: int = Field(primary_key=True, sa_type=Integer)
    kind: str = Field(primary_key=True, sa_type=Words)
    version: int = Field(primary_key=True, sa_type=Integer)
    seq: int
    format: str = Field(sa_type=Words)
    body: str = Field(sa_type=Words)
    by: str = Field(sa_type=Words)
    created_at: datetime = Field(sa_type=Moment)


class BlobRow(SQLModel, table=True):
    """Bytes kept for an incident (an image), under their digest."""

    __tablename__ = "blob"

    digest: str = Field(primary_key=True, sa_type=Words)
    media_type: str = Field(sa_type=Words)
    incident: int
    body: bytes = Field(sa_column=Column("body", LargeBinary, nullable=False))
    created_at: datetime = Field(sa_type=Moment)


class PersonRow(SQLModel, table=True):
    """A human as last looked up, under the id of their actor (`slack:U1`; `pagerduty:P1` while we know no better)."""

    __tablename__ = "person"

    id: str = Field(primary_key=True, sa_type=Words)
    body: str = Field(sa_type=Words)


class ServiceRow(SQLModel, table=True):
    """A service as last read, with who is on call for it."""

    __tablename__ = "service"

    id: str = Field(primary_key=True, sa_type=Words)
    body: str = Field(sa_type=Words)


class PaceRow(SQLModel, table=True):
    """A rate budget: nobody may use it until a moment, and what was left of it when it was last counted."""

    __tablename__ = "pace"

    bucket: str = Field(primary_key=True, sa_type=Words)
    until: datetime = Field(sa_type=Moment)
    tokens: float | None = None
    """Counted on a shared database only; elsewhere, and where nobody used it for long, it is full."""
    counted_at: datetime | None = Field(default=None, sa_type=Moment)


class LeaseRow(SQLModel, table=True):
    """A turn (one process at a time does it, `until` it is due again), or the life of a process (`process/…`).

    The rows `routing` and `claims` are only locked.
    """

    __tablename__ = "lease"

    name: str = Field(primary_key=True, sa_type=Words)
    owner: str = Field(default="", sa_type=Words, sa_column_kwargs=_usually(""))
    epoch: int = Field(default=0, sa_column_kwargs=_usually(0))
    until: datetime | None = Field(default=None, sa_type=Moment)


def _table(row: type[SQLModel]) -> Table:
    return cast(Table, row.__table__)  # type: ignore[attr-defined]


incident = _table(IncidentRow)
event = _table(EventRow)
inbox = _table(InboxRow)
effect = _table(EffectRow)
ref = _table(RefRow)
alert = _table(AlertRow)
timer = _table(TimerRow)
document = _table(DocumentRow)
blob = _table(BlobRow)
person = _table(PersonRow)
service = _table(ServiceRow)
pace = _table(PaceRow)
lease = _table(LeaseRow)
