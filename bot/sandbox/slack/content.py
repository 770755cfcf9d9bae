"""What a message may carry: text, blocks, attachments, metadata, each held to its limit."""

import json

from bot.sandbox.slack import blocks
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.errors import SlackError, invalid_blocks
from bot.sandbox.slack.records import Json

TEXT_LENGTH = 40_000
MARKDOWN_LENGTH = 12_000
# Undocumented; measured at 13,172 to 13,297 characters: https://github.com/slackapi/bolt-js/issues/2509.
BLOCKS_LENGTH = 13_200
METADATA_LENGTH = 16_000
MOST_ATTACHMENTS = 100
KEPT_FLAGS = ("link_names", "parse")


def fields(args: Arguments, kept: Json | None = None) -> Json:
    """The content of a message from the arguments of chat.postMessage, postEphemeral, update or a response URL.

    `kept` is what an update leaves as it was.
    """
    found: Json = {"text": args.text("text")[:TEXT_LENGTH]} | (kept or {})
    if given := args.data("blocks", "invalid_blocks_format"):
        found["blocks"] = checked_blocks(given)
    if attachments := args.data("attachments", "invalid_attachments"):
        found["attachments"] = _attachments(attachments)
    if markdown := args.text("markdown_text"):
        found = _markdown(markdown, found)
    if metadata := args.data("metadata", "invalid_metadata_format"):
        found["metadata"] = _metadata(metadata)
    if not any(found.get(part) for part in ("text", "blocks", "attachments")):
        raise SlackError("no_text")
    return found | {flag: args.given[flag] for flag in KEPT_FLAGS if args.given.get(flag)}


def checked_blocks(given: object) -> list[Json]:
    if not isinstance(given, list):
        raise SlackError("invalid_blocks_format")
    if found := blocks.problems(given, "message"):
        raise invalid_blocks(*found)
    if len(json.dumps(given, ensure_ascii=False, separators=(",", ":"))) > BLOCKS_LENGTH:
        raise SlackError("msg_blocks_too_long")
    return given


def _attachments(given: object) -> list[Json]:
    if not isinstance(given, list) or not all(isinstance(attachment, dict) for attachment in given):
        raise SlackError("invalid_attachments")
    if len(given) > MOST_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    for attachment in given:
        checked_blocks(attachment.get("blocks") or [])
    return given


def _markdown(markdown: str, found: Json) -> Json:
    if found["text"] or found.get("blocks"):
        raise SlackError("markdown_text_conflict")
    if len(markdown) > MARKDOWN_LENGTH:
        raise SlackError("msg_too_long")
    return found | {"text": markdown, "blocks": [{"type": "markdown", "text": markdown}]}


def _metadata(given: object) -> Json:
    if not isinstance(given, dict):
        raise SlackError("invalid_metadata_format")
    if not isinstance(given.get("event_type"), str) or not isinstance(given.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema")
    if len(json.dumps(given)) > METADATA_LENGTH:
        raise SlackError("metadata_too_large")
    return given
