"""Uses the app in Slack from another process: each method is one act of `clicking.Clicking` or `filling.Filling`."""

from typing import Any, cast

from bot.sandbox.line import Line
from bot.sandbox.slack.records import Json


class ActingHands:
    """Each act waits for the app's ack and tells how it was taken and what came on the person's screen."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def command(
        self, user: str, channel: str, text: str = "", name: str = "/incident", raw: bool = False, wait: float = 1.0
    ) -> Json:
        """Type a slash command. `raw` sends the text as it is, as an app without should_escape would get it."""
        return cast(
            Json,
            await self._line.act(
                "slack", "command", user=user, channel=channel, text=text, name=name, raw=raw, wait=wait
            ),
        )

    async def click(
        self,
        user: str,
        action_id: str,
        channel: str | None = None,
        ts: str | None = None,
        block_id: str | None = None,
        value: str | None = None,
        selected: Any = None,
        home: bool = False,
        times: int = 1,
        wait: float = 1.0,
    ) -> Json:
        """Press a button or choose in a menu: in a message (`channel`, `ts`), on the home tab, else in the top modal.

        `value` and `block_id` tell apart elements with one action_id; `selected` is what was chosen in a menu, picker
        or overflow. `times=2` is a double click: two deliveries at once, each with its own trigger; the first is
        reported.
        """
        return cast(
            Json,
            await self._line.act(
                "slack",
                "click",
                user=user,
                action_id=action_id,
                channel=channel,
                ts=ts,
                block_id=block_id,
                value=value,
                selected=selected,
                home=home,
                times=times,
                wait=wait,
            ),
        )

    async def shortcut(self, user: str, callback_id: str, wait: float = 1.0) -> Json:
        """Choose a global shortcut of the app."""
        return cast(Json, await self._line.act("slack", "shortcut", user=user, callback_id=callback_id, wait=wait))

    async def message_shortcut(self, user: str, channel: str, ts: str, callback_id: str, wait: float = 1.0) -> Json:
        """Choose a shortcut of the app in a message's menu; ephemeral messages have none."""
        return cast(
            Json,
            await self._line.act(
                "slack", "message_shortcut", user=user, channel=channel, ts=ts, callback_id=callback_id, wait=wait
            ),
        )

    async def suggest(
        self,
        user: str,
        action_id: str,
        typed: str,
        channel: str | None = None,
        ts: str | None = None,
        block_id: str | None = None,
        home: bool = False,
    ) -> list[Json]:
        """The options that an external menu offers for the letters typed; it stands where `click` would look for it."""
        return cast(
            list[Json],
            await self._line.act(
                "slack",
                "suggest",
                user=user,
                action_id=action_id,
                typed=typed,
                channel=channel,
                ts=ts,
                block_id=block_id,
                home=home,
            ),
        )

    async def fill(self, user: str, values: Json) -> Json:
        """Enter values by block_id, action_id or both (`block/action`) without sending them; the view afterwards."""
        return cast(Json, await self._line.act("slack", "fill", user=user, values=values))

    async def submit(self, user: str, values: Json | None = None, times: int = 1, wait: float = 1.0) -> Json:
        """Fill in and press submit. What is not given keeps its initial value; required inputs must be filled.

        The result is that of a click, with `errors` by block_id where the app refused. `times=2` submits twice at once.
        """
        return cast(Json, await self._line.act("slack", "submit", user=user, values=values, times=times, wait=wait))

    async def close(self, user: str, clear: bool = False) -> None:
        """Press Close (back to the modal below), or the cross (`clear`), which closes the whole stack."""
        await self._line.act("slack", "close", user=user, clear=clear)
