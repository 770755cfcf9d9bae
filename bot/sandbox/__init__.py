"""A Slack workspace and a PagerDuty account of our own, served over HTTP: the bot's test bed and its demo."""

from bot.sandbox.client import SandboxClient
from bot.sandbox.control import Impossible
from bot.sandbox.faults import Rule
from bot.sandbox.server import Sandbox, running, start

__all__ = ["Impossible", "Rule", "Sandbox", "SandboxClient", "running", "start"]
