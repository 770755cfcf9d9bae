"""The verbs that move an incident along: how bad it is, where it stands, that it is over, and what it is about."""

from datetime import datetime

from bot.incident import Cancel, Edit, Reopen, Resolve, SetSeverity, SetStatus
from bot.incident.lifecycle import PROGRESS, TITLE_LENGTH
from bot.incident.model import Incident, Refused
from bot.incident.policy import Policy
from bot.incident.severity import known_severities
from bot.incident.tasks import left_over, numbered
from bot.incident.values import Moments, Service, Status
from bot.integrations.slack import actions
from bot.integrations.slack.asking import (
    WHEN,
    WHEN_HINT,
    WHICH,
    readable,
    services_chosen,
    severity_options,
    sure_moment,
)
from bot.integrations.slack.blocks import Block, context, sentence
from bot.integrations.slack.calling import whom_they_page
from bot.integrations.slack.effects import Button
from bot.integrations.slack.modals import Filled, Form, select, several, text_input
from bot.integrations.slack.text import escape, name
from bot.integrations.slack.times import zone_of
from bot.integrations.slack.verbs import Answer, Ask, Do, House, Open, Show, Unclear, form, verb
from bot.integrations.slack.words import nearest, severity_level, unquoted

MOMENTS = "The moments, in your own time zone: 14:05, yesterday 23:10 or 2026-11-21 14:05."
NOT_KNOWN = "not known"
FIXED = "Rolled back to 4.2"
FALSE_ALARM = "The alert's threshold was too low"
EXAMPLES = {"summary": "Since the deploy of 4.3 the gateway times out", "impact": "One in five card payments fails"}
"""By the field: what stands in it while it is empty."""
STATUS_WORDS = {**{str(s): s for s in PROGRESS}, "mitigated": Status.MONITORING, "resolved": Status.RESOLVED}


def _levels(policy: Policy) -> str:
    """`[1-5]` where the company numbers its severities, else what it calls them."""
    numbered = all(s.label == f"SEV{s.level}" for s in policy.severities)
    first, last = policy.severities[0].level, policy.severities[-1].level
    if numbered and last - first == len(policy.severities) - 1:
        return f"[{first}-{last}]"
    return f"[{'|'.join(s.label for s in policy.severities)}]"


@verb("sev", "severity", usage=_levels, first_hour=True)
async def sev(ask: Ask) -> Answer:
    """Set how bad it is. Raising it to a severity that pages, pages."""
    if ask.bare:
        return Open(_severity_form(ask.house, ask.open_one))
    policy = ask.house.policy
    level = severity_level(unquoted(ask.words), policy)
    if level is None or policy.severity(level) is None:
        one_word = len(ask.words.split()) == 1
        none = f"there is no severity “{readable(ask, ask.words)}”. {known_severities(policy)}"
        raise Unclear(none if one_word else "")
    return _graded(ask, level)


def _graded(ask: Ask, level: int) -> Do:
    wish = SetSeverity(incident=ask.about.number, to=level)
    return Do(wish, already=lambda i: f"{i.name} is {escape(i.severity.label)} already.")


@form("sev")
async def sev_sent(ask: Ask, filled: Filled) -> Answer:
    level = filled.number("severity")
    if level is None:
        raise Refused("Choose a severity.", field="severity")
    return _graded(ask, level)


def _severity_form(house: House, i: Incident) -> Form:
    blocks = (
        select("severity", "Severity", severity_options(house), initial=str(i.severity.level)),
        context(f"In doubt, take the higher one. {whom_they_page(house, i.services)}"),
    )
    return Form("sev", f"Severity of {i.name}", blocks, "Set severity", i.number)


@verb(
    "status",
    usage="[investigating|identified|monitoring]",
    first_hour=True,
    shorthand={"mitigated": "monitoring", **{str(s): str(s) for s in PROGRESS if s is not Status.TRIAGE}},
)
async def status(ask: Ask) -> Answer:
    """Say how far you are. Alone, it shows where it stands, with buttons; `mitigated` means monitoring."""
    if ask.bare:
        return Show(sentence(_where_we_are(ask.about), _moves(ask.about)))
    said = unquoted(ask.words).casefold()
    to = STATUS_WORDS.get(said)
    if to is None:
        near = nearest(said, STATUS_WORDS)
        meant = f"“{readable(ask, ask.words)}” is no status. Did you mean `{ask.house.command} status {near}`?"
        raise Unclear(meant if near else "")
    return Do(SetStatus(incident=ask.about.number, to=to), already=_stands)


def _stands(i: Incident) -> str:
    return f"{i.name} is {i.status} already."


def _where_we_are(i: Incident) -> str:
    commander = f"{name(i.commander)} has command" if i.commander else "*nobody has command*"
    now = f" · {commander}" if i.is_open else ""
    known = f" {escape(i.summary)}" if i.summary else ""
    return f"*{i.name}* · {escape(i.severity.label)} · *{i.status}*{now}.{known}"


def _moves(i: Incident) -> list[Button]:
    if not i.is_open:
        return [Button(label="Reopen", action=actions.RUN, value=f"reopen {i.name}")]
    ahead = [s for s in PROGRESS if s not in (i.status, Status.TRIAGE)]
    buttons = [Button(label=s.capitalize(), action=actions.SET_STATUS, value=f"{i.number}/{s}") for s in ahead]
    return [*buttons, Button(label="Resolve", action=actions.RESOLVE_FORM, value=str(i.number))]


@verb("resolve", "close", "done", "fixed", usage="[what fixed it]", first_hour=True, free=True)
async def resolve(ask: Ask) -> Answer:
    """Say that it is over. PagerDuty is told, too, and a postmortem draft follows where a review is owed."""
    i = ask.about
    if not ask.bare:
        return Do(Resolve(incident=i.number, words_said=readable(ask, ask.words)), already=_over)
    if i.status in (Status.RESOLVED, Status.CLOSED):
        return Show(sentence(_over(i)))
    i.require_open()
    blocks = (
        text_input("text", "What fixed it?", long=True, optional=True, placeholder=FIXED, most=1_000),
        text_input("at", WHEN, optional=True, hint=WHEN_HINT, placeholder="14:05"),
        *_still_open(i),
    )
    return Open(Form("resolve", f"Resolve {i.name}", blocks, "Resolve", i.number))


def _over(i: Incident) -> str:
    return f"{_stands(i)} `/incident {i.name} note` adds what is missing."


def _still_open(i: Incident) -> list[Block]:
    """What the room is asked about afterwards."""
    left = [task.number for task in left_over(i)]
    return [context(f"Still open: {numbered(left)}. The room is asked what becomes of that.")] if left else []


@form("resolve")
async def resolve_sent(ask: Ask, filled: Filled) -> Answer:
    at = sure_moment(ask, filled.text("at"), "at")
    return Do(Resolve(incident=ask.about.number, words_said=filled.text("text"), at=at), already=_over)


@verb("reopen", over=True)
async def reopen(ask: Ask) -> Answer:
    """Open it again: it was not over."""
    if not ask.bare:
        raise Unclear
    return Do(Reopen(incident=ask.about.number), already=lambda i: f"{i.name} is open already: {i.status}.")


@verb("cancel", usage="[why]", free=True)
async def cancel(ask: Ask) -> Answer:
    """Say that it was a false alarm."""
    i = ask.about
    if not ask.bare:
        return Do(Cancel(incident=i.number, why=readable(ask, ask.words)), already=_stands)
    i.require_open()
    blocks = (text_input("text", "Why is it no incident?", optional=True, placeholder=FALSE_ALARM, most=1_000),)
    return Open(Form("cancel", f"Cancel {i.name}", blocks, "Cancel incident", i.number))


@form("cancel")
async def cancel_sent(ask: Ask, filled: Filled) -> Answer:
    return Do(Cancel(incident=ask.about.number, why=filled.text("text")), already=_stands)


@verb("summary", usage="[what is known]", free=True)
async def summary(ask: Ask) -> Answer:
    """Say what is known. One or two sentences, which stand on the card."""
    return _prose(ask, "summary", "What is known?")


@form("summary")
async def summary_sent(ask: Ask, filled: Filled) -> Answer:
    return Do(Edit(incident=ask.about.number, summary=filled.text("summary")))


@verb("impact", usage="[who notices what]", free=True)
async def impact(ask: Ask) -> Answer:
    """Say who is affected, and how. It stands on the card."""
    return _prose(ask, "impact", "Who is affected, and how?")


@form("impact")
async def impact_sent(ask: Ask, filled: Filled) -> Answer:
    return Do(Edit(incident=ask.about.number, impact=filled.text("impact")))


def _prose(ask: Ask, field: str, question: str) -> Answer:
    i = ask.about
    if not ask.bare:
        return Do(Edit.model_validate({"incident": i.number, field: readable(ask, ask.words)}))
    known = i.summary if field == "summary" else i.impact
    blocks = (text_input(field, question, initial=known, long=True, optional=True, placeholder=EXAMPLES[field]),)
    return Open(Form(field, f"{field.capitalize()} of {i.name}", blocks, "Save", i.number))


@verb("edit")
async def edit(ask: Ask) -> Answer:
    """Correct title, summary, impact, services and times."""
    if not ask.bare:
        raise Unclear
    i = ask.about
    known = [(s.id, s.name) for s in ask.house.directory.services()]
    blocks: list[Block] = [
        text_input("title", "Title", initial=i.title, most=TITLE_LENGTH),
        text_input("summary", "What is known", initial=i.summary, long=True, optional=True),
        text_input("impact", "Who is affected, and how", initial=i.impact, long=True, optional=True),
    ]
    if known:
        chosen = [s.id for s in i.services]
        blocks.append(several("services", "Services", known, initial=chosen, placeholder=WHICH))
    blocks.append(context(MOMENTS))
    blocks += [_moment_input(ask, moment) for moment in Moments.model_fields]
    return Open(Form("edit", f"Edit {i.name}", tuple(blocks), "Save", i.number))


def _moment_input(ask: Ask, moment: str) -> Block:
    at = getattr(ask.about.moments, moment)
    label = moment.replace("_", " ").capitalize()
    return text_input(moment, label, initial=_typed(ask, at), optional=True, placeholder=NOT_KNOWN)


def _typed(ask: Ask, at: datetime | None) -> str:
    """A moment as the person would type it."""
    return f"{at.astimezone(zone_of(ask.person.zone)):%Y-%m-%d %H:%M:%S}" if at else ""


@form("edit")
async def edit_sent(ask: Ask, filled: Filled) -> Answer:
    i = ask.about
    typed = {m: filled.text(m) for m in Moments.model_fields}
    changed = {m: said for m, said in typed.items() if said != _typed(ask, getattr(i.moments, m))}
    moments = {m: sure_moment(ask, said, m) for m, said in changed.items()}
    if moments.get("declared", i.moments.declared) is None:
        raise Refused("An incident was declared at some time.", field="declared")
    return Do(
        Edit(
            incident=i.number,
            title=filled.text("title"),
            summary=filled.text("summary"),
            impact=filled.text("impact"),
            services=_services(ask, filled),
            moments=moments,
        )
    )


def _services(ask: Ask, filled: Filled) -> tuple[Service, ...]:
    """The chosen services, and those of the incident that the menu doesn't know and nobody could take away."""
    offered = {s.id for s in ask.house.directory.services()}
    return (*services_chosen(ask.house, filled), *(s for s in ask.about.services if s.id not in offered))
