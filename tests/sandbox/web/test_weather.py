"""The weather page says what fails in plain words, undoes it with one press, and shows how the bot takes it."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from aiohttp import ClientSession

from bot.sandbox import Impossible, Rule, Sandbox, SandboxClient
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Faults
from bot.sandbox.pagerduty.half import Desk
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.web.backstage import Life, Offer, Playing, Promises, Row, TourStep
from bot.sandbox.web.eyes import Eyes
from bot.sandbox.web.weather.page import WeatherPage
from bot.sandbox.web.weather.troubles import TROUBLES
from bot.sandbox.web.windows import Window
from tests.sandbox.web.test_pager import URL, acts, words

OWED = Promises(
    pending=2,
    retried=1,
    parked=1,
    rows=(
        Row("Post the card", "slack, INC-1", "parked", 8, "channel_not_found", None),
        Row("Invite <Bo>", "slack, INC-1", "waiting", 0, "", 3600.0),
    ),
)


@dataclass
class Crew:
    """A bot that lives and dies as it is told."""

    name: str = "Muster"
    is_there: Life = Life.RUNNING
    owed: Promises = OWED

    def life(self) -> Life:
        return self.is_there

    def promises(self) -> Promises:
        return self.owed

    def tour(self) -> Sequence[TourStep]:
        return ()

    def scenarios(self) -> Sequence[Offer]:
        return ()

    def playing(self) -> Playing | None:
        return None

    async def kill(self) -> None:
        self.is_there = Life.DEAD

    async def start(self) -> None:
        self.is_there = Life.STARTING

    async def undo(self, step: str) -> None: ...
    async def play(self, scenario: str) -> None: ...
    async def pause(self) -> None: ...
    async def go_on(self) -> None: ...
    async def stop(self) -> None: ...


def page(faults: Faults, crew: Crew | None = None) -> WeatherPage:
    workspace = Workspace(Clock(), URL)
    return WeatherPage(Eyes(workspace, workspace.person("ada")), faults, crew)


def slots(faults: Faults, crew: Crew | None = None) -> dict[str, str]:
    return {slot: str(markup) for slot, markup in Window("w", page(faults, crew)).slots().items()}


def slider(drawn: str, id: str) -> str:
    found = re.search(rf'<input[^>]* id="{id}"[^>]*>', drawn)
    assert found, f"there is no slider {id}"
    return found[0]


def test_in_fair_weather_all_sliders_stand_at_nothing() -> None:
    shown = slots(Faults())
    assert "The weather is fair" in words(shown["weather-now"])
    assert len(re.findall(r'<input[^>]* value="0"', shown["weather-sky"])) == 2 * len(TROUBLES)


def test_what_fails_is_said_in_a_sentence_each() -> None:
    faults = Faults()
    faults.set_share("slack", "429", 0.2)
    faults.latency["pagerduty"] = 1.2
    told = words(slots(faults)["weather-now"])
    assert "Slack answers 429: too many requests, for one call in five." in told
    assert "PagerDuty takes 1.2 s for each answer." in told


def test_a_slider_says_where_it_stands_and_what_each_place_means() -> None:
    faults = Faults()
    faults.set_share("slack", "429", 0.2)
    drawn = slider(slots(faults)["weather-sky"], "slack-429")
    assert 'aria-valuetext="one call in five"' in drawn
    assert 'value="3"' in drawn


def test_a_share_between_the_steps_is_told_as_it_is() -> None:
    faults = Faults()
    faults.set_share("slack", "500", 0.42)
    assert "Slack answers 500 and has done nothing, for 42% of the calls." in words(slots(faults)["weather-now"])


def test_a_fault_without_a_slider_is_told_until_it_is_used_up() -> None:
    faults = Faults()
    faults.add(Rule("slack", "chat.postMessage", "500"))
    assert "1 fault was set elsewhere." in words(slots(faults)["weather-now"])
    assert faults.call("slack", "chat.postMessage") is not None
    assert "The weather is fair" in words(slots(faults)["weather-now"])


def test_a_pushed_slider_draws_its_own_card_and_the_sentence_anew() -> None:
    faults = Faults()
    window = Window("w", page(faults))
    window.slots()
    faults.set_share("pagerduty", "hang", 1.0)
    assert {patch.key for patch in window.patches()} == {"sky-pagerduty", "weather-now-only"}


@pytest.mark.parametrize(
    ("life", "said", "offered"),
    [
        (Life.RUNNING, "Muster is running", ["backstage/kill"]),
        (Life.STARTING, "Muster is starting", []),
        (Life.DEAD, "Muster is not there", ["backstage/start"]),
    ],
)
def test_the_bot_is_killed_while_it_runs_and_started_while_it_does_not(
    life: Life, said: str, offered: list[str]
) -> None:
    shown = slots(Faults(), Crew(is_there=life))["weather-bot"]
    assert said in words(shown)
    assert acts(shown) == offered


def test_what_the_bot_owes_is_counted_and_told() -> None:
    shown = words(slots(Faults(), Crew())["weather-outbox"])
    assert "still to do 2 tried again 1 given up 1" in shown
    assert "Post the card slack, INC-1 · 8 tries channel_not_found given up" in shown
    assert "Invite <Bo> slack, INC-1 · not tried yet · next at 02:00:00 waits" in shown


def test_of_many_debts_the_first_stand_there_and_the_others_are_folded_away() -> None:
    row = OWED.rows[1]
    shown = slots(Faults(), Crew(owed=Promises(12, 0, 0, (row,) * 12)))["weather-outbox"]
    there, folded = shown.split("<details>")
    assert (there.count("Invite"), folded.count("Invite")) == (5, 7)
    assert "7 more" in words(folded)


async def test_without_a_bot_backstage_nothing_is_said_of_one(sandbox: Sandbox, http: ClientSession) -> None:
    async with http.get(f"{sandbox.url}/as/ada/weather") as answer:
        assert "weather-bot" not in await answer.text()
    sandbox.let_in(Crew())
    async with http.get(f"{sandbox.url}/as/ada/weather") as answer:
        assert "Kill Muster" in words(await answer.text())


async def test_a_share_is_set_anew_and_not_added(hands: SandboxClient) -> None:
    await hands.set_share("slack", "429", 0.2)
    await hands.set_share("slack", "500", 0.1)
    await hands.set_share("slack", "429", 0.5)
    assert {rule["kind"]: rule["probability"] for rule in await hands.faults()} == {"500": 0.1, "429": 0.5}
    await hands.set_share("slack", "429", 0)
    assert [rule["kind"] for rule in await hands.faults()] == ["500"]
    with pytest.raises(Impossible, match="between 0 and 1"):
        await hands.set_share("slack", "429", 20)


async def test_a_share_leaves_faults_of_one_method_alone(hands: SandboxClient) -> None:
    await hands.add_fault("slack", "chat.postMessage", "429", times=None)
    await hands.set_share("slack", "429", 0)
    assert len(await hands.faults()) == 1


async def test_fair_weather_undoes_all_that_the_pages_can_do(sandbox: Sandbox, hands: SandboxClient) -> None:
    subscription = await hands.pagerduty.subscribe("http://127.0.0.1:9/hook")
    await hands.set_share("slack", "hang", 1)
    await hands.set_latency("pagerduty", 5)
    await hands.slack.disconnect_sockets("link_disabled")
    await hands.pagerduty.set_weather(timeout=1, hurry=0.5, copies=2, delay=5, window=3)
    await hands.pagerduty.hold()
    await hands.pagerduty.disable(subscription)
    await hands.fair_weather()
    assert not sandbox.faults.rules
    assert set(sandbox.faults.latency.values()) == {0.0}
    assert not sandbox.slack.settings.link_disabled
    [after] = await hands.pagerduty.subscriptions()
    assert not after["temporarily_disabled"]
    [desk] = sandbox.control.desks["pagerduty"]
    assert isinstance(desk, Desk)
    weather = desk.webhooks.weather
    assert (weather.copies, weather.delay, weather.window) == (1, 0, 0)
    assert (weather.timeout, weather.hurry) == (1, 0.5), "how PagerDuty is, is no weather"
    assert await hands.pagerduty.held() == []


def test_each_step_of_a_slider_is_a_value_that_its_act_takes() -> None:
    drawn = slots(Faults())["weather-sky"]
    for found in re.findall(r'data-steps="([^"]+)"', drawn):
        steps = json.loads(found.replace("&#34;", '"'))
        assert steps[0][0] == 0
        assert [amount for amount, _ in steps] == sorted({amount for amount, _ in steps})
