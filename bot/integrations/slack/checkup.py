"""What `muster doctor` asks Slack: who we are, what we may do, whether the announcement channel is there, the clock."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.integrations.slack.client import Connection

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


async def check_bot(connection: Connection, wanted: Iterable[str], announce: str, now: datetime) -> list[str]:
    """What is wrong with the bot token, its scopes, the announcement channel and this machine's clock."""
    try:
        said = await connection.web.auth_test()
    except SlackApiError as error:
        return [_refusal("The bot token", error)]
    except UNREACHABLE as error:
        return [f"Slack cannot be reached: {type(error).__name__}. Is a proxy or a firewall in the way?"]
    return [
        *_missing(set(wanted), _headers(said).get("x-oauth-scopes")),
        *_skewed(_headers(said).get("date", ""), now),
        *await _channel(connection.web, announce),
    ]


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
    code = str(error.response.get("error", "an unknown error"))
    if code == "missing_scope":
        return f"{what} lacks the scope {error.response.get('needed', 'it needs')}. Add it and install the app again."
    return f"{what} is refused ({code}). {TOKENS.get(code, '')}".rstrip()


def _headers(said: AsyncSlackResponse) -> Mapping[str, str]:
    return {name.lower(): value for name, value in said.headers.items()}


def _missing(wanted: set[str], told: str | None) -> list[str]:
    """Each answer of Slack tells in a header what the token may do."""
    lacking = sorted(wanted - {scope.strip() for scope in told.split(",")}) if told is not None else []
    if not lacking:
        return []
    return [
        f"The app lacks the scopes {', '.join(lacking)}. Paste `muster manifest` into its settings, install it anew."
    ]


def _skewed(date: str, now: datetime) -> list[str]:
    if not date:
        return []
    off = now - parsedate_to_datetime(date).astimezone(UTC)
    if abs(off) <= SKEW:
        return []
    way = "ahead of" if off > timedelta() else "behind"
    return [f"This machine's clock is {abs(off).total_seconds():.0f} s {way} Slack's. Let NTP set it."]


async def _channel(web: AsyncWebClient, announce: str) -> list[str]:
    if not announce:
        return ["MUSTER_SLACK__ANNOUNCE_CHANNEL is not set: incidents are announced nowhere."]
    name = announce.strip().lstrip("#")
    try:
        async for channel in _public(web):
            if name in (channel["id"], channel["name"]):
                return [] if channel["is_member"] else [f"Muster is not in #{channel['name']}. Invite it there."]
    except SlackApiError as error:
        return [_refusal("Listing the channels", error)]
    return [f"There is no public channel #{name} to announce incidents in. Make it, or set another."]


async def _public(web: AsyncWebClient) -> Any:
    async for page in await web.conversations_list(types="public_channel", exclude_archived=True, limit=1000):
        for channel in page["channels"]:
            yield channel
