"""How we stand with Slack: whether it takes our tokens, and whether it can be reached; told by whoever last asked."""

from dataclasses import dataclass, field

from bot.integrations.slack.errors import DEAD, code_of

BOT_TOKEN, APP_TOKEN = "the bot token", "the app-level token"
REFUSALS = frozenset({*DEAD, "missing_scope", "no_permission"}) - {"ekm_access_denied", "org_login_required"}
"""Slack's words for a token that it does not take, or not for what it is there for. Not for a workspace that is closed
for a while (https://docs.slack.dev/reference/methods/auth.test, …/apps.connections.open)."""


@dataclass
class Health:
    """`taken`: the tokens that Slack took since the start. `refused`: those that it does not take, and its word."""

    taken: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    away: bool = False
    """Whether no answer came when we last asked."""

    def took(self, token: str) -> None:
        """Slack answered with it."""
        self.taken.add(token)
        self.refused.pop(token, None)
        self.away = False

    def failed(self, token: str, error: Exception) -> None:
        """It did not: because of the token, or for a reason that passes."""
        code = code_of(error)
        if code in REFUSALS:
            self.refused[token] = code
        self.away = not code

    @property
    def trouble(self) -> str:
        """What is wrong, in a sentence; "" where nothing is."""
        if self.refused:
            token, code = next(iter(self.refused.items()))
            return f"Slack refuses {token} ({code}): `muster doctor` says what to do."
        return "Slack does not answer; tried again all the time." if self.away else ""
