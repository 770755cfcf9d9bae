"""Status updates: how things stand, what is done about it, what is needed, and when the next word comes."""

from datetime import datetime, timedelta

from pydantic import AwareDatetime

from bot.incident.model import Case, Command, Event, Incident, Refused
from bot.incident.news import UpdateLine
from bot.incident.notes import GONE, SAME_NOTE, fingerprint
from bot.incident.nudges import update_key
from bot.incident.values import Actor, Amendment

CONDITION_LENGTH = 1_000
PART_LENGTH = 600
"""Of what is done and of what is needed."""
LONGEST_WAIT = 24 * 60
"""Minutes until the next update that can be promised."""
NO_UPDATE = "There is no such update. `/incident timeline` shows them."


class UpdatePosted(Event, kind="update_posted"):
    """Someone said how things stand; `next_due` is when the next update comes, None where none is to come."""

    update: int
    condition: str
    actions: str = ""
    needs: str = ""
    next_due: AwareDatetime | None = None

    def apply(self, i: Incident) -> Incident:
        """Once its words are redacted, the update before it is the latest that says anything."""
        latest = UpdateLine(
            number=self.update,
            seq=i.seq + 1,
            at=self.at,
            by=self.by,
            condition=self.condition,
            actions=self.actions,
            needs=self.needs,
        )
        told = i.update if self.condition == GONE else latest
        after = i.but(update=told, updates=self.update, updated_at=max(i.updated_at, self.at), next_due=self.next_due)
        return after if self.next_due else after.but(nudged=(*i.nudged, update_key(after)))

    def line(self) -> str:
        return f"Update {self.update} by {self.by.name}: {_told(self.condition, self.actions, self.needs)}"

    def redacted(self) -> "UpdatePosted":
        gone = {"actions": GONE if self.actions else "", "needs": GONE if self.needs else ""}
        return self.model_copy(update={"condition": GONE, **gone})

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.condition, self.actions, self.needs)))


class UpdateEdited(Event, kind="update_edited"):
    """The words of an update were put right; `entry` is where it was posted."""

    news = False
    update: int
    entry: int
    condition: str
    actions: str = ""
    needs: str = ""

    def apply(self, i: Incident) -> Incident:
        told = {"condition": self.condition, "actions": self.actions, "needs": self.needs}
        latest = i.update
        if latest is not None and latest.seq == self.entry:
            latest = latest.model_copy(update=told)
        amended = Amendment(words=words_of(self.condition, self.actions, self.needs))
        return i.but(update=latest, amended={**i.amended, self.entry: amended})

    def line(self) -> str:
        return f"{self.by.name} put update {self.update} right: {_told(self.condition, self.actions, self.needs)}"

    def redacted(self) -> "UpdateEdited":
        gone = {"actions": GONE if self.actions else "", "needs": GONE if self.needs else ""}
        return self.model_copy(update={"condition": GONE, **gone})

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.condition, self.actions, self.needs)))

    @property
    def amends(self) -> int:
        return self.entry


class Followed(Event, kind="followed"):
    """Someone wants to be told of each update, or no more."""

    shown = False
    news = False
    person: Actor
    follows: bool

    def apply(self, i: Incident) -> Incident:
        others = tuple(f for f in i.followers if f.id != self.person.id)
        return i.but(followers=(*others, self.person) if self.follows else others)

    def line(self) -> str:
        return f"{self.person.name} {'follows' if self.follows else 'no longer follows'} the updates"


class PostUpdate(Command):
    """Say how things stand. `next_minutes`: until the next update; None is what the severity asks for, 0 none."""

    condition: str
    actions: str = ""
    needs: str = ""
    next_minutes: int | None = None

    def decide(self, case: Case) -> list[Event]:
        i = case.open_incident
        told = _checked(self.condition, self.actions, self.needs)
        if self.next_minutes is not None and not 0 <= self.next_minutes <= LONGEST_WAIT:
            raise Refused("The next update can be promised for the next 24 hours.", field="next")
        if _just_posted(i, case, told):
            return []
        return [UpdatePosted(**case.stamp(), update=i.updates + 1, **told, next_due=self._next(case, i))]

    def _next(self, case: Case, i: Incident) -> datetime | None:
        every = case.policy.implied_by(i.severity).update_every
        minutes = every if self.next_minutes is None else self.next_minutes
        return case.now + timedelta(minutes=minutes) if minutes else None

    def natural_key(self, by: Actor, now: datetime) -> str | None:
        """Within one minute of the clock the first answer is given again; across two, `decide` knows the words."""
        said = words_of(self.condition.strip(), self.actions.strip(), self.needs.strip())
        return f"update/{self.incident}/{by.id}/{now:%Y%m%d%H%M}/{said}"


class EditUpdate(Command):
    """Put an update right: what it says is edited wherever it was posted."""

    entry: int
    condition: str
    actions: str = ""
    needs: str = ""

    def names_entry(self) -> int | None:
        return self.entry

    def decide(self, case: Case) -> list[Event]:
        i, posted = case.incident, case.entry
        if not isinstance(posted, UpdatePosted):
            raise Refused(NO_UPDATE)
        if self.entry in i.redacted:
            raise Refused(f"Update {posted.update} was redacted: its words are gone for good.")
        told = _checked(self.condition, self.actions, self.needs)
        was = i.amended.get(self.entry, Amendment()).words
        if words_of(**told) == (was or words_of(posted.condition, posted.actions, posted.needs)):
            return []
        return [UpdateEdited(**case.stamp(), update=posted.update, entry=self.entry, **told)]


class Follow(Command):
    """Be told of each update in private, or no more."""

    follows: bool = True

    def decide(self, case: Case) -> list[Event]:
        i = case.open_incident if self.follows else case.incident
        if self.follows is any(f.id == case.actor.id for f in i.followers):
            return []
        return [Followed(**case.stamp(), person=case.actor, follows=self.follows)]


def words_of(condition: str, actions: str, needs: str) -> str:
    """A fingerprint of what an update says."""
    return fingerprint("\n".join((condition, actions, needs)))


def _told(condition: str, actions: str, needs: str) -> str:
    """The three parts as one sentence of the timeline."""
    doing = f" Doing: {actions}" if actions else ""
    needed = f" Needed: {needs}" if needs else ""
    return f"{condition}{doing}{needed}"


def _checked(condition: str, actions: str, needs: str) -> dict[str, str]:
    """The three parts, tidy. Raises Refused beside the field that lacks words or has too many."""
    told = {"condition": condition.strip(), "actions": actions.strip(), "needs": needs.strip()}
    if not told["condition"]:
        raise Refused("Say how things stand: `/incident update errors are down to 1 %`.", field="condition")
    for field, said in told.items():
        most = CONDITION_LENGTH if field == "condition" else PART_LENGTH
        if len(said) > most:
            raise Refused(f"That holds {most} characters; this has {len(said)}. Shorter is read.", field=field)
    return told


def _just_posted(i: Incident, case: Case, told: dict[str, str]) -> bool:
    last = i.update
    if last is None or last.by.id != case.actor.id or case.now - last.at >= SAME_NOTE:
        return False
    return told == {"condition": last.condition, "actions": last.actions, "needs": last.needs}
