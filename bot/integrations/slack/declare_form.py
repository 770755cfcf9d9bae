"""The form that declares an incident: one click is enough; what was over already brings its two moments."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.incident.lifecycle import TITLE_LENGTH
from bot.incident.model import Incident
from bot.incident.values import Service
from bot.integrations.slack.asking import WHEN_HINT, WHICH, services_chosen, severity_options
from bot.integrations.slack.blocks import Block, context, words
from bot.integrations.slack.calling import whom_it_pages
from bot.integrations.slack.likeness import notice, noticed
from bot.integrations.slack.modals import Filled, Form, select, several, text_input, ticks
from bot.integrations.slack.verbs import House

COMMAND = ("yes", "I take command")
PRIVATE = ("private", "Private: only who is invited sees it")
OVER = "over"
"""What the form remembers, and the button that says it: it is over already."""
GOES_ON = "goes_on"
"""The button that takes that back."""


@dataclass(frozen=True)
class Declaring:
    """A declare form as far as it is filled in."""

    title: str
    severity: int
    services: tuple[Service, ...] = ()
    command: bool = True
    private: bool = False
    over: bool = False

    @classmethod
    def of(cls, house: House, filled: Filled) -> "Declaring":
        """What stands in it now; one that was over already has no box for command."""
        ticked = filled.all_chosen("command")
        over = OVER in filled.extra
        return cls(
            title=filled.text("title"),
            severity=filled.number("severity") or house.policy.default_severity,
            services=services_chosen(house, filled),
            command=over or COMMAND[0] in ticked,
            private=PRIVATE[0] in (*ticked, *filled.all_chosen("privacy")),
            over=over,
        )


def declare_form(house: House, title: str = "", likeness: Incident | None = None, *, source: str = "") -> Form:
    """The form as it opens; `source` is the permalink of the message it is declared from."""
    extra = {"source": source[:300]} if source else {}
    return drawn(
        house, Declaring(title, house.policy.default_severity), extra | (noticed(likeness) if likeness else {})
    )


def drawn(house: House, so_far: Declaring, extra: Mapping[str, str]) -> Form:
    """The form with what is filled in so far: it says whom the severity and services chosen page."""
    blocks: list[Block] = notice(extra)
    blocks.append(_title(so_far))
    blocks.append(select("severity", "Severity", severity_options(house), initial=str(so_far.severity), tells=True))
    known = [(s.id, s.name) for s in house.directory.services()]
    if known:
        chosen = [s.id for s in so_far.services]
        blocks.append(several("services", "Services", known, initial=chosen, placeholder=WHICH, tells=True))
    blocks += _over(so_far) if so_far.over else _going_on(house, so_far)
    submit = "Put on record" if so_far.over else "Declare"
    return Form("declare", "Declare an incident", tuple(blocks), submit, None, extra)


def _title(so_far: Declaring) -> Block:
    example = "Card payments fail"
    return text_input(
        "title", "What is wrong?", initial=so_far.title, optional=True, placeholder=example, most=TITLE_LENGTH
    )


def _going_on(house: House, so_far: Declaring) -> list[Block]:
    ticked = [box[0] for box, is_so in ((COMMAND, so_far.command), (PRIVATE, so_far.private)) if is_so]
    severity = house.policy.severity(so_far.severity)
    return [
        ticks("command", "Command and privacy", [COMMAND, PRIVATE], ticked=ticked),
        *([context(whom_it_pages(house, severity, so_far.services))] if severity else []),
        _switch(OVER, "It is over already"),
    ]


def _over(so_far: Declaring) -> list[Block]:
    return [
        text_input("began", "When did it begin?", hint=WHEN_HINT, placeholder="14:05"),
        text_input("ended", "When was it over?", placeholder="15:20"),
        ticks("privacy", "Privacy", [PRIVATE], ticked=[PRIVATE[0]] if so_far.private else []),
        context("It goes on record as resolved: nobody is paged or called in."),
        _switch(GOES_ON, "It is still going on"),
    ]


def _switch(name: str, label: str) -> Block:
    """A button that shows the form the other way; what is typed so far stays."""
    pressed: Block = {"type": "button", "action_id": f"in/{name}", "text": words(label)}
    return {"type": "actions", "block_id": "switch", "elements": [pressed]}
