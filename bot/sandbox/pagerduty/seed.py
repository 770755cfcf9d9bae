"""The account on its first day: invented people, four services, and who is on call for them."""

from datetime import datetime, timedelta

from bot.sandbox.pagerduty.directory import Directory, by_id
from bot.sandbox.pagerduty.records import (
    ChangeEvent,
    ContactMethod,
    EscalationPolicy,
    Named,
    Priority,
    Schedule,
    Service,
    Target,
    User,
)

API_TOKEN = "pd-sandbox-token"
READ_ONLY_TOKEN = "pd-sandbox-read-only"
FROM_EMAIL = "muster@example.com"
BOT_USER = "PMUSTER"
WEBHOOK_SECRET = "pd-sandbox-webhook-secret-one"
NEXT_WEBHOOK_SECRET = "pd-sandbox-webhook-secret-two"
ROUTING_KEYS = {f"{service.lower():0>32}": service for service in ("PSCHECK", "PSPAYME", "PSSEARC", "PSIDENT")}
"""The Events API integration of each service, by its routing key."""
ROUTING_KEY = next(key for key, service in ROUTING_KEYS.items() if service == "PSIDENT")
"""Where Muster's own alarms go: to those who look after `identity`."""

ABILITIES = (
    "advanced_reports",
    "coordinated_responding",
    "manage_schedules",
    "permissions_service",
    "service_support_hours",
    "sso",
    "teams",
    "urgencies",
)

_TEAM = "PTCORE1"


def directory(now: datetime) -> Directory:
    """A fresh directory. Ids are fixed, so that configuration can name them."""
    return Directory(
        users=by_id(_users()),
        teams=by_id([Named(id=_TEAM, name="Storefront"), Named(id="PTPLAT1", name="Platform")]),
        priorities=by_id(_priorities()),
        schedules=by_id(_schedules()),
        policies=by_id(_policies()),
        services=by_id(_services()),
        changes=[
            ChangeEvent(
                id="01SANDBOXCHANGE00000000001",
                service="PSCHECK",
                summary="Deploy checkout 2026.11.3",
                at=now - timedelta(minutes=25),
                links=("https://deploys.example.com/checkout/2026.11.3",),
            )
        ],
    )


def _users() -> list[User]:
    """Five colleagues and a guest who are in the Slack workspace too, a contractor who is not, and the bot.

    Carla of customer support is in Slack only.
    """
    return [
        _user("PUADA01", "Ada Marsh", "ada@example.com", "2025550101", "Europe/Berlin", "Site Reliability Engineer"),
        _user("PUBO001", "Bo Lind", "bo@example.com", "2025550102", "America/New_York", "Backend Engineer"),
        _user("PUDEV01", "Dev Anand", "dev@example.com", "2025550103", "Asia/Kolkata", "Database Engineer"),
        _user("PUEMI01", "Emi Tanaka", "emi@example.com", "2025550104", "Asia/Tokyo", "Head of Engineering"),
        _user("PUFINN1", "Finn Okafor", "finn@example.com", "2025550105", "Europe/Berlin", "Frontend Engineer"),
        _user("PUGUS01", "Gus Contractor", "gus@example.com", "2025550106", "Europe/Berlin", "Contractor"),
        _user("PUZOE01", "Zoe Laurent", "zoe@contractor.example", "2025550107", "Europe/Paris", "Contractor"),
        User(id=BOT_USER, name="Muster", email=FROM_EMAIL, job_title="Incident bot"),
    ]


def _user(id: str, name: str, email: str, phone: str, time_zone: str, job_title: str) -> User:
    methods = (
        ContactMethod(id=f"{id}E", kind="email_contact_method", label="Work", address=email),
        ContactMethod(id=f"{id}P", kind="phone_contact_method", label="Mobile", address=phone, country_code=1),
        ContactMethod(id=f"{id}S", kind="sms_contact_method", label="Mobile", address=phone, country_code=1),
    )
    return User(
        id=id,
        name=name,
        email=email,
        time_zone=time_zone,
        job_title=job_title,
        teams=(_TEAM,),
        contact_methods=methods,
    )


def _priorities() -> list[Priority]:
    meanings = ("Critical, customers cannot work", "Major, many customers hit", "Minor, some hit", "Low", "Information")
    colors = ("a8171c", "eb6016", "f9b406", "555555", "999999")
    return [
        Priority(id=f"PPRIO0{number}", name=f"P{number}", description=meaning, color=color)
        for number, (meaning, color) in enumerate(zip(meanings, colors, strict=True), start=1)
    ]


def _schedules() -> list[Schedule]:
    return [
        _schedule("PRCHEC1", "Checkout primary", "PUBO001", "PUFINN1"),
        _schedule("PRPAYM1", "Payments primary", "PUFINN1", "PUBO001"),
        _schedule("PRSEAR1", "Search primary", "PUDEV01", "PUADA01"),
        _schedule("PRIDEN1", "Identity primary", "PUDEV01", "PUBO001"),
        _schedule("PRCMDR1", "Incident commanders", "PUADA01", "PUEMI01"),
    ]


def _schedule(id: str, name: str, *users: str) -> Schedule:
    return Schedule(id=id, name=name, users=users, on_call=users[0])


def _policies() -> list[EscalationPolicy]:
    return [
        _policy("PECHECK", "Checkout", "PRCHEC1", "PUDEV01"),
        _policy("PEPAYME", "Payments", "PRPAYM1", "PUDEV01"),
        _policy("PESEARC", "Search", "PRSEAR1", "PUADA01", "PUZOE01"),
        _policy("PEIDENT", "Identity", "PRIDEN1", "PUADA01"),
        _policy("PECOMMA", "Incident commanders", "PRCMDR1", "PUEMI01"),
    ]


def _policy(id: str, name: str, schedule: str, *backups: str) -> EscalationPolicy:
    first = (Target(kind="schedule", id=schedule),)
    second = tuple(Target(kind="user", id=user) for user in backups)
    return EscalationPolicy(id=id, name=name, levels=(first, second), teams=(_TEAM,))


def _services() -> list[Service]:
    return [
        _service("PSCHECK", "checkout", "Takes the order", "PECHECK"),
        _service("PSPAYME", "payments", "Takes the money", "PEPAYME"),
        _service("PSSEARC", "search", "Finds the thing", "PESEARC"),
        _service("PSIDENT", "identity", "Knows who you are", "PEIDENT"),
    ]


def _service(id: str, name: str, description: str, policy: str) -> Service:
    return Service(id=id, name=name, description=description, policy=policy, teams=(_TEAM,))
