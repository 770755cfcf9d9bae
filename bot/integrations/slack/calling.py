"""Whom one can call: who is on call, whom a severity pages, what words name a page's target. From caches only."""

import re
from collections.abc import Iterable, Sequence

from bot.incident.ladder import targets_of
from bot.incident.model import Refused
from bot.incident.people import KnownService, OnCall
from bot.incident.policy import Severity
from bot.incident.values import Service, Target, TargetKind
from bot.integrations.slack.blocks import Block, Message, context, section, sentence
from bot.integrations.slack.text import cut, escape
from bot.integrations.slack.verbs import Ask, House
from bot.integrations.slack.words import QUOTES, Kind, first_word, mention

SHOWN = 15
NAME = 80
SERVICE_LENGTH = 700
"""Characters about one service, so that all that are shown fit into one message."""
DOWN = "*PagerDuty does not answer.* These are the names and numbers as last heard; call by hand."


def whom_it_pages(house: House, severity: Severity, services: Iterable[Service]) -> str:
    """In a sentence, whom declaring at a severity or raising to it pages (mrkdwn)."""
    label = escape(severity.label)
    return f"{label} pages {_whom(house, services)}." if severity.pages else f"{label} pages nobody."


def whom_they_page(house: House, services: Iterable[Service]) -> str:
    """In a sentence, which severities page, and whom; empty where none does."""
    labels = [escape(s.label) for s in house.policy.severities if s.pages]
    if not labels:
        return ""
    return f"{' and '.join(labels)} {'pages' if len(labels) == 1 else 'page'} {_whom(house, services)}."


def _whom(house: House, services: Iterable[Service]) -> str:
    targets = targets_of(services, house.policy.paging.fallback)
    if not targets:
        return "the on-call of the services; *none is chosen, so nobody is paged*"
    return ", ".join(_called(house, target) for target in targets)


def _called(house: House, target: Target) -> str:
    known = house.directory.service(target.id) if target.kind is TargetKind.SERVICE else None
    first = [c.name for c in known.on_call if c.level == 1] if known else []
    whom = f" ({escape(cut(', '.join(first), NAME))})" if first else ""
    return f"{escape(cut(target.name, NAME))}{whom}"


def targets(house: House) -> dict[str, Target]:
    """Everything that can be paged by name, services before policies, by the name in lower case."""
    services = house.directory.services()
    policies = {s.policy: s.policy_name for s in services if s.policy and s.policy_name}
    found = [Target(kind=TargetKind.POLICY, id=id, name=name) for id, name in policies.items()]
    found += [Target(kind=TargetKind.SERVICE, id=s.id, name=s.name) for s in services]
    return {target.name.casefold(): target for target in found}


def target_and_why(ask: Ask) -> tuple[Target, str] | None:
    """Whom `page` names first (someone, or the longest known name), and why; None where it names nobody."""
    head, rest = first_word(ask.words)
    who = mention(head)
    if who and who.kind is Kind.USER:
        return person_target(ask.house, who.id, who.name), reason(rest)
    known = targets(ask.house)
    if head.casefold() in known and ask.words.lstrip()[:1] in QUOTES:
        return known[head.casefold()], reason(rest)
    several = ask.words.split()
    longest = max((len(name.split()) for name in known), default=0)
    for end in range(min(len(several), longest), 0, -1):
        target = known.get(" ".join(several[:end]).rstrip(":,").casefold())
        if target:
            return target, reason(" ".join(several[end:]))
    return None


def reason(words: str) -> str:
    """Why, without the mark or the word that leads to it."""
    return re.sub(r"^[:,;–—\s]*(?:because\b|since\b)?\s*", "", words, flags=re.IGNORECASE)


def person_target(house: House, user: str, name: str) -> Target:
    """A Slack user as someone to page. Raises Refused where PagerDuty does not know them."""
    person = house.directory.by_slack(user)
    called = person.name if person else name or user
    if person is None or not person.pagerduty:
        raise Refused(f"PagerDuty does not know {called}. Page a service instead, or call them.", field="person")
    return Target(kind=TargetKind.USER, id=person.pagerduty, name=called)


def on_call_message(house: House, services: Sequence[KnownService]) -> Message:
    """Who is on call for the services; with numbers when PagerDuty is down, for the asker's eyes only."""
    if not services:
        return sentence("No service of PagerDuty is known here yet.")
    down = not house.pagerduty_up()
    shown = services[:SHOWN]
    blocks: list[Block] = [section(DOWN)] if down else []
    blocks += [section(_service(house, s, numbers=down)) for s in shown]
    if len(services) > len(shown):
        blocks.append(context(f"and {len(services) - len(shown)} more: `{house.command} oncall &lt;service&gt;`"))
    return Message("Who is on call", tuple(blocks))


def _service(house: House, service: KnownService, *, numbers: bool) -> str:
    calls = sorted(service.on_call, key=lambda c: c.level)
    told = [f"{c.level}. {_person(house, c, numbers=numbers)}" for c in calls] or ["Nobody is known to be on call."]
    return cut(f"*{escape(cut(service.name, NAME))}*\n" + "\n".join(told), SERVICE_LENGTH)


def _person(house: House, call: OnCall, *, numbers: bool) -> str:
    known = house.directory.by_pagerduty(call.pagerduty)
    phones = ", ".join(known.phones) if known and numbers else ""
    reach = f" · {escape(phones)}" if phones else " · no number known" if numbers else ""
    return f"{escape(cut(call.name, NAME))}{reach}"
