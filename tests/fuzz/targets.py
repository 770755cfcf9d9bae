"""The targets: for each parser at the edge what it is given, and the law that it keeps.

The law is everywhere the same: a value, or the refusal that is documented; no other exception, no error in the log, no
5xx, and no more than a moment.
"""

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode
from zoneinfo import available_timezones

from hypothesis import strategies as st

from bot.documents.markdown import text as as_markdown
from bot.documents.rendering import Unrenderable, render
from bot.integrations.pagerduty.signatures import Signatures, Verdict
from bot.integrations.pagerduty.webhook import identity
from bot.integrations.slack import actions
from bot.integrations.slack.deliveries import sound
from bot.integrations.slack.events import worth_keeping
from bot.integrations.slack.text import cut, escape, link, plain
from bot.integrations.slack.times import leading_time, moment, span
from bot.integrations.slack.verbs import FORMS, VERBS
from bot.integrations.slack.words import first_word, mention, named, nearest, take_reference, unquoted
from bot.settings import Misconfigured, load
from bot.strict_yaml import Unreadable, read_yaml
from tests.fuzz import badness, examples
from tests.fuzz.stage import Stage

CHANNEL = "C0FUZZ0001"
"""Stands in the examples where the stage's room is meant."""


@dataclass(frozen=True)
class Target:
    """`law` raises for an input that breaks it."""

    name: str
    inputs: st.SearchStrategy[Any]
    law: Callable[[Stage, Any], None]


def _room(stage: Stage, delivery: bytes) -> bytes:
    return delivery.replace(CHANNEL.encode(), stage.channel.encode())


def _key(given: object) -> str:
    """Another one for another input."""
    return f"k{zlib.crc32(repr(given).encode()):x}"


def webhook_body(stage: Stage, body: bytes) -> None:
    key, group = identity(body, [])
    assert key.isascii()
    assert 0 < len(key) <= 200
    assert group
    stage.run(stage.read_webhook(body))


def signature_header(stage: Stage, headers: list[bytes]) -> None:
    assert Signatures(["secret"]).verdict(b"{}", headers) in (Verdict.UNSIGNED, Verdict.UNKNOWN)


def slack_headers(stage: Stage, headers: dict[str, str]) -> None:
    assert stage.run(stage.post(b"command=%2Fincident", headers)) == 401


def slash_text(stage: Stage, text: str) -> None:
    body = examples.command(stage.channel, text) | {"trigger_id": _key(text)}
    assert stage.run(stage.deliver(urlencode(body, errors="replace").encode(), FORM)) == 200


def slack_delivery(stage: Stage, body: bytes) -> None:
    sent = urlencode({"payload": _room(stage, body)}).encode()
    assert stage.run(stage.deliver(sent, FORM)) in (200, 400, 404)


def slack_bytes(stage: Stage, body: bytes) -> None:
    assert stage.run(stage.deliver(_room(stage, body))) in (200, 400, 404)


def view_state(stage: Stage, filled: tuple[str, dict[str, Any]]) -> None:
    verb, values = filled
    sent = examples.submitted(stage.channel, verb, values, nonce=_key(filled))
    body = urlencode({"payload": json.dumps(sent)}).encode()
    assert stage.run(stage.deliver(body, FORM)) in (200, 400)


def button_value(stage: Stage, click: tuple[str, str]) -> None:
    action, value = click
    sent = examples.pressed(stage.channel, action, value) | {"trigger_id": _key(click)}
    body = urlencode({"payload": json.dumps(sent)}).encode()
    assert stage.run(stage.deliver(body, FORM)) == 200


def event_payload(stage: Stage, event: Any) -> None:
    kept = sound(examples.event(json.loads(_room(stage, badness.encoded(event)))))
    if kept and worth_keeping(kept, known=lambda user: False):
        stage.run(stage.read_event(kept["event"]))


def socket_frame(stage: Stage, frame: bytes) -> None:
    stage.run(stage.take_frame(_room(stage, frame).decode("utf-8", "replace")))


def control_line(stage: Stage, line: bytes) -> None:
    answer = stage.run(stage.control._answer(line))
    assert set(answer) in ({"done"}, {"failed"})
    json.dumps(answer)


def typed_time(stage: Stage, typed: tuple[str, str, datetime]) -> None:
    words, zone, now = typed
    found = leading_time(words, zone, now)
    assert found is None or (found.at.utcoffset() == timedelta() and words.endswith(found.rest))
    whole = moment(words, zone, now)
    assert whole is None or whole.tzinfo is not None
    assert (span(words) or timedelta()) >= timedelta()


def typed_words(stage: Stage, typed: str) -> None:
    head, rest = first_word(typed)
    assert len(head) + len(rest) <= len(typed)
    number, _ = take_reference(typed)
    assert number is None or 0 <= number < 10**9
    assert len(unquoted(typed)) <= len(typed)
    mention(typed)
    nearest(typed, VERBS)
    assert not any(live in escape(plain(named(typed, lambda user: user))) for live in "<>")
    assert len(cut(typed, 20)) <= 20
    assert link(typed, typed).count("<") <= 1
    assert "\n" not in as_markdown(typed)


def muster_yaml(stage: Stage, written: bytes) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "muster.yaml"
        file.write_bytes(written)
        problems: tuple[str, ...] = ()
        for read in (read_yaml, load):
            try:
                read(file)
            except Unreadable as error:
                problems += (str(error),)
            except Misconfigured as error:
                problems += error.problems
        assert all(problem.strip() for problem in problems)


def template(stage: Stage, source: str) -> None:
    with TemporaryDirectory() as folder:
        kind = Path(folder) / "postmortem"
        kind.mkdir()
        (kind / "own.md.j2").write_bytes(source.encode("utf-8", "surrogatepass"))
        known: dict[str, Any] = {"words": ["a", "b"], "i": {"title": "T"}, "report": {"entries": [1, 2]}}
        said = "written"
        try:
            render("postmortem", "own", known, filters={"text": as_markdown}, own=Path(folder), slowest=0.3)
        except Unrenderable as error:
            said = str(error)
        assert len(said.splitlines()) == 1


FORM = "application/x-www-form-urlencoded"
ZONES = sorted(available_timezones())
BUTTONS = sorted(value for name, value in vars(actions).items() if name.isupper() and isinstance(value, str))
SLACK = [*examples.slack(CHANNEL).values()]
HEX = st.text(alphabet="0123456789abcdef", min_size=60, max_size=66)

_verbs = sorted([*VERBS, *(alias for v in VERBS.values() for alias in (*v.aliases, *v.shorthand))])
_slash = st.one_of(
    badness.words,
    st.tuples(st.sampled_from(_verbs), badness.words).map(" ".join),
    st.tuples(st.sampled_from(["INC-1", "inc-9", "INC-1:"]), st.sampled_from(_verbs), badness.words).map(" ".join),
)
_clock = st.from_regex(
    r"((\d{4}-\d{2}-\d{2}|today|yesterday)[ T])?\d{1,2}:\d{2}(:\d{2})?"
    r"( ?[ap]m)?( ?(Z|[+-]\d{2}:?\d{2}| [A-Z]{2,5}))?( .{0,5})?",
    fullmatch=True,
)
_times = st.tuples(
    st.one_of(_clock, _clock, badness.words, st.from_regex(r"\d{1,5}[dhm]{1,2}( ago)?.{0,5}", fullmatch=True)),
    st.sampled_from([*ZONES, "", "Nowhere/City", "../etc", "\x00", "UTC"]),
    st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
_elements = st.one_of(
    st.builds(lambda v: {"type": "plain_text_input", "value": v}, badness.values),
    st.builds(lambda v: {"type": "static_select", "selected_option": {"value": v}}, badness.values),
    st.builds(lambda v: {"type": "users_select", "selected_user": v}, badness.values),
    st.builds(lambda v: {"type": "multi_static_select", "selected_options": [{"value": v}]}, badness.values),
    badness.values,
)
_fields = [
    *("title", "text", "at", "severity", "services", "person", "role", "summary", "impact", "impact_start"),
    *("detected", "mitigated", "resolution", "reason", "target", "command", "why", "resolved"),
]
_states = st.tuples(
    st.sampled_from([*FORMS, *FORMS, "nothing"]), st.dictionaries(st.sampled_from(_fields), _elements, max_size=4)
)
_clicks = st.tuples(
    st.sampled_from(BUTTONS),
    st.one_of(
        badness.words,
        st.from_regex(r"(1|2|0|9{9}|٣|²)(/[a-z0-9٣²-]{0,12}){0,3}", fullmatch=True),
        st.tuples(st.sampled_from(["hide", "correct", "redact"]), st.from_regex(r"/1/\d{0,11}", fullmatch=True)).map(
            "".join
        ),
    ).map(lambda value: value[:2000]),
)
_frames = [
    {"type": kind, "envelope_id": "e-1", "accepts_response_payload": True, "payload": payload}
    for kind, payloads in {
        "slash_commands": [examples.command(CHANNEL, "note well")],
        "interactive": [e for e in SLACK if e.get("type") not in (None, "event_callback")],
        "events_api": list(examples.events(CHANNEL).values()),
    }.items()
    for payload in payloads
] + [{"type": "hello", "num_connections": 1}, {"type": "disconnect", "reason": "warning", "debug_info": {}}]
_yaml = st.one_of(
    st.sampled_from(
        [
            'slack:\n  announce_channel: "#incidents"\n  mode: socket\n',
            "policy:\n  rules:\n    - {priority: P1, action: open, severity: 1}\n    - {action: keep}\n",
            "policy:\n  paging:\n    answer_within: 5\n    commanders: {kind: policy, id: PABC123, name: IC}\n",
            "postmortem:\n  zone: Europe/Berlin\n  names: yes\nlog: {level: INFO}\n",
            "policy:\n  severities:\n    - {level: 1, label: SEV1, meaning: bad, pages: true, update_every: 30}\n",
            "database_url: sqlite:///x.db\nhttp: {port: 8080, host: 0.0.0.0}\n",
        ]
    ).map(str.encode),
    st.dictionaries(
        st.sampled_from(["slack", "policy", "http", "log", "postmortem", "pagerduty", "database_url", "x"]),
        badness.values,
        max_size=3,
    ).map(badness.encoded),
    badness.words.map(lambda text: text.encode("utf-8", "surrogatepass")),
)
_jinja = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *("{{ ", " }}", "{% for x in words %}", "{% endfor %}", "{% if i.title %}", "{% endif %}", "{#", "#}"),
                *("words", "i.title", "report.entries", "|text", "|join(',')", "|length", "|batch(2)", "|tojson"),
                *("range(99999)", "* 10", "~ i", "'%d' % 1", "[1] * 9", "''.__class__", "loop.index", "|format(1)"),
                *("{% include 'nowhere' %}", "{% import 'x' as y %}"),
                *("{% extends 'nowhere' %}", "{% set i = words %}", "{% block b %}", "{% endblock %}"),
                *("{% macro m() %}", "{% endmacro %}", "{{ m() }}", "|center(99999999)", "|indent(999999)"),
                *("{% raw %}", "lipsum(9)", "cycler('a')", "namespace()", "|xmlattr", "|pprint"),
                *("|wordwrap(1)", "|replace('a', words)", "|map('upper')", "|groupby(0)", "|slice(99999999)|list"),
            ]
        ),
        badness.words,
    ),
    max_size=8,
).map("".join)
_lines = st.one_of(
    badness.json_bodies([{"do": "echo", "a": 1}, {"do": "echo", "list": [1, {"b": None}]}]),
    st.sampled_from([b"", b"\n", b"[" * 100_000, b'{"do":' * 20_000, b'{"do": []}', b'{"do": {}}', b"NaN"]),
)

NESTS = [
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"event":{"id":"\\ud83d","event_type":"x","data":' + b"[" * 2_000 + b"]" * 2_000 + b"}}",
    b'{"type":"event_callback","event_id":"E1","event":{"type":"app_mention","x":' + b"[" * 900 + b"]" * 900 + b"}}",
]


def _deep(bodies: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """What exhausts a stack, now and then."""
    return st.one_of(*[bodies] * 9, st.sampled_from(NESTS))


TARGETS = (
    Target("webhook body", _deep(badness.json_bodies([*examples.WEBHOOKS.values()])), webhook_body),
    Target(
        "signature header",
        st.lists(st.one_of(st.binary(max_size=80), HEX.map(lambda h: f"v1={h},v2={h}".encode())), max_size=4),
        signature_header,
    ),
    Target(
        "slack headers",
        st.dictionaries(
            st.sampled_from(["x-slack-signature", "x-slack-request-timestamp", "content-type", "x-slack-retry-num"]),
            st.one_of(badness.words, HEX.map("v0={}".format), st.integers().map(str)),
        ),
        slack_headers,
    ),
    Target("slash text", _slash, slash_text),
    Target("slack payload", _deep(badness.json_bodies(SLACK)), slack_delivery),
    Target("slack body", badness.json_bodies(list(examples.events(CHANNEL).values())), slack_bytes),
    Target("view state", _states, view_state),
    Target("button value", _clicks, button_value),
    Target("event payload", badness.wrong([e["event"] for e in examples.events(CHANNEL).values()]), event_payload),
    Target("socket frame", _deep(badness.json_bodies(_frames)), socket_frame),
    Target("control line", _lines, control_line),
    Target("typed time", _times, typed_time),
    Target("typed words", badness.words, typed_words),
    Target("muster.yaml", badness.torn(_yaml), muster_yaml),
    Target("template", _jinja, template),
)
