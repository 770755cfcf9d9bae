"""How the workspace is set up: people, scopes, tokens, how the bot is reached, how strict the limits are."""

from typing import Any, Literal

from bot.sandbox.control import Impossible
from bot.sandbox.slack import seed
from bot.sandbox.slack.courier import Courier
from bot.sandbox.slack.http_delivery import HttpDelivery
from bot.sandbox.slack.records import Json, Person, UserGroup
from bot.sandbox.slack.shapes import group_json, user_json
from bot.sandbox.slack.sockets import Sockets
from bot.sandbox.slack.workspace import Workspace

SETTABLE = frozenset(
    [
        "ack_seconds",
        "retry_scale",
        "trigger_seconds",
        "limits",
        "race_creates",
        "should_escape",
        "approximate_connection_time",
        "max_connections",
        "guests_invitable",
        "link_disabled",
    ]
)


class SettingUp:
    """Acts of an administrator, of Slack itself, and of tests."""

    def __init__(self, workspace: Workspace, courier: Courier, sockets: Sockets, http: HttpDelivery) -> None:
        self._workspace, self._courier, self._sockets, self._http = workspace, courier, sockets, http

    def add_person(self, name: str, real_name: str, email: str | None = None, **more: Any) -> Json:
        """A new member; `more` are fields of `records.Person` (tz, is_restricted, team_id …)."""
        person_id = self._workspace.new_id("U")
        team_id = more.pop("team_id", seed.TEAM_ID)
        person = Person(person_id, name, real_name, email or f"{name}@example.com", team_id, **more)
        self._workspace.people[person.id] = person
        self._workspace.channels[seed.GENERAL].members[person.id] = None
        return user_json(person)

    def change_person(self, user: str, **fields: Any) -> Json:
        """Change what is known of somebody (`deleted=True` deactivates); the app hears user_change."""
        person = self._workspace.person(user)
        for name, value in fields.items():
            if name == "id" or not hasattr(person, name):
                raise Impossible(f"people have no {name}")
            setattr(person, name, value)
        person.updated = int(self._workspace.clock.now())
        event = {"type": "user_change", "user": user_json(person), "event_ts": self._workspace.ts()}
        self._workspace.emit("user_change", {**event, "cache_ts": person.updated})
        return user_json(person)

    def add_group(self, handle: str, name: str, users: list[str]) -> Json:
        members = [self._workspace.person(user).id for user in users]
        group = UserGroup(self._workspace.new_id("S"), handle, name, members)
        self._workspace.groups[group.id] = group
        return group_json(group, with_users=True)

    def revoke_token(self, token: str = seed.BOT_TOKEN) -> None:
        self._workspace.tokens[token].revoked = True

    def restore_token(self, token: str = seed.BOT_TOKEN) -> None:
        self._workspace.tokens[token].revoked = False

    def add_scope(self, scope: str, token: str = seed.BOT_TOKEN) -> None:
        self._workspace.tokens[token].scopes.add(scope)

    def remove_scope(self, scope: str, token: str = seed.BOT_TOKEN) -> None:
        self._workspace.tokens[token].scopes.discard(scope)

    def user_token(self, user: str) -> str:
        """A token with which the Web API acts as that person, with every scope."""
        return self._workspace.token_for(self._workspace.person(user)).value

    def install(self, manifest: Json) -> None:
        """Install the app anew from its manifest: bot scopes (the optional ones too), events, commands, shortcuts."""
        scopes = manifest["oauth_config"]["scopes"]
        granted = {*scopes.get("bot", []), *scopes.get("bot_optional", [])}
        self._workspace.tokens[seed.BOT_TOKEN].scopes = granted
        subscriptions = manifest["settings"].get("event_subscriptions") or {}
        self._workspace.settings.events = set(subscriptions.get("bot_events", []))
        commands = manifest["features"].get("slash_commands") or []
        self._workspace.settings.should_escape = any(command.get("should_escape") for command in commands)
        self._workspace.settings.commands = commands
        self._workspace.settings.shortcuts = manifest["features"].get("shortcuts") or []

    def subscribe(self, events: list[str]) -> None:
        """Hear these events too, e.g. message.channels."""
        self._workspace.settings.events.update(events)

    def unsubscribe(self, event: str) -> None:
        self._workspace.settings.events.discard(event)

    def configure(self, **settings: Any) -> None:
        """Change one of `workspace.Settings`."""
        for name, value in settings.items():
            if name not in SETTABLE:
                raise Impossible(f"there is no setting {name}, only: {', '.join(sorted(SETTABLE))}")
            setattr(self._workspace.settings, name, value)

    async def reach_by(self, mode: Literal["socket", "http"], url: str = "", verify: bool = False) -> bool:
        """How the bot is reached: its sockets, or signed HTTP to `url` + /slack/events. Whether the URL verified."""
        self._workspace.settings.mode, self._workspace.settings.request_url = mode, url
        return await self._http.verify_url() if verify else True

    def sockets(self) -> int:
        """How many sockets the bot has open."""
        return self._sockets.count

    async def disconnect_sockets(
        self, reason: Literal["warning", "refresh_requested", "link_disabled"], how_many: int | None = None
    ) -> int:
        if reason == "link_disabled":
            self._workspace.settings.link_disabled = True
        return await self._sockets.disconnect(reason, how_many)

    async def drop_sockets(self, how_many: int | None = None) -> int:
        return await self._sockets.drop(how_many)

    async def redeliver(self, delivery: str, number: int = 1, reason: str = "http_timeout") -> Json:
        """Bring a past delivery again, word for word; its attempts afterwards."""
        past = self._courier.deliveries.get(delivery)
        if past is None:
            raise Impossible(f"there is no delivery {delivery}")
        await self._courier.redeliver(past, number, reason)
        return past.to_json()
