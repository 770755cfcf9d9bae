"""The weather page: how well Slack and PagerDuty answer, and what the bot makes of it."""
