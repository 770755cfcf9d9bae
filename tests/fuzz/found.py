"""Inputs that once broke a law, found by fuzzing: each is tried in every test run for good.

A finding of `python -m tests.fuzz` prints the line to paste here.
"""

from typing import Any

FOUND: tuple[tuple[str, Any], ...] = (
    ("slash text", "note half an emoji \ud83d"),
    ("slash text", "page " + "INC-1 " * 40_000 + "x"),
    ("slash text", "page a" + " " * 60_000 + "b"),
    ("view state", ("sev", {})),
    ("view state", ("declare", {"title": None})),
    ("view state", ("declare", {"severity": {"type": "static_select", "selected_option": {"value": "²"}}})),
    ("view state", ("correct", {"text": {"type": "plain_text_input", "value": "a form without its entry"}})),
    ("view state", ("sure", {})),
    ("button value", ("run", "\ud800 lone surrogate")),
    ("control line", b"\x00"),
    ("control line", b'{"do": []}'),
    ("control line", b"[" * 100_000),
    ("socket frame", b"[" * 100_000),
    (
        "socket frame",
        b'{"type":"interactive","envelope_id":"e","payload":{"type":"block_actions","user":{"id":"U1"},"actions":[],'
        b'"trigger_id":"1.2"}}',
    ),
    ("webhook body", b'{"event":{"id":"\\ud83d","event_type":"x","data":' + b"[" * 2_000 + b"]" * 2_000 + b"}}"),
    (
        "webhook body",
        b'{"event":{"id":"E","event_type":"incident.triggered","data":{"id":"Q","service":{"id":"P","summary":"'
        + b"a" * 60_000
        + b'"}}}}',
    ),
)
