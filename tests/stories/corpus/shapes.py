"""Good deliveries with one place in them spoiled: every place, every kind of badness, and what must come of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.fuzz import examples
from tests.fuzz.badness import GONE, Json, Path, paths, spoiled

ODD = "half \ud83d nul \x00 turned \u202e mark \ufeff wide \u200b"
LONG = "x" * 60_000
KINDS: Mapping[str, Any] = {"gone": GONE, "null": None, "odd words": ODD, "long": LONG}
"""Badness that any place may have. `another kind` is beside them: words for an object, an object for words."""


@dataclass(frozen=True)
class Case:
    """`outcome`: for a webhook the state of the inbox' entry, for Slack the status of the answer.

    `key` is the case's own, so that none is taken for another one that comes again.
    """

    name: str
    key: str
    given: Json
    outcome: str


def _at(tree: Json, place: Path) -> Any:
    found: Any = tree
    for name in place:
        found = found[name]
    return found


def _other(value: Any) -> Any:
    """A value of another kind than this one."""
    return "words" if isinstance(value, dict | list) else {"a": [1]}


def _places(tree: Json) -> Iterator[tuple[Path, str, Any]]:
    """Each place, each kind of badness that it may have, and the value that is put there."""
    for place in paths(tree):
        value = _at(tree, place)
        for kind, bad in {**KINDS, "another kind": _other(value)}.items():
            if isinstance(value, str) or kind not in ("odd words", "long"):
                yield place, kind, bad


def _named(place: Path) -> str:
    return ".".join(map(str, place))


NEEDED = frozenset({"event", "event_type", "data", "id", "incident", "role", "action", "incident_role_assignments"})
"""What a webhook says nothing without; everything else may be odd, and the alert is heard all the same."""
REFERRED = frozenset(
    {"agent", "assignees", "service", "priority", "escalation_policy", "user", "assignee", "incident_workflow"}
)
"""References, whose own ids are nobody's loss."""


def webhooks() -> Iterator[Case]:
    """Every place of every documented shape, spoiled in every way: `done`, or `parked` with a reason."""
    known: set[tuple[str, str]] = set()
    for event_type, body in examples.WEBHOOKS.items():
        for place, kind, bad in _places(body):
            which = (_named(place) if len(place) < 3 else f"{_shape(event_type)} {_named(place)}", kind)
            if which not in known:
                known.add(which)
                key = f"E{len(known)}"
                given = spoiled(_fresh_event(body, key), place, bad)
                yield Case(f"{event_type} {_named(place)} {kind}", key, given, _heard(place, kind))


def _fresh_event(body: Json, key: str) -> Json:
    """About an alert of its own, which rings nobody: an alert's own events would wait for one another."""
    event, data = body["event"], body["event"]["data"]
    if data.get("type") == "incident":
        data = data | {"id": f"Q{key}", "urgency": "low"}
    elif "incident" in data:
        data = data | {"incident": data["incident"] | {"id": f"Q{key}"}}
    else:
        one = data["incident_role_assignments"][0]
        data = {"incident_role_assignments": [one | {"incident": one["incident"] | {"id": f"Q{key}"}}]}
    return {"event": {**event, "id": key, "data": data}}


def _shape(event_type: str) -> str:
    """Events that tell of the incident itself share a shape."""
    return "incident" if examples.DATA[event_type].get("type") == "incident" else event_type


def _heard(place: Path, kind: str) -> str:
    name = next(str(step) for step in reversed(place) if isinstance(step, str))
    harmless = kind == "odd words" or (kind == "long" and name == "event_type")
    referred = name == "id" and (not REFERRED.isdisjoint(place) or "role" in place or "action" in place)
    inner = "resolve_reason" in place or place == ("event", "id") or referred
    return "parked" if name in NEEDED and not harmless and not inner else "done"


KEYS = frozenset({"trigger_id", "view.id", "event_id"})
"""What makes two deliveries of one click one."""
LACKED = frozenset(
    {
        *("type", "user", "user.id", "user_id", "command", "callback_id", "view", "view.type", "view.callback_id"),
        *("actions", "actions.action_id", "event", "event.type"),
    }
)
"""What its kind of delivery is none without."""
LISTENED = frozenset({"command", "view.callback_id"})
"""By which a listener is found: another name is nobody's (404)."""
MOMENTS = frozenset({"message.ts", "event.ts", "event.thread_ts", "event.item.ts", "event.item.message.ts"})
READ = frozenset(
    {
        *(*KEYS, *LACKED, *MOMENTS, "team", "team.id", "team_id", "user.name", "user.team_id", "container", "channel"),
        *("channel.id", "channel.name", "response_url", "message", "message.user", "message.text"),
        *("actions.value", "actions.selected_option", "actions.selected_option.value"),
        *("view.title", "view.title.text", "view.private_metadata", "view.blocks", "view.state", "view.state.values"),
        *("event.item", "event.item.channel", "event.item.message", "event.item.message.user", "event.channel_id"),
        *("event.item.message.text", "event.team", "event.text"),
        *("authorizations", "authorizations.enterprise_id", "authorizations.team_id", "authorizations.user_id"),
    }
)
"""What is looked at, so that another kind of thing there is nothing of Slack's (400); the rest may be anything."""


def deliveries(channel: str) -> Iterator[Case]:
    """Every place of everything that Slack delivers, spoiled in every way: the status of the answer."""
    known: set[tuple[str, ...]] = set()
    for what, body in examples.slack(channel).items():
        for place, kind, bad in _places(body):
            which = (*_alike(what, body, place), _named(place), kind)
            if which in known or ("command" in body and kind in ("null", "another kind")):
                continue  # a form holds words alone
            known.add(which)
            key = f"k{len(known)}"
            given = spoiled(_fresh_delivery(body, key), place, bad)
            yield Case(f"{what} {_named(place)} {kind}", key, given, str(_status(what, place, kind)))


def _alike(what: str, body: Json, place: Path) -> tuple[str, ...]:
    """What tells a place from one of the same name: the frame is the same for all of a type, their hearts are not."""
    heart = body.get("event", {}).get("type", what) if place[0] in ("event", "actions") else ""
    return (str(body.get("type", what)), heart)


def _fresh_delivery(body: Json, key: str) -> Json:
    keys = {"event_id": key} if body.get("type") == "event_callback" else {"trigger_id": key}
    view = {"view": body["view"] | {"id": key}} if "view" in body else {}
    return {**body, **keys, **view}


def _status(what: str, place: Path, kind: str) -> int:
    where = ".".join(step for step in place if isinstance(step, str))
    if isinstance(place[-1], int):
        return _status_of_one(where, kind)
    form = what.startswith("form")
    if where in KEYS and not (form and where == "trigger_id"):
        return 400
    if kind in ("gone", "null"):
        optional = what == "choice" and where in ("view", "view.callback_id")
        return 400 if where in LACKED and not optional else 200
    if kind == "another kind":
        return 400 if where in READ else 200
    if where in LISTENED and what != "choice":
        return 404
    return 400 if where in MOMENTS or where == "type" else 200


def _status_of_one(holder: str, kind: str) -> int:
    """One of several: without it there may be others, but nothing is none of them."""
    if holder in ("actions", "view.blocks", "authorizations"):
        return 400 if kind != "gone" or holder == "actions" else 200
    return 200
