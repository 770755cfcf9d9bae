"""`muster config`: what is set, whether it can be used, and what could be."""

import json
import os
from pathlib import Path

import yaml

from bot.documents.runbooks import Shelf, load_runbooks
from bot.documents.wording import load_wording
from bot.settings import Misconfigured, Settings, config_file, load, unknown_variables
from bot.terminal.problem import Problem


def settings() -> Settings:
    """The settings. Raises Problem with each thing that is wrong with them."""
    try:
        return load()
    except Misconfigured as error:
        raise Problem(*error.problems, code=2) from None


def warnings() -> list[str]:
    """What is set and sets nothing."""
    return unknown_variables(os.environ)


def check() -> None:
    """Says what is wrong or missing, everything at once."""
    found = settings()
    runbooks = load_runbooks(Shelf(**dict(found.runbooks)), found.policy)
    messages = load_wording(found.messages.folder, found.policy)
    wrong = [*warnings(), *found.missing(), *looks_wrong(found), *runbooks.problems, *messages.problems]
    if wrong:
        raise Problem(*wrong)
    print(f"The settings are fine ({_origin()}).")
    print("They, the runbooks and the messages are read at the start only: restart Muster for what you changed.")


def show() -> None:
    """Prints what holds, as a muster.yaml, every secret masked."""
    found = settings().shown()
    print(f"# {_origin()}; secrets are masked")
    print(yaml.safe_dump(found, sort_keys=False, allow_unicode=True), end="")


def schema() -> None:
    """Prints the JSON schema of muster.yaml, for editors."""
    print(json.dumps(Settings.model_json_schema(), indent=2))


def _origin() -> str:
    file = config_file()
    return f"{Path(file).resolve()} and the environment" if file else "the environment; there is no muster.yaml here"


def looks_wrong(found: Settings) -> list[str]:
    """Tokens that stand in each other's place: the commonest slip, told before Slack tells it less plainly."""
    wrong = []
    bot, app = found.slack.bot_token.get_secret_value(), found.slack.app_token.get_secret_value()
    if bot and not bot.startswith(("xoxb-", "xoxe.xoxb-")):
        wrong.append("MUSTER_SLACK__BOT_TOKEN is no bot token: those begin with xoxb- (OAuth & Permissions).")
    if found.slack.mode == "socket" and app and not app.startswith("xapp-"):
        wrong.append("MUSTER_SLACK__APP_TOKEN is no app-level token: those begin with xapp- (Basic Information).")
    if found.pagerduty.api_token.get_secret_value() and not found.pagerduty.from_email:
        wrong.append("MUSTER_PAGERDUTY__FROM_EMAIL is not set: PagerDuty wants to know on whose behalf Muster acts.")
    return wrong
