"""What a delivery of Slack's must hold before anybody reads it, whichever way it came."""

import json
import re
from collections.abc import Mapping
from typing import Any

MOMENT = re.compile(r"[0-9]{1,11}\.[0-9]{1,9}")
"""A message's `ts`: when it was said, which tells it from all others of its channel."""
Shape = Mapping[str, Any]
"""By name: a type, a pattern, an object's shape, or in a list the shape of each in it."""
ACCOUNT: Shape = {"id": str, "team_id": str, "name": str}
MESSAGE: Shape = {
    **{"ts": MOMENT, "thread_ts": MOMENT, "user": str, "text": str, "bot_id": str, "username": str},
    **{"bot_profile": {}, "files": [{}]},
}
VIEW: Shape = {
    **{"id": str, "type": str, "callback_id": str, "private_metadata": str, "team_id": str},
    **{"title": {"text": str}, "blocks": [{}], "state": {"values": {}}},
}
ITEM: Shape = {"channel": str, "ts": MOMENT, "message": MESSAGE}
EVENT: Shape = {
    **{"type": str, "user": str | dict, "channel": str | dict, "channel_id": str, "team": str, "user_team": str},
    **{"ts": MOMENT, "thread_ts": MOMENT, "text": str, "item": ITEM, "view": {}},
    **{"message": {}, "previous_message": {}},
}
PRESSED: Shape = {"action_id": str, "value": str, "selected_option": {"value": str}}
DELIVERY: Shape = {
    **{"type": str, "team_id": str, "trigger_id": str, "response_url": str, "callback_id": str, "event_id": str},
    **{"team": ACCOUNT, "user": ACCOUNT, "channel": ACCOUNT, "enterprise": ACCOUNT, "container": {}},
    **{"message": MESSAGE, "view": VIEW, "event": EVENT, "actions": [PRESSED]},
    "authorizations": [{"enterprise_id": str, "team_id": str, "user_id": str}],
}
"""What is read of deliveries, by Bolt or by us, in the shape in which Slack sends it; what is not there is no harm."""


def read_json(text: str | bytes) -> Any:
    """JSON of a sender's. Raises ValueError alone: for what is none, and for what is nested too deeply."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def sound(body: object) -> dict[str, Any] | None:
    """The delivery, if it has the shape of its kind so far as we rely on it; half characters in it are question marks.

    Nothing that Slack sends lacks any of it (https://docs.slack.dev/interactivity/handling-user-interaction): keys that
    make two deliveries of one click one, and the objects that Bolt looks into.
    """
    if not isinstance(body, dict) or not _fits(body, DELIVERY) or not _of_a_kind(body):
        return None
    return _whole(body)


def _fits(made: object, shape: Any) -> bool:
    match shape:
        case _ if made is None:
            return True
        case dict():
            return isinstance(made, dict) and all(_fits(made.get(name), inner) for name, inner in shape.items())
        case [inner]:
            return isinstance(made, list) and all(one is not None and _fits(one, inner) for one in made)
        case re.Pattern():
            return isinstance(made, str) and shape.fullmatch(made) is not None
    return isinstance(made, shape)


def _of_a_kind(body: dict[str, Any]) -> bool:
    """Whether that is there which its kind cannot do without."""
    view = body.get("view")
    if view is not None and not (_is_key(view.get("id")) and view.get("type")):
        return False
    match body:
        case {"type": "event_callback", "event_id": str(key), "event": {"type": str()}}:
            return _is_key(key)
        case {"type": "block_actions", "actions": [{"action_id": str()}, *_], "user": {"id": str()}}:
            return _is_key(body.get("trigger_id"))
        case {"type": "view_submission", "view": {"callback_id": str()}, "user": {"id": str()}}:
            return True
        case {"type": "shortcut" | "message_action", "callback_id": str(), "user": {"id": str()}}:
            return _is_key(body.get("trigger_id"))
        case {"type": "url_verification", "challenge": str()} | {"ssl_check": str()}:
            return True
        case {"command": str(), "user_id": str()}:
            return "type" not in body and _is_key(body.get("trigger_id"))
    return False


def _is_key(key: object) -> bool:
    """Whether it can tell two deliveries apart, and a database takes it."""
    return isinstance(key, str) and 0 < len(key) <= 200 and key.isascii() and key.isprintable()


def _whole(body: dict[str, Any]) -> dict[str, Any] | None:
    """JSON can say half a character (`\\ud83d`, an emoji cut in two), which no database and no answer can."""
    try:
        said = json.dumps(body, ensure_ascii=False)
    except RecursionError:
        return None
    try:
        said.encode()
    except UnicodeEncodeError:
        whole: dict[str, Any] = json.loads(said.encode("utf-8", "replace"))
        return whole
    return body
