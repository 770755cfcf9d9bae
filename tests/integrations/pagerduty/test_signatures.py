"""Which signatures are believed."""

import hashlib
import hmac

import pytest

from bot.integrations.pagerduty.signatures import MOST, Signatures, Verdict

BODY = b'{"event": {}}'


def sign(secret: str, body: bytes = BODY) -> bytes:
    return b"v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()


WRONG = sign("not ours")
BOTH = Signatures(["old", "new"])


def test_a_signature_by_any_of_our_secrets_is_believed() -> None:
    assert BOTH.verdict(BODY, [sign("old")]) is Verdict.SIGNED
    assert BOTH.verdict(BODY, [sign("new")]) is Verdict.SIGNED


def test_one_good_signature_among_others_is_enough_wherever_it_stands() -> None:
    for header in (WRONG + b"," + sign("new"), sign("new") + b" , " + WRONG, b"v2=abc,," + sign("new")):
        assert BOTH.verdict(BODY, [header]) is Verdict.SIGNED, header


def test_signatures_may_come_in_several_header_lines() -> None:
    assert BOTH.verdict(BODY, [WRONG, sign("old")]) is Verdict.SIGNED


def test_a_signature_of_another_body_or_secret_is_unknown() -> None:
    assert BOTH.verdict(BODY + b" ", [sign("old")]) is Verdict.UNKNOWN
    assert BOTH.verdict(BODY, [WRONG]) is Verdict.UNKNOWN


def test_without_secrets_nothing_is_believed() -> None:
    assert Signatures([]).verdict(BODY, [sign("")]) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"v1=",
        b"v1",
        b"=" + sign("old")[3:],
        sign("old")[3:],
        sign("old").replace(b"v1=", b"v2="),
        sign("old").replace(b"v1=", b"V1="),
        sign("old").upper().replace(b"V1", b"v1"),
        sign("old")[:-1],
        sign("old") + b"0",
        sign("old").replace(b"v1=", b"v1= "),
        b"v1=" + b"g" * 64,
        b"v1=" + b"\xff" * 64,
        b"," * 1000,
    ],
)
def test_what_has_not_the_documented_form_is_no_signature(header: bytes) -> None:
    assert BOTH.verdict(BODY, [header]) is Verdict.UNSIGNED


def test_no_header_is_no_signature() -> None:
    assert BOTH.verdict(BODY, []) is Verdict.UNSIGNED


def test_no_more_than_sixteen_candidates_are_compared() -> None:
    decoys = b",".join([WRONG] * (MOST - 1))
    assert BOTH.verdict(BODY, [decoys + b"," + sign("old")]) is Verdict.SIGNED
    assert BOTH.verdict(BODY, [decoys + b"," + WRONG + b"," + sign("old")]) is Verdict.UNKNOWN
