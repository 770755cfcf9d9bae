"""Whether a webhook was signed with one of our secrets.

Source: "Verifying Signatures" in PagerDuty's webhook documentation: HMAC-SHA256 of the raw body in lower-case hex,
`v1=…`, several separated by commas while a secret is being rotated. The secret is used as it is, never decoded.
"""

import hmac
from collections.abc import Iterable, Sequence
from enum import Enum

MOST = 16
"""Candidates that are compared; PagerDuty sends one for each of a subscription's secrets."""
DIGITS = 64
_HEX = frozenset(b"0123456789abcdef")


class Verdict(Enum):
    """What a signature is worth."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    """None there, or none in PagerDuty's form: not from PagerDuty."""
    UNKNOWN = "unknown"
    """In the right form, made with a secret that we do not have: rotated, or forged."""


class Signatures:
    """Verifies bodies against several secrets at once, so that one can be rotated without losing a webhook."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(secret.encode() for secret in secrets)

    def verdict(self, body: bytes, headers: Sequence[bytes]) -> Verdict:
        """`headers` are the raw values of `X-PagerDuty-Signature`, in as many header lines as came."""
        candidates = _candidates(headers)
        if not candidates:
            return Verdict.UNSIGNED
        for secret in self._secrets:
            expected = hmac.digest(secret, body, "sha256").hex().encode()
            if any(hmac.compare_digest(expected, candidate) for candidate in candidates):
                return Verdict.SIGNED
        return Verdict.UNKNOWN


def _candidates(headers: Sequence[bytes]) -> list[bytes]:
    """The hex digits of the first `v1=` signatures; other versions and anything malformed are passed over."""
    found: list[bytes] = []
    for header in headers:
        for part in header.split(b",", MOST * 4):
            version, _, digits = part.strip(b" \t").partition(b"=")
            if version == b"v1" and len(digits) == DIGITS and _HEX.issuperset(digits):
                found.append(digits)
                if len(found) == MOST:
                    return found
    return found
