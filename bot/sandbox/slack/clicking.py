"""What people do with the app: commands, buttons, menus, shortcuts. Each waits for the app's ack."""

import asyncio
from typing import Any

from bot.sandbox.control import Impossible
from bot.sandbox.slack import answers, forms, payloads, seed, typing_text
from bot.sandbox.slack.courier import Courier, Delivery
from bot.sandbox.slack.numbering import everything
from bot.sandbox.slack.records import Channel, Json, Message, Person, View
from bot.sandbox.slack.screens import Screens
from bot.sandbox.slack.triggers import Triggers
from bot.sandbox.slack.workspace import Workspace

# How long an act looks for its first visible effect, in seconds; it returns at once when there is one.
LOOK = 1.0


class Clicking:
    """Acts of people that the app must answer.

    Each returns `{delivery, acked, ms, timed_out, ack, error, ephemerals, messages, modal}`: how the app took it, and
    what was new to that person's eyes within `wait` seconds. `error` is what Slack would show: `operation_timeout`,
    `dispatch_failed`, or the refusal of an ack that broke a limit.
    """

    def __init__(self, workspace: Workspace, courier: Courier, triggers: Triggers, screens: Screens) -> None:
        self._workspace, self._courier, self._triggers, self._screens = workspace, courier, triggers, screens
        self._chosen: dict[str, forms.Values] = {}

    async def command(
        self,
        user: str,
        channel: str,
        text: str = "",
        name: str = "/incident",
        raw: bool = False,
        wait: float = LOOK,
    ) -> Json:
        """Type a slash command. `raw` sends the text as it is, as an app without should_escape would get it."""
        person, where = self._present(user, channel)
        if person.is_stranger:
            raise Impossible("people of other companies are not offered this app's commands")
        words = text if raw else typing_text.in_command(self._workspace, text)
        before = self._screens.glance(person.id)
        payload = payloads.command(
            person,
            where,
            name,
            words,
            trigger_id=self._triggers.new(person.id),
            response_url=self._triggers.new_url(person.id, where.id),
        )
        delivery = await self._courier.hand_over("slash_commands", name, payload)
        error = answers.to_command(self._workspace, delivery, person.id, where.id)
        return await self._result(delivery, error, person, where, before, wait)

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
        wait: float = LOOK,
    ) -> Json:
        """Press a button or choose in a menu: in a message (`channel`, `ts`), on the home tab, else in the top modal.

        `value` and `block_id` tell apart elements with one action_id; `selected` is what was chosen in a menu, picker
        or overflow. `times=2` is a double click: two deliveries at once, each with its own trigger; the first is
        reported.
        """
        if ts is not None and channel is not None:
            return await self._click_message(user, action_id, channel, ts, block_id, value, selected, times, wait)
        person = self._workspace.person(user)
        view = self._view(person, home)
        block, element = _find(view.blocks, action_id, block_id, value)
        chosen = await self._choose(person, payloads.in_view(view), block, element, selected)
        if element["type"] in forms.STATE_KEYS:
            view.values.setdefault(block["block_id"], {})[element["action_id"]] = {"type": element["type"], **chosen}
        before = self._screens.glance(person.id)

        def payload() -> Json:
            action = payloads.action(block, element, chosen, self._workspace.ts())
            return payloads.view_click(person, view, action, trigger_id=self._triggers.new(person.id))

        delivery = await self._hand_over_clicks(payload, times)
        return await self._result(delivery, None, person, None, before, wait)

    async def shortcut(self, user: str, callback_id: str, wait: float = LOOK) -> Json:
        """Choose a global shortcut of the app."""
        person = self._workspace.person(user)
        before = self._screens.glance(person.id)
        payload = payloads.shortcut(person, callback_id, self._workspace.ts(), trigger_id=self._triggers.new(person.id))
        delivery = await self._courier.hand_over("interactive", "shortcut", payload)
        return await self._result(delivery, None, person, None, before, wait)

    async def message_shortcut(self, user: str, channel: str, ts: str, callback_id: str, wait: float = LOOK) -> Json:
        """Choose a shortcut of the app in a message's menu; ephemeral messages have none."""
        person, where = self._present(user, channel)
        message = where.messages.get(ts)
        if message is None or message.deleted:
            raise Impossible(f"there is no message {ts} in #{where.name}")
        before = self._screens.glance(person.id)
        payload = payloads.message_shortcut(
            self._workspace,
            person,
            where,
            message,
            callback_id,
            trigger_id=self._triggers.new(person.id),
            response_url=self._triggers.new_url(person.id, where.id, ts, message.thread_ts),
        )
        delivery = await self._courier.hand_over("interactive", "message_action", payload)
        return await self._result(delivery, None, person, where, before, wait)

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
        if ts is not None and channel is not None:
            person, where = self._present(user, channel)
            message = self._message(person, where, ts)
            blocks, place = message.blocks, payloads.in_message(where, message)
        else:
            person = self._workspace.person(user)
            view = self._view(person, home)
            blocks, place = view.blocks, payloads.in_view(view)
        block, element = _find(blocks, action_id, block_id, None)
        return await self.offered(person, place, block, element, typed)

    async def offered(self, person: Person, place: Json, block: Json, element: Json, typed: Any) -> list[Json]:
        """What an external menu offers for `typed`; whoever holds a whole option already has been offered it."""
        if "external" not in element["type"] or not isinstance(typed, str):
            return []
        payload = payloads.suggestion(person, place, block, element, typed)
        ack = (await self._courier.hand_over("interactive", "block_suggestion", payload)).ack or {}
        groups = ack.get("option_groups") or []
        return [*(ack.get("options") or []), *(option for group in groups for option in group.get("options", []))]

    async def _click_message(
        self,
        user: str,
        action_id: str,
        channel: str,
        ts: str,
        block_id: str | None,
        value: str | None,
        selected: Any,
        times: int,
        wait: float,
    ) -> Json:
        person, where = self._present(user, channel)
        message = self._message(person, where, ts)
        block, element = _find(message.blocks, action_id, block_id, value)
        chosen = await self._choose(person, payloads.in_message(where, message), block, element, selected)
        state = forms.carried_over(self._chosen.get(ts, {}), message.blocks)
        if element["type"] in forms.STATE_KEYS:
            state[block["block_id"]][action_id] = {"type": element["type"], **chosen}
        self._chosen[ts] = state
        before = self._screens.glance(person.id)

        def payload() -> Json:
            return payloads.message_click(
                person,
                where,
                message,
                payloads.action(block, element, chosen, self._workspace.ts()),
                trigger_id=self._triggers.new(person.id),
                response_url=self._triggers.new_url(person.id, where.id, ts, message.thread_ts),
                state={"values": state},
            )

        delivery = await self._hand_over_clicks(payload, times)
        return await self._result(delivery, None, person, where, before, wait)

    async def _hand_over_clicks(self, payload: Any, times: int) -> Delivery:
        hand_over = self._courier.hand_over
        clicks = [hand_over("interactive", "block_actions", payload()) for _ in range(times)]
        return (await asyncio.gather(*clicks))[0]

    async def _choose(self, person: Person, place: Json, block: Json, element: Json, selected: Any) -> Json:
        """The element's own part of an action: nothing for a button, what was selected for the others."""
        if element["type"] == "overflow":
            return {"selected_option": forms.option(element, selected, [])}
        if element["type"] == "feedback_buttons":
            buttons = (element.get("positive_button") or {}, element.get("negative_button") or {})
            return next((button for button in buttons if button.get("value") == selected), {})
        if element["type"] not in forms.STATE_KEYS:
            return {}
        offered = await self.offered(person, place, block, element, selected)
        state = forms.entered(self._workspace, element, selected, offered, zone=person.tz)
        return {key: chosen for key, chosen in state.items() if key != "type"}

    async def _result(
        self, delivery: Delivery, error: str | None, person: Person, where: Channel | None, before: Any, wait: float
    ) -> Json:
        seen = self._screens.news(person.id, where, before)
        if delivery.acked and wait and not any(seen.values()):
            await self._screens.wait(lambda: any(self._screens.news(person.id, where, before).values()), wait)
            seen = self._screens.news(person.id, where, before)
        said = answers.report(delivery)
        return {**said, "error": error or said["error"], **seen}

    def _present(self, user: str, channel: str) -> tuple[Person, Channel]:
        """That person, in that channel; "bot" names their direct messages with the bot."""
        person = self._workspace.person(user)
        if channel == "bot":
            return person, self._workspace.direct(seed.BOT_USER, person.id)
        where = self._workspace.channel(channel)
        if person.id not in where.members:
            raise Impossible(f"{person.name} is not in #{where.name or where.id}")
        return person, where

    def _message(self, person: Person, where: Channel, ts: str) -> Message:
        stored = where.messages.get(ts)
        whispered = (m for m in self._workspace.ephemerals if m.ts == ts and m.ephemeral_to == person.id)
        message = stored or next(whispered, None)
        if message is None or message.deleted:
            raise Impossible(f"{person.name} sees no message {ts} in #{where.name or where.id}")
        return message

    def _view(self, person: Person, home: bool) -> View:
        view = self._workspace.views.get(self._workspace.homes.get(person.id, "")) if home else None
        view = view or (None if home else self._workspace.modal(person.id))
        if view is None:
            raise Impossible(f"{person.name} has no {'home tab' if home else 'modal open'}")
        return view


def _find(blocks: list[Json], action_id: str, block_id: str | None, value: str | None) -> tuple[Json, Json]:
    """The one element on the screen that fits; nobody can press what is not there."""
    shown = list(everything(blocks))
    fitting = [
        (block, element)
        for block, element in shown
        if element["action_id"] == action_id
        and block_id in (None, block["block_id"])
        and value in (None, element.get("value"))
    ]
    if not fitting:
        there = ", ".join(sorted({element["action_id"] for _, element in shown})) or "nothing"
        raise Impossible(f"there is no {action_id} to press here, only: {there}")
    if len(fitting) > 1:
        raise Impossible(f"{action_id} is there {len(fitting)} times: say which by value or block_id")
    return fitting[0]
