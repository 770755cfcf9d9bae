"""Faults of the Slack app: tokens, channels, clock, secrets."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from bot.incident.policy import Policy
from bot.sandbox.slack import seed
from tests.terminal.faults import UNREACHED, told
from tests.terminal.ward import Ward

ANNOUNCE, TRIAGE = "MUSTER_SLACK__ANNOUNCE_CHANNEL", "MUSTER_SLACK__TRIAGE_CHANNEL"


@told(
    "The bot token is refused (invalid_auth). Slack does not know this token. Copy it anew from *OAuth & Permissions*."
)
async def the_bot_token_is_wrong(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_SLACK__BOT_TOKEN="xoxb-wrong"):
        yield


@told("MUSTER_SLACK__BOT_TOKEN is no bot token: those begin with xoxb- (OAuth & Permissions).")
async def the_tokens_stand_in_each_others_place(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_SLACK__BOT_TOKEN=seed.APP_TOKEN):
        yield


@told("The bot token is refused (token_revoked). The token was revoked. Install the app again and copy the new one.")
async def the_bot_token_is_revoked(ward: Ward) -> AsyncIterator[None]:
    await ward.hands.slack.revoke_token()
    yield
    await ward.hands.slack.restore_token()


@told("The app-level token is refused (invalid_auth). Slack does not know this token. Copy it anew from *")
async def the_app_token_is_wrong(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_SLACK__APP_TOKEN="xapp-wrong"):
        yield


@told("The app-level token lacks the scope connections:write. *")
async def the_app_token_may_not_open_sockets(ward: Ward) -> AsyncIterator[None]:
    await ward.hands.slack.remove_scope("connections:write", seed.APP_TOKEN)
    yield
    await ward.hands.slack.add_scope("connections:write", seed.APP_TOKEN)


@told(
    "The setting `invite` of SEV1 needs the scope usergroups:read, which the app was not given. "
    "Paste `muster manifest` into its settings and install it anew, or take the setting out."
)
async def a_severity_brings_groups_that_muster_may_not_read(ward: Ward) -> AsyncIterator[None]:
    await ward.hands.slack.remove_scope("usergroups:read")
    severities = [s.model_dump(mode="json") for s in Policy().severities]
    with ward.setting(MUSTER_POLICY__SEVERITIES=json.dumps([severities[0] | {"invite": ["@leads"]}, *severities[1:]])):
        yield
    await ward.hands.slack.add_scope("usergroups:read")


@told(f"There is no channel #nowhere that Muster sees ({ANNOUNCE}). Make it or invite Muster, or set another.")
async def the_announcement_channel_is_not_there(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(**{ANNOUNCE: "#nowhere"}):
        yield


@told(f"{ANNOUNCE} is not set: incidents are announced nowhere.")
async def there_is_no_announcement_channel(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(**{ANNOUNCE: ""}):
        yield


@told(f"Muster is not in #incidents ({ANNOUNCE}). Invite it there.")
async def muster_is_not_in_the_announcement_channel(ward: Ward) -> AsyncIterator[None]:
    await ward.hands.slack.kick("ada", "#incidents", "muster")
    yield
    await ward.hands.slack.invite("ada", "#incidents", "muster")


@told(f"#incidents is archived. Unarchive it, or set another channel in {ANNOUNCE}.")
async def the_announcement_channel_is_archived(ward: Ward) -> AsyncIterator[None]:
    await ward.hands.slack.archive("ada", "#incidents")
    yield
    await ward.hands.slack.unarchive("ada", "#incidents")
    await ward.hands.slack.invite("ada", "#incidents", "muster")


@told(f"#secret is private, and found by its id only: set {ANNOUNCE} to *.")
async def the_announcement_channel_is_private(ward: Ward) -> AsyncIterator[None]:
    await ward.hands.slack.create_channel("ada", "secret", private=True)
    await ward.hands.slack.invite("ada", "secret", "muster")
    with ward.setting(**{ANNOUNCE: "#secret"}):
        yield


@told(f"Muster is not in #ops ({TRIAGE}). Invite it there.")
async def muster_is_not_in_the_triage_channel(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(**{TRIAGE: "#ops"}):
        yield


@told(f"#secret is private, and found by its id only: set {TRIAGE} to *.")
async def the_triage_channel_is_private(ward: Ward) -> AsyncIterator[None]:
    await ward.hands.slack.create_channel("ada", "secret", private=True)
    await ward.hands.slack.invite("ada", "secret", "muster")
    with ward.setting(**{TRIAGE: "#secret"}):
        yield


@told(f"There is no channel #nowhere that Muster sees ({TRIAGE}). Make it or invite Muster, or set another.")
async def the_triage_channel_is_not_there(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(**{TRIAGE: "#nowhere"}):
        yield


@told(f"#ops is archived. Unarchive it, or set another channel in {TRIAGE}.")
async def the_triage_channel_is_archived(ward: Ward) -> AsyncIterator[None]:
    await ward.hands.slack.archive("ada", "#ops")
    with ward.setting(**{TRIAGE: "#ops"}):
        yield


@told("This machine's clock is * s ahead of Slack's. Let NTP set it.")
async def the_clock_is_ten_minutes_ahead(ward: Ward) -> AsyncIterator[None]:
    with ward.seen(now=lambda: datetime.now(UTC) + timedelta(minutes=10)):
        yield


@told("This machine's clock is * s behind Slack's. Let NTP set it.")
async def the_clock_is_ten_minutes_behind(ward: Ward) -> AsyncIterator[None]:
    with ward.seen(now=lambda: datetime.now(UTC) - timedelta(minutes=10)):
        yield


@told("Slack cannot be reached: ClientConnectorError. Is a proxy or a firewall in the way?")
async def slack_cannot_be_reached(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_SLACK__BASE_URL=f"http://{UNREACHED}/api/"):
        yield


@told(
    "1 times since its start the bot met a signature that is not ours, on requests from Slack: is "
    "MUSTER_SLACK__SIGNING_SECRET the one of *Basic Information*?"
)
async def slacks_signing_secret_is_wrong(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_SLACK__SIGNING_SECRET="of-another-app"):
        async with ward.bot(slack="http") as app:
            assert not await ward.hands.slack.reach_by("http", app.url, verify=True)
            with ward.setting(MUSTER_SLACK__MODE="http"):
                yield
    await ward.hands.slack.reach_by("socket")
