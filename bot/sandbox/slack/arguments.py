"""The arguments of one Web API call, however they were sent: query, form or JSON."""

import json
from typing import Any
from urllib.parse import parse_qsl

from bot.sandbox.slack.errors import SlackError, invalid_arguments, messages
from bot.sandbox.slack.records import Json
from bot.sandbox.wire import Request

TRUE, FALSE = ("1", "true", "True"), ("0", "false", "False", "")


def merged(request: Request) -> Json:
    """All arguments in one; the body's win over the query's. Raises `SlackError` for a body that is no JSON object."""
    args: Json = dict(request.query)
    if not request.body:
        return args
    if request.content_type == "application/json":
        args.update(_json_object(request.body))
    elif request.content_type == "multipart/form-data":
        raise SlackError("invalid_form_data")
    else:
        args.update(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))
    return args


def _json_object(body: bytes) -> Json:
    try:
        sent = json.loads(body)
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(sent, dict):
        raise SlackError("json_not_object")
    return sent


class Arguments:
    """Reads arguments by type, with Slack's refusals for those that are missing or malformed."""

    def __init__(self, given: Json) -> None:
        self.given = given

    def require(self, *names: str) -> None:
        missing = [name for name in names if self.given.get(name) in (None, "", [])]
        if missing:
            raise SlackError(
                "invalid_arguments",
                response_metadata=messages(*(f"missing required field: {name}" for name in missing)),
            )

    def text(self, name: str, default: str = "") -> str:
        value = self.given.get(name)
        return default if value is None else value if isinstance(value, str) else str(value)

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.given.get(name)
        if isinstance(value, bool) or value is None:
            return default if value is None else value
        return str(value) in TRUE

    def number(self, name: str, default: int) -> int:
        value = self.given.get(name)
        if value in (None, ""):
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            raise invalid_arguments(f"must be an integer [json-pointer:/{name}]") from None

    def names(self, name: str) -> list[str]:
        """A list sent as a list, as JSON or with commas."""
        value = self.given.get(name)
        if isinstance(value, str) and value.startswith("["):
            value = self.data(name, "invalid_arguments")
        if isinstance(value, list):
            return [str(item) for item in value]
        return [item.strip() for item in str(value or "").split(",") if item.strip()]

    def data(self, name: str, refusal: str) -> Any:
        """An object or array, sent as such or as a string of JSON; refused with `refusal` if it is no JSON."""
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(refusal) from None
