"""chat.*: post, change, delete, whisper, permalink."""

from bot.sandbox.slack import posting
from bot.sandbox.slack.asking import Asking
from bot.sandbox.slack.content import fields
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Channel, Json, Message
from bot.sandbox.slack.shapes import message_json, permalink

UPDATE_LENGTH = 4_000


def post_message(asking: Asking) -> Json:
    channel = _target(asking)
    content = fields(asking.args)
    thread_ts = _thread(asking, channel)
    broadcast = "thread_broadcast" if thread_ts and asking.args.flag("reply_broadcast") else None
    bot_id = asking.token.bot_id
    message = posting.post(
        asking.workspace, channel, asking.user, content, bot_id=bot_id, thread_ts=thread_ts, subtype=broadcast
    )
    return {"channel": channel.id, "ts": message.ts, "message": message_json(message)}


def post_ephemeral(asking: Asking) -> Json:
    channel = _target(asking)
    user = asking.args.text("user")
    content = fields(asking.args)
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    message = posting.whisper(asking.workspace, channel, user, content, _thread(asking, channel))
    return {"message_ts": message.ts}


def update(asking: Asking) -> Json:
    channel = asking.channel()
    message = asking.message(channel, "ts")
    if message.user != asking.user or message.subtype not in (None, "thread_broadcast"):
        raise SlackError("cant_update_message")
    if channel.is_archived:
        raise SlackError("is_inactive")
    if len(asking.args.text("text")) > UPDATE_LENGTH:
        raise SlackError("msg_too_long")
    content = fields(asking.args, kept=_kept(message, asking))
    posting.edit(asking.workspace, channel, message, content, asking.user)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": message_json(message)}


def delete(asking: Asking) -> Json:
    channel = asking.channel()
    message = asking.message(channel, "ts")
    if message.user != asking.user:
        raise SlackError("cant_delete_message")
    posting.delete(asking.workspace, channel, message)
    return {"channel": channel.id, "ts": message.ts}


def get_permalink(asking: Asking) -> Json:
    channel = asking.channel()
    message = asking.message(channel, "message_ts")
    return {"channel": channel.id, "permalink": permalink(channel.id, message.ts, message.thread_ts)}


def _target(asking: Asking) -> Channel:
    """Where to post: a channel's id, or a person's for a direct message. Refused where the caller may not post."""
    where = asking.args.text("channel")
    if where in asking.workspace.people:
        return asking.workspace.direct(asking.user, where)
    channel = asking.channel()
    if channel.is_archived:
        raise SlackError("is_archived")
    public = not channel.is_private and asking.token.scopes & {"chat:write.public", "*"}
    if asking.user not in channel.members and not public:
        raise SlackError("not_in_channel")
    return channel


def _thread(asking: Asking, channel: Channel) -> str | None:
    """The thread to answer in; an answer to an answer goes to the thread's first message."""
    given = asking.args.text("thread_ts")
    if not given:
        return None
    parent = channel.messages.get(given)
    if parent is None or parent.deleted:
        raise SlackError("thread_not_found")
    return parent.thread_ts or given


def _kept(message: Message, asking: Asking) -> Json:
    """What stays of a message through this update.

    Metadata and attachments stay where none are sent. Blocks stay only where neither blocks nor text are sent: new
    text without blocks takes their place (https://docs.slack.dev/reference/methods/chat.update).
    """
    sent = asking.args.given
    names = {"metadata", "attachments"} - sent.keys()
    if not {"text", "blocks", "markdown_text"} & sent.keys():
        names |= {"text", "blocks"}
    return {name: message.fields[name] for name in names if message.fields.get(name)}


METHODS = {
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.delete": delete,
    "chat.getPermalink": get_permalink,
}
