"""Sets Slack up from another process: each method is one act of `setting_up.SettingUp`."""

from typing import Any, Literal, cast

from bot.sandbox.line import Line
from bot.sandbox.slack import seed
from bot.sandbox.slack.records import Json


class SettingHands:
    """People, scopes, tokens, the bot's sockets, limits, deliveries."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def add_person(self, name: str, real_name: str, email: str | None = None, **more: Any) -> Json:
        """A new member; `more` are fields of `records.Person` (tz, is_restricted, team_id …)."""
        return cast(
            Json, await self._line.act("slack", "add_person", name=name, real_name=real_name, email=email, **more)
        )

    async def change_person(self, user: str, **fields: Any) -> Json:
        """Change what is known of somebody (`deleted=True` deactivates); the app hears user_change."""
        return cast(Json, await self._line.act("slack", "change_person", user=user, **fields))

    async def add_group(self, handle: str, name: str, users: list[str]) -> Json:
        return cast(Json, await self._line.act("slack", "add_group", handle=handle, name=name, users=users))

    async def revoke_token(self, token: str = seed.BOT_TOKEN) -> None:
        await self._line.act("slack", "revoke_token", token=token)

    async def restore_token(self, token: str = seed.BOT_TOKEN) -> None:
        await self._line.act("slack", "restore_token", token=token)

    async def add_scope(self, scope: str, token: str = seed.BOT_TOKEN) -> None:
        await self._line.act("slack", "add_scope", scope=scope, token=token)

    async def remove_scope(self, scope: str, token: str = seed.BOT_TOKEN) -> None:
        await self._line.act("slack", "remove_scope", scope=scope, token=token)

    async def user_token(self, user: str) -> str:
        """A token with which the Web API acts as that person, with every scope."""
        return cast(str, await self._line.act("slack", "user_token", user=user))

    async def install(self, manifest: Json) -> None:
        """Install the app anew from its manifest: bot scopes (the optional ones too), events, should_escape."""
        await self._line.act("slack", "install", manifest=manifest)

    async def subscribe(self, *events: str) -> None:
        """Hear these events too, e.g. message.channels."""
        await self._line.act("slack", "subscribe", events=list(events))

    async def unsubscribe(self, event: str) -> None:
        await self._line.act("slack", "unsubscribe", event=event)

    async def configure(self, **settings: Any) -> None:
        """Change one of `workspace.Settings`."""
        await self._line.act("slack", "configure", **settings)

    async def reach_by(self, mode: Literal["socket", "http"], url: str = "", verify: bool = False) -> bool:
        """How the bot is reached: its sockets, or signed HTTP to `url` + /slack/events. Whether the URL verified."""
        return cast(bool, await self._line.act("slack", "reach_by", mode=mode, url=url, verify=verify))

    async def sockets(self) -> int:
        """How many sockets the bot has open."""
        return cast(int, await self._line.act("slack", "sockets"))

    async def disconnect_sockets(
        self, reason: Literal["warning", "refresh_requested", "link_disabled"], how_many: int | None = None
    ) -> int:
        return cast(int, await self._line.act("slack", "disconnect_sockets", reason=reason, how_many=how_many))

    async def drop_sockets(self, how_many: int | None = None) -> int:
        return cast(int, await self._line.act("slack", "drop_sockets", how_many=how_many))

    async def redeliver(self, delivery: str, number: int = 1, reason: str = "http_timeout") -> Json:
        """Bring a past delivery again, word for word; its attempts afterwards."""
        return cast(Json, await self._line.act("slack", "redeliver", delivery=delivery, number=number, reason=reason))
