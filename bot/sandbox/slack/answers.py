"""What an app's ack to a command, a click or a form does on the person's screen."""

from bot.sandbox.slack import views
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.courier import Delivery
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Json, View
from bot.sandbox.slack.response_urls import respond
from bot.sandbox.slack.triggers import ResponseUrl
from bot.sandbox.slack.workspace import Workspace

# What Slack shows when no ack came: https://docs.slack.dev/interactivity/implementing-slash-commands.
TIMED_OUT, NOT_REACHED = "operation_timeout", "dispatch_failed"


def report(delivery: Delivery) -> Json:
    """How a command, click or form was received: for the person who did it."""
    first = delivery.attempts[-1]
    error = None if delivery.acked else TIMED_OUT if first.outcome == "http_timeout" else NOT_REACHED
    return {
        "delivery": delivery.id,
        "acked": delivery.acked,
        "ms": round(first.seconds * 1000, 3),
        "timed_out": error == TIMED_OUT,
        "ack": delivery.ack,
        "error": error,
    }


def to_command(workspace: Workspace, delivery: Delivery, user: str, channel: str) -> str | None:
    """Show the message that acks a command; the error where Slack would refuse it."""
    if not delivery.ack or not (delivery.ack.keys() & {"text", "blocks", "attachments"}):
        return None
    try:
        url = ResponseUrl(user, channel, workspace.clock.now(), None, None)
        respond(workspace, url, Arguments(delivery.ack))
    except SlackError as refusal:
        return refusal.code
    return None


def to_submission(workspace: Workspace, delivery: Delivery, view: View) -> str | None:
    """Do what the ack of a form says with the modals; the error where Slack would show "trouble connecting"."""
    ack = delivery.ack or {}
    try:
        match ack.get("response_action"):
            case None:
                _close(workspace, view)
            case "clear":
                workspace.modals.pop(view.user, None)
            case "update":
                views.replace(workspace, view, views.checked(ack.get("view"), "modal"))
            case "push":
                views.pushed(workspace, view.user, views.checked(ack.get("view"), "modal"))
            case "errors":
                return _mark(view, ack.get("errors"))
            case other:
                return f"unknown response_action {other}"
    except SlackError as refusal:
        return f"{refusal.code} {refusal.more}"
    finally:
        workspace.touch()
    return None


def _mark(view: View, errors: object) -> str | None:
    if not isinstance(errors, dict) or not errors:
        return "errors must name at least one block"
    inputs = {block["block_id"] for block in view.blocks if block.get("type") == "input"}
    if unknown := sorted(set(errors) - inputs):
        return f"no input block is called {', '.join(unknown)}"
    view.errors = {str(block_id): str(words) for block_id, words in errors.items()}
    return None


def _close(workspace: Workspace, view: View) -> None:
    stack = workspace.modals.get(view.user, [])
    if view.id in stack:
        stack.remove(view.id)
    if not stack:
        workspace.modals.pop(view.user, None)
