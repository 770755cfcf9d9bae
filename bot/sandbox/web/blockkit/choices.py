"""What a menu offers: its own options, or the people and channels that its reader may choose.

https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from markupsafe import Markup

from bot.sandbox.slack.records import Channel, Json
from bot.sandbox.web.blockkit.place import Scene, part, parts
from bot.sandbox.web.blockkit.text import text, words_of


class Option(NamedTuple):
    """One row; `drawn` are its words where they may hold more than letters, `about` what stands below them."""

    value: str
    words: str
    group: str = ""
    drawn: Markup | None = None
    about: Markup | None = None


Options = Callable[[Json, Scene], Iterable[Option]]


def described(element: Json, scene: Scene) -> Iterator[Option]:
    """The options of boxes, with emphasis and descriptions."""
    for option in parts(element, "options"):
        about = text(option["description"], scene.eyes) if option.get("description") else None
        drawn = text(option.get("text"), scene.eyes)
        yield Option(str(option.get("value")), words_of(option.get("text"), scene.eyes), drawn=drawn, about=about)


def _static(element: Json, scene: Scene) -> Iterator[Option]:
    groups = parts(element, "option_groups") or [element]
    for group in groups:
        label = words_of(group.get("label"), scene.eyes)
        for option in parts(group, "options"):
            words, about = words_of(option.get("text"), scene.eyes), words_of(option.get("description"), scene.eyes)
            yield Option(str(option.get("value")), f"{words} — {about}" if about else words, label)


def _people(element: Json, scene: Scene) -> Iterator[Option]:
    for person in scene.eyes.workspace.people.values():
        if not person.deleted and not person.is_bot:
            yield Option(person.id, person.real_name)


def _channels(element: Json, scene: Scene) -> Iterator[Option]:
    """Public ones only: a menu of channels offers no other."""
    for channel in scene.eyes.workspace.channels.values():
        if _is_offered(channel, scene) and channel.kind == "channels":
            yield Option(channel.id, f"#{channel.name}")


def _conversations(element: Json, scene: Scene) -> Iterator[Option]:
    """https://docs.slack.dev/reference/block-kit/composition-objects/conversation-filter-object"""
    filter = part(element, "filter")
    included = filter.get("include") or ["public", "private", "im"]
    for channel in scene.eyes.workspace.channels.values():
        kind = {"channels": "public", "groups": "private"}.get(channel.kind, "im")
        is_excluded = channel.is_ext_shared and filter.get("exclude_external_shared_channels")
        if kind in included and not is_excluded and _is_offered(channel, scene):
            if channel.im_with is None:
                yield Option(channel.id, f"#{channel.name}")
            elif not filter.get("exclude_bot_users"):
                yield Option(channel.id, f"@{scene.eyes.person(channel.im_with)}")


def _is_offered(channel: Channel, scene: Scene) -> bool:
    return scene.eyes.sees(channel) and not channel.is_archived


MENUS: dict[str, Options] = {
    "static": _static,
    "users": _people,
    "channels": _channels,
    "conversations": _conversations,
}
"""By what stands before `_select` in a menu's type."""
