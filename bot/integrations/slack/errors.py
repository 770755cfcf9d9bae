"""What each way of failing at Slack means for a promise: try again, give up with a plain reason, or doubt.

The codes: the pages of the methods at https://docs.slack.dev/reference/methods, and …/_errors/common.
"""

from math import inf

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError

from bot.engine.effects import Doubtful, GiveUp, Retry

SPEECHLESS_AFTER = 60.0
"""Seconds between tries with credentials that Slack does not take: somebody must act first, and all of it waits."""

RATED = frozenset({"ratelimited", "rate_limited", "too_many_requests"})
UNSURE = frozenset({"internal_error", "fatal_error", "request_timeout", "update_failed", "file_update_failed"})
"""Some of it may have happened before the error was raised (…/_errors/common)."""
LATER = frozenset({"service_unavailable", "team_added_to_org", "accesslimited", "external_channel_migrating"})
DEAD = {
    "invalid_auth": "Slack does not accept the bot token",
    "not_authed": "there is no bot token",
    "token_revoked": "the bot token was revoked",
    "token_expired": "the bot token has expired",
    "account_inactive": "the bot's account is deactivated",
    "not_allowed_token_type": "the configured token is no bot token",
    "org_login_required": "the workspace is moving to an organisation",
    "ekm_access_denied": "an administrator has suspended access to messages",
    "team_access_not_granted": "the app is not granted access to this workspace",
    "app_access_restricted": "the app is not allowed in this workspace",
    "enterprise_is_restricted": "the token may not be used in this organisation",
}
ARCHIVED = "the channel is archived; unarchive it, then Retry"
BY_HAND = (
    "Slack lets no app open an archived channel that it is not in any more; unarchive it in Slack, "
    "then type `/invite @Muster` there"
)
READ_ONLY = "the channel takes no messages of apps; ask an admin, then Retry"
PRINTED = "on the server, `muster postmortem` and `muster timeline` print what is in it"
NO_UPLOADS = f"uploads are switched off in this workspace; {PRINTED}"
REASONS = {
    "channel_not_found": "the channel is not there, or Muster is not in it; invite @Muster, then Retry",
    "not_in_channel": "Muster is not in the channel; invite @Muster, then Retry",
    "is_archived": ARCHIVED,
    "is_inactive": ARCHIVED,
    "channel_is_limited_access": "Muster may not see that channel; invite @Muster, then Retry",
    "restricted_action_read_only_channel": READ_ONLY,
    "restricted_action_thread_only_channel": READ_ONLY,
    "restricted_action_non_threadable_channel": READ_ONLY,
    "restricted_action_thread_locked": READ_ONLY,
    "restricted_action": "a setting of this workspace does not let apps do it; ask an admin, then Retry",
    "cannot_create_channel": "a setting of this workspace does not let apps create channels; ask an admin, then Retry",
    "no_permission": "a setting of this workspace does not let Muster do it; ask an admin, then Retry",
    "permission_denied": "Muster may not do it in this channel; ask an admin, then Retry",
    "access_denied": "Muster may not do it in this channel; ask an admin, then Retry",
    "posting_to_channel_denied": "Muster may not post in this channel; ask an admin, then Retry",
    "message_limit_exceeded": "this workspace has used up its messages; ask an admin",
    "message_not_found": "the message was deleted",
    "cant_update_message": "Slack does not let Muster edit that message",
    "edit_window_closed": "Slack does not let messages be edited after that time",
    "too_many_pins": "the channel has all the pins that Slack allows; remove one, then Retry",
    "too_many_bookmarks": "the channel has all the bookmarks that Slack allows; remove one, then Retry",
    "invalid_link": "Slack does not accept the link",
    "user_not_found": "Slack does not know that person",
    "messages_tab_disabled": "direct messages are switched off in the app's settings (App Home, Messages Tab)",
    "user_disabled": "that person's account is deactivated",
    "file_uploads_except_images_disabled": NO_UPLOADS,
    "file_upload_size_restricted": f"the file is larger than this workspace allows; {PRINTED}",
    "file_type_not_allowed": f"this workspace takes no text files; {PRINTED}",
    "cant_delete_file": "Slack does not let Muster delete that file; ask an admin to",
    "delete_not_allowed": "Slack does not let Muster delete that file; ask an admin to",
    "file_deleting_disabled": "deleting files is switched off in this workspace; ask an admin to",
    "file_uploads_disabled": NO_UPLOADS,
    "storage_limit_reached": f"the workspace's file storage is full; {PRINTED}",
}
CONTENT = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "metadata_too_large",
    }
)
"""Refusals of what a message says: plain words may pass."""


class Unkept(Exception):
    """A call to Slack that brought no result; `answer` is what it means for the promise, `code` Slack's word for it."""

    def __init__(self, answer: Retry | GiveUp | Doubtful, code: str = "", said: object = None) -> None:
        super().__init__(code or answer.reason)
        self.answer = answer
        self.code = code
        self.said = said
        """The body of the refusal, where there was one."""


SENSELESS = (AttributeError, ValueError, RecursionError)
"""What slack_sdk raises where the answer is no JSON object, such as a proxy's page."""
FAILURES = (SlackApiError, SlackRequestError, aiohttp.ClientError, TimeoutError, OSError, *SENSELESS)
"""All that a call of slack_sdk raises."""


def code_of(error: BaseException) -> str:
    """Slack's word for what it refused; empty where it was no refusal, or a proxy's page came instead of an answer:
    of such a one slack_sdk's own `error.response.get` breaks."""
    said = getattr(getattr(error, "response", None), "data", None)
    return str(said.get("error", "")) if isinstance(said, dict) else ""


def unkept(error: Exception, method: str) -> Unkept:
    """The meaning of what a call of slack_sdk raised, one of FAILURES."""
    if isinstance(error, SlackApiError):
        return _refused(error, method)
    if isinstance(error, aiohttp.ClientConnectorError):
        return Unkept(Retry(f"Slack cannot be reached ({method})"))
    if isinstance(error, aiohttp.ClientError | TimeoutError | OSError):
        return Unkept(Doubtful(f"Slack did not answer {method} ({type(error).__name__})"))
    return Unkept(Doubtful(f"Slack's answer to {method} made no sense ({type(error).__name__})"))


def _refused(error: SlackApiError, method: str) -> Unkept:
    response = error.response
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 0)
    said = getattr(response, "data", None)
    code = code_of(error)
    if status == 429 or code in RATED:
        wait = _seconds(getattr(response, "headers", {}))
        return Unkept(Retry(f"Slack asked to wait ({method})", after=wait, pause=f"slack/{method}"), code, said)
    if not code or status >= 500 or code in UNSURE:
        return Unkept(Doubtful(f"Slack failed at {method} ({code or status})"), code, said)
    return Unkept(meaning(code, method, said), code, said)


def meaning(code: str, method: str, said: object = None) -> Retry | GiveUp:
    """What a refusal by this code means; nothing was done."""
    if code in DEAD:
        return Retry(f"{DEAD[code]} ({code}): `muster doctor` says what to do", after=SPEECHLESS_AFTER)
    if code == "missing_scope":
        return _unscoped(method, said)
    if code in LATER:
        return Retry(f"Slack is busy with this workspace ({code})")
    return GiveUp(REASONS.get(code, f"Slack refused it ({code})"))


def _unscoped(method: str, said: object) -> Retry | GiveUp:
    """Without the right to write messages nothing works, and all of it waits; other rights are a step to be retried."""
    needed = str(said.get("needed", "")) if isinstance(said, dict) else ""
    reason = (
        f"the Slack app lacks the scope {needed or f'for {method}'}; add it (`muster manifest`), reinstall, then Retry"
    )
    return Retry(reason, after=SPEECHLESS_AFTER) if method.startswith("chat.") else GiveUp(reason)


def _seconds(headers: object) -> float | None:
    """Retry-After in seconds; None, for the usual backoff, where Slack does not say or says no number."""
    get = getattr(headers, "get", None)
    said = str(get("Retry-After", "")) if get else ""
    try:
        seconds = float(said)
    except ValueError:
        return None
    return seconds if 0 <= seconds < inf else None
