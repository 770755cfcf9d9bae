"""What `muster doctor` asks Slack: who we are, what we may do, whether the shared channels are there, the clock."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.integrations.slack.client import Connection
from bot.integrations.slack.errors import code_of

SKEW = timedelta(seconds=60)
"""Slack's signatures are good for five minutes; the order of a timeline suffers before that."""
UNREACHABLE = (aiohttp.ClientError, TimeoutError, OSError)
TOKENS = {
    "invalid_auth": "Slack does not know this token. Copy it anew from *OAuth & Permissions*.",
    "not_authed": "Slack got no token.",
    "account_inactive": "The app was removed from the workspace. Install it again.",
    "token_revoked": "The token was revoked. Install the app again and copy the new one.",
    "token_expired": "The token has expired. Switch token rotation off for this app.",
}


@dataclass(frozen=True)
class Wanted:
    """What Slack should grant and have: scopes by what lacks without them, and shared channels by their settings."""

    scopes: Collection[str]
    optional: Collection[str] = ()
    by_setting: Mapping[str, Collection[str]] = field(default_factory=dict)
    """By what is set (`invite` of SEV1): the scopes that may be declined elsewhere, and not where that is set."""
    channels: Mapping[str, str] = field(default_factory=dict)
    """By setting (`MUSTER_SLACK__ANNOUNCE_CHANNEL`): the channel's name or id."""


@dataclass(frozen=True)
class Told:
    """What is wrong, a sentence each, and what is worth knowing."""

    wrong: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


async def check_bot(connection: Connection, wanted: Wanted, now: datetime) -> Told:
    """The bot token, its scopes, the shared channels and this machine's clock."""
    try:
        said = await connection.web.auth_test()
        granted = _scopes(said)
        seen = Told(tuple(await _channels(connection.web, wanted.channels, granted)))
    except SlackApiError as error:
        return Told((_refusal("The bot token", error),))
    except UNREACHABLE as error:
        return Told((f"Slack cannot be reached: {type(error).__name__}. Is a proxy or a firewall in the way?",))
    lacking = (*_missing(wanted.scopes, granted), *_of_settings(wanted, granted))
    wrong = (*lacking, *_skewed(_headers(said).get("date", ""), now), *seen.wrong)
    less = sorted(set(wanted.optional) - granted) if granted is not None else []
    return Told(wrong, (f"without the scopes {', '.join(less)} no incident can be private",) if less else ())


async def check_app(base_url: str, app_token: str) -> list[str]:
    """What is wrong with the app-level token: whether Slack would open a socket for it. None is opened."""
    connection = await Connection.open(app_token, base_url)
    try:
        await connection.web.apps_connections_open(app_token=app_token)
    except SlackApiError as error:
        return [_refusal("The app-level token", error)]
    except UNREACHABLE as error:
        return [f"Slack cannot be reached: {type(error).__name__}."]
    finally:
        await connection.close()
    return []


def _refusal(what: str, error: SlackApiError) -> str:
    code = code_of(error) or "an unknown error"
    if code == "missing_scope":
        return f"{what} lacks the scope {error.response.get('needed', 'it needs')}. Add it and install the app again."
    return f"{what} is refused ({code}). {TOKENS.get(code, '')}".rstrip()


def _headers(said: AsyncSlackResponse) -> Mapping[str, str]:
    return {name.lower(): value for name, value in said.headers.items()}


def _scopes(said: AsyncSlackResponse) -> set[str] | None:
    """What the token may do, as each answer of Slack tells in a header; None where it does not."""
    told = _headers(said).get("x-oauth-scopes")
    return None if told is None else {scope.strip() for scope in told.split(",")}


def _missing(wanted: Collection[str], granted: set[str] | None) -> list[str]:
    lacking = sorted(set(wanted) - granted) if granted is not None else []
    if not lacking:
        return []
    return [
        f"The app lacks the scopes {', '.join(lacking)}. Paste `muster manifest` into its settings, install it anew."
    ]


def _of_settings(wanted: Wanted, granted: set[str] | None) -> list[str]:
    """What is set and cannot be done; one sentence each."""
    if granted is None:
        return []
    return [
        f"{setting} needs the scope {', '.join(lacking)}, which the app was not given. "
        "Paste `muster manifest` into its settings and install it anew, or take the setting out."
        for setting, scopes in wanted.by_setting.items()
        if (lacking := sorted(set(scopes) - granted))
    ]


def _skewed(date: str, now: datetime) -> list[str]:
    if not date:
        return []
    off = now - parsedate_to_datetime(date).astimezone(UTC)
    if abs(off) <= SKEW:
        return []
    way = "ahead of" if off > timedelta() else "behind"
    return [f"This machine's clock is {abs(off).total_seconds():.0f} s {way} Slack's. Let NTP set it."]


async def _channels(web: AsyncWebClient, wanted: Mapping[str, str], granted: set[str] | None) -> list[str]:
    """What is wrong with each of the shared channels; nothing where the token may not list them."""
    names = {setting: name.strip().lstrip("#") for setting, name in wanted.items()}
    if granted is not None and "channels:read" not in granted:
        return []
    private = granted is not None and "groups:read" in granted
    there = await _found(
        web, set(names.values()) - {""}, "public_channel,private_channel" if private else "public_channel"
    )
    told = (_one(setting, name, there.get(name)) for setting, name in names.items())
    return [sentence for sentence in told if sentence]


async def _found(web: AsyncWebClient, names: set[str], types: str) -> dict[str, dict[str, Any]]:
    """The channels of these names or ids; those that nobody named are not kept."""
    found: dict[str, dict[str, Any]] = {}
    if not names:
        return found
    async for page in await web.conversations_list(types=types, exclude_archived=False, limit=1000):
        for channel in page["channels"]:
            found |= dict.fromkeys(names & {channel["id"], channel["name"]}, channel)
        if len(found) == len(names):
            break
    return found


def _one(setting: str, name: str, channel: dict[str, Any] | None) -> str:
    """What is wrong with one of them; nothing for a channel that we are in."""
    if not name:
        return f"{setting} is not set: incidents are announced nowhere."
    if channel is None:
        return f"There is no channel #{name} that Muster sees ({setting}). Make it or invite Muster, or set another."
    named = f"#{channel['name']}"
    if channel.get("is_archived"):
        return f"{named} is archived. Unarchive it, or set another channel in {setting}."
    if channel.get("is_private") and name != channel["id"]:
        return f"{named} is private, and found by its id only: set {setting} to {channel['id']}."
    return "" if channel.get("is_member") else f"Muster is not in {named} ({setting}). Invite it there."
