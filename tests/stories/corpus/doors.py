"""What comes to a door and is no delivery at all: broken HTTP, odd paths, odd lines, odd words in a terminal."""

from collections.abc import Mapping

HOST = b"Host: muster.example\r\n"


def get(path: bytes, more: bytes = b"") -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n" + more + b"\r\n"


def post(path: bytes, more: bytes, body: bytes = b"") -> bytes:
    return b"POST " + path + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n" + more + b"\r\n" + body


HTTP: Mapping[str, tuple[bytes, int | None]] = {
    "as it should be": (get(b"/healthz"), 200),
    "a whole address": (get(b"http://muster.example/healthz"), 404),
    "HTTP/1.0": (b"GET /healthz HTTP/1.0\r\n\r\n", 200),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 404),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200 + b"\r\n\r\n", 400),
    "no HTTP": (b"hello\r\n\r\n", 400),
    "nothing": (b"\r\n\r\n", 400),
    "nul": (b"\x00" * 100 + b"\r\n\r\n", 400),
    "no host": (b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
    "two hosts": (get(b"/healthz", HOST), 400),
    "a header without a colon": (get(b"/healthz", b"nonsense\r\n"), 400),
    "a header with nul": (get(b"/healthz", b"x: a\x00b\r\n"), 400),
    "a header without a name": (get(b"/healthz", b": x\r\n"), 400),
    "a header in two lines": (get(b"/healthz", b"x: a\r\n b\r\n"), 200),
    "a header that is not ascii": (get(b"/healthz", b"x: \xff\xfe\r\n"), 200),
    "a method of one's own": (b"BREW /healthz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n", 405),
    "a tunnel": (b"CONNECT example.com:443 HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n", 404),
    "an upgrade": (get(b"/healthz", b"Upgrade: websocket\r\nSec-WebSocket-Key: x\r\n"), 200),
    "a path out of here": (get(b"/../../../../etc/passwd"), 404),
    "a path out of here, encoded": (get(b"/%2e%2e/%2e%2e/etc/passwd"), 404),
    "a path out of here, doubly": (get(b"/%252e%252e%252fetc%252fpasswd"), 404),
    "a path with nul": (get(b"/%00"), 404),
    "a path that is not utf-8": (get(b"/%ff%fe"), 404),
    "a path that breaks off": (get(b"/%"), 404),
    "a path with a line": (get(b"/%0d%0aSet-Cookie:x=1"), 404),
    "two slashes": (get(b"//healthz"), 404),
    "upper case": (get(b"/HEALTHZ"), 404),
    "a long path": (get(b"/" + b"a" * 20_000), 404),
    "a long query": (get(b"/healthz?" + b"a" * 20_000), 200),
    "a query that is none": (get(b"/healthz?%ff=%00&&&=&a=b=c"), 200),
    "a slash too many": (get(b"/metrics/"), 307),
    "posted to a page": (post(b"/metrics", b"Content-Length: 0\r\n"), 405),
    "a webhook's path, got": (get(b"/webhooks/pagerduty"), 405),
    "a webhook's path, deeper": (post(b"/webhooks/pagerduty/x", b"Content-Length: 0\r\n"), 404),
    "a webhook's path, encoded": (post(b"/webhooks%2Fpagerduty", b"Content-Length: 0\r\n"), 401),
    "a length that is none": (post(b"/webhooks/pagerduty", b"Content-Length: many\r\n"), 400),
    "a length below zero": (post(b"/webhooks/pagerduty", b"Content-Length: -1\r\n"), 400),
    "two lengths": (post(b"/webhooks/pagerduty", b"Content-Length: 1\r\nContent-Length: 2\r\n", b"ab"), 400),
    "a length of 10^30": (post(b"/webhooks/pagerduty", b"Content-Length: 1" + b"0" * 30 + b"\r\n"), 400),
    "chunks and a length": (
        post(b"/webhooks/pagerduty", b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
        401,
    ),
    "chunks of no size": (post(b"/webhooks/pagerduty", b"Transfer-Encoding: chunked\r\n", b"zz\r\n\r\n"), 400),
    "chunks below zero": (post(b"/webhooks/pagerduty", b"Transfer-Encoding: chunked\r\n", b"-5\r\nhello\r\n"), 400),
    "chunks, good": (
        post(b"/webhooks/pagerduty", b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n0\r\n\r\n"),
        401,
    ),
    "another coding": (post(b"/webhooks/pagerduty", b"Transfer-Encoding: gzip\r\n", b"x"), 400),
    "a body that breaks off": (post(b"/webhooks/pagerduty", b"Content-Length: 100\r\n", b"five"), None),
    "a request that breaks off": (b"POST /webhooks/pagerduty HT", None),
    "more than was said": (post(b"/webhooks/pagerduty", b"Content-Length: 1\r\n", b"abcdef"), 401),
    "headers without end": (get(b"/healthz", b"x: " + b"a" * 3_000_000 + b"\r\n"), 400),
    "ten thousand headers": (get(b"/healthz", b"x: a\r\n" * 30_000), 400),
}
"""Bytes on the line, and the status that comes back; None: hung up on, for no answer makes sense."""

LINES: Mapping[str, tuple[bytes, str]] = {
    "nothing": (b"", "does not know"),
    "an empty line": (b"\n", "does not know"),
    "no json": (b"hello\n", "does not know"),
    "null": (b"null\n", "does not know"),
    "a list": (b"[]\n", "does not know"),
    "a number": (b"1e400\n", "does not know"),
    "an object": (b"{}\n", "does not know"),
    "a wish that is a list": (b'{"do": []}\n', "does not know"),
    "a wish that is an object": (b'{"do": {"a": 1}}\n', "does not know"),
    "a wish that is null": (b'{"do": null}\n', "does not know"),
    "a wish of another version": (b'{"do": "launch"}\n', "does not know"),
    "a wish of Python's": (b'{"do": "__class__"}\n', "does not know"),
    "deep": (b"[" * 50_000 + b"\n", "does not know"),
    "not utf-8": (b'{"do": "\xff"}\n', "does not know"),
    "half a character": (b'{"do": "\\ud800"}\n', "does not know"),
    "two wishes": (b'{"do": "x"}{"do": "y"}\n', "does not know"),
    "keys twice": (b'{"do": "outbox.retry", "do": "x"}\n', "does not know"),
    "an argument too few": (b'{"do": "outbox.retry"}\n', "TypeError"),
    "an argument too many": (b'{"do": "outbox.retry", "effect": 1, "x": 2}\n', "TypeError"),
    "an argument called self": (b'{"do": "outbox.retry", "self": 1}\n', "TypeError"),
}
"""Lines to the control socket, and what the answer says."""

CLI: Mapping[str, tuple[tuple[str, ...], int]] = {
    "no such verb": (("launch",), 2),
    "an option of nobody": (("timeline", "INC-1", "--everything"), 2),
    "no incident": (("timeline",), 2),
    "no name": (("timeline", "checkout"), 2),
    "an empty name": (("timeline", ""), 2),
    "a blank": (("timeline", " "), 2),
    "an odd name": (("timeline", "INC-٣"), 2),
    "a squared number": (("timeline", "INC-²"), 2),
    "below zero": (("timeline", "--", "-1"), 2),
    "a fraction": (("timeline", "1.5"), 2),
    "a huge number": (("timeline", "9" * 400), 2),
    "an incident that is not there": (("timeline", "INC-999"), 1),
    "its draft": (("postmortem", "INC-999"), 1),
    "its draft, fresh": (("postmortem", "INC-999", "--fresh"), 1),
    "words of SQL": (("timeline", "1; drop table incident"), 2),
    "a promise that is none": (("outbox", "retry", "all"), 2),
    "a promise that is not there": (("outbox", "retry", "999"), 1),
    "a promise below zero": (("outbox", "drop", "--", "-1"), 2),
    "a promise no database counts to": (("outbox", "drop", "9" * 30), 2),
    "an entry that is not there": (("replay", "999"), 1),
    "an entry no database counts to": (("replay", "9" * 30), 2),
    "an entry, and all": (("replay", "1", "--all"), 2),
    "neither": (("replay",), 2),
    "an event that is none": (("simulate", "pagerduty", "incident.teleported"), 2),
    "a file that is not there": (("--config", "nowhere.yaml", "config", "check"), 2),
    "a folder for a file": (("--config", ".", "config", "check"), 2),
    "a backup of nowhere": (("restore", "nowhere.db"), 2),
}
"""Words on the command line, and the code with which it ends, a sentence having been said."""
