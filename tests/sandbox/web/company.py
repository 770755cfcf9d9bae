"""A workspace without a server: its people's acts, and pages as each of them sees them."""

from bot.sandbox.clock import Clock
from bot.sandbox.slack import posting, seed
from bot.sandbox.slack.records import Channel, Message
from bot.sandbox.slack.talking import Talking
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.web.chat import sidebar
from bot.sandbox.web.chat.marks import Marks
from bot.sandbox.web.chat.page import ChatPage
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.windows import Region, Window


class Company:
    """`people` act in it, `marks` keeps what they read."""

    def __init__(self) -> None:
        self.workspace = Workspace(Clock(), "http://127.0.0.1:3333")
        self.people = Talking(self.workspace)
        self.marks = Marks(self.workspace.ts())

    def eyes(self, name: str) -> Eyes:
        return Eyes(self.workspace, self.workspace.person(name))

    def channel(self, name: str) -> Channel:
        return self.workspace.channel(name)

    def says(self, name: str, channel: str, words: str, thread: str | None = None) -> str:
        """The `ts` of what was said."""
        return str(self.people.post(name, channel, words, thread_ts=thread)["ts"])

    def whispers(self, channel: str, to: str, words: str) -> Message:
        """The app tells one person something."""
        whom = self.workspace.person(to).id
        return posting.whisper(self.workspace, self.channel(channel), whom, {"text": words})

    def app_says(self, channel: str, words: str) -> Message:
        fields = {"text": words}
        return posting.post(self.workspace, self.channel(channel), seed.BOT_USER, fields, bot_id=seed.BOT_ID)

    def page(
        self,
        name: str,
        channel: str,
        *,
        thread: str | None = None,
        at: str | None = None,
        pane: str | None = None,
    ) -> ChatPage:
        return ChatPage(self.eyes(name), self.channel(channel), self.marks, thread, at, pane)

    def window(self, name: str, channel: str) -> Window:
        """A page that was drawn once and is connected."""
        window = Window("w", self.page(name, channel))
        window.slots()
        window.connected()
        return window

    def sidebar(self, name: str, here: str = "") -> dict[str, list[Region]]:
        """The conversations by slot."""
        rows: dict[str, list[Region]] = {}
        for region in sidebar.regions(self.eyes(name), self.marks, here):
            rows.setdefault(region.slot, []).append(region)
        return rows


def words(page: ChatPage, slot: str = "messages") -> str:
    """Everything that a page shows in one slot, as markup."""
    return "\n".join(str(region.draw()) for region in page.regions() if region.slot == slot)


def keys(page: ChatPage, slot: str = "messages") -> list[str]:
    return [region.key for region in page.regions() if region.slot == slot]
