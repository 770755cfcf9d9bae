"""Who is here: auth.test, users.*, usergroups.*, bots.info, team.info, api.test."""

from bot.sandbox.slack import seed
from bot.sandbox.slack.asking import Asking
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.paging import page
from bot.sandbox.slack.records import Json
from bot.sandbox.slack.shapes import bot_profile, group_json, user_json


def auth_test(asking: Asking) -> Json:
    person = asking.workspace.people[asking.user]
    said: Json = {
        "url": f"https://{seed.TEAM_DOMAIN}.slack.com/",
        "team": seed.TEAM_NAME,
        "user": person.name,
        "team_id": seed.TEAM_ID,
        "user_id": person.id,
        "is_enterprise_install": False,
    }
    return said | ({"bot_id": person.bot_id} if person.bot_id else {})


def api_test(asking: Asking) -> Json:
    if error := asking.args.text("error"):
        raise SlackError(error, args=asking.args.given)
    return {"args": asking.args.given}


def user_info(asking: Asking) -> Json:
    person = asking.workspace.people.get(asking.args.text("user"))
    if person is None:
        raise SlackError("user_not_found")
    return {"user": user_json(person, with_email=_sees_email(asking))}


def user_list(asking: Asking) -> Json:
    shown, cursor = page(asking.args, list(asking.workspace.people.values()))
    with_email = _sees_email(asking)
    members = [user_json(person, with_email=with_email) for person in shown]
    moment = int(asking.workspace.clock.now())
    return {"members": members, "cache_ts": moment, "response_metadata": {"next_cursor": cursor}}


def lookup_by_email(asking: Asking) -> Json:
    wanted = asking.args.text("email").lower()
    for person in asking.workspace.people.values():
        if person.email.lower() == wanted and not person.deleted and not person.is_stranger:
            return {"user": user_json(person)}
    raise SlackError("users_not_found")


def group_list(asking: Asking) -> Json:
    with_users, disabled = asking.args.flag("include_users"), asking.args.flag("include_disabled")
    groups = [group for group in asking.workspace.groups.values() if disabled or not group.disabled]
    return {"usergroups": [group_json(group, with_users=with_users) for group in groups]}


def group_users(asking: Asking) -> Json:
    group = asking.workspace.groups.get(asking.args.text("usergroup"))
    if group is None or (group.disabled and not asking.args.flag("include_disabled")):
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}


def bot_info(asking: Asking) -> Json:
    if asking.args.text("bot", seed.BOT_ID) != seed.BOT_ID:
        raise SlackError("bot_not_found")
    return {"bot": {**bot_profile(), "user_id": seed.BOT_USER}}


def team_info(asking: Asking) -> Json:
    team = {"id": seed.TEAM_ID, "name": seed.TEAM_NAME, "domain": seed.TEAM_DOMAIN, "email_domain": "example.com"}
    return {"team": {**team, "url": f"https://{seed.TEAM_DOMAIN}.slack.com/", "icon": {"image_default": True}}}


def _sees_email(asking: Asking) -> bool:
    return bool(asking.token.scopes & {"users:read.email", "*"})


METHODS = {
    "auth.test": auth_test,
    "api.test": api_test,
    "users.info": user_info,
    "users.list": user_list,
    "users.lookupByEmail": lookup_by_email,
    "usergroups.list": group_list,
    "usergroups.users.list": group_users,
    "bots.info": bot_info,
    "team.info": team_info,
}
