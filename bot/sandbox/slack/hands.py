"""What people do in Slack, over the control API."""

from bot.sandbox.slack.acting_hands import ActingHands
from bot.sandbox.slack.setting_hands import SettingHands
from bot.sandbox.slack.talking_hands import TalkingHands
from bot.sandbox.slack.watching_hands import WatchingHands


class SlackHands(TalkingHands, ActingHands, WatchingHands, SettingHands):
    """All acts in one place: `await sandbox.slack.command("ada", "#ops", "declare")`."""
