"""Who we are in Slack, who somebody is, and who may act: from the directory, looked up where it does not know."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.engine.directory import Directory
from bot.engine.reading import Reading
from bot.incident.mirror import Alert
from bot.incident.model import Incident, Refused
from bot.incident.people import Person
from bot.integrations.slack.errors import code_of
from bot.integrations.slack.kept import Kept

log = structlog.get_logger(__name__)

PAGE = 500
PAGES = 20
"""Ten thousand people are kept in memory; in a larger workspace the others are looked up when they act."""
LOOK = 1.2
"""Seconds that someone never seen before may keep a command waiting; Slack waits three for its answer."""
SLACKBOT = "USLACKBOT"
UNREACHABLE = (SlackApiError, aiohttp.ClientError, TimeoutError, OSError)
"""What a call to Slack raises when Slack refuses, breaks, hangs or is not there."""

STRANGER = "Only people of this workspace can act on its incidents. Ask someone here to do it for you."
UNKNOWN = "Slack did not say in time who you are. Nothing was done; please try again."


@dataclass(frozen=True)
class Workspace:
    """Who we are, and where: `url` is the workspace's address (`https://acme.slack.com/`)."""

    team: str
    enterprise: str
    user: str
    bot: str
    url: str

    def permalink(self, channel: str, ts: str, thread: str = "") -> str:
        """A message's address (https://docs.slack.dev/reference/methods/chat.getPermalink)."""
        place = f"{self.url}archives/{channel}/p{ts.replace('.', '')}"
        return f"{place}?thread_ts={thread}&cid={channel}" if thread and thread != ts else place


class People:
    """Looks people up and remembers them."""

    def __init__(
        self,
        client: AsyncWebClient,
        directory: Directory,
        reading: Reading,
        clock: Callable[[], datetime],
        kept: Kept,
    ) -> None:
        self._client = client
        self._directory = directory
        self._reading = reading
        self._clock = clock
        self._kept = kept
        self._workspace: Workspace | None = None
        self._looks: dict[str, asyncio.Task[Person | None]] = {}

    @property
    def known_workspace(self) -> Workspace | None:
        """Who we are, if we know it already."""
        return self._workspace

    async def workspace(self) -> Workspace:
        """Who we are, asked once. Raises one of UNREACHABLE."""
        if self._workspace is None:
            said = await _data(self._client.auth_test())
            self._workspace = Workspace(
                team=str(said["team_id"]),
                enterprise=str(said.get("enterprise_id") or ""),
                user=str(said["user_id"]),
                bot=str(said.get("bot_id") or ""),
                url=str(said.get("url") or "https://slack.com/"),
            )
        return self._workspace

    async def warm(self) -> None:
        """Reads everyone, so that nobody's first command waits for a look-up. Raises one of UNREACHABLE."""
        ours, cursor = await self.workspace(), ""
        for _ in range(PAGES):
            said = await _data(self._client.users_list(limit=PAGE, cursor=cursor))
            await self._remember([user for user in said["members"] if self._matters(user)], ours)
            cursor = str((said.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    def _matters(self, user: Mapping[str, Any]) -> bool:
        """Whoever is here; of those who left, whom we still take to be."""
        return not user.get("deleted") or self._directory.by_slack(str(user["id"])) is not None

    def known(self, user: str) -> bool:
        """Whether we need not ask Slack who that is."""
        return self._directory.by_slack(user) is not None

    async def find(self, user: str) -> Person | None:
        """Someone, from memory, else from Slack; None where Slack knows nobody. Raises one of UNREACHABLE."""
        known = self._directory.by_slack(user)
        if known is not None:
            return known
        look = self._looks.get(user)
        if look is None:
            look = self._looks[user] = self._kept.task(self._look(user))
            look.add_done_callback(partial(self._looked, user))
        return await asyncio.shield(look)

    def _looked(self, user: str, look: asyncio.Task[Person | None]) -> None:
        """A look is over; if nobody waited for it so long, its failure is nobody's news."""
        self._looks.pop(user, None)
        if not look.cancelled():
            look.exception()

    async def acting(self, user: str, team: str) -> Person:
        """The one who acts, if allowed to at all. Raises Refused for other companies' people, apps, the departed."""
        ours = self._workspace
        if ours and team and team != ours.team and not ours.enterprise:
            raise Refused(STRANGER)
        person = self._directory.by_slack(user) or await self._found_in_time(user)
        if person is None or person.external:
            raise Refused(STRANGER)
        if person.bot or person.gone:
            raise Refused("Only people can act on incidents.")
        return person

    async def _found_in_time(self, user: str) -> Person | None:
        try:
            async with asyncio.timeout(LOOK):
                return await self.find(user)
        except UNREACHABLE as error:
            log.warning("unknown person", user=user, reason=_reason(error))
            raise Refused(UNKNOWN) from error

    async def admit(self, person: Person, incident: Incident | None) -> None:
        """Raises Refused for a guest whom PagerDuty names nowhere: not on call, not assigned, not asked to respond."""
        if person.guest and not await self._named(person, incident):
            raise Refused(
                "As a guest you can act only where PagerDuty calls you, or where you have a role or a task. "
                "Ask someone of this workspace to do it."
            )

    async def _named(self, person: Person, incident: Incident | None) -> bool:
        if not person.pagerduty:
            return False
        if any(c.pagerduty == person.pagerduty for s in self._directory.services() for c in s.on_call):
            return True
        alerts = await self._reading.alerts(incident.number) if incident else []
        return any(_concerns(alert, person) for alert in alerts)

    async def _look(self, user: str) -> Person | None:
        try:
            said = await _data(self._client.users_info(user=user))
        except SlackApiError as error:
            if code_of(error) in ("user_not_found", "user_not_visible"):
                return None
            raise
        await self._remember([said["user"]], await self.workspace())
        return self._directory.by_slack(user)

    async def _remember(self, users: Sequence[Mapping[str, Any]], ours: Workspace) -> None:
        """Saves who is new or changed: to have been seen again is no news."""
        found = [person_of(user, ours, self._clock()) for user in users]
        await self._directory.remember_people([p for p in found if _is_news(p, self._directory.by_slack(p.slack))])


def person_of(user: Mapping[str, Any], ours: Workspace, now: datetime) -> Person:
    """A Slack user as we remember one (https://docs.slack.dev/reference/objects/user-object)."""
    profile = user.get("profile") or {}
    name = profile.get("real_name") or user.get("real_name") or profile.get("display_name") or user.get("name")
    team = str(user.get("team_id") or ours.team)
    elsewhere = team != ours.team and not ours.enterprise
    return Person(
        slack=str(user["id"]),
        name=str(name or user["id"]),
        email=str(profile.get("email") or ""),
        zone=str(user.get("tz") or "UTC"),
        guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        external=bool(user.get("is_stranger")) or elsewhere,
        bot=bool(user.get("is_bot")) or user["id"] == SLACKBOT,
        gone=bool(user.get("deleted")),
        seen_at=now,
    )


def _is_news(found: Person, known: Person | None) -> bool:
    if known is None:
        return True
    ours = {"pagerduty": known.pagerduty, "phones": known.phones, "seen_at": known.seen_at}
    return found.model_copy(update=ours) != known


def _concerns(alert: Alert, person: Person) -> bool:
    """Whether PagerDuty gave the alert to someone, or asked them to respond."""
    ids = {f"pagerduty:{person.pagerduty}", f"slack:{person.slack}"}
    named = [*alert.assignees, *(r.person for r in alert.reports if r.person)]
    return any(actor.id in ids for actor in named)


def _reason(error: BaseException) -> str:
    return code_of(error) or type(error).__name__


async def _data(call: Awaitable[Any]) -> Mapping[str, Any]:
    """What Slack said. Raises one of UNREACHABLE."""
    said: Mapping[str, Any] = (await call).data
    return said
