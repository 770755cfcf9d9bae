"""One REST call: what was asked, by whom, and how lists are cut into pages."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.problems import Problem, invalid
from bot.sandbox.pagerduty.webhooks import Webhooks

Json = dict[str, Any]
Model = TypeVar("Model", bound=BaseModel)
Item = TypeVar("Item")

DEEPEST = 10_000


@dataclass(frozen=True)
class Ask:
    """A call whose caller is known. `sender` is the user of the `From` header, where the call needs one."""

    account: Account
    webhooks: Webhooks
    params: dict[str, str]
    query: dict[str, list[str]]
    raw: bytes
    sender: str

    def body(self, model: type[Model]) -> Model:
        """The request body, checked; every complaint is named in the 400."""
        try:
            return model.model_validate_json(self.raw or b"null")
        except ValidationError as error:
            told = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}".removeprefix(": ") for e in error.errors())
            raise invalid(*told) from None

    def many(self, name: str, allowed: Iterable[str] | None = None) -> list[str]:
        """A list argument such as `statuses[]`; 400 for a value that is not allowed."""
        values = self.query.get(f"{name}[]", []) + self.query.get(name, [])
        if allowed is not None and not set(values) <= set(allowed):
            raise invalid(f"{name}[] must be among {', '.join(allowed)}")
        return values

    def one(self, name: str) -> str | None:
        return self.query[name][-1] if name in self.query else None

    def flag(self, name: str) -> bool:
        return self.one(name) == "true"

    def moment(self, name: str) -> datetime | None:
        """A time argument; without a zone it is UTC, as in PagerDuty."""
        value = self.one(name)
        if value is None:
            return None
        try:
            # A `+` that nobody escaped arrives as a blank.
            read = datetime.fromisoformat(value.replace(" ", "+"))
        except ValueError:
            told = f"{name} must be an ISO 8601 time"
            raise Problem(400, 2004, "Invalid time values in 'since' and/or 'until' parameters", told) from None
        return read if read.tzinfo else read.replace(tzinfo=UTC)

    def within(self, at: datetime) -> bool:
        """Whether a moment lies between `since` and `until`."""
        since, until = self.moment("since"), self.moment("until")
        return (since is None or at >= since) and (until is None or at < until)

    def page(self, name: str, items: list[Item], render: Callable[[Item], Json]) -> Json:
        """One page of a list, in PagerDuty's classic pagination (at most 100, 25 unless told)."""
        limit, offset = min(self._number("limit", 25), 100), self._number("offset", 0)
        if offset + limit > DEEPEST:
            raise invalid(f"offset + limit must not exceed {DEEPEST}")
        return {
            name: [render(item) for item in items[offset : offset + limit]],
            "limit": limit,
            "offset": offset,
            "more": offset + limit < len(items),
            "total": len(items) if self.flag("total") else None,
        }

    def _number(self, name: str, otherwise: int) -> int:
        value = self.one(name)
        if value is None:
            return otherwise
        if not value.isdecimal():
            raise invalid(f"{name} must be a whole number")
        return int(value)


@dataclass(frozen=True)
class Reply:
    """The answer to a call that succeeded."""

    content: Json
    status: int = 200


Handler = Callable[[Ask], Reply]


@dataclass(frozen=True)
class Endpoint:
    """A method and a path, such as `POST /incidents/{id}/notes`; `sender` where the docs require `From`."""

    method: str
    path: str
    handle: Handler
    sender: bool = False
    ability: str | None = None

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def match(self, method: str, parts: list[str]) -> dict[str, str] | None:
        """The path's parameters, if this is the endpoint."""
        mine = self.path.strip("/").split("/")
        if method != self.method or len(mine) != len(parts):
            return None
        if any(not name.startswith("{") and name != part for name, part in zip(mine, parts, strict=True)):
            return None
        return {name[1:-1]: part for name, part in zip(mine, parts, strict=True) if name.startswith("{")}


def arguments(raw: bytes) -> Json:
    """The request body as the call log shows it; empty when it is no JSON object."""
    try:
        read = json.loads(raw or b"{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
