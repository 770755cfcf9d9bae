"""The alerts of an incident as people read them: those of a storm by service, with what can be done about each.

Pure. A storm has thousands: nothing is built of those that are only counted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.incident.model import Incident, Refused
from bot.incident.policy import Policy
from bot.incident.values import AlertLine
from bot.integrations.slack import actions
from bot.integrations.slack.asking import run
from bot.integrations.slack.blocks import Block, Message, section, words
from bot.integrations.slack.blocks import actions as row
from bot.integrations.slack.card_state import TITLE
from bot.integrations.slack.text import cut, escape, link

PAGE = 10
MANY = 5
"""From so many services on, the card tells of services."""
SERVICE = 60
ADDRESS = 300
"""A longer address would leave no room for the other alerts."""


@dataclass
class Group:
    """The alerts of one service. `first`: the one that is named for all of them, the gravest."""

    service: str
    first: AlertLine
    count: int = 0
    firing: int = 0

    @property
    def grave(self) -> int:
        """The level that the rules ask for its gravest alert, 99 where they ask for none."""
        return 99 if self.first.severity is None else self.first.severity


def by_service(alarms: Iterable[AlertLine]) -> list[Group]:
    """The gravest service first, then the one with most alerts that fire."""
    groups: dict[str, Group] = {}
    for alarm in alarms:
        group = groups.get(alarm.service)
        if group is None:
            group = groups[alarm.service] = Group(alarm.service, alarm)
        elif alarm.severity is not None and alarm.severity < group.grave:
            group.first = alarm
        group.count += 1
        group.firing += not alarm.clear
    return sorted(groups.values(), key=lambda g: (not g.firing, g.grave, -g.firing, g.service))


def storm_line(i: Incident, policy: Policy, most: int) -> str:
    """How many services and alerts, the gravest by name: `60 services, 1,840 of 2,000 firing: *Checkout (SEV1)* · …`"""
    groups = by_service(i.alarms)
    count, firing = sum(g.count for g in groups), sum(g.firing for g in groups)
    told = f"{firing:,} of {count:,} firing" if firing else f"all {count:,} clear"
    named = [_bold(group, policy) for group in groups[:most]]
    more = f" · and {len(groups) - most} more" if len(groups) > most else ""
    return f"{len(groups)} services, {told}: {' · '.join(named)}{more}"


def is_many(i: Incident) -> bool:
    """Whether the card tells of services rather than of alerts."""
    return i.storm or len({a.service for a in i.alarms}) >= MANY


def _bold(group: Group, policy: Policy) -> str:
    """A service's name; the severity beside it, in bold, where it may deserve an incident of its own."""
    name = escape(cut(group.service or "no service", SERVICE))
    severity = policy.severity(group.first.severity) if group.first.severity is not None else None
    return f"*{name} ({escape(severity.label)})*" if severity and group.firing else name


def alert_list(i: Incident, policy: Policy, number: int = 1) -> Message:
    """One page of the alerts, each with *Split off* and *Not related*; those of a storm by service."""
    rows = _by_service(i, policy) if i.storm else [_alert(i, a) for a in _firing_first(i.alarms)]
    pages = max(1, -(-len(rows) // PAGE))
    at = page_of(number, pages, f"the alerts of {i.name}")
    head = f"*Alerts of {i.name}* · {_counted(i)}" + (f" · page {at} of {pages}" if pages > 1 else "")
    turns = [("Back", at - 1)] * (at > 1) + [("More", at + 1)] * (at < pages)
    buttons = [run(label, i.number, f"alerts {to}") for label, to in turns]
    shown = rows[(at - 1) * PAGE : at * PAGE]
    return Message(f"Alerts of {i.name}", (section(head), *shown, *([row(buttons)] if buttons else [])))


def page_of(number: int, pages: int, what: str) -> int:
    """The page asked for. Raises Refused where there is none, rather than show another."""
    if not 1 <= number <= pages:
        raise Refused(f"There is no page {number} of {what}; the last is {pages}.")
    return number


def _counted(i: Incident) -> str:
    firing = sum(not a.clear for a in i.alarms)
    if not i.alarms:
        return "none yet; what its services fire joins by itself" if i.is_open else "none belonged to it"
    if len(i.alarms) == 1:
        return "firing" if firing else "clear"
    return f"{firing:,} of {len(i.alarms):,} firing" if firing else f"all {len(i.alarms):,} clear"


def _firing_first(alarms: Sequence[AlertLine]) -> list[AlertLine]:
    return sorted(alarms, key=lambda a: a.clear)


def _by_service(i: Incident, policy: Policy) -> list[Block]:
    return [_service(i, group, policy) for group in by_service(i.alarms)]


def _service(i: Incident, group: Group, policy: Policy) -> Block:
    share = f"{group.firing:,} of {group.count:,} " if group.count > 1 else ""
    state = f"{share}firing" if group.firing else "clear" if group.count == 1 else f"{group.count:,} clear"
    about = f"\n{_titled(group.first)}" if group.first.title else ""
    return section(f"{_bold(group, policy)} · {state}{about}", accessory=_menu(i, group.first) if i.is_open else None)


def _alert(i: Incident, alarm: AlertLine) -> Block:
    state = " · clear" if alarm.clear else ""
    where = f"{escape(cut(alarm.service, SERVICE))} · " if alarm.service else ""
    return section(f"{where}{_titled(alarm)}{state}", accessory=_menu(i, alarm) if i.is_open else None)


def _titled(alarm: AlertLine) -> str:
    return link(alarm.url if len(alarm.url) <= ADDRESS else "", cut(alarm.title, TITLE))


def _menu(i: Incident, alarm: AlertLine) -> Block:
    """What can be done about one of them; what cannot be split off, because nothing else is there, offers less."""
    which = f"{i.number}/{alarm.source}/{alarm.id}"
    split, apart = ("Split off", "split"), ("Not related", "unrelated")
    acts = [apart] if len(i.alarms) == 1 else [split, apart]
    options = [{"text": words(label), "value": cut(f"{act}/{which}", 150)} for label, act in acts]
    return {"type": "overflow", "action_id": f"{actions.ALERT}#{alarm.id}"[:255], "options": options}
