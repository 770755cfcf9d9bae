"""The verb about alerts: which belong to the incident, and taking out of it what does not."""

from bot.incident import NotRelated, RateAlert, SplitOff
from bot.incident.mirror import Worth
from bot.incident.model import Command, Incident, Refused
from bot.incident.values import AlertLine
from bot.integrations.slack import actions
from bot.integrations.slack.alert_list import alert_list
from bot.integrations.slack.alert_worth import rated
from bot.integrations.slack.presses import OLD, Click, Hands, about, alert_shown, asked, numbered, pair, press
from bot.integrations.slack.text import plain
from bot.integrations.slack.verbs import Answer, Ask, Do, Show, Unclear, verb
from bot.integrations.slack.words import first_word, unquoted

ACTS: dict[str, type[SplitOff] | type[NotRelated]] = {
    "split": SplitOff,
    "unrelated": NotRelated,
}


@verb("alerts", "storm", usage="[page | split <service> | unrelated <service>]")
async def alerts(ask: Ask) -> Answer:
    """See its alerts. Split one off as an incident of its own, or take out what is not related."""
    i = ask.about
    if ask.bare or _is_page(ask.words):
        return Show(alert_list(i, ask.house.policy, int(ask.words or 1)))
    head, rest = first_word(ask.words)
    act = ACTS.get(head.casefold())
    if act is None:
        raise Unclear
    head, left = first_word(rest)
    named = left if act is SplitOff and head.casefold() == "off" and left else rest
    return Do(_moved(i, act, _of_service(ask, i, unquoted(named))))


def _is_page(words: str) -> bool:
    return words.isascii() and words.isdecimal() and len(words) < 5


def _of_service(ask: Ask, i: Incident, named: str) -> AlertLine:
    """The alert that stands for a service. Raises Unclear where none is named, Refused where none can be told."""
    if not named:
        raise Unclear
    typed = f"`{ask.house.command} {i.name} alerts`"
    found = [a for a in i.alarms if a.service.casefold() == named.casefold()]
    if not found:
        none = f"No alert of {plain(named)} belongs to {i.name}. {typed} shows those that do."
        raise Refused(none if i.alarms else f"{i.name} has no alerts.")
    if len(found) > 1 and not i.storm:
        raise Refused(f"{len(found)} alerts here are of {found[0].service}: choose which, with the menu at {typed}.")
    return min(found, key=lambda a: 99 if a.severity is None else a.severity)


def _moved(i: Incident, act: type[SplitOff] | type[NotRelated], alert: AlertLine) -> Command:
    return act(incident=i.number, source=alert.source, alert=alert.id)


@press(actions.SPLIT_OFF)
async def split_off(click: Click, hands: Hands) -> Answer:
    i, which = await about(hands, click)
    source, alert = pair(which)
    return Do(SplitOff(incident=i.number, source=source, alert=alert))


@press(actions.NOT_RELATED)
async def not_related(click: Click, hands: Hands) -> Answer:
    i, which = await about(hands, click)
    source, alert = pair(which)
    return Do(NotRelated(incident=i.number, source=source, alert=alert))


@press(actions.ALERT)
async def alert_menu(click: Click, hands: Hands) -> Answer:
    """What was chosen beside an alert in the list."""
    act, _, rest = click.value.partition("/")
    number, which = numbered(rest)
    i = (await asked(hands, click, number)).about
    source, alert = pair(which)
    if act not in ACTS:
        raise Refused(OLD)
    return Do(ACTS[act](incident=i.number, source=source, alert=alert))


@press(actions.WORTH)
async def rate(click: Click, hands: Hands) -> Answer:
    """What a page was worth; of an alert of a private incident only who is in it may say so."""
    await hands.house.admit(click.person, None)
    (source, rest), worth = pair(click.value.rpartition("/")[0]), click.value.rpartition("/")[2]
    found = await alert_shown(hands, click, source, rest)
    if found is None or worth not in set(Worth):
        raise Refused(OLD)
    wish = RateAlert(source=source, alert=rest, worth=Worth(worth), by=click.person.actor)
    return Do(wish, tell=lambda _: rated(found, Worth(worth)))
