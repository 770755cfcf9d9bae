"""What people do with forms: fill in, submit, go back, close."""

import asyncio
from typing import Any

from bot.sandbox.control import Impossible
from bot.sandbox.slack import answers, forms, payloads
from bot.sandbox.slack.clicking import LOOK, Clicking
from bot.sandbox.slack.courier import Courier, Delivery
from bot.sandbox.slack.numbering import everything
from bot.sandbox.slack.records import Json, Person, View
from bot.sandbox.slack.screens import Screens, full_view
from bot.sandbox.slack.triggers import Triggers
from bot.sandbox.slack.workspace import Workspace


class Filling:
    """Acts of people on the modal that is on top of their screen."""

    def __init__(
        self, workspace: Workspace, courier: Courier, triggers: Triggers, screens: Screens, clicking: Clicking
    ) -> None:
        self._workspace, self._courier, self._triggers = workspace, courier, triggers
        self._screens, self._clicking = screens, clicking

    async def fill(self, user: str, values: dict[str, Any]) -> Json:
        """Enter values by block_id, action_id or both (`block/action`) without sending them; the view afterwards."""
        person = self._workspace.person(user)
        view = self._top(person)
        for name, value in values.items():
            await self._enter(person, view, name, value)
        return full_view(view)

    async def submit(self, user: str, values: dict[str, Any] | None = None, times: int = 1, wait: float = LOOK) -> Json:
        """Fill in and press submit. What is not given keeps its initial value; required inputs must be filled.

        The result is that of a click, with `errors` by block_id where the app refused. `times=2` submits twice at once.
        """
        person = self._workspace.person(user)
        await self.fill(user, values or {})
        view = self._top(person)
        if not view.content.get("submit"):
            raise Impossible("this modal has no submit button")
        if empty := forms.missing(view.blocks, view.values):
            raise Impossible(f"must be filled in: {', '.join(empty)}")
        view.errors = {}
        before = self._screens.glance(person.id)
        delivery = (await asyncio.gather(*(self._hand_over(person, view) for _ in range(times))))[0]
        error = answers.to_submission(self._workspace, delivery, view) if delivery.acked else None
        said = answers.report(delivery)
        seen = self._screens.news(person.id, None, before)
        if delivery.acked and not delivery.ack and wait:
            await self._screens.wait(lambda: any(self._screens.news(person.id, None, before).values()), wait)
            seen = self._screens.news(person.id, None, before)
        return {**said, "error": error or said["error"], "errors": dict(view.errors), **seen}

    async def close(self, user: str, clear: bool = False) -> None:
        """Press Close (back to the modal below), or the cross (`clear`), which closes the whole stack."""
        person = self._workspace.person(user)
        self._top(person)
        stack = self._workspace.modals[person.id]
        gone = list(reversed(stack)) if clear else [stack[-1]]
        for view_id in gone:
            stack.remove(view_id)
            view = self._workspace.views[view_id]
            if view.content.get("notify_on_close"):
                payload = payloads.closed(person, view, cleared=clear)
                await self._courier.hand_over("interactive", "view_closed", payload)
        if not stack:
            self._workspace.modals.pop(person.id, None)
        self._workspace.touch()

    async def _hand_over(self, person: Person, view: View) -> Delivery:
        payload = payloads.submission(person, view, trigger_id=self._triggers.new(person.id))
        return await self._courier.hand_over("interactive", "view_submission", payload)

    async def _enter(self, person: Person, view: View, name: str, value: Any) -> None:
        for block, element in everything(view.blocks):
            names = (block["block_id"], element["action_id"], f"{block['block_id']}/{element['action_id']}")
            if name in names and element["type"] in forms.STATE_KEYS:
                offered = await self._clicking.offered(person, payloads.in_view(view), block, element, value)
                state = forms.entered(self._workspace, element, value, offered, zone=person.tz)
                view.values[block["block_id"]][element["action_id"]] = state
                return
        there = ", ".join(block["block_id"] for block in view.blocks if block.get("type") == "input") or "none"
        raise Impossible(f"there is no input {name} in this modal, only: {there}")

    def _top(self, person: Person) -> View:
        view = self._workspace.modal(person.id)
        if view is None:
            raise Impossible(f"{person.name} has no modal open")
        return view
