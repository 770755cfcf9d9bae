"""The verb that rehearses: an incident like any other, but for the people whom it would wake."""

from dataclasses import dataclass

from bot.incident import Declare
from bot.incident.drills import SCENARIOS, Scenario, drill_title, scenario
from bot.incident.lifecycle import PROSE_LENGTH, TITLE_LENGTH
from bot.integrations.slack.asking import WHICH, readable, services_chosen, severity_options
from bot.integrations.slack.blocks import Block, context
from bot.integrations.slack.declare_form import COMMAND
from bot.integrations.slack.declare_verbs import declared
from bot.integrations.slack.modals import Filled, Form, Memo, select, several, text_input, ticks
from bot.integrations.slack.verbs import Answer, Ask, Do, House, Open, form, refill, verb
from bot.integrations.slack.words import unquoted

NOBODY = "It pages nobody and counts in no figure. Who is on call for the services you choose is invited to its room."


@dataclass(frozen=True)
class _Rehearsed:
    """A drill's form as far as it is filled in."""

    scenario: Scenario | None
    title: str
    summary: str
    severity: int
    services: tuple[str, ...] = ()
    command: bool = True


@verb("drill", usage="[scenario]", about_one=False)
async def drill(ask: Ask) -> Answer:
    """Rehearse: it pages nobody and counts nowhere. Scenarios: deploy, disk, certificate, vendor, or your own."""
    typed = readable(ask, unquoted(ask.words))
    known = scenario(typed)
    return Open(_form(ask.house, _begun(ask.house, known, "" if known else typed)))


def _begun(house: House, chosen: Scenario | None, title: str) -> _Rehearsed:
    """The form as it opens: a scenario's words, or a title of one's own, or the first scenario."""
    told = chosen or (None if title else SCENARIOS[0])
    severity = house.policy.default_severity
    return _Rehearsed(told, told.title if told else title, told.summary if told else "", severity)


@refill("drill")
async def refilled(house: House, memo: Memo, filled: Filled) -> Form:
    """Another scenario was chosen: its words are filled in."""
    chosen = scenario(filled.chosen("scenario"))
    return _form(
        house,
        _Rehearsed(
            scenario=chosen,
            title=chosen.title if chosen else "",
            summary=chosen.summary if chosen else "",
            severity=filled.number("severity") or house.policy.default_severity,
            services=filled.all_chosen("services"),
            command=COMMAND[0] in filled.all_chosen("command"),
        ),
    )


def _form(house: House, so_far: _Rehearsed) -> Form:
    """Title and summary stand in fields of their scenario's name: else Slack would keep the former one's words."""
    name = so_far.scenario.name if so_far.scenario else "own"
    options = [*((known.name, known.title) for known in SCENARIOS), ("own", "A scenario of my own")]
    known = [(s.id, s.name) for s in house.directory.services()]
    title = text_input(f"title-{name}", "What happens?", initial=so_far.title, optional=True, most=TITLE_LENGTH)
    summary = text_input(
        f"summary-{name}", "What is known", initial=so_far.summary, long=True, optional=True, most=PROSE_LENGTH
    )
    blocks: list[Block] = [
        select("scenario", "Scenario", options, initial=name, tells=True),
        title,
        summary,
        select("severity", "Severity", severity_options(house), initial=str(so_far.severity)),
        *([several("services", "Services", known, initial=so_far.services, placeholder=WHICH)] if known else []),
        ticks("command", "Command", [COMMAND], ticked=[COMMAND[0]] if so_far.command else []),
        context(NOBODY),
    ]
    return Form("drill", "Begin a drill", tuple(blocks), "Begin")


@form("drill")
async def drill_sent(ask: Ask, filled: Filled) -> Answer:
    name = filled.chosen("scenario")
    wish = Declare(
        title=drill_title(filled.text(f"title-{name}")),
        summary=filled.text(f"summary-{name}"),
        severity=filled.number("severity") or ask.house.policy.default_severity,
        services=services_chosen(ask.house, filled),
        command=COMMAND[0] in filled.all_chosen("command"),
        drill=True,
    )
    return Do(wish, tell=declared)
