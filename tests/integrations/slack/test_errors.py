"""Each way of failing at Slack has one meaning: try again, give up with a plain reason, or doubt."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.engine.effects import Doubtful, GiveUp, Retry
from bot.integrations.slack import errors
from bot.integrations.slack.rates import METHODS, PLACE, POSTS, rate_of


def refusal(code: str, status: int = 200, headers: dict[str, str] | None = None, **more: str) -> SlackApiError:
    """What slack_sdk raises when Slack answers `{"ok": false, "error": code}`."""
    body = {"ok": False, "error": code, **more} if code else {}
    response = AsyncSlackResponse(
        client=AsyncWebClient(),
        http_verb="POST",
        api_url="https://slack.com/api/x",
        req_args={},
        data=body,
        headers=headers or {},
        status_code=status,
    )
    return SlackApiError("no", response)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("code", sorted(errors.UNSURE))
def test_where_some_of_it_may_have_happened_it_is_doubted(code: str) -> None:
    assert isinstance(errors.unkept(refusal(code), "chat.postMessage").answer, Doubtful)


@pytest.mark.parametrize(
    "error",
    [
        refusal("", 502),
        refusal("", 200),
        refusal("name_taken", 503),
        aiohttp.ServerDisconnectedError(),
        TimeoutError(),
        ConnectionResetError(),
        AttributeError("'str' object has no attribute 'get'"),
        ValueError("no JSON"),
        SlackRequestError("odd"),
    ],
    ids=repr,
)
def test_an_answer_that_did_not_come_or_made_no_sense_is_doubted(error: Exception) -> None:
    assert isinstance(errors.unkept(error, "chat.postMessage").answer, Doubtful)


NONSENSE = ("soon", "", "-5", "inf", "nan", "1e999", "Wed, 21 Oct 2026 07:28:00 GMT")


@pytest.mark.parametrize(("said", "after"), [("30", 30.0), ("0", 0.0), *((said, None) for said in NONSENSE)])
def test_retry_after_is_kept_to_and_nonsense_is_the_usual_backoff(said: str, after: float | None) -> None:
    answer = errors.unkept(refusal("ratelimited", 429, {"Retry-After": said}), "chat.update").answer
    assert answer == Retry("Slack asked to wait (chat.update)", after=after, pause="slack/chat.update")


@pytest.mark.parametrize("code", sorted(errors.DEAD))
def test_dead_credentials_lose_nothing_and_say_what_to_do(code: str) -> None:
    answer = errors.unkept(refusal(code), "conversations.create").answer
    assert isinstance(answer, Retry)
    assert answer.after == errors.SPEECHLESS_AFTER
    assert "muster doctor" in answer.reason


def test_a_missing_scope_is_named_and_only_the_right_to_write_is_waited_for() -> None:
    pins = errors.unkept(refusal("missing_scope", needed="pins:write"), "pins.add").answer
    posts = errors.unkept(refusal("missing_scope", needed="chat:write"), "chat.postMessage").answer
    assert isinstance(pins, GiveUp)
    assert isinstance(posts, Retry)
    assert "the scope pins:write" in pins.reason
    assert "the scope chat:write" in posts.reason


@pytest.mark.parametrize("code", sorted(errors.LATER))
def test_a_busy_workspace_is_asked_again(code: str) -> None:
    assert isinstance(errors.unkept(refusal(code), "chat.postMessage").answer, Retry)


@pytest.mark.parametrize("code", sorted(errors.REASONS))
def test_a_refusal_has_a_reason_without_slacks_word_for_it(code: str) -> None:
    answer = errors.unkept(refusal(code), "chat.postMessage").answer
    assert isinstance(answer, GiveUp)
    assert "_" not in answer.reason


def test_an_unknown_refusal_names_slacks_word() -> None:
    assert errors.unkept(refusal("brand_new"), "x").answer == GiveUp("Slack refused it (brand_new)")


def test_each_budget_is_its_methods_tier() -> None:
    create = rate_of("slack/conversations.create")
    assert create is not None
    assert (create.per_minute, create.burst) == (20.0, 20)
    assert rate_of("slack/post/42") == PLACE
    assert rate_of("slack/chat.postMessage") == POSTS
    assert rate_of("pagerduty") is None
    assert rate_of("slack/auth.test") is None
    assert set(METHODS.values()) <= {2, 3, 4}


def test_posts_in_one_place_are_a_second_apart_for_slack_though_one_left_a_little_late() -> None:
    assert 60 / PLACE.per_minute >= 1.05
