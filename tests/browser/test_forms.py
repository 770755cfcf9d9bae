"""An app's forms in the hand of a person: filled in by keyboard, refused, gone deeper into, sent."""

from typing import Any

from playwright.async_api import Page, expect
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox
from bot.sandbox.slack import seed
from tests.browser.conftest import Open
from tests.sandbox.conftest import Connect

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def options(*names: str) -> list[Json]:
    return [{"text": plain(name.title()), "value": name} for name in names]


def field(name: str, kind: str, **more: Any) -> Json:
    told: Json = {key: more.pop(key) for key in ("optional", "dispatch_action") if key in more}
    element = {"type": kind, "action_id": "value", **more}
    return {"type": "input", "block_id": name, "label": plain(name.title()), "element": element, **told}


def view(*blocks: Json, name: str = "declare") -> Json:
    frame = {"type": "modal", "callback_id": name, "title": plain(name.title()), "submit": plain("Send")}
    return {**frame, "blocks": list(blocks)}


DEEPER = {"type": "actions", "elements": [{"type": "button", "action_id": "deeper", "text": plain("Deeper")}]}
DECLARE = view(
    field("title", "plain_text_input"),
    field("severity", "static_select", options=options("minor", "major")),
    field("services", "multi_static_select", options=options("checkout", "search", "cart"), optional=True),
    field("flags", "checkboxes", options=options("drill", "private"), optional=True),
    field("since", "datetimepicker", optional=True),
    field("owner", "external_select", min_query_length=1, optional=True),
    DEEPER,
)


class Desk:
    """An app with one form: it refuses the title "x", offers owners, opens a second form from the first."""

    def __init__(self, app: AsyncApp, form: Json) -> None:
        self.form, self.sent, self.pressed = form, list[Json](), list[Json]()
        app.command("/incident")(self.opens)
        app.options("value")(self.offers)
        app.action("deeper")(self.pushes)
        app.action("value")(self.grows)
        app.view("declare")(self.takes)

    async def opens(self, ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=self.form)

    async def offers(self, ack: AsyncAck, payload: Json) -> None:
        await ack(options=options(*(name for name in ("payments", "platform", "search") if payload["value"] in name)))

    async def pushes(self, ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack()
        self.pressed.append(body)
        deeper = view(field("title", "plain_text_input", optional=True), name="deeper")
        await client.views_push(trigger_id=body["trigger_id"], view=deeper)

    async def grows(self, ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack()
        self.pressed.append(body)
        grown = {
            **self.form,
            "blocks": [*self.form["blocks"], {"type": "section", "text": plain("It pages two teams.")}],
        }
        await client.views_update(view_id=body["view"]["id"], view=grown)

    async def takes(self, ack: AsyncAck, view: Json) -> None:
        values = view["state"]["values"]
        if values["title"]["value"]["value"] == "x":
            await ack(response_action="errors", errors={"title": "Say more than x."})
            return
        self.sent.append(values)
        await ack()


async def ask_for_the_form(page: Page) -> None:
    box = page.get_by_role("textbox", name="Message #ops")
    await box.press_sequentially("/inc")
    await expect(page.get_by_role("option", name="/incident")).to_be_visible()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Declare")).to_be_visible()


async def test_a_form_is_filled_in_refused_corrected_and_sent_by_keyboard_alone(
    app: AsyncApp, connect: Connect, web: AsyncWebClient, sandbox: Sandbox, screen: Open
) -> None:
    desk = Desk(app, DECLARE)
    await connect(app)
    page = await screen(f"{sandbox.url}/as/ada/c/C0OPS00001")
    press = page.keyboard.press
    await ask_for_the_form(page)
    form = page.get_by_role("dialog", name="Declare")
    title = form.get_by_role("textbox", name="Title")
    await expect(title).to_be_focused()
    await page.keyboard.type("x")
    await press("Tab")
    await page.keyboard.type("Maj")
    await press("Tab")
    await press("Space")
    await press("Tab")
    await press("Space")
    await press("Tab")
    await press("Space")
    await expect(form.locator("summary")).to_have_text("Checkout, Search")
    await form.get_by_label("Since").fill("2026-11-22T09:30")
    await form.get_by_role("combobox", name="Owner").press_sequentially("pla")
    await expect(form.get_by_role("button", name="Platform")).to_be_visible()
    await press("Tab")
    await press("Enter")
    await expect(form.locator(".chip")).to_have_text("Platform")

    await form.get_by_role("button", name="Deeper").press("Enter")
    await expect(page.get_by_role("dialog", name="Deeper")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Title")).to_have_value("")
    assert desk.pressed[0]["view"]["state"]["values"]["title"]["value"]["value"] == "x"
    await press("Escape")
    await expect(title).to_have_value("x")

    await press("Control+Enter")
    await expect(form.get_by_role("alert")).to_have_text("Say more than x.")
    await expect(title).to_be_focused()
    await form.get_by_role("button", name="Platform").focus()
    await web.chat_postMessage(channel=seed.INCIDENTS, text="Meanwhile")
    await expect(page.get_by_text("1 unread", exact=False)).to_be_attached()
    await expect(form.get_by_role("button", name="Platform")).to_be_focused()
    await title.fill("Cards fail")
    await press("Enter")
    await expect(form).to_have_count(0)
    await expect(page.get_by_role("textbox", name="Message #ops")).to_be_focused()
    values = {name: next(iter(fields.values())) for name, fields in desk.sent[0].items()}
    assert values["title"]["value"] == "Cards fail"
    assert values["severity"]["selected_option"]["value"] == "major"
    assert [each["value"] for each in values["services"]["selected_options"]] == ["checkout", "search"]
    assert values["flags"]["selected_options"] == []
    assert values["since"]["selected_date_time"] == 1_795_336_200
    assert values["owner"]["selected_option"]["value"] == "platform"


async def test_what_is_being_typed_outlives_the_app_s_own_changes_to_the_form(
    app: AsyncApp, connect: Connect, sandbox: Sandbox, screen: Open
) -> None:
    level = field("level", "static_select", options=options("minor", "major"), dispatch_action=True)
    desk = Desk(app, view(field("title", "plain_text_input"), level, DEEPER))
    await connect(app)
    page = await screen(f"{sandbox.url}/as/ada/c/C0OPS00001")
    await ask_for_the_form(page)
    form = page.get_by_role("dialog", name="Declare")
    title = form.get_by_role("textbox", name="Title")
    await title.fill("Cards")
    await form.get_by_role("combobox", name="Level").select_option("major")
    await title.press_sequentially(" fail")
    await expect(form.get_by_text("It pages two teams.")).to_be_visible()
    await expect(title).to_have_value("Cards fail")
    assert desk.pressed[0]["actions"][0]["selected_option"]["value"] == "major"
    await form.get_by_role("button", name="Close all of it").click()
    await expect(form).to_have_count(0)
