"""A page against the account: it goes out once, to the right people, whatever PagerDuty does meanwhile."""

from bot.incident.lifecycle import Declare
from bot.incident.values import PageState, Service, Target, TargetKind
from bot.sandbox import SandboxClient
from tests.integrations.pagerduty.conftest import ADA, Bot

CHECKOUT = Service(id="PSCHECK", name="checkout")
COMMANDERS = Target(kind=TargetKind.POLICY, id="PECOMMA", name="Incident commanders")


async def declare(bot: Bot, severity: int = 1) -> int:
    outcome = await bot.engine.handle(Declare(title="Checkout is down", severity=severity, services=(CHECKOUT,)), ADA)
    assert outcome.incident is not None
    return outcome.incident.number


async def test_declaring_at_a_severity_that_pages_calls_the_on_call(bot: Bot, hands: SandboxClient) -> None:
    number = await declare(bot)
    await bot.outbox.idle()
    pages = await hands.pagerduty.pages()
    assert [(p.user, p.incident_key) for p in pages] == [("PUBO001", f"muster/INC-{number}/page-1")]
    incident = await bot.engine.reading.incident(number)
    assert incident is not None
    line = incident.pages[0]
    assert (line.state, line.people) == (PageState.SENT, ("Bo Lind",))
    assert line.outside == pages[0].incident
