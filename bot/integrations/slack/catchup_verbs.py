"""The verb for who comes late: how things stand, at once, for the asker's eyes."""

from bot.incident.catchup import catchup
from bot.integrations.slack.catchup import catchup_message
from bot.integrations.slack.verbs import Answer, Ask, Show, Unclear, verb


@verb("catchup", "catch-up")
async def catch_up(ask: Ask) -> Answer:
    """See how things stand. State, command, the last update, what was tried, what is open."""
    if not ask.bare:
        raise Unclear
    i = ask.about
    stored = await ask.house.reading.history(i.number)
    return Show(catchup_message(catchup(i, stored, ask.house.policy), ask.house.policy))
