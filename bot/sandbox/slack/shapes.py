"""The JSON shapes in which Slack shows people, channels and messages."""

from bot.sandbox.slack import seed
from bot.sandbox.slack.records import Canvas, Channel, File, Json, Message, Person, UserGroup, View
from bot.sandbox.slack.workspace import Workspace


def user_json(person: Person, *, with_email: bool = True) -> Json:
    profile: Json = {
        "title": person.title,
        "phone": "",
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": person.name,
        "display_name_normalized": person.name,
        "first_name": person.real_name.partition(" ")[0],
        "last_name": person.real_name.partition(" ")[2],
        "status_text": "",
        "status_emoji": "",
        "team": person.team_id,
    }
    if person.is_bot:
        profile.update(bot_id=person.bot_id, api_app_id=seed.APP_ID, always_active=True)
    elif with_email:
        profile["email"] = person.email
    return {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "deleted": person.deleted,
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": person.tz_label,
        "tz_offset": person.tz_offset,
        "profile": profile,
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
        "is_stranger": person.is_stranger,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "is_email_confirmed": not person.is_bot,
        "updated": person.updated,
    }


def group_json(group: UserGroup, *, with_users: bool) -> Json:
    shown: Json = {
        "id": group.id,
        "team_id": seed.TEAM_ID,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": 1_760_000_000,
        "date_update": 1_760_000_000,
        "date_delete": 1_760_000_001 if group.disabled else 0,
        "auto_type": None,
        "created_by": seed.ADA,
        "updated_by": seed.ADA,
        "deleted_by": seed.ADA if group.disabled else None,
        "prefs": {"channels": [], "groups": []},
        "user_count": len(group.users),
    }
    if with_users:
        shown["users"] = list(group.users)
    return shown


def channel_json(channel: Channel, viewer: str, *, with_count: bool = False) -> Json:
    if channel.is_im:
        return _direct_json(channel)
    shown: Json = {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "created": channel.created,
        "is_archived": channel.is_archived,
        "is_general": channel.is_general,
        "unlinked": 0,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "context_team_id": seed.TEAM_ID,
        "updated": channel.created * 1000,
        "creator": channel.creator,
        "shared_team_ids": [seed.TEAM_ID, *([seed.PARTNER_TEAM_ID] if channel.is_ext_shared else [])],
        "pending_connected_team_ids": [],
        "is_member": viewer in channel.members,
        "topic": dict(channel.topic),
        "purpose": dict(channel.purpose),
        "previous_names": list(channel.previous_names),
    }
    if with_count:
        shown["num_members"] = len(channel.members)
    if channel.canvas and not channel.canvas.deleted:
        shown["properties"] = {"canvas": {"file_id": channel.canvas.id, "is_empty": not channel.canvas.content}}
    return shown


def _direct_json(channel: Channel) -> Json:
    return {
        "id": channel.id,
        "created": channel.created,
        "is_archived": False,
        "is_im": True,
        "is_org_shared": False,
        "context_team_id": seed.TEAM_ID,
        "user": channel.im_with,
        "is_user_deleted": False,
        "priority": 0,
    }


def message_json(message: Message, *, all_metadata: bool = False) -> Json:
    shown: Json = {"type": "message", "user": message.user, "ts": message.ts, "team": seed.TEAM_ID}
    if message.subtype:
        shown["subtype"] = message.subtype
    if message.bot_id:
        shown.update(bot_id=message.bot_id, app_id=seed.APP_ID, bot_profile=bot_profile())
    shown.update({key: value for key, value in message.fields.items() if key != "metadata"})
    if metadata := message.fields.get("metadata"):
        shown["metadata"] = metadata if all_metadata else {"event_type": metadata["event_type"]}
    if message.edited:
        shown["edited"] = message.edited
    if message.pinned:
        shown["pinned_to"] = [message.channel]
    if message.reactions:
        shown["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)} for name, users in message.reactions.items()
        ]
    if message.thread_ts:
        shown["thread_ts"] = message.thread_ts
    return shown


def thread_json(message: Message, channel: Channel) -> Json:
    """What the first message of a thread shows beside itself, and a reply of its parent."""
    if message.is_reply:
        parent = channel.messages.get(message.thread_ts or "")
        return {"parent_user_id": parent.user} if parent else {}
    alive = [ts for ts in message.replies if not channel.messages[ts].deleted]
    if not alive:
        return {}
    users = list(dict.fromkeys(channel.messages[ts].user for ts in alive))
    return {
        "thread_ts": message.ts,
        "reply_count": len(alive),
        "reply_users": users,
        "reply_users_count": len(users),
        "latest_reply": alive[-1],
        "is_locked": False,
        "subscribed": False,
    }


def shown_message(workspace: Workspace, message: Message, channel: Channel, *, all_metadata: bool = False) -> Json:
    """A message as conversations.history and replies show it."""
    shown = message_json(message, all_metadata=all_metadata) | thread_json(message, channel)
    if message.files:
        shown["files"] = [file_json(workspace, workspace.files[file_id]) for file_id in message.files]
    return shown


def bot_profile() -> Json:
    return {
        "id": seed.BOT_ID,
        "app_id": seed.APP_ID,
        "name": "Muster",
        "icons": {},
        "deleted": False,
        "updated": 1_760_000_000,
        "team_id": seed.TEAM_ID,
    }


def permalink(channel: str, ts: str, thread_ts: str | None = None) -> str:
    link = f"https://{seed.TEAM_DOMAIN}.slack.com/archives/{channel}/p{ts.replace('.', '')}"
    return f"{link}?thread_ts={thread_ts}&cid={channel}" if thread_ts and thread_ts != ts else link


def file_json(workspace: Workspace, file: File) -> Json:
    if file.deleted:
        return {"id": file.id, "mode": "tombstone"}
    url = f"{workspace.url}/slack/files/{file.id}"
    places = [workspace.channels[where] for where in _places(file)]
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title or file.name,
        **_kind(file),
        "user": file.user,
        "user_team": seed.TEAM_ID,
        "editable": False,
        "size": len(file.content),
        "is_external": False,
        "is_public": any(not place.is_private for place in places),
        "url_private": url,
        "url_private_download": url,
        "permalink": f"https://{seed.TEAM_DOMAIN}.slack.com/files/{file.user}/{file.id}/{file.name}",
        "shares": _shares(workspace, file),
        "channels": [place.id for place in places if not place.is_private],
        "groups": [place.id for place in places if place.kind == "groups"],
        "ims": [place.id for place in places if place.is_im],
    }


def _kind(file: File) -> Json:
    if isinstance(file, Canvas):
        # What a workspace was seen to answer; no page lists a canvas among the file types.
        docs = {"mimetype": "application/vnd.slack-docs", "filetype": "quip", "pretty_type": "Canvas"}
        return {**docs, "mode": "quip"}
    ending = file.name.rpartition(".")[2].lower() if "." in file.name else "text"
    return {
        "mimetype": {"md": "text/markdown", "png": "image/png", "pdf": "application/pdf"}.get(ending, "text/plain"),
        "filetype": {"md": "markdown"}.get(ending, ending),
        "pretty_type": ending.upper(),
        "mode": "hosted",
    }


def _places(file: File) -> list[str]:
    tab = [file.tab] if isinstance(file, Canvas) and file.tab else []
    return [*tab, *(where for where in file.shares if where not in tab)]


def _shares(workspace: Workspace, file: File) -> Json:
    shares: Json = {}
    for where, ts in file.shares.items():
        channel = workspace.channels[where]
        family = "private" if channel.is_private else "public"
        shares.setdefault(family, {})[where] = [{"ts": ts, "channel_name": channel.name, "team_id": seed.TEAM_ID}]
    return shares


def view_json(view: View) -> Json:
    """A view as views.open answers it and as payloads carry it; `state` is what has been entered."""
    content = view.content
    return {
        "id": view.id,
        "team_id": seed.TEAM_ID,
        "type": view.type,
        "blocks": view.blocks,
        "private_metadata": content.get("private_metadata", ""),
        "callback_id": content.get("callback_id", ""),
        "state": {"values": view.values},
        "hash": view.hash,
        "title": content.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
        "clear_on_close": content.get("clear_on_close", False),
        "notify_on_close": content.get("notify_on_close", False),
        "close": content.get("close"),
        "submit": content.get("submit"),
        "previous_view_id": view.previous_id,
        "root_view_id": view.root_id,
        "app_id": seed.APP_ID,
        "external_id": view.external_id,
        "app_installed_team_id": seed.TEAM_ID,
        "bot_id": seed.BOT_ID,
    }
