"""The manifest tells Slack everything that the listeners need, within its limits."""

import pytest
import yaml

from bot.integrations.slack import events, shortcuts
from bot.integrations.slack.manifest import SHORTCUTS, as_yaml, manifest, problems
from bot.sandbox import SandboxClient


def test_both_manifests_are_within_slack_s_limits() -> None:
    assert problems(manifest("socket")) == []
    assert problems(manifest("http", url="https://bot.example/")) == []


def test_in_http_mode_everything_is_sent_to_the_one_address() -> None:
    made = manifest("http", url="https://bot.example/")
    address = "https://bot.example/slack/events"
    assert made["features"]["slash_commands"][0]["url"] == address
    assert made["settings"]["interactivity"]["request_url"] == address
    assert made["settings"]["event_subscriptions"]["request_url"] == address
    assert made["settings"]["socket_mode_enabled"] is False


def test_in_socket_mode_nothing_is_sent_to_any_address() -> None:
    assert "https://" not in as_yaml(manifest("socket"))
    assert manifest("socket")["settings"]["socket_mode_enabled"] is True


def test_http_needs_an_address_that_slack_accepts() -> None:
    with pytest.raises(ValueError, match="https"):
        manifest("http", url="http://bot.example")


def test_every_event_that_is_kept_is_subscribed_to() -> None:
    every = manifest(follow=True)["settings"]["event_subscriptions"]["bot_events"]
    assert {"message" if name.startswith("message.") else name for name in every} == events.KINDS


def test_what_people_say_is_only_heard_where_marked_messages_are_followed() -> None:
    plain = manifest()["settings"]["event_subscriptions"]["bot_events"]
    assert not any(name.startswith("message") for name in plain)
    followed = manifest(follow=True)["settings"]["event_subscriptions"]["bot_events"]
    assert set(followed) - set(plain) == {"message.channels", "message.groups"}


def test_every_shortcut_that_is_heard_is_offered() -> None:
    assert {callback for _, callback, _, _ in SHORTCUTS} == set(shortcuts.SHORTCUTS)


@pytest.mark.parametrize(
    ("command", "name", "what"),
    [("incident", "Muster", "command"), ("/a b", "Muster", "command"), ("/i", "M" * 36, "name")],
)
def test_what_slack_would_not_take_is_told_beforehand(command: str, name: str, what: str) -> None:
    assert any(line.startswith(what) for line in problems(manifest(command=command, name=name)))


def test_the_yaml_says_the_same() -> None:
    assert yaml.safe_load(as_yaml(manifest())) == manifest()


async def test_an_app_installed_from_it_can_be_used(hands: SandboxClient) -> None:
    await hands.slack.install(manifest())
