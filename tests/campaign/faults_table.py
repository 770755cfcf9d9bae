"""What can be refused or go wrong, row by row, and what is promised to come of it.

The codes are those on the pages of the methods (https://docs.slack.dev/reference/methods, and …/_errors/common for
what every method may say) and on the page "Errors" of PagerDuty's REST API reference.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.sandbox import Rule
from bot.sandbox.faults import CallFault, System


class Outcome(StrEnum):
    """What is promised to come of a fault."""

    SAME = "It is tried again by itself, and the story ends as on any other day."
    DONE = "It counts as done: it is so already."
    WAITS = (
        "Everything waits, visible with the reason; nothing is given up; once it is mended all of it is there, once."
    )
    PARKED = "It is parked with the reason, and people are told; the rest goes on; after the mend one Retry does it."
    PLAIN = "It is said in plain words instead."
    NAMED = "Who cannot come is named, with the reason; whoever else is asked comes."
    NEXT = "The next free name is taken."
    UNSEEN = "Where Muster may not look whether it was done, it does nothing twice: it is parked, and people are told."
    SAID = "It is not done, and what is on record says so; people are told why, and there is nothing to be tried again."
    LET_IN = "People are told how to let Muster in; it is not tried again."
    AGAIN = "Nothing waits for it: it is said in another way, or is there once somebody asks again."
    OWN = "The page goes out all the same, as an incident of its own."
    BY_HAND = "People are told at once to call by hand; the page is parked, and a Retry sends it after the mend."


@dataclass(frozen=True)
class Refusal:
    """A call, what is said instead of its answer, and what is promised to come of it.

    `code`: Slack's word; PagerDuty's status and number, as in "404/2100".
    """

    system: System
    method: str
    code: str
    outcome: Outcome

    def __str__(self) -> str:
        return f"{self.system} {self.method} {self.code}"


DEAD = """account_inactive app_access_restricted ekm_access_denied enterprise_is_restricted invalid_auth
not_allowed_token_type not_authed org_login_required team_access_not_granted token_expired token_revoked"""
"""Credentials that Slack does not take, whatever the method."""
RATED = "ratelimited rate_limited too_many_requests"
UNSURE = "fatal_error internal_error request_timeout"
"""Some of it may have happened: tried with the act done, and with it not done."""
LATER = "accesslimited external_channel_migrating service_unavailable team_added_to_org"
COMMON = """access_denied deprecated_endpoint invalid_arg_name invalid_arguments invalid_array_arg invalid_charset
invalid_form_data invalid_post_type is_bot method_deprecated missing_post_type missing_scope no_permission
two_factor_setup_required never_seen_before"""
"""What every method may say, and no later try will change: tried with one method, for all."""

PERSONAL = """app_cannot_join_channel cant_invite invitee_cant_see_channel no_external_invite_permission
org_user_not_in_team ura_max_channels user_is_restricted user_not_found"""
CONTENT = """invalid_blocks invalid_blocks_format invalid_metadata_format invalid_metadata_schema metadata_too_large
msg_blocks_too_long msg_too_long no_text"""

METHODS = {
    "conversations.create": """cannot_create_channel canvas_disabled_user_team invalid_name invalid_name_maxlength
    invalid_name_punctuation invalid_name_required invalid_name_specials missing_argument missing_scope no_channel
    restricted_action""",
    "conversations.invite": """channel_not_found is_archived method_not_supported_for_channel_type missing_scope
    no_permission no_user not_in_channel""",
    "conversations.setTopic": f"""channel_not_found is_archived method_not_supported_for_channel_type not_in_channel
    too_long user_is_restricted {COMMON}""",
    "conversations.info": "channel_is_limited_access channel_not_found missing_scope",
    "chat.postMessage": """as_user_not_supported attachment_payload_limit_exceeded cannot_reply_to_message
    channel_not_found draft_already_deleted draft_already_sent draft_has_conflict draft_not_found
    duplicate_channel_not_found duplicate_message_not_found is_archived markdown_text_conflict message_limit_exceeded
    messages_tab_disabled metadata_must_be_sent_from_app missing_file_data not_in_channel restricted_action
    restricted_action_non_threadable_channel restricted_action_read_only_channel restricted_action_thread_locked
    restricted_action_thread_only_channel send_on_behalf_not_allowed slack_connect_canvas_sharing_blocked
    slack_connect_file_link_sharing_blocked slack_connect_lists_sharing_blocked team_not_found too_many_attachments
    too_many_contact_cards""",
    "chat.update": f"""as_user_not_supported block_mismatch blocked_file_type cant_broadcast_message
    cant_update_message channel_not_found edit_window_closed file_deleted file_is_deleted file_not_found
    slack_connect_canvas_sharing_blocked slack_connect_clip_sharing_blocked slack_connect_file_link_sharing_blocked
    slack_connect_file_upload_sharing_blocked file_share_limit_reached invalid_attachments is_inactive
    markdown_text_conflict max_file_sharing_exceeded message_limit_exceeded metadata_must_be_sent_from_app
    no_dual_broadcast_content_update posting_to_channel_denied slack_connect_blocked_file_type
    streaming_state_conflict team_not_found too_many_attachments
    unable_to_share_files {CONTENT}""",
    "pins.add": """bad_timestamp channel_not_found file_not_found file_not_shared message_not_found missing_scope
    no_item_specified not_in_channel not_pinnable restricted_action too_many_pins""",
    "bookmarks.add": """access_denied cannot_bookmark_from_external_org cannot_bookmark_restricted_sharing_enabled
    channel_not_found file_already_added file_not_found invalid_app_action_type invalid_bookmark_type
    invalid_child_type invalid_emoji invalid_entity_id invalid_link invalid_parent_type invalid_shortcut_type
    missing_scope not_implemented parent_bookmark_disabled parent_with_link permission_denied
    slack_connect_blocked_file_type slack_connect_clip_sharing_blocked slack_connect_file_upload_sharing_blocked
    too_many_bookmarks too_many_tabs""",
    "files.getUploadURLExternal": """alt_txt_too_large file_type_not_allowed file_upload_size_restricted
    file_uploads_disabled file_uploads_except_images_disabled missing_argument snippet_too_large storage_limit_reached
    unknown_snippet_type unknown_subtype""",
    "files.completeUploadExternal": """access_denied channel_not_found channels_limit_exceeded file_not_found
    file_type_not_allowed file_uploads_except_images_disabled invalid_blocks invalid_channel not_in_channel
    posting_to_channel_denied""",
    "conversations.open": """channel_not_found invalid_user_combination method_not_supported_for_channel_type
    missing_scope not_enough_users too_many_users user_disabled user_not_found user_not_visible
    users_list_not_supplied""",
    "conversations.rename": """channel_not_found invalid_name invalid_name_maxlength invalid_name_punctuation
    invalid_name_required invalid_name_specials is_archived method_not_supported_for_channel_type missing_scope
    not_in_channel""",
    "conversations.archive": """cant_archive_general cant_archive_required channel_not_found
    method_not_supported_for_channel_type missing_scope not_in_channel restricted_action""",
    "conversations.join": "channel_is_limited_access missing_scope too_many_members",
    "bookmarks.list": "access_denied channel_not_found not_implemented missing_scope",
    "bookmarks.remove": """access_denied channel_not_found invalid_bookmark_type missing_scope not_implemented
    permission_denied user_not_found""",
    "bookmarks.edit": """access_denied channel_not_found invalid_bookmark_type invalid_emoji invalid_link missing_scope
    not_implemented parent_with_link permission_denied slack_connect_blocked_file_type
    slack_connect_clip_sharing_blocked slack_connect_file_upload_sharing_blocked""",
    "usergroups.list": "invalid_cursor invalid_team missing_argument users_not_found",
    "usergroups.users.list": "invalid_cursor",
    "conversations.list": """invalid_cursor invalid_limit invalid_types method_not_supported_for_channel_type
    missing_argument missing_scope""",
    "files.delete": "cant_delete_file delete_not_allowed file_deleting_disabled missing_scope",
}
"""What is refused and will be until a person mends it, by method."""

SO_ALREADY = {
    "pins.add": "already_pinned",
    "conversations.archive": "already_archived",
    "conversations.unarchive": "not_archived method_not_supported_for_channel_type",
    "conversations.join": "method_not_supported_for_channel_type",
    "bookmarks.remove": "not_found",
    "bookmarks.edit": "not_found",
    "files.delete": "file_deleted file_not_found",
}
"""Refusals that say that nothing is left to be done."""

REPLIES = {
    "views.open": """duplicate_external_id exchanged_trigger_id expired_trigger_id invalid_trigger_id
    missing_scope view_too_large""",
    "views.update": "duplicate_external_id hash_conflict missing_scope not_found view_too_large",
    "views.publish": """duplicate_external_id hash_conflict missing_profile_id missing_scope not_enabled not_implemented
    view_too_large""",
    "chat.postEphemeral": """cannot_reply_to_message channel_not_found invalid_attachments invalid_blocks
    invalid_blocks_format is_archived markdown_text_conflict message_limit_exceeded messages_tab_disabled missing_scope
    msg_too_long no_text not_in_channel restricted_action too_many_attachments user_not_in_channel""",
}
"""What is said at once to who asks, and never promised."""

STEPS = {
    "conversations.create": {"open_room"},
    "conversations.invite": {"invite"},
    "conversations.setTopic": {"set_topic"},
    "conversations.info": {"set_topic"},
    "chat.postMessage": {"post_card", "post_announcement", "say", "tell"},
    "chat.update": {"refresh_card", "refresh_announcement"},
    "pins.add": {"pin_card"},
    "bookmarks.add": {"add_bookmark"},
    "files.getUploadURLExternal": {"upload_draft"},
    "files.completeUploadExternal": {"upload_draft"},
    "usergroups.list": {"invite"},
    "usergroups.users.list": {"invite"},
    "conversations.list": {"post_announcement"},
    "conversations.open": {"send_export"},
    "conversations.rename": {"rename_room", "unname_room"},
    "conversations.archive": {"archive_room"},
    "conversations.join": {"unarchive_room"},
    "conversations.unarchive": {"unarchive_room"},
    "bookmarks.list": {"remove_bookmark", "retitle_bookmarks"},
    "bookmarks.remove": {"remove_bookmark"},
    "bookmarks.edit": {"retitle_bookmarks"},
    "files.delete": {"withdraw_exports", "withdraw_drafts"},
    "POST /incidents/{id}/notes": {"note_there"},
    "PUT /incidents/{id}": {"resolve_there"},
}
"""The promises that hang on a method: what its refusal parks."""

LOOKS = {
    "conversations.create": ("users.conversations", "missing_scope invalid_types"),
    "chat.postMessage": ("conversations.history", "missing_scope not_in_channel channel_is_limited_access"),
    "bookmarks.add": ("bookmarks.list", "access_denied channel_not_found not_implemented missing_scope"),
    "files.completeUploadExternal": ("conversations.history", "missing_scope invalid_ts_oldest"),
}
"""For a call whose answer was lost: where its mark is looked for, and how the look is refused."""

CHORES = ("POST /incidents/{id}/notes", "PUT /incidents/{id}")
PAGES = ("POST /incidents/{id}/responder_requests", "POST /incidents")
"""The page asks for help on the incident that is there; where that is refused it opens one of its own."""
NO = "400/2001 400/1008 402/2014 403/2010 404/2100 409/2001 422/2001"


def _rows(system: System, method: str, codes: str, outcome: Outcome) -> list[Refusal]:
    return [Refusal(system, method, code, outcome) for code in codes.split()]


TABLE: tuple[Refusal, ...] = (
    *_rows("slack", "*", f"{RATED} {LATER} {UNSURE}", Outcome.SAME),
    *_rows("slack", "*", DEAD, Outcome.WAITS),
    *_rows("slack", "chat.postMessage", "missing_scope", Outcome.WAITS),
    *(row for method, codes in METHODS.items() for row in _rows("slack", method, codes, Outcome.PARKED)),
    *_rows("slack", "chat.postMessage", CONTENT, Outcome.PLAIN),
    *_rows("slack", "conversations.invite", PERSONAL, Outcome.NAMED),
    *_rows("slack", "conversations.invite", "already_in_channel cant_invite_self", Outcome.DONE),
    *(row for method, codes in SO_ALREADY.items() for row in _rows("slack", method, codes, Outcome.DONE)),
    *_rows("slack", "usergroups.list", "missing_scope plan_upgrade_required", Outcome.NAMED),
    *_rows("slack", "usergroups.users.list", "missing_scope no_such_subteam plan_upgrade_required", Outcome.NAMED),
    *(row for method, codes in REPLIES.items() for row in _rows("slack", method, codes, Outcome.AGAIN)),
    *_rows("slack", "conversations.rename", "name_taken not_authorized", Outcome.SAID),
    *_rows("slack", "conversations.join", "channel_not_found is_archived", Outcome.LET_IN),
    *_rows("slack", "conversations.unarchive", "channel_not_found", Outcome.LET_IN),
    *_rows("slack", "conversations.create", "name_taken", Outcome.NEXT),
    *(row for method, (_, codes) in LOOKS.items() for row in _rows("slack", method, codes, Outcome.UNSEEN)),
    *(row for method in CHORES for row in _rows("pagerduty", method, NO, Outcome.PARKED)),
    *_rows("pagerduty", "PUT /incidents/{id}", "400/1001 400/1002", Outcome.DONE),
    *_rows("pagerduty", "PUT /incidents/{id}", "400/1005", Outcome.SAME),
    *_rows("pagerduty", "*", "401/2006", Outcome.WAITS),
    *_rows("pagerduty", PAGES[0], NO, Outcome.OWN),
    *_rows("pagerduty", PAGES[1], NO, Outcome.BY_HAND),
)
"""Every refusal and its outcome."""


@dataclass(frozen=True)
class Odd:
    """An answer as no documentation has it, given once to each call of the story: the story ends the same.

    `after`: the act is done, and only its answer is odd.
    """

    name: str
    status: int = 200
    body: str = ""
    media: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    after: bool = False

    def rule(self, system: System, method: str) -> Rule:
        headers = {"content-type": self.media, **dict(self.headers)}
        kind: CallFault = "answer_after" if self.after else "answer"
        return Rule(system, method, kind, status=self.status, body=self.body, headers=headers)


def _asked(seconds: str) -> Odd:
    body = '{"ok": false, "error": "ratelimited"}'
    return Odd(f"Retry-After: {seconds}", 429, body, headers=(("retry-after", seconds), ("ratelimit-reset", seconds)))


ODD: tuple[Odd, ...] = (
    Odd("a page instead of JSON", body="<html>Sign in to the network</html>", media="text/html"),
    Odd("a page with 403", 403, "<html>Blocked by policy</html>", "text/html"),
    Odd("nothing at all"),
    Odd("an empty object", body="{}"),
    Odd("ok without the rest", body='{"ok": true}', after=True),
    Odd("a list", body="[]"),
    Odd("a word", body='"ok"'),
    Odd("null", body="null"),
    Odd("cut off in the middle", body='{"ok": true, "channel": {"id": "C0'),
    Odd("nested without end", body="[" * 20_000),
    Odd("three megabytes", body='{"ok": true, "padding": "' + "x" * 3_000_000 + '"}', after=True),
    Odd("no text at all", body="\x00\x01\x02"),
    Odd("a refusal without a word", body='{"ok": false}'),
    Odd("a redirect to nowhere", 302, headers=(("location", "/nowhere"),)),
    Odd("a redirect to itself", 307, headers=(("location", "?"),)),
    Odd("a status that nobody knows", 599, "?", "text/plain"),
    *(_asked(s) for s in ("0", "-5", "1e999", "nan", "soon", "Wed, 21 Oct 2026 07:28:00 GMT")),
    Odd("429 without Retry-After", 429, '{"ok": false, "error": "ratelimited"}'),
)
