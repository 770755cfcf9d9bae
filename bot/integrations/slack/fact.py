"""A fact as Slack meets it, and the promises that can be made of it: say, tell, invite, bookmark. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from bot.documents.wording import Wording, shipped_wording
from bot.engine.effects import Promise
from bot.incident.model import Event, Incident
from bot.incident.notes import fingerprint
from bot.incident.policy import Policy
from bot.incident.privacy import is_for_all, may_see, room_number
from bot.incident.steps import Runbook
from bot.incident.values import MUSTER, Actor, Status, Target
from bot.integrations.slack import cards
from bot.integrations.slack import effects as slack
from bot.integrations.slack.effects import Button
from bot.integrations.slack.text import is_web


@dataclass(frozen=True)
class Places:
    """Which of the company's shared channels there are, the call that everybody joins, its runbooks and its words."""

    announcements: bool = True
    triage: bool = True
    bridge: str = ""
    runbooks: tuple[Runbook, ...] = ()
    wording: Wording = field(default_factory=shipped_wording)


@dataclass(frozen=True)
class Fact:
    """A fact with the incident before and after it, and the promises that can be made of it."""

    event: Event
    before: Incident | None
    after: Incident
    policy: Policy
    places: Places

    @property
    def n(self) -> int:
        return self.after.number

    @property
    def wording(self) -> Wording:
        return self.places.wording

    @property
    def in_room(self) -> bool:
        """Whether the room was there already: what came before, its card tells when it is first posted."""
        return self.before is not None and self.before.room is not None

    @property
    def moves(self) -> bool:
        """Whether the incident goes on in another room from here."""
        return self.before is not None and len(self.before.former_rooms) < len(self.after.former_rooms)

    @property
    def announced(self) -> bool:
        """A private incident never reaches the announcement channel."""
        return self.places.announcements and is_for_all(self.after)

    @property
    def room(self) -> int:
        """Which of the incident's rooms it is in from here on."""
        return room_number(self.after)

    def here(self, promise: Promise) -> Promise:
        """The promise as one about the room of today, where it names none: nothing of today goes to a former one."""
        effect = promise.effect
        if self.room == 1 or not isinstance(effect, slack.RoomEffect) or "room" in effect.model_fields_set:
            return promise
        return replace(promise, effect=effect.model_copy(update={"room": self.room}))

    def key(self, what: str) -> str:
        return f"{what}/{self.n}/{self.after.seq}"

    def say(
        self, text: str, *buttons: Button, call: tuple[Target, ...] = (), wake: tuple[str, ...] = ()
    ) -> Iterator[Promise]:
        """A sentence in the room, as soon as there is one; none where the incident went on in another and it closed."""
        if self.before is not None and self.before.status is Status.MERGED:
            return
        said = slack.Say(incident=self.n, seq=self.after.seq, text=text, buttons=buttons, call=call, wake=wake)
        yield Promise(said, self.key("say"))

    def news(self, text: str, *buttons: Button) -> Iterator[Promise]:
        """A sentence that is only worth saying where the card has been read already."""
        if self.in_room:
            yield from self.say(text, *buttons)

    def tell(
        self, person: Actor, about: str, text: str, *buttons: Button, call: tuple[Target, ...] = (), key: str = ""
    ) -> Iterator[Promise]:
        """A direct message; Muster itself has nobody to tell, and of a private incident only who is in it is told."""
        if person != MUSTER and may_see(self.after, person):
            told = slack.Tell(
                incident=self.n,
                person=person.id,
                name=person.name,
                about=about,
                text=text,
                buttons=buttons,
                call=call,
                seq=self.after.seq,
                notice=cards.notice(self.after),
            )
            yield Promise(told, key or self.key(f"tell/{person.id}"))

    def invite(
        self, key: str, people: Iterable[Actor], services: tuple[str, ...] = (), *, called: bool = True
    ) -> Iterator[Promise]:
        """Invitations, once for ever under that key, to each of the rooms.

        `called`: as against those who come for the part that they have in it.
        """
        wanted = {p.id: p.name for p in people if p != MUSTER}
        if wanted or services:
            asked = slack.Invite(
                incident=self.n,
                people=tuple(wanted),
                names=wanted,
                services=services,
                called_at=self.event.at if called else None,
            )
            yield Promise(asked, f"invite/{self._whose}/{key}")

    def bookmark(self, title: str, link: str, plain: str = "") -> Iterator[Promise]:
        if is_web(link):
            yield Promise(
                slack.AddBookmark(incident=self.n, title=title, link=link, plain=plain),
                f"bookmark/{self._whose}/{fingerprint(link)}",
            )

    @property
    def _whose(self) -> str:
        return str(self.n) if self.room == 1 else f"{self.n}/{self.room}"
