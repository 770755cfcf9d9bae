"""Faults of the PagerDuty account: key, user, webhook, people, and what the settings name there."""

from collections.abc import AsyncIterator

import aiohttp

from bot.sandbox.pagerduty.seed import READ_ONLY_TOKEN
from tests.stories.world import signed
from tests.terminal.faults import UNREACHED, told
from tests.terminal.ward import Ward


@told("PagerDuty does not know the key in MUSTER_PAGERDUTY__API_TOKEN. Copy a REST API key anew.")
async def pagerdutys_key_is_wrong(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_PAGERDUTY__API_TOKEN="wrong"):
        yield


@told("The key in MUSTER_PAGERDUTY__API_TOKEN is read-only, so nobody is paged. Make one that is not.")
async def pagerdutys_key_is_read_only(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_PAGERDUTY__API_TOKEN=READ_ONLY_TOKEN):
        yield


@told("PagerDuty has no user nobody@example.com (MUSTER_PAGERDUTY__FROM_EMAIL), so nobody is paged. Name one.")
async def pagerduty_does_not_know_our_user(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_PAGERDUTY__FROM_EMAIL="nobody@example.com"):
        yield


@told("MUSTER_PAGERDUTY__FROM_EMAIL is not set: PagerDuty wants to know on whose behalf Muster acts.")
async def no_user_is_named(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_PAGERDUTY__FROM_EMAIL=""):
        yield


@told("PagerDuty cannot be reached *. Is pagerduty.base_url right, and a proxy or firewall in the way?")
async def pagerduty_cannot_be_reached(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_PAGERDUTY__BASE_URL=f"http://{UNREACHED}"):
        yield


@told("PagerDuty has no webhook that delivers to Muster. Make a Generic V3 webhook, account-wide, to https://…/webh*")
async def there_is_no_webhook(ward: Ward) -> AsyncIterator[None]:
    await ward.rest("DELETE", f"/webhook_subscriptions/{await ward.subscription()}")
    yield
    await ward.hands.pagerduty.subscribe(f"{ward.reception.server.url}/webhooks/pagerduty")


@told("PagerDuty's webhooks deliver elsewhere (https://example.com/hook). Make a Generic V3 webhook, account-wide, *")
async def the_webhook_points_elsewhere(ward: Ward) -> AsyncIterator[None]:
    await ward.rest("DELETE", f"/webhook_subscriptions/{await ward.subscription()}")
    await ward.hands.pagerduty.subscribe("https://example.com/hook")
    yield
    await ward.hands.pagerduty.subscribe(f"{ward.reception.server.url}/webhooks/pagerduty")


@told("PagerDuty has switched the webhook subscription * off for a day, after three refusals. *")
async def pagerduty_has_switched_the_webhook_off(ward: Ward) -> AsyncIterator[None]:
    ward.reception.status = 404
    for _ in range(3):
        await ward.hands.pagerduty.ping()
        await ward.hands.pagerduty.settle()
    ward.reception.status = 202
    yield
    await ward.hands.pagerduty.enable(await ward.subscription())


@told("The webhook subscription * is switched off. Switch it on in PagerDuty.")
async def somebody_has_switched_the_webhook_off(ward: Ward) -> AsyncIterator[None]:
    await ward.change_subscription(active=False)
    yield
    await ward.change_subscription(active=True)


@told("The webhook subscription * lacks incident.acknowledged, incident.resolved. Tick all incident events there.")
async def the_webhook_lacks_events(ward: Ward) -> AsyncIterator[None]:
    every = (await ward.hands.pagerduty.subscriptions())[0]["events"]
    lacking = {"incident.acknowledged", "incident.resolved"}
    await ward.change_subscription(events=[name for name in every if name not in lacking])
    yield
    await ward.change_subscription(events=every)


@told("2 webhook subscriptions deliver to Muster (*), each signed with a secret of its own, and one secret is set. *")
async def two_webhooks_deliver_the_same(ward: Ward) -> AsyncIterator[None]:
    second = await ward.hands.pagerduty.subscribe(f"{ward.reception.server.url}/webhooks/pagerduty")
    yield
    await ward.rest("DELETE", f"/webhook_subscriptions/{second}")


@told("MUSTER_PAGERDUTY__WEBHOOK_SECRETS is not set: no webhook can be believed. Set it.")
async def no_webhook_secret_is_set(ward: Ward) -> AsyncIterator[None]:
    with ward.setting(MUSTER_PAGERDUTY__WEBHOOK_SECRETS=""):
        yield


@told(
    "1 times since its start the bot met a signature that is not ours, on PagerDuty webhooks: is a webhook's secret "
    "missing in MUSTER_PAGERDUTY__WEBHOOK_SECRETS?"
)
async def the_webhook_secret_is_wrong(ward: Ward) -> AsyncIterator[None]:
    async with ward.bot() as app, aiohttp.ClientSession() as session:
        headers = {"x-pagerduty-signature": signed(b"{}", "another secret")}
        async with session.post(f"{app.url}/webhooks/pagerduty", data=b"{}", headers=headers) as answer:
            assert answer.status == 503
        yield


@told("On call in PagerDuty and unknown in Slack, by e-mail: Zoe Laurent. *")
async def somebody_on_call_is_unknown_in_slack(ward: Ward) -> AsyncIterator[None]:
    await ward.hands.slack.change_person("zoe", email="zoe@elsewhere.example")
    async with ward.bot():
        pass
    yield
    await ward.hands.slack.change_person("zoe", email="zoe@contractor.example")
    async with ward.bot():
        pass


@told("policy.paging.commanders names the policy PGONE (Commanders), which PagerDuty does not have. *")
async def the_settings_name_a_policy_that_is_not_there(ward: Ward) -> AsyncIterator[None]:
    with ward.config({"policy": {"paging": {"commanders": {"kind": "policy", "id": "PGONE", "name": "Commanders"}}}}):
        yield


@told("policy.paging.fallback names the service PGONE (everything), which PagerDuty does not have. *")
async def the_settings_name_a_service_that_is_not_there(ward: Ward) -> AsyncIterator[None]:
    with ward.config({"policy": {"paging": {"fallback": {"kind": "service", "id": "PGONE", "name": "everything"}}}}):
        yield


@told("policy.rules, no. 1: PagerDuty has no service chekout*, so the rule never counts.")
async def a_rule_names_a_service_that_is_not_there(ward: Ward) -> AsyncIterator[None]:
    with ward.config({"policy": {"rules": [{"service": "chekout*", "action": "triage"}, {"action": "keep"}]}}):
        yield


@told("policy.rules, no. 1: PagerDuty has no priority Sev-1, so the rule never counts.")
async def a_rule_names_a_priority_that_is_not_there(ward: Ward) -> AsyncIterator[None]:
    with ward.config({"policy": {"rules": [{"priority": "Sev-1", "action": "open", "severity": 1}]}}):
        yield
