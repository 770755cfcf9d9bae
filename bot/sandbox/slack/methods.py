"""The Web API methods that the sandbox knows: rate tier, scopes, required arguments.

Condensed from the method pages of https://docs.slack.dev/reference/methods (2026-08). The scopes of a method are
alternatives, by kind of conversation: `channels:` for public, `groups:` for private ones, `im:` for direct messages.
Tiers, calls per minute: 1: 1, 2: 20, 3: 50, 4: 100, 5: special.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Method:
    """`scopes` and `required` are separated by spaces."""

    tier: int
    scopes: str = ""
    required: str = ""

    def needs(self, kind: str | None) -> list[str]:
        """The scopes of which a token needs one; `kind` is the conversation's family, where one is concerned."""
        every = self.scopes.split()
        fitting = [scope for scope in every if kind is None or scope.startswith(f"{kind}:")]
        return fitting or every


METHODS: dict[str, Method] = {
    "api.test": Method(4, "", ""),
    "auth.test": Method(5, "", ""),
    "apps.connections.open": Method(3, "", ""),
    "conversations.create": Method(2, "groups:write im:write channels:manage", ""),
    "conversations.invite": Method(
        3, "channels:write.invites groups:write.invites channels:manage groups:write im:write", "channel"
    ),
    "conversations.setTopic": Method(
        2, "channels:write.topic groups:write.topic im:write.topic channels:manage groups:write im:write", "channel"
    ),
    "conversations.setPurpose": Method(
        2, "channels:write.topic groups:write.topic im:write.topic channels:manage groups:write im:write", "channel"
    ),
    "conversations.rename": Method(2, "groups:write im:write channels:manage", "channel name"),
    "conversations.archive": Method(2, "groups:write im:write channels:manage", "channel"),
    "conversations.unarchive": Method(2, "groups:write im:write channels:manage", "channel"),
    "conversations.join": Method(3, "channels:join", "channel"),
    "conversations.leave": Method(3, "groups:write im:write channels:manage", "channel"),
    "conversations.kick": Method(3, "groups:write channels:manage", "channel user"),
    "conversations.list": Method(2, "groups:read im:read channels:read", ""),
    "conversations.info": Method(3, "groups:read im:read channels:read", "channel"),
    "conversations.members": Method(4, "groups:read im:read channels:read", "channel"),
    "conversations.history": Method(3, "groups:history im:history channels:history", "channel"),
    "conversations.replies": Method(3, "groups:history im:history channels:history", "channel ts"),
    "conversations.open": Method(3, "channels:manage groups:write im:write", ""),
    "users.info": Method(4, "users:read", "user"),
    "users.list": Method(2, "users:read", ""),
    "users.lookupByEmail": Method(3, "users:read.email", "email"),
    "users.conversations": Method(3, "groups:read im:read channels:read", ""),
    "usergroups.list": Method(2, "usergroups:read", ""),
    "usergroups.users.list": Method(2, "usergroups:read", "usergroup"),
    "chat.postMessage": Method(5, "chat:write", "channel"),
    "chat.update": Method(3, "chat:write", "ts channel"),
    "chat.delete": Method(3, "chat:write", "ts channel"),
    "chat.postEphemeral": Method(4, "chat:write", "user channel"),
    "chat.getPermalink": Method(5, "", "channel message_ts"),
    "pins.add": Method(2, "pins:write", "channel timestamp"),
    "pins.remove": Method(2, "pins:write", "channel timestamp"),
    "pins.list": Method(2, "pins:read", "channel"),
    "bookmarks.add": Method(2, "bookmarks:write", "title type channel_id"),
    "bookmarks.edit": Method(2, "bookmarks:write", "bookmark_id channel_id"),
    "bookmarks.remove": Method(2, "bookmarks:write", "bookmark_id channel_id"),
    "bookmarks.list": Method(3, "bookmarks:read", "channel_id"),
    "reactions.add": Method(3, "reactions:write", "name timestamp channel"),
    "reactions.remove": Method(2, "reactions:write", "name channel timestamp"),
    "reactions.get": Method(3, "reactions:read", "channel timestamp"),
    "views.open": Method(4, "", "view"),
    "views.push": Method(4, "", "view"),
    "views.update": Method(4, "", "view"),
    "views.publish": Method(4, "", "user_id view"),
    "files.getUploadURLExternal": Method(4, "files:write", "length filename"),
    "files.completeUploadExternal": Method(4, "files:write", "files"),
    "files.delete": Method(3, "files:write", "file"),
    "files.info": Method(4, "files:read", "file"),
    "canvases.create": Method(2, "canvases:write", ""),
    "canvases.edit": Method(3, "canvases:write", "canvas_id changes"),
    "canvases.delete": Method(3, "canvases:write", "canvas_id"),
    "canvases.sections.lookup": Method(3, "canvases:read", "canvas_id criteria"),
    "conversations.canvases.create": Method(2, "canvases:write", "channel_id"),
    "team.info": Method(3, "team:read", ""),
    "bots.info": Method(3, "users:read", ""),
}
