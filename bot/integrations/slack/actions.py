"""The names of our buttons and forms: what Slack sends back when one is used, and what the value beside it means.

A button's `action_id` is one of these names. Where a row holds the same button twice, the second is
`take_role#2`, since Slack wants every `action_id` of a block to be unique
(https://docs.slack.dev/reference/block-kit/block-elements/button-element/).
"""

from typing import Final

TAKE_ROLE: Final = "take_role"
"""`{incident}/{role}`: I take this role."""
TAKE_OVER: Final = "take_over"
"""`{incident}/{role}` or `{incident}/{role}/{slack user}`: yes, although someone holds it."""
JOIN_ROOM: Final = "join_room"
"""`{incident}`: invite me into its room."""
SET_STATUS: Final = "set_status"
"""`{incident}/{status}`."""
RESOLVE_FORM: Final = "resolve_form"
"""`{incident}`: open the form that resolves it."""
PANEL: Final = "panel"
"""`{incident}`: show me what can be done."""
OPEN_FORM: Final = "open_form"
"""`{incident}/{verb}`: what the bare verb does; an incident of 0 is none."""
RETRY_STEP: Final = "retry_step"
"""`{incident}/{effect id}`: try a parked promise again."""
PAGE_NEXT: Final = "page_next"
"""`{incident}/{page}`: nobody answered; call the next level."""
SNOOZE: Final = "snooze"
"""`{incident}/{nudge key}`: remind me later. The key may hold slashes."""
ACK_PAGE: Final = "ack_page"
"""`{incident}`: I have it."""
DECLARE_ALERT: Final = "declare_alert"
"""`{source}/{alert id}`."""
JOIN_ALERT: Final = "join_alert"
"""`{incident}/{source}/{alert id}`."""
DISMISS_ALERT: Final = "dismiss_alert"
"""`{source}/{alert id}`."""
DECLARE_FORM: Final = "declare_form"
"""The title to fill in, or nothing."""
RUN: Final = "run"
"""`{verb} {words}`: as if it had been typed."""
USE_NOW: Final = "use_now"
"""`{incident}/{entry}`: the time in my note was part of its words."""
LINK_ME: Final = "link_me"
"""A select: the PagerDuty user that I am."""
HELP_MORE: Final = "help_more"
"""Show the verbs beyond the first hour."""
ENTRY: Final = "entry"
"""An overflow menu beside a timeline entry: `{correct|hide|redact}/{incident}/{entry}`."""

DECLARE_SHORTCUT: Final = "declare_incident"
DECLARE_FROM_MESSAGE: Final = "declare_from_message"
ADD_TO_TIMELINE: Final = "add_to_timeline"


def action_of(action_id: str) -> str:
    """Which button it is: `take_role#2` is a `take_role`."""
    return action_id.partition("#")[0]
