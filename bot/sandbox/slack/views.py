"""views.*: open, push, update a modal; publish a home tab."""

import json
import secrets
from typing import Any

from bot.sandbox.slack import blocks, forms
from bot.sandbox.slack.asking import Asking
from bot.sandbox.slack.errors import SlackError, invalid_arguments
from bot.sandbox.slack.numbering import number
from bot.sandbox.slack.records import Json, View
from bot.sandbox.slack.shapes import view_json
from bot.sandbox.slack.workspace import Workspace

VIEW_BYTES = 250_000
DEEPEST = 3


def open_view(asking: Asking) -> Json:
    content = _content(asking, "modal")
    user = asking.triggers.exchange(asking.args.text("trigger_id"))
    return {"view": view_json(show(asking.workspace, user, content))}


def push(asking: Asking) -> Json:
    content = _content(asking, "modal")
    user = asking.triggers.exchange(asking.args.text("trigger_id"))
    if asking.workspace.modal(user) is None:
        raise SlackError("not_found")
    return {"view": view_json(pushed(asking.workspace, user, content))}


def update(asking: Asking) -> Json:
    view_id, external_id = asking.args.text("view_id"), asking.args.text("external_id")
    if not view_id and not external_id:
        raise invalid_arguments("missing required field: view_id")
    found = asking.workspace.views.get(view_id) or _by_external_id(asking.workspace, external_id)
    if found is None or not _is_open(asking.workspace, found):
        raise SlackError("not_found")
    _check_hash(asking, found)
    replace(asking.workspace, found, _content(asking, "modal"))
    return {"view": view_json(found)}


def publish(asking: Asking) -> Json:
    user = asking.args.text("user_id")
    if user not in asking.workspace.people:
        raise SlackError("invalid_arguments")
    content = _content(asking, "home")
    home = asking.workspace.views.get(asking.workspace.homes.get(user, ""))
    if home is None:
        home = _new(asking.workspace, user, "home", content)
        asking.workspace.homes[user] = home.id
    else:
        _check_hash(asking, home)
        replace(asking.workspace, home, content)
    asking.workspace.touch()
    return {"view": view_json(home)}


def show(workspace: Workspace, user: str, content: Json) -> View:
    """Open a modal on somebody's screen, in place of whatever they had open."""
    view = _new(workspace, user, "modal", content)
    workspace.modals[user] = [view.id]
    workspace.touch()
    return view


def pushed(workspace: Workspace, user: str, content: Json) -> View:
    """Put a modal on top of the open ones; three is the deepest."""
    stack = workspace.modals[user]
    if len(stack) >= DEEPEST:
        raise SlackError("push_limit_reached")
    view = _new(workspace, user, "modal", content)
    view.previous_id, view.root_id = stack[-1], stack[0]
    stack.append(view.id)
    workspace.touch()
    return view


def replace(workspace: Workspace, view: View, content: Json) -> None:
    """Put new content into a view; what the person has entered in inputs that are still there stays."""
    number(workspace, content.get("blocks") or [])
    view.values = forms.carried_over(view.values, content.get("blocks") or [])
    view.content, view.hash, view.errors = content, _hash(workspace), {}
    view.external_id = content.get("external_id", "")
    workspace.touch()


def checked(content: object, kind: blocks.Surface) -> Json:
    """A view's content, or the refusal that Slack gives for it."""
    if not isinstance(content, dict) or content.get("type") != kind:
        raise invalid_arguments(f"failed to match all allowed schemas, must be of type {kind} [json-pointer:/view]")
    if len(json.dumps(content, ensure_ascii=False).encode()) > VIEW_BYTES:
        raise SlackError("view_too_large")
    problems = [problem.replace("json-pointer:", "json-pointer:/view") for problem in _block_problems(content, kind)]
    problems += _frame_problems(content, kind)
    if problems:
        raise invalid_arguments(*problems)
    return content


def _content(asking: Asking, kind: blocks.Surface) -> Json:
    content = checked(asking.args.data("view", "invalid_arguments"), kind)
    external_id = content.get("external_id")
    known = _by_external_id(asking.workspace, external_id) if external_id else None
    if known is not None and known.id != asking.args.text("view_id") and _is_open(asking.workspace, known):
        raise SlackError("duplicate_external_id")
    return content


def _block_problems(content: Json, kind: blocks.Surface) -> list[str]:
    return blocks.problems(content.get("blocks"), kind)


def _frame_problems(content: Json, kind: str) -> list[str]:
    found = [
        f"must be less than {most + 1} characters [json-pointer:/view/{name}]"
        for name, most in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255))
        if len(content.get(name) or "") > most
    ]
    return found + (_modal_problems(content) if kind == "modal" else [])


def _modal_problems(content: Json) -> list[str]:
    found = []
    if not content.get("title"):
        found.append("missing required field: title [json-pointer:/view]")
    for name in ("title", "submit", "close"):
        words: Any = content.get(name)
        if words and words.get("type") != "plain_text":
            found.append(f"unsupported type: {words.get('type')} [json-pointer:/view/{name}/type]")
        if words and not 0 < len(words.get("text", "")) <= 24:
            found.append(f"must be less than 25 characters [json-pointer:/view/{name}/text]")
    has_inputs = any(block.get("type") == "input" for block in content.get("blocks") or [])
    if has_inputs and not content.get("submit"):
        found.append("`submit` is required when an `input` block is in the `blocks` array [json-pointer:/view/submit]")
    return found


def _new(workspace: Workspace, user: str, kind: str, content: Json) -> View:
    number(workspace, content.get("blocks") or [])
    view_id = workspace.new_id("V")
    view = View(view_id, user, kind, content, _hash(workspace), view_id, external_id=content.get("external_id", ""))
    view.values = forms.carried_over({}, view.blocks)
    workspace.views[view_id] = view
    return view


def _check_hash(asking: Asking, view: View) -> None:
    given = asking.args.text("hash")
    if given and given != view.hash:
        raise SlackError("hash_conflict")


def _by_external_id(workspace: Workspace, external_id: str) -> View | None:
    matching = [view for view in workspace.views.values() if external_id and view.external_id == external_id]
    return matching[-1] if matching else None


def _is_open(workspace: Workspace, view: View) -> bool:
    return view.type == "home" or view.id in workspace.modals.get(view.user, [])


def _hash(workspace: Workspace) -> str:
    return f"{int(workspace.clock.now())}.{secrets.token_hex(4)}"


METHODS = {"views.open": open_view, "views.push": push, "views.update": update, "views.publish": publish}
