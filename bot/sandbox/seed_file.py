"""A seed file: whom and what a sandbox has besides its own people, read from YAML and done by the acts of people."""

from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.sandbox.client import SandboxClient
from bot.sandbox.slack.records import Json
from bot.sandbox.slack.seed import BOT_USER, PARTNER_TEAM_ID

COLLEAGUES = "Incident commanders"
"""The escalation policy of a service that names none."""


class Part(BaseModel):
    """A part of the file; an unknown word in it is a slip."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class App(Part):
    """The bot under test: what it is called, and the Slack manifest to install it from (inline, or a file beside)."""

    name: str = ""
    manifest: Json | str = ""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if isinstance(self.manifest, dict):
            missing = {"features", "oauth_config", "settings"} - self.manifest.keys()
            if missing:
                raise ValueError(f"the manifest has no {', '.join(sorted(missing))}")
        return self


class Someone(Part):
    """A person in Slack: a colleague, a guest in the channels that name them, or somebody of another company."""

    name: str = Field(pattern=r"^[a-z0-9._-]{1,21}$")
    real_name: str
    email: str | None = None
    title: str = ""
    tz: str = "Europe/Berlin"
    part: Literal["colleague", "guest", "external"] = "colleague"


class Group(Part):
    """A user group, `@handle`."""

    handle: str
    name: str
    users: list[str]


class Said(Part):
    """A message that is there from the start."""

    by: str
    text: str


class Room(Part):
    """A channel; who is named first made it, and it is shared with the other company where an external is in it."""

    name: str
    private: bool = False
    members: list[str] = Field(min_length=1)
    topic: str = ""
    messages: list[Said] = []

    @model_validator(mode="after")
    def _said_by_members(self) -> Self:
        for said in self.messages:
            if said.by not in self.members:
                raise ValueError(f"{said.by} speaks in {self.name} and is no member of it")
        return self


class Service(Part):
    """A PagerDuty service, and who is called for it."""

    name: str
    policy: str = COLLEAGUES


class Seed(Part):
    """The file. `reach`: "socket", or the address before `/slack/events`; `webhooks`: where PagerDuty's go."""

    app: App = App()
    reach: str = Field("socket", pattern=r"^(socket|https?://.+)$")
    people: list[Someone] = []
    groups: list[Group] = []
    channels: list[Room] = []
    services: list[Service] = []
    webhooks: list[str] = []


def read(file: Path) -> Seed:
    """The seed in a file. Raises ValueError with one plain sentence for each slip, OSError where it cannot be read."""
    try:
        told = yaml.safe_load(file.read_text("utf-8")) or {}
        seed = Seed.model_validate(told)
        return seed if not isinstance(seed.app.manifest, str) or not seed.app.manifest else _with_manifest(seed, file)
    except yaml.YAMLError as error:
        raise ValueError(f"{file} is no YAML: {' '.join(str(error).split())}.") from None
    except ValidationError as error:
        slips = [f"{'.'.join(map(str, slip['loc'])) or 'the file'}: {slip['msg']}" for slip in error.errors()]
        raise ValueError(f"{file}: {'; '.join(slips)}.") from None


def _with_manifest(seed: Seed, file: Path) -> Seed:
    """The manifest's own file is named as seen from the seed file."""
    told = yaml.safe_load((file.parent / str(seed.app.manifest)).read_text("utf-8"))
    return seed.model_copy(update={"app": App.model_validate({"name": seed.app.name, "manifest": told})})


async def sow(seed: Seed, hands: SandboxClient) -> None:
    """Does what the file says. Raises Impossible where it cannot be done: a name that is taken, nobody of that name."""
    for person in seed.people:
        await _let_in(person, hands)
    for group in seed.groups:
        await hands.slack.add_group(group.handle, group.name, group.users)
    for room in seed.channels:
        await _open(room, {one.name for one in seed.people if one.part == "external"}, hands)
    for service in seed.services:
        await hands.pagerduty.create_service(service.name, service.policy)
    for url in seed.webhooks:
        await hands.pagerduty.subscribe(url)
    await _install(seed, hands)


async def _let_in(person: Someone, hands: SandboxClient) -> None:
    more: Json = {"title": person.title, "tz": person.tz, "is_restricted": person.part == "guest"}
    if person.part == "external":
        more |= {"team_id": PARTNER_TEAM_ID, "is_stranger": True}
    await hands.slack.add_person(person.name, person.real_name, person.email, **more)


async def _open(room: Room, externals: set[str], hands: SandboxClient) -> None:
    creator, *others = room.members
    await hands.slack.create_channel(creator, room.name, room.private)
    if externals.intersection(room.members):
        await hands.slack.share_channel(f"#{room.name}")
    for member in others:
        await hands.slack.invite(creator, f"#{room.name}", member)
    if room.topic:
        await hands.slack.set_topic(creator, f"#{room.name}", room.topic)
    for said in room.messages:
        await hands.slack.post(said.by, f"#{room.name}", said.text)


async def _install(seed: Seed, hands: SandboxClient) -> None:
    if seed.app.name:
        await hands.slack.change_person(
            BOT_USER, real_name=seed.app.name, name=seed.app.name.casefold().replace(" ", "-")
        )
    if isinstance(seed.app.manifest, dict):
        await hands.slack.install(seed.app.manifest)
    if seed.reach != "socket":
        await hands.slack.reach_by("http", seed.reach)
