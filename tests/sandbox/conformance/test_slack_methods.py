"""The sandbox's table of methods against Slack's own: how often, with which scopes and arguments, by which names."""

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox import Sandbox
from bot.sandbox.slack import seed
from bot.sandbox.slack.methods import METHODS
from bot.sandbox.slack.records import Token
from tests.sandbox import sources
from tests.sandbox.conformance.conftest import PAGES, Json, outcome

fact = pytest.mark.fact

# Slack takes these from the name's family or the body: the page calls them optional or says so in prose.
ASKED_FOR_OTHERWISE = {"conversations.create", "conversations.setTopic", "conversations.setPurpose"}


def rows(*names: str) -> list[object]:
    return [pytest.param(name, id=name, marks=fact(sources.method(name))) for name in names]


def test_every_method_has_a_page_and_the_other_way_round() -> None:
    assert METHODS.keys() == PAGES.keys()


@pytest.mark.parametrize("name", rows(*PAGES))
def test_a_method_is_of_the_tier_that_its_page_names(name: str) -> None:
    assert METHODS[name].tier == PAGES[name].tier


@pytest.mark.parametrize("name", rows(*(name for name, page in PAGES.items() if page.scopes)))
def test_a_token_without_its_scopes_is_told_which_one_it_needs(sandbox: Sandbox, name: str) -> None:
    sandbox.slack.tokens["xoxb-bare"] = Token("xoxb-bare", seed.BOT_USER, "bot", {"none"})
    bare = WebClient("xoxb-bare", base_url=sandbox.slack_url, retry_handlers=[])
    with pytest.raises(SlackApiError) as caught:
        bare.api_call(name)
    said = caught.value.response
    assert (said["error"], said["provided"]) == ("missing_scope", "none")
    assert set(said["needed"].split(",")) <= PAGES[name].scopes


@pytest.mark.parametrize("name", rows(*(name for name, page in PAGES.items() if page.required)))
def test_a_call_without_the_arguments_that_it_needs_is_refused(slack: WebClient, name: str) -> None:
    assert outcome(slack, name, {}) != "ok"
    if name not in ASKED_FOR_OTHERWISE:
        assert PAGES[name].required - {"users"} <= set(METHODS[name].required.split())


@pytest.mark.parametrize(
    ("verb", "how"),
    [
        pytest.param("GET", "params", id="in a GET's query", marks=fact(sources.CLIENT)),
        pytest.param("POST", "params", id="in a POST's query", marks=fact(sources.CLIENT)),
        pytest.param("POST", "data", id="as a form", marks=fact(sources.method("chat.postMessage"))),
        pytest.param("POST", "json", id="as JSON", marks=fact(sources.CANVASES)),
    ],
)
def test_arguments_are_taken(slack: WebClient, verb: str, how: str) -> None:
    sent: Json = {how: {"channel": seed.INCIDENTS}}
    said = slack.api_call("conversations.info", http_verb=verb, **sent)
    assert said["channel"]["id"] == seed.INCIDENTS
