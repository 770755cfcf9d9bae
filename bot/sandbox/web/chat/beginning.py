"""What stands above the oldest message: the way to what came before, or how the conversation begins."""

from markupsafe import Markup

from bot.sandbox.slack.records import Channel
from bot.sandbox.web.chat.sidebar import named, opposite, sign
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.markup import el, icon
from bot.sandbox.web.windows import Region


def region(eyes: Eyes, channel: Channel, *, has_older: bool) -> Region:
    """One region; it says how a conversation begins once nothing older is there."""
    if has_older:
        return Region("earlier-only", "messages", None, _earlier)
    face = (channel.name, channel.is_archived, channel.purpose["value"], len(channel.members))
    return Region("beginning-only", "messages", face, lambda: _beginning(eyes, channel))


def _earlier() -> Markup:
    button = el("button", "Earlier messages", type="button", cls="plain", data_earlier=True)
    return el("div", button, id="earlier-only", cls="earlier")


def _beginning(eyes: Eyes, channel: Channel) -> Markup:
    return el(
        "header",
        el("h2", sign(eyes, channel), el("span", named(eyes, channel))),
        el("p", _words(eyes, channel), cls="soft"),
        _invite(eyes, channel),
        id="beginning-only",
        cls="beginning",
    )


def _words(eyes: Eyes, channel: Channel) -> str:
    if channel.is_im:
        other = opposite(eyes, channel)
        return f"Only you and {eyes.person(other)} read this." if other else "Only you read this: notes to yourself."
    if channel.purpose["value"]:
        return str(channel.purpose["value"])
    if channel.is_archived:
        kind = "It is archived."
    else:
        kind = "Only its members know of it." if channel.is_private else "Every member of the workspace may join."
    at = eyes.moment(channel.created)
    return f"{eyes.person(channel.creator)} made this channel on {at.day} {at:%B}. {kind}"


def _invite(eyes: Eyes, channel: Channel) -> Markup | None:
    """A channel of one's own is empty: who else should be there?"""
    if channel.is_im or channel.is_archived or list(channel.members) != [eyes.viewer.id]:
        return None
    return el("a", icon("plus"), "Add people", cls="button", href=eyes.path(f"/c/{channel.id}?pane=details"))
