"""Modals and the home tab: opened, filled in, submitted, refused, stacked, with the real bolt on the other side."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Impossible, SandboxClient
from bot.sandbox.slack import seed
from tests.sandbox import sources
from tests.sandbox.conftest import Connect

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(words: str, value: str) -> Json:
    return {"text": plain(words), "value": value}


SEVERITIES = [option(f"SEV{n}", str(n)) for n in (1, 2, 3)]


def field(block_id: str, element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain(block_id.title()), "element": element, **more}


def text_input(**more: Any) -> Json:
    return {"type": "plain_text_input", "action_id": "value", **more}


def form(*blocks: Json, **more: Any) -> Json:
    frame = {"type": "modal", "callback_id": "declare", "title": plain("Declare"), "submit": plain("Go")}
    return {**frame, "blocks": list(blocks), **more}


DECLARE = form(
    field("title", text_input(max_length=80)),
    field(
        "severity",
        {"type": "static_select", "action_id": "level", "options": SEVERITIES, "initial_option": SEVERITIES[2]},
    ),
    field("lead", {"type": "users_select", "action_id": "user"}, optional=True),
    field(
        "flags",
        {
            "type": "checkboxes",
            "action_id": "set",
            "options": [option("Private", "private"), option("Drill", "drill")],
        },
        optional=True,
    ),
)


@pytest.fixture
async def opened(app: AsyncApp, connect: Connect) -> Callable[[Json], None]:
    """An app whose `/incident` opens the view that the test has set."""
    views: list[Json] = [DECLARE]

    @app.command("/incident")
    async def incident(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=views[0])

    @app.view_closed("declare")
    async def closed(ack: AsyncAck) -> None:
        await ack()

    await connect(app)

    def show(view: Json) -> None:
        views[0] = view

    return show


async def refused(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


@pytest.mark.fact(sources.MODALS)
async def test_a_form_arrives_typed_with_initial_values_for_what_was_not_touched(
    app: AsyncApp, opened: Callable[[Json], None], hands: SandboxClient
) -> None:
    sent: list[Json] = []

    @app.view("declare")
    async def declare(ack: AsyncAck, view: Json) -> None:
        sent.append(view)
        await ack()

    result = await hands.slack.command("ada", "#ops", "declare")
    assert result["modal"]["title"]["text"] == "Declare"
    done = await hands.slack.submit("ada", {"title": "Checkout is down", "lead": "@bo", "flags": ["Drill"]}, wait=0)
    assert (done["acked"], done["errors"], await hands.slack.modal("ada")) == (True, {}, None)
    assert sent[0]["state"]["values"] == {
        "title": {"value": {"type": "plain_text_input", "value": "Checkout is down"}},
        "severity": {"level": {"type": "static_select", "selected_option": SEVERITIES[2]}},
        "lead": {"user": {"type": "users_select", "selected_user": seed.BO}},
        "flags": {"set": {"type": "checkboxes", "selected_options": [option("Drill", "drill")]}},
    }


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "must be filled in: Title"),
        ({"title": "x", "severity": "SEV9"}, "offers no 'SEV9'"),
        ({"title": "x" * 81}, "80 characters at most"),
        ({"title": "two\nlines"}, "single line"),
        ({"title": "x", "lead": "nobody"}, "nobody here is called nobody"),
        ({"colour": "red"}, "no input colour"),
    ],
)
async def test_a_person_cannot_submit_what_slack_would_not_let_them(
    opened: Callable[[Json], None], hands: SandboxClient, values: Json, words: str
) -> None:
    await hands.slack.command("ada", "#ops", "declare")
    with pytest.raises(Impossible, match=words):
        await hands.slack.submit("ada", values)


@pytest.mark.fact(sources.MODALS)
async def test_errors_stay_on_the_form_with_what_was_entered(
    app: AsyncApp, opened: Callable[[Json], None], hands: SandboxClient
) -> None:
    @app.view("declare")
    async def declare(ack: AsyncAck, view: Json) -> None:
        if view["state"]["values"]["title"]["value"]["value"] == "bad":
            await ack(response_action="errors", errors={"title": "Say what is broken."})
        else:
            await ack()

    await hands.slack.command("ada", "#ops", "declare")
    result = await hands.slack.submit("ada", {"title": "bad", "severity": "1"})
    assert result["errors"] == {"title": "Say what is broken."}
    modal = await hands.slack.modal("ada")
    assert modal is not None
    assert modal["state"]["values"]["severity"]["level"]["selected_option"]["value"] == "1"
    assert (await hands.slack.submit("ada", {"title": "good"}, wait=0))["errors"] == {}
    assert await hands.slack.modal("ada") is None


async def test_an_answer_that_slack_would_not_understand_is_an_error(
    app: AsyncApp, opened: Callable[[Json], None], hands: SandboxClient
) -> None:
    answers: list[Json] = [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "update", "view": {**DECLARE, "title": plain("x" * 25)}},
    ]

    @app.view("declare")
    async def declare(ack: AsyncAck) -> None:
        await ack(**answers.pop(0))

    await hands.slack.command("ada", "#ops", "declare")
    assert "nowhere" in (await hands.slack.submit("ada", {"title": "x"}))["error"]
    assert "25 characters" in (await hands.slack.submit("ada"))["error"]
    assert await hands.slack.modal("ada")


@pytest.mark.fact(sources.MODALS)
async def test_an_answer_updates_pushes_and_clears(
    app: AsyncApp, opened: Callable[[Json], None], hands: SandboxClient
) -> None:
    steps: list[Json] = [
        {"response_action": "update", "view": {**DECLARE, "title": plain("Really?")}},
        {"response_action": "push", "view": {**DECLARE, "title": plain("On top")}},
        {"response_action": "clear"},
    ]

    @app.view("declare")
    async def declare(ack: AsyncAck) -> None:
        await ack(**steps.pop(0))

    await hands.slack.command("ada", "#ops", "declare")
    updated = await hands.slack.submit("ada", {"title": "kept"})
    assert updated["modal"]["title"]["text"] == "Really?"
    assert updated["modal"]["state"]["values"]["title"]["value"]["value"] == "kept"
    await hands.slack.submit("ada")
    stack = await hands.slack.modals("ada")
    assert [view["title"]["text"] for view in stack] == ["Really?", "On top"]
    assert stack[1]["previous_view_id"] == stack[1]["root_view_id"] == stack[0]["id"]
    await hands.slack.submit("ada", {"title": "x"}, wait=0)
    assert await hands.slack.modals("ada") == []


@pytest.mark.fact(sources.INTERACTION)
async def test_a_trigger_opens_one_modal_within_three_seconds(
    app: AsyncApp, web: AsyncWebClient, connect: Connect, hands: SandboxClient
) -> None:
    triggers: list[str] = []

    @app.command("/incident")
    async def incident(ack: AsyncAck, body: Json) -> None:
        triggers.append(body["trigger_id"])
        await ack()

    await connect(app)
    for _ in range(2):
        await hands.slack.command("ada", "#ops", "x", wait=0)
    await web.views_open(trigger_id=triggers[0], view=DECLARE)
    assert await refused(web.views_open(trigger_id=triggers[0], view=DECLARE)) == "exchanged_trigger_id"
    await hands.advance(3.1)
    assert await refused(web.views_open(trigger_id=triggers[1], view=DECLARE)) == "expired_trigger_id"
    assert await refused(web.views_open(trigger_id="1.2.3", view=DECLARE)) == "invalid_trigger_id"


@pytest.mark.parametrize(
    ("view", "problem"),
    [
        (form(field("a", text_input()), submit=None), "`submit` is required"),
        (form(title=None), "missing required field: title"),
        (form(title=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
        (form(private_metadata="x" * 3001), "must be less than 3001 characters [json-pointer:/view/private_metadata]"),
        (form(type="home"), "must be of type modal"),
        (form({"type": "header", "text": plain("x" * 151)}), "json-pointer:/view/blocks/0/text/text"),
    ],
)
async def test_a_view_that_breaks_a_limit_is_refused_with_a_pointer(
    web: AsyncWebClient, view: Json, problem: str
) -> None:
    with pytest.raises(SlackApiError) as caught:
        await web.api_call("views.open", json={"trigger_id": "1", "view": view})
    assert caught.value.response["error"] == "invalid_arguments"
    assert problem in " ".join(caught.value.response["response_metadata"]["messages"])


@pytest.mark.fact(sources.MODALS)
async def test_a_view_of_more_than_250_kilobytes_is_too_large(web: AsyncWebClient) -> None:
    sections = [{"type": "section", "text": plain("x" * 2900)} for _ in range(100)]
    assert await refused(web.views_open(trigger_id="1", view=form(*sections))) == "view_too_large"


@pytest.mark.fact(sources.method("views.update"))
async def test_an_update_checks_the_hash_and_keeps_what_was_entered(
    opened: Callable[[Json], None], web: AsyncWebClient, hands: SandboxClient
) -> None:
    modal = (await hands.slack.command("ada", "#ops", "x"))["modal"]
    await hands.slack.fill("ada", {"title": "typed"})
    more = {**DECLARE, "blocks": [*DECLARE["blocks"], field("more", text_input(initial_value="new"))]}
    said = await web.views_update(view_id=modal["id"], hash=modal["hash"], view=more)
    assert said["view"]["hash"] != modal["hash"]
    assert await refused(web.views_update(view_id=modal["id"], hash=modal["hash"], view=more)) == "hash_conflict"
    shown = await hands.slack.modal("ada")
    assert shown is not None
    assert shown["state"]["values"]["title"]["value"]["value"] == "typed"
    assert shown["state"]["values"]["more"]["value"]["value"] == "new"


@pytest.mark.fact(sources.method("views.update"))
async def test_a_closed_modal_cannot_be_updated_and_says_so_where_wanted(
    opened: Callable[[Json], None], web: AsyncWebClient, hands: SandboxClient
) -> None:
    opened(form(notify_on_close=True, external_id="mine"))
    modal = (await hands.slack.command("ada", "#ops", "x"))["modal"]
    assert (await web.views_update(external_id="mine", view=form(notify_on_close=True)))["ok"]
    await hands.slack.close("ada")
    assert await refused(web.views_update(view_id=modal["id"], view=form())) == "not_found"
    delivery = (await hands.slack.deliveries("view_closed"))[0]
    assert (delivery["acked"], delivery["payload"]["is_cleared"]) == (True, False)


@pytest.mark.fact(sources.MODALS)
async def test_three_modals_are_the_deepest(
    app: AsyncApp, opened: Callable[[Json], None], web: AsyncWebClient, hands: SandboxClient
) -> None:
    button = {"type": "button", "action_id": "deeper", "text": plain("Deeper")}
    view = form({"type": "actions", "elements": [button]})
    outcomes: list[str] = []

    @app.action("deeper")
    async def deeper(ack: AsyncAck, body: Json) -> None:
        await ack()
        try:
            await web.views_push(trigger_id=body["trigger_id"], view=view)
            outcomes.append("pushed")
        except SlackApiError as refusal:
            outcomes.append(refusal.response["error"])

    opened(view)
    await hands.slack.command("ada", "#ops", "x")
    for _ in range(3):
        await hands.slack.click("ada", "deeper", wait=0.2)
    assert outcomes == ["pushed", "pushed", "push_limit_reached"]


@pytest.mark.fact(sources.element("select-menu-element#external_select"))
async def test_an_external_menu_is_filled_by_the_app(
    app: AsyncApp, opened: Callable[[Json], None], hands: SandboxClient
) -> None:
    sent: list[Json] = []

    @app.options("service")
    async def services(ack: AsyncAck, payload: Json) -> None:
        names = [name for name in ("checkout", "search") if payload["value"] in name]
        await ack(options=[option(name, name.upper()) for name in names])

    @app.view("declare")
    async def declare(ack: AsyncAck, view: Json) -> None:
        sent.append(view["state"]["values"]["service"]["service"])
        await ack()

    opened(form(field("service", {"type": "external_select", "action_id": "service"})))
    await hands.slack.command("ada", "#ops", "x")
    assert [one["value"] for one in await hands.slack.suggest("ada", "service", "ch")] == ["CHECKOUT", "SEARCH"]
    await hands.slack.submit("ada", {"service": "checkout"}, wait=0)
    assert sent[0]["selected_option"]["value"] == "CHECKOUT"
    await hands.slack.command("ada", "#ops", "x")
    with pytest.raises(Impossible, match="offers no"):
        await hands.slack.submit("ada", {"service": "billing"})


async def test_a_menu_in_a_modal_tells_the_app_and_stays_chosen(
    app: AsyncApp, opened: Callable[[Json], None], hands: SandboxClient
) -> None:
    heard: list[Json] = []

    @app.action("level")
    async def level(ack: AsyncAck, body: Json) -> None:
        heard.append(body)
        await ack()

    menu = {"type": "static_select", "action_id": "level", "options": SEVERITIES}
    opened(form({"type": "section", "block_id": "sev", "text": plain("Severity"), "accessory": menu}))
    await hands.slack.command("ada", "#ops", "x")
    await hands.slack.click("ada", "level", selected="SEV2", wait=0)
    assert heard[0]["actions"][0]["selected_option"]["value"] == "2"
    assert heard[0]["container"]["type"] == "view"
    assert heard[0]["view"]["state"]["values"]["sev"]["level"]["selected_option"]["value"] == "2"


@pytest.mark.fact(sources.method("views.publish"))
async def test_the_home_tab_is_published_and_its_buttons_work(
    app: AsyncApp, connect: Connect, web: AsyncWebClient, hands: SandboxClient
) -> None:
    pressed: list[str] = []
    button = {"type": "button", "action_id": "declare", "text": plain("Declare")}
    home = {"type": "home", "blocks": [{"type": "actions", "elements": [button]}]}

    @app.event("app_home_opened")
    async def came(event: Json) -> None:
        await web.views_publish(user_id=event["user"], view=home)

    @app.action("declare")
    async def declare(ack: AsyncAck, body: Json) -> None:
        pressed.append(body["view"]["type"])
        await ack()

    await connect(app)
    shown = await hands.slack.home("ada")
    assert shown is not None
    assert shown["type"] == "home"
    await hands.slack.click("ada", "declare", home=True, wait=0)
    assert pressed == ["home"]
    stale = web.views_publish(user_id=seed.ADA, view=home, hash="1.old")
    assert await refused(stale) == "hash_conflict"


async def test_a_form_sent_twice_at_once_arrives_twice_with_two_triggers(
    app: AsyncApp, opened: Callable[[Json], None], hands: SandboxClient
) -> None:
    triggers: list[str] = []

    @app.view("declare")
    async def declare(ack: AsyncAck, body: Json) -> None:
        triggers.append(body["trigger_id"])
        await asyncio.sleep(0.02)
        await ack()

    await hands.slack.command("ada", "#ops", "x")
    await hands.slack.submit("ada", {"title": "x"}, times=2, wait=0)
    assert len(set(triggers)) == 2
