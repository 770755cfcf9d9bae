"""canvases.*: documents in a channel's tab or on their own; each part of one can be replaced by itself.

https://docs.slack.dev/surfaces/canvases and https://docs.slack.dev/reference/methods/canvases.edit
"""

from bot.sandbox.slack import canvas_text
from bot.sandbox.slack.asking import Asking
from bot.sandbox.slack.errors import SlackError, invalid_arguments
from bot.sandbox.slack.records import Canvas, Channel, Json, Section

HEADINGS = frozenset({"h1", "h2", "h3"})
SECTION_TYPES = HEADINGS | {"any_header"}


def create(asking: Asking) -> Json:
    """A canvas of the caller's own; with `channel_id` in a tab of that channel, whose members then share it."""
    where = asking.args.text("channel_id")
    channel = _channel(asking, "canvas_creation_failed") if where else None
    return {"canvas_id": _made(asking, channel).id}


def create_for_channel(asking: Asking) -> Json:
    """The one canvas that belongs to a channel."""
    channel = _channel(asking, "channel_canvas_creation_failed")
    if channel.canvas is not None and not channel.canvas.deleted:
        raise SlackError("channel_canvas_already_exists")
    channel.canvas = _made(asking, channel)
    return {"canvas_id": channel.canvas.id}


def edit(asking: Asking) -> Json:
    """One change a call: content put in, replaced or taken out, or another title."""
    canvas = _canvas(asking)
    changes = asking.args.data("changes", "invalid_arguments")
    if not isinstance(changes, list) or len(changes) != 1 or not isinstance(changes[0], dict):
        raise invalid_arguments("must hold exactly 1 item [json-pointer:/changes]")
    change = changes[0]
    if change.get("operation") == "rename":
        canvas.title = _markdown(change.get("title_content"), "canvas_editing_failed")
    else:
        _write(canvas, _changed(canvas, change))
    asking.workspace.touch()
    return {}


def delete(asking: Asking) -> Json:
    """For good; its owner may."""
    canvas = _canvas(asking)
    if canvas.user != asking.user:
        raise SlackError("restricted_action")
    canvas.deleted, canvas.content, canvas.sections = True, b"", []
    asking.workspace.touch()
    return {}


def lookup(asking: Asking) -> Json:
    """The ids of the sections of these types that hold these words."""
    canvas = _canvas(asking, deleted="canvas_deleted")
    criteria = asking.args.data("criteria", "invalid_arguments")
    if not isinstance(criteria, dict) or not criteria:
        raise invalid_arguments("must have section_types or contains_text [json-pointer:/criteria]")
    types = set(criteria.get("section_types") or ())
    if not types <= SECTION_TYPES:
        raise invalid_arguments("unknown section type [json-pointer:/criteria/section_types]")
    wanted = HEADINGS if "any_header" in types else types
    text = str(criteria.get("contains_text") or "")
    found = [
        section
        for section in canvas.sections
        if (not types or section.kind in wanted) and text in canvas_text.words(section.markdown)
    ]
    return {"sections": [{"id": section.id} for section in found]}


def _made(asking: Asking, channel: Channel | None) -> Canvas:
    workspace = asking.workspace
    given = asking.args.data("document_content", "invalid_arguments")
    markdown = _markdown(given, "canvas_creation_failed") if given else ""
    title = asking.args.text("title") or "Untitled"
    canvas = Canvas(
        workspace.new_id("F"),
        title,
        0,
        asking.user,
        title=title,
        created=int(workspace.clock.now()),
        complete=True,
        tab=channel.id if channel else None,
    )
    _write(canvas, canvas_text.sections_of(markdown))
    workspace.files[canvas.id] = canvas
    workspace.touch()
    return canvas


def _channel(asking: Asking, refusal: str) -> Channel:
    """The channel in whose tab the canvas is to be: one that the caller is in, and that still lives."""
    channel = asking.workspace.channels.get(asking.args.text("channel_id"))
    if channel is None or channel.deleted or (channel.is_private and asking.user not in channel.members):
        raise SlackError(refusal, detail="channel_not_found")
    if channel.is_archived or asking.user not in channel.members:
        raise SlackError("restricted_action")
    return channel


def _canvas(asking: Asking, deleted: str = "canvas_not_found") -> Canvas:
    """The canvas that was asked for, where the caller owns it or is in the channel that has it."""
    canvas = asking.workspace.files.get(asking.args.text("canvas_id"))
    if not isinstance(canvas, Canvas):
        raise SlackError("canvas_not_found")
    channel = asking.workspace.channels.get(canvas.tab or "")
    if canvas.user != asking.user and (channel is None or asking.user not in channel.members):
        raise SlackError("canvas_not_found")
    if canvas.deleted:
        raise SlackError(deleted)
    return canvas


def _markdown(given: object, refusal: str) -> str:
    """The markdown of a `document_content`, refused with `refusal` and Slack's `detail` where it is none."""
    if not isinstance(given, dict) or given.get("type") != "markdown" or not isinstance(given.get("markdown"), str):
        raise SlackError(refusal, detail="'content' error: must be of type markdown")
    markdown: str = given["markdown"]
    if len(markdown.encode()) > canvas_text.LARGEST:
        raise SlackError("canvas_too_large" if refusal == "canvas_editing_failed" else refusal, detail="too large")
    if detail := canvas_text.problem(markdown):
        raise SlackError(refusal, detail=detail)
    return markdown


def _changed(canvas: Canvas, change: Json) -> list[Section]:
    """The sections after a change; `canvas_editing_failed` for one that does not fit the canvas."""
    operation, here = change.get("operation"), canvas.sections
    if operation == "delete":
        at = _place(canvas, change)
        return [*here[:at], *here[at + 1 :]]
    fresh = canvas_text.sections_of(_markdown(change.get("document_content"), "canvas_editing_failed"))
    match operation:
        case "insert_at_start":
            return [*fresh, *here]
        case "insert_at_end":
            return [*here, *fresh]
        case "insert_before":
            at = _place(canvas, change)
            return [*here[:at], *fresh, *here[at:]]
        case "insert_after":
            at = _place(canvas, change)
            return [*here[: at + 1], *fresh, *here[at + 1 :]]
        case "replace" if not change.get("section_id"):
            return fresh
        case "replace":
            at = _place(canvas, change)
            return [*here[:at], *fresh, *here[at + 1 :]]
        case _:
            raise invalid_arguments("unknown operation [json-pointer:/changes/0/operation]")


def _place(canvas: Canvas, change: Json) -> int:
    for index, section in enumerate(canvas.sections):
        if section.id == change.get("section_id"):
            return index
    raise SlackError("canvas_editing_failed", detail="'section_id' error: there is no such section")


def _write(canvas: Canvas, sections: list[Section]) -> None:
    canvas.sections = sections
    canvas.content = canvas_text.joined(sections).encode()
    canvas.length = len(canvas.content)


METHODS = {
    "canvases.create": create,
    "canvases.edit": edit,
    "canvases.delete": delete,
    "canvases.sections.lookup": lookup,
    "conversations.canvases.create": create_for_channel,
}
