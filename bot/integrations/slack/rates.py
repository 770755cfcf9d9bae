"""How fast Slack lets us go: a token bucket for each method's tier, and one message a second for each place.

https://docs.slack.dev/apis/web-api/rate-limits; the tiers stand on each method's page.
"""

from bot.engine.pace import Rate

TIERS = {2: 20.0, 3: 50.0, 4: 100.0}
"""Calls a minute."""
METHODS = {
    "conversations.create": 2,
    "conversations.history": 3,
    "conversations.invite": 3,
    "conversations.setTopic": 2,
    "conversations.rename": 2,
    "conversations.archive": 2,
    "conversations.unarchive": 2,
    "chat.update": 3,
    "pins.add": 2,
    "bookmarks.add": 2,
    "bookmarks.remove": 2,
    "bookmarks.edit": 2,
    "files.completeUploadExternal": 4,
    "files.delete": 3,
}
POSTS = Rate(per_minute=300, burst=60)
"""All posts of a workspace: "several hundred messages per minute"."""
PLACE = Rate(per_minute=57, burst=1)
"""Posts to one channel or person: one a second, and a little less, since they do not all travel equally fast."""


def rate_of(bucket: str) -> Rate | None:
    """The budget of a bucket such as `slack/conversations.create` or `slack/post/42`; None for what is not Slack's."""
    system, _, what = bucket.partition("/")
    if system != "slack":
        return None
    if what.startswith("post/"):
        return PLACE
    if what == "chat.postMessage":
        return POSTS
    tier = METHODS.get(what)
    return Rate(per_minute=TIERS[tier], burst=int(TIERS[tier])) if tier else None
