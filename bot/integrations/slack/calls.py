"""The calls that our promises need, each one request: typed on this side, slack_sdk on the other.

Every call raises `Unkept`, which says what its failure means for the promise.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.engine.effects import Doubtful, Retry
from bot.engine.seams import point
from bot.integrations.slack.answers import Channel, Said, channel_of, errors_of, listed, part, parts, word
from bot.integrations.slack.blocks import Message
from bot.integrations.slack.client import Connection, Identity
from bot.integrations.slack.errors import FAILURES, Unkept, unkept
from bot.integrations.slack.fitting import fit

MARK = "muster"
"""The `event_type` of our messages' metadata; `event_payload.key` is the effect's key."""
CLOCKS = timedelta(seconds=60)
"""How far Slack's clock and ours may differ when we look for what we did."""
PAGE = 200
MOST_PAGES = 25


class Calls:
    """Slack's methods as we use them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._web = connection.web

    async def identity(self) -> Identity:
        try:
            return await self._connection.identity()
        except FAILURES as error:
            raise unkept(error, "auth.test") from error

    async def create(self, name: str, *, private: bool) -> Channel:
        """https://docs.slack.dev/reference/methods/conversations.create"""
        said = await _ask("conversations.create", lambda: self._web.conversations_create(name=name, is_private=private))
        return channel_of(part(said, "channel"))

    async def own_channels(self, *, private: bool) -> AsyncIterator[Channel]:
        """The channels of one kind that we are in; Slack has no look-up by name."""
        kind = "private_channel" if private else "public_channel"
        pages = self._pages(
            "users.conversations",
            "channels",
            lambda cursor: self._web.users_conversations(
                types=kind, exclude_archived=True, limit=PAGE, cursor=cursor or None
            ),
        )
        async for found in pages:
            yield channel_of(found)

    async def public_channels(self) -> AsyncIterator[Channel]:
        pages = self._pages(
            "conversations.list",
            "channels",
            lambda cursor: self._web.conversations_list(
                types="public_channel", exclude_archived=True, limit=1000, cursor=cursor or None
            ),
        )
        async for found in pages:
            yield channel_of(found)

    async def join(self, channel: str) -> None:
        await _ask("conversations.join", lambda: self._web.conversations_join(channel=channel))

    async def topic(self, channel: str) -> str:
        said = await _ask("conversations.info", lambda: self._web.conversations_info(channel=channel))
        info = part(said, "channel")
        word(info, "id", "conversations.info")
        return str(part(info, "topic").get("value", ""))

    async def set_topic(self, channel: str, topic: str) -> None:
        await _ask("conversations.setTopic", lambda: self._web.conversations_setTopic(channel=channel, topic=topic))

    async def rename(self, channel: str, name: str) -> str:
        """The name that it has now: https://docs.slack.dev/reference/methods/conversations.rename."""
        said = await _ask("conversations.rename", lambda: self._web.conversations_rename(channel=channel, name=name))
        return word(part(said, "channel"), "name", "conversations.rename")

    async def archive(self, channel: str) -> None:
        """Archived already is as good."""
        await self._unless("already_archived", "conversations.archive", channel)

    async def unarchive(self, channel: str) -> None:
        """Open already is as good."""
        await self._unless("not_archived", "conversations.unarchive", channel)

    async def invite(self, channel: str, users: Sequence[str]) -> dict[str, str]:
        """Invites up to 100 people; what went wrong for whom (`{"U1": "user_is_restricted"}`).

        `force` invites the others where one cannot be: https://docs.slack.dev/reference/methods/conversations.invite.
        Should Slack refuse them all for the sake of one, the others are asked once more without that one.
        """
        try:
            said = await _ask(
                "conversations.invite",
                lambda: self._web.conversations_invite(channel=channel, users=",".join(users), force=True),
            )
        except Unkept as refusal:
            errors = errors_of(refusal.said)
            if not errors and refusal.code in PERSONAL:
                return await self._one_by_one(channel, users, refusal.code)
            if not errors:
                raise
            rest = [user for user in users if user not in errors]
            return errors | (await self.invite(channel, rest) if rest else {})
        return errors_of(said)

    async def _one_by_one(self, channel: str, users: Sequence[str], code: str) -> dict[str, str]:
        """Somebody among them cannot be invited, and Slack does not say who: found by halves."""
        if len(users) == 1:
            return {users[0]: code}
        half = len(users) // 2
        return await self.invite(channel, users[:half]) | await self.invite(channel, users[half:])

    async def post(self, channel: str, message: Message, key: str) -> tuple[str, str]:
        """Posts with our mark; (channel id, ts). A person's id as channel opens the direct message."""
        fitted = fit(message)
        said = await _ask(
            "chat.postMessage",
            lambda: self._web.chat_postMessage(
                channel=channel,
                text=fitted.text,
                blocks=list(fitted.blocks) or None,
                metadata={"event_type": MARK, "event_payload": {"key": key}},
                unfurl_links=False,
                unfurl_media=False,
                parse="none",
            ),
        )
        return word(said, "channel", "chat.postMessage"), word(said, "ts", "chat.postMessage")

    async def update(self, channel: str, ts: str, message: Message) -> None:
        """Puts new content into a message of ours; its mark stays."""
        fitted = fit(message)
        await _ask(
            "chat.update",
            lambda: self._web.chat_update(
                channel=channel, ts=ts, text=fitted.text, blocks=list(fitted.blocks), parse="none"
            ),
        )

    async def pin(self, channel: str, ts: str) -> None:
        """Pinned already is as good."""
        try:
            await _ask("pins.add", lambda: self._web.pins_add(channel=channel, timestamp=ts))
        except Unkept as refusal:
            if refusal.code != "already_pinned":
                raise

    async def bookmark(self, channel: str, title: str, link: str) -> None:
        await _ask(
            "bookmarks.add",
            lambda: self._web.bookmarks_add(channel_id=channel, title=title, type="link", link=link),
        )

    async def bookmarked(self, channel: str, link: str) -> bool:
        return link in (await self.bookmarks(channel)).values()

    async def unbookmark(self, channel: str, bookmark: str) -> None:
        """https://docs.slack.dev/reference/methods/bookmarks.remove; one that is gone already is as good."""
        try:
            await _ask(
                "bookmarks.remove",
                lambda: self._web.bookmarks_remove(channel_id=channel, bookmark_id=bookmark),
            )
        except Unkept as refusal:
            if refusal.code != "not_found":
                raise

    async def bookmarks(self, channel: str) -> dict[str, str]:
        """The links in a channel's bar: the id of each with its address."""
        return {bookmark: link for bookmark, link, _ in await self.bar(channel)}

    async def bar(self, channel: str) -> list[tuple[str, str, str]]:
        """What is in a channel's bar: (id, address, title) of each."""
        said = await _ask("bookmarks.list", lambda: self._web.bookmarks_list(channel_id=channel))
        found = listed(said, "bookmarks", "bookmarks.list")
        return [
            (word(one, "id", "bookmarks.list"), str(one.get("link", "")), str(one.get("title", ""))) for one in found
        ]

    async def retitle(self, channel: str, bookmark: str, title: str) -> None:
        """https://docs.slack.dev/reference/methods/bookmarks.edit; one that is gone meanwhile says nothing any more."""
        try:
            await _ask(
                "bookmarks.edit",
                lambda: self._web.bookmarks_edit(channel_id=channel, bookmark_id=bookmark, title=title),
            )
        except Unkept as refusal:
            if refusal.code != "not_found":
                raise

    async def groups(self) -> dict[str, str]:
        """The user groups of the workspace: the id of each by its handle, without `@`.

        https://docs.slack.dev/reference/methods/usergroups.list
        """
        said = await _ask("usergroups.list", lambda: self._web.usergroups_list())
        found = listed(said, "usergroups", "usergroups.list")
        return {str(one.get("handle", "")): word(one, "id", "usergroups.list") for one in found}

    async def group_members(self, group: str) -> list[str]:
        """Who is in a user group, by their ids (https://docs.slack.dev/reference/methods/usergroups.users.list)."""
        said = await _ask("usergroups.users.list", lambda: self._web.usergroups_users_list(usergroup=group))
        users = said.get("users")
        if not isinstance(users, list):
            raise Unkept(Doubtful("Slack's answer to usergroups.users.list lacks what it should say (users)"))
        return [str(user) for user in users]

    async def direct(self, user: str) -> str:
        """The id of our direct messages with someone."""
        said = await _ask("conversations.open", lambda: self._web.conversations_open(users=user))
        return word(part(said, "channel"), "id", "conversations.open")

    async def by_email(self, email: str) -> str:
        """The user id behind an e-mail address. Raises Unkept with `users_not_found`."""
        said = await _ask("users.lookupByEmail", lambda: self._web.users_lookupByEmail(email=email))
        return word(part(said, "user"), "id", "users.lookupByEmail")

    async def marked(self, channel: str, key: str, since: datetime) -> str | None:
        """The ts of our message with this key, posted since then; None when it is not there."""
        async for message in self.history(channel, since):
            payload = part(part(message, "metadata"), "event_payload")
            if payload.get("key") == key:
                return str(message["ts"])
        return None

    async def file_named(self, channel: str, name: str, since: datetime) -> str | None:
        """The id of a file of this name shared in the channel since then; None when it is not there."""
        async for message in self.history(channel, since):
            for file in parts(message, "files"):
                if file.get("name") == name:
                    return word(file, "id", "conversations.history")
        return None

    async def begin_upload(self, name: str, body: bytes) -> str:
        """The first two of three steps, after which nothing is to be seen yet; the file's id."""
        said = await _ask(
            "files.getUploadURLExternal",
            lambda: self._web.files_getUploadURLExternal(filename=name, length=len(body)),
        )
        url, file = (word(said, name, "files.getUploadURLExternal") for name in ("upload_url", "file_id"))
        point("before upload")
        try:
            async with self._connection.session.post(url, data=body) as answer:
                answer.raise_for_status()
                page = (await answer.text(errors="replace")).lstrip().startswith("<")
        except FAILURES as error:
            raise unkept(error, "the upload") from error
        point("after upload")
        if page:
            raise Unkept(Retry("Something between us and Slack answered the upload with a page"))
        return file

    async def share_upload(self, file: str, title: str, channel: str) -> None:
        """The third step: the file appears in the channel."""
        await _ask(
            "files.completeUploadExternal",
            lambda: self._web.files_completeUploadExternal(files=[{"id": file, "title": title}], channel_id=channel),
        )

    async def delete_file(self, file: str) -> None:
        """https://docs.slack.dev/reference/methods/files.delete; one that is gone already may well be."""
        try:
            await _ask("files.delete", lambda: self._web.files_delete(file=file))
        except Unkept as unkept:
            if unkept.code not in ("file_not_found", "file_deleted"):
                raise

    async def _unless(self, already: str, method: str, channel: str) -> None:
        """A method that only takes the channel, where it was not done before."""
        try:
            await _ask(method, lambda: self._web.api_call(method, params={"channel": channel}))
        except Unkept as unkept:
            if unkept.code != already:
                raise

    async def history(self, channel: str, since: datetime) -> AsyncIterator[Said]:
        """The channel's messages since then (and a little before, for clocks that differ), with their metadata, the
        newest first."""
        oldest = f"{(since - CLOCKS).timestamp():.6f}"
        pages = self._pages(
            "conversations.history",
            "messages",
            lambda cursor: self._web.conversations_history(
                channel=channel, oldest=oldest, include_all_metadata=True, limit=PAGE, cursor=cursor or None
            ),
        )
        async for message in pages:
            yield message

    async def _pages(
        self, method: str, name: str, page: Callable[[str], Awaitable[AsyncSlackResponse]]
    ) -> AsyncIterator[Said]:
        cursor = ""
        for _ in range(MOST_PAGES):
            at = cursor
            said = await _ask(method, lambda: page(at))  # noqa: B023  (called at once)
            for found in listed(said, name, method):
                yield found
            cursor = str(part(said, "response_metadata").get("next_cursor") or "")
            if not cursor:
                return


PERSONAL = frozenset(
    {
        "already_in_channel",
        "cant_invite",
        "cant_invite_self",
        "invitee_cant_see_channel",
        "no_external_invite_permission",
        "org_user_not_in_team",
        "ura_max_channels",
        "user_is_restricted",
        "user_not_found",
        "app_cannot_join_channel",
    }
)
"""Refusals of an invitation that are about the person and not about the channel."""


async def _ask(method: str, call: Callable[[], Awaitable[AsyncSlackResponse]]) -> Said:
    """One request. Raises Unkept."""
    point(f"before {method}")
    try:
        data = (await call()).data
    except FAILURES as error:
        raise unkept(error, method) from error
    point(f"after {method}")
    return data if isinstance(data, dict) else {}
