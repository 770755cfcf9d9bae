"""The yardstick of the intake benchmark: the same server, a handler that only verifies and parses."""

import hashlib
import hmac
import json
import sys

import uvicorn
from starlette.types import Receive, Scope, Send

from bot.sandbox.pagerduty.seed import WEBHOOK_SECRET


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Bare ASGI: 202 for a signed JSON body, 401 otherwise."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    given = dict(scope["headers"]).get(b"x-pagerduty-signature", b"").removeprefix(b"v1=")
    expected = hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest().encode()
    status = 202 if hmac.compare_digest(given, expected) and json.loads(body) else 401
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
