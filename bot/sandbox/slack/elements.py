"""Holds the interactive elements of Block Kit to Slack's limits: buttons, menus, pickers, inputs."""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack.pointers import Problems
from bot.sandbox.slack.records import Json

MENUS = frozenset({"static_select", "multi_static_select"})
LOOKUPS = frozenset(
    f"{many}{what}_select" for many in ("", "multi_") for what in ("external", "users", "conversations", "channels")
)
CHOICES = frozenset({"radio_buttons", "checkboxes"})
PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"})
INPUTS = frozenset(
    {"plain_text_input", "url_text_input", "email_text_input", "number_input", "rich_text_input", "file_input"}
)
CLICKS = frozenset({"button", "overflow", "workflow_button"})
CHOOSING = MENUS | LOOKUPS | CHOICES | PICKERS

ALLOWED: dict[str, frozenset[str]] = {
    "section": CHOOSING | CLICKS | {"image"},
    "actions": CHOOSING | CLICKS,
    "input": CHOOSING | INPUTS,
    "context_actions": frozenset({"feedback_buttons", "icon_button"}),
}


class Elements:
    """Checks elements into one list of problems."""

    def __init__(self, found: Problems) -> None:
        self.found = found

    def several(self, elements: Any, at: str, most: int, place: str) -> None:
        """The elements of one block; an action_id may stand there once."""
        listed = elements if isinstance(elements, list) else []
        self.found.between(len(listed), 1, most, at)
        seen: set[str] = set()
        for index, element in enumerate(listed):
            self.one(element, f"{at}/{index}", place)
            action_id = element.get("action_id") if isinstance(element, dict) else None
            if action_id and action_id in seen:
                self.found.add(f"`action_id` already exists: {action_id}", f"{at}/{index}/action_id")
            seen.add(action_id or "")

    def one(self, element: Any, at: str, place: str) -> None:
        if not isinstance(element, dict):
            self.found.add("missing required field: element", at)
            return
        kind = str(element.get("type"))
        if kind not in ALLOWED[place]:
            self.found.add(f"unsupported type: {kind}", f"{at}/type")
            return
        if kind == "image":
            self.image(element, at)
            return
        self._common(element, at)
        self._by_kind(kind, element, at)

    def image(self, element: Json, at: str) -> None:
        if not element.get("image_url") and not element.get("slack_file"):
            self.found.add("missing required field: image_url", at)
        self.found.length(element.get("image_url", ""), 3000, f"{at}/image_url")
        if "alt_text" not in element:
            self.found.add("missing required field: alt_text", at)
        else:
            self.found.length(element["alt_text"], 2000, f"{at}/alt_text")

    def _common(self, element: Json, at: str) -> None:
        if "action_id" in element:
            self.found.length(element["action_id"], 255, f"{at}/action_id")
        if element.get("placeholder"):
            self.found.text(element["placeholder"], f"{at}/placeholder", 150, plain=True)
        if element.get("confirm"):
            self._confirm(element["confirm"], f"{at}/confirm")

    def _by_kind(self, kind: str, element: Json, at: str) -> None:
        if kind == "button":
            self._button(element, at)
        elif kind in MENUS:
            self._menu(element, at)
        elif kind == "overflow":
            self._options(element.get("options"), f"{at}/options", 5)
        elif kind in CHOICES:
            self._options(element.get("options"), f"{at}/options", 10)
            self._initial(element, list(element.get("options") or []), at)
        elif kind == "plain_text_input":
            self._text_input(element, at)

    def _button(self, element: Json, at: str) -> None:
        self.found.text(element.get("text"), f"{at}/text", 75, plain=True)
        if "value" in element:
            self.found.length(element["value"], 2000, f"{at}/value")
        if "url" in element:
            self.found.length(element["url"], 3000, f"{at}/url")
            if not str(element["url"]).startswith(("http://", "https://", "slack://", "mailto:")):
                self.found.add("Invalid url", f"{at}/url")
        if element.get("style", "primary") not in ("primary", "danger"):
            self.found.add("value must be one of: primary, danger", f"{at}/style")

    def _menu(self, element: Json, at: str) -> None:
        groups = element.get("option_groups")
        if groups is None:
            self._options(element.get("options"), f"{at}/options", 100)
        else:
            self.found.between(len(groups), 1, 100, f"{at}/option_groups")
            for index, group in enumerate(groups):
                self.found.text(group.get("label"), f"{at}/option_groups/{index}/label", 75, plain=True)
                self._options(group.get("options"), f"{at}/option_groups/{index}/options", 100)
        self._initial(element, list(options_of(element)), at)

    def _options(self, options: Any, at: str, most: int) -> None:
        listed = options if isinstance(options, list) else []
        self.found.between(len(listed), 1, most, at)
        for index, option in enumerate(listed):
            self.found.text(option.get("text"), f"{at}/{index}/text", 75)
            self.found.length(option.get("value"), 150, f"{at}/{index}/value")
            if option.get("description"):
                self.found.text(option["description"], f"{at}/{index}/description", 75)

    def _initial(self, element: Json, options: list[Json], at: str) -> None:
        chosen = [element["initial_option"]] if element.get("initial_option") else element.get("initial_options") or []
        known = [(option.get("value"), _words(option)) for option in options]
        for option in chosen:
            if (option.get("value"), _words(option)) not in known:
                name = "initial_option" if element.get("initial_option") else "initial_options"
                self.found.add("must be one of the provided options", f"{at}/{name}")

    def _text_input(self, element: Json, at: str) -> None:
        most = element.get("max_length", 3000)
        if not isinstance(most, int) or not 1 <= most <= 3000:
            self.found.add("must be between 1 and 3000", f"{at}/max_length")
            return
        if len(element.get("initial_value") or "") > most:
            self.found.add(f"must be less than {most + 1} characters", f"{at}/initial_value")

    def _confirm(self, confirm: Json, at: str) -> None:
        self.found.text(confirm.get("title"), f"{at}/title", 100, plain=True)
        self.found.text(confirm.get("text"), f"{at}/text", 300)
        for button in ("confirm", "deny"):
            if confirm.get(button):
                self.found.text(confirm[button], f"{at}/{button}", 30, plain=True)


def options_of(element: Json) -> Iterator[Json]:
    """The options of a menu, those in groups included."""
    yield from element.get("options") or []
    for group in element.get("option_groups") or []:
        yield from group.get("options") or []


def _words(option: Json) -> Any:
    return (option.get("text") or {}).get("text")
