"""Who and what is in a new workspace, and the fixed secrets of the app installed in it."""

from dataclasses import dataclass

from bot.sandbox.slack.records import Channel, Person, UserGroup

TEAM_ID = "T0SANDBOX1"
TEAM_NAME = "Sandbox"
TEAM_DOMAIN = "sandbox"
PARTNER_TEAM_ID = "T0PARTNER1"
APP_ID = "A0MUSTER01"
BOT_ID = "B0MUSTER01"
BOT_USER = "U0MUSTER01"
BOT_TOKEN = "xoxb-sandbox"
APP_TOKEN = "xapp-sandbox"
SIGNING_SECRET = "sandbox-signing-secret"
VERIFICATION_TOKEN = "sandbox-verification-token"

ADA, BO, CARLA, DEV, EMI, FINN, GUS, XENIA = (
    "U0ADA00001",
    "U0BO000001",
    "U0CARLA001",
    "U0DEV00001",
    "U0EMI00001",
    "U0FINN0001",
    "U0GUS00001",
    "U0XENIA001",
)
GENERAL, INCIDENTS, OPS = "C0GENERAL1", "C0INCIDENT", "C0OPS00001"

BOT_SCOPES = frozenset(
    [
        "commands",
        "chat:write",
        "channels:manage",
        "channels:read",
        "channels:history",
        "channels:join",
        "pins:read",
        "pins:write",
        "bookmarks:read",
        "bookmarks:write",
        "reactions:read",
        "reactions:write",
        "users:read",
        "users:read.email",
        "usergroups:read",
        "app_mentions:read",
        "groups:write",
        "groups:read",
        "groups:history",
        "im:write",
        "im:read",
        "im:history",
        "files:write",
        "files:read",
        "canvases:write",
        "canvases:read",
        "team:read",
    ]
)
BOT_EVENTS = frozenset(
    [
        "app_home_opened",
        "app_mention",
        "reaction_added",
        "reaction_removed",
        "pin_added",
        "pin_removed",
        "member_joined_channel",
        "member_left_channel",
        "channel_archive",
        "channel_unarchive",
        "channel_rename",
        "channel_id_changed",
        "channel_shared",
        "channel_deleted",
        "group_archive",
        "group_unarchive",
        "group_rename",
        "user_change",
    ]
)


@dataclass(frozen=True)
class Zone:
    """A time zone as Slack describes it on a user."""

    tz: str
    label: str
    offset: int


BERLIN = Zone("Europe/Berlin", "Central European Time", 3600)
NEW_YORK = Zone("America/New_York", "Eastern Standard Time", -18000)
KOLKATA = Zone("Asia/Kolkata", "India Standard Time", 19800)
TOKYO = Zone("Asia/Tokyo", "Japan Standard Time", 32400)


def people() -> list[Person]:
    """Six colleagues, a single-channel guest, somebody of another company, and the bot."""
    ada = _person(ADA, "ada", "Ada Marsh", BERLIN, "Site Reliability Engineer")
    ada.is_admin = True
    gus = _person(GUS, "gus", "Gus Contractor", BERLIN, "Contractor")
    gus.is_restricted = True
    xenia = _person(XENIA, "xenia", "Xenia Partner", NEW_YORK, "Support at a partner")
    xenia.team_id, xenia.is_stranger, xenia.email = PARTNER_TEAM_ID, True, "xenia@partner.example"
    muster = _person(BOT_USER, "muster", "Muster", BERLIN, "")
    muster.is_bot, muster.bot_id, muster.email = True, BOT_ID, ""
    return [
        ada,
        _person(BO, "bo", "Bo Lind", NEW_YORK, "Backend Engineer"),
        _person(CARLA, "carla", "Carla Reyes", NEW_YORK, "Customer Support Lead"),
        _person(DEV, "dev", "Dev Anand", KOLKATA, "Database Engineer"),
        _person(EMI, "emi", "Emi Tanaka", TOKYO, "Head of Engineering"),
        _person(FINN, "finn", "Finn Okafor", BERLIN, "Frontend Engineer"),
        gus,
        xenia,
        muster,
    ]


def _person(user_id: str, name: str, real_name: str, zone: Zone, title: str) -> Person:
    return Person(
        user_id, name, real_name, f"{name}@example.com", TEAM_ID, zone.tz, zone.label, zone.offset, title=title
    )


def groups() -> list[UserGroup]:
    return [
        UserGroup("S0SRE00001", "sre", "Site Reliability", [ADA, DEV]),
        UserGroup("S0SUPPORT1", "support", "Customer Support", [CARLA]),
        UserGroup("S0PAYMENTS", "payments", "Payments Team", [BO, FINN]),
    ]


def channels(now: int) -> list[Channel]:
    """#general with every member, #incidents (for announcements) and #ops with colleagues; the bot is in #incidents."""
    colleagues = [ADA, BO, CARLA, DEV, EMI, FINN]
    general = Channel(GENERAL, "general", ADA, now, is_general=True)
    incidents = Channel(INCIDENTS, "incidents", ADA, now)
    ops = Channel(OPS, "ops", ADA, now)
    general.members.update(dict.fromkeys([*colleagues, GUS]))
    incidents.members.update(dict.fromkeys([*colleagues, BOT_USER]))
    ops.members.update(dict.fromkeys(colleagues))
    return [general, incidents, ops]
