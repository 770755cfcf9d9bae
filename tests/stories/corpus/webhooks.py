"""Webhook bodies that nobody should send, and signatures that are none."""

import json
import zlib
from collections.abc import Iterator, Mapping


def bodies() -> Iterator[tuple[str, bytes]]:
    """Webhook bodies, each well signed when it is sent, that no event reader may choke on."""
    yield from _not_json()
    yield from _odd_json()
    yield from _odd_events()


def _not_json() -> Iterator[tuple[str, bytes]]:
    yield "empty", b""
    yield "a brace", b"{"
    yield "truncated", b'{"event": {"id": "01X", "event_type": "incident.trig'
    yield "text", b"hello"
    yield "html", b"<html></html>"
    yield "form", b"payload=%7B%7D"
    yield "latin-1", '{"event": {"id": "é"}}'.encode("latin-1")
    yield "utf-16", '{"event": {}}'.encode("utf-16")
    yield "bom", b"\xef\xbb\xbf" + b'{"event": {"id": "bom"}}'
    yield "nul bytes", b"\x00" * 64
    yield "random bytes", bytes(range(256))
    yield "invalid utf-8", b'{"event": {"id": "\xff\xfe"}}'
    yield "two documents", b"{}{}"
    yield "trailing comma", b'{"event": {},}'
    yield "single quotes", b"{'event': {}}"
    yield "deep array", b"[" * 100_000
    yield "deep nesting, closed", b"[" * 50_000 + b"]" * 50_000
    yield "deep object", b'{"a":' * 20_000 + b"1" + b"}" * 20_000
    yield "huge integer", b'{"event": {"id": ' + b"9" * 10_000 + b"}}"
    yield "huge string", b'{"event": {"id": "big", "data": "' + b"x" * 300_000 + b'"}}'


def _odd_json() -> Iterator[tuple[str, bytes]]:
    odd: dict[str, object] = {
        "null": None,
        "true": True,
        "number": 42,
        "string": "event",
        "array": [],
        "array of events": [{"event": {}}],
        "empty object": {},
        "event null": {"event": None},
        "event array": {"event": []},
        "event string": {"event": "incident.triggered"},
        "event empty": {"event": {}},
        "id number": {"event": {"id": 7, "event_type": "incident.triggered"}},
        "id null": {"event": {"id": None, "event_type": "incident.triggered", "data": {}}},
        "id object": {"event": {"id": {}, "event_type": "incident.triggered", "data": {}}},
        "id empty": {"event": {"id": "", "event_type": "incident.triggered", "data": {}}},
        "no data": {"event": {"id": "nodata", "event_type": "incident.triggered"}},
        "data null": {"event": {"id": "datanull", "event_type": "incident.triggered", "data": None}},
        "data array": {"event": {"id": "dataarray", "event_type": "incident.triggered", "data": [1]}},
    }
    for name, value in odd.items():
        yield name, json.dumps(value).encode()
    yield "not a number", b'{"event": {"id": "nan", "n": NaN}}'
    yield "infinity", b'{"event": {"id": "inf", "n": Infinity}}'
    yield "duplicate keys", b'{"event": {"id": "a", "id": "b", "event_type": "x"}}'
    yield (
        "lone surrogate",
        b'{"event": {"id": "\\ud800", "event_type": "incident.triggered", "data": {"id": "\\udfff"}}}',
    )
    yield "nul in strings", b'{"event": {"id": "n\\u0000l", "event_type": "x", "data": {"id": "a\\u0000b"}}}'


def _odd_events() -> Iterator[tuple[str, bytes]]:
    events: dict[str, dict[str, object]] = {
        "unknown type": {"event_type": "incident.teleported"},
        "type null": {"event_type": None},
        "type number": {"event_type": 3},
        "type empty": {"event_type": ""},
        "type with spaces": {"event_type": "incident.triggered "},
        "type upper case": {"event_type": "INCIDENT.TRIGGERED"},
        "resource unknown": {"event_type": "pagey.ping", "resource_type": "dragon"},
        "time missing": {"occurred_at": None},
        "time text": {"occurred_at": "yesterday"},
        "time without zone": {"occurred_at": "2026-03-04T03:10:00"},
        "time before computers": {"occurred_at": "0001-01-01T00:00:00Z"},
        "time far ahead": {"occurred_at": "9999-12-31T23:59:59Z"},
        "time number": {"occurred_at": 1772593800},
        "agent string": {"agent": "ada"},
        "agent list": {"agent": []},
        "agent without name": {"agent": {"id": "PX", "type": "user_reference"}},
        "client number": {"client": 5},
    }
    for name, change in events.items():
        yield name, _event(name, {}, change)
    incidents: dict[str, dict[str, object]] = {
        "no id": {"id": None},
        "status unknown": {"status": "snoozing"},
        "title null": {"title": None},
        "title number": {"title": 12},
        "title object": {"title": {"a": 1}},
        "service null": {"service": None},
        "service string": {"service": "checkout"},
        "service without id": {"service": {"summary": "Checkout"}},
        "priority string": {"priority": "P1"},
        "priority empty": {"priority": {}},
        "urgency unknown": {"urgency": "apocalyptic"},
        "urgency null": {"urgency": None},
        "assignees null": {"assignees": None},
        "assignees of odd things": {"assignees": [None, 3, {}]},
        "key number": {"incident_key": 9},
        "key of ours, absurd": {"incident_key": "muster/INC-99999999/page-1"},
        "key of ours, not a number": {"incident_key": "muster/INC-x/page-1"},
        "reason odd": {"resolve_reason": "because"},
        "bridge string": {"conference_bridge": "call me"},
        "bridge numbers": {"conference_bridge": {"conference_number": 1000, "conference_url": None}},
        "url javascript": {"html_url": "javascript:alert(1)"},
    }
    for name, data in incidents.items():
        yield f"data: {name}", _event(f"data: {name}", data, {})


def _event(name: str, data: Mapping[str, object], change: Mapping[str, object]) -> bytes:
    """A triggered event with something wrong in it."""
    body: dict[str, object] = {
        "id": f"corpus {name}",
        "event_type": "incident.triggered",
        "resource_type": "incident",
        "occurred_at": "2026-03-04T03:10:00.000Z",
        "agent": None,
        "client": None,
        "data": {
            "id": f"Q{zlib.crc32(name.encode())}",
            "type": "incident",
            "html_url": "https://acme.pagerduty.test/incidents/Q1",
            "number": 1,
            "status": "triggered",
            "title": f"Corpus: {name}",
            "service": {"id": "PSCORPU", "type": "service_reference", "summary": "Corpus"},
            "assignees": [],
            "priority": None,
            "urgency": "low",
            **data,
        },
        **change,
    }
    return json.dumps({"event": body}).encode()


SIGNATURES: dict[str, tuple[str | None, int]] = {
    "none": (None, 401),
    "empty": ("", 401),
    "no version": ("0" * 64, 401),
    "other version only": ("v2=" + "0" * 64, 401),
    "not hex": ("v1=" + "z" * 64, 401),
    "too short": ("v1=abc", 401),
    "spaces": ("v1= ", 401),
    "not ascii": ("v1=ü", 401),
    "comma soup": (",,,,", 401),
    "well formed, matches no secret": ("v1=" + "0" * 64, 503),
    "two, neither matches": ("v1=" + "0" * 64 + ",v1=" + "1" * 64, 503),
    "three hundred": (",".join(["v1=" + "0" * 64] * 300), 503),
}
"""Signature header -> the status it must get: ours to answer for (503) only when the secret may have been rotated."""
