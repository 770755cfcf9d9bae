"""`muster manifest`: the Slack app, ready to be pasted into api.slack.com/apps."""

from bot.integrations.slack import manifest as slack
from bot.terminal.config import settings
from bot.terminal.problem import Problem


def manifest(url: str) -> None:
    """Prints it for the mode that is set."""
    found = settings()
    mode, policy = found.slack.mode, found.policy
    if mode == "http" and not url.startswith("https://"):
        raise Problem("In HTTP mode Slack calls you: give the address, `--url https://muster.example.com`.", code=2)
    made = slack.manifest(mode=mode, url=url, command=policy.command, follow=policy.marking.follow_edits)
    print(slack.as_yaml(made), end="")
