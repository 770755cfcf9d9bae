"""Incidents as cards: what it is, who is called or has it now, and the next thing to press."""

from collections.abc import Iterator
from functools import partial

from markupsafe import Markup

from bot.sandbox.pagerduty.records import Incident
from bot.sandbox.web.buttons import button
from bot.sandbox.web.markup import el, icon
from bot.sandbox.web.pager.viewer import Viewer
from bot.sandbox.web.windows import Region

SHOWN = 30
"""How many of those that are over are listed."""


def regions(viewer: Viewer) -> Iterator[Region]:
    """Open ones and those that are over, each newest first; a word of comfort where nothing burns."""
    newest_first = list(reversed(viewer.account.incidents.values()))
    burning = [incident for incident in newest_first if incident.is_open]
    over = [incident for incident in newest_first if not incident.is_open]
    for incident in burning:
        yield _region(viewer, incident, f"i-{incident.id}", "pager-incidents")
    if not burning:
        yield Region("pager-calm", "pager-incidents", None, _calm)
    for incident in over[:SHOWN]:
        yield _region(viewer, incident, f"over-{incident.id}", "pager-over")


def face(incident: Incident) -> tuple[object, ...]:
    """All that a drawing of an incident's own fields reads."""
    return (incident.updated_at, incident.status, incident.title, incident.assignees, incident.priority, incident.level)


def headline(viewer: Viewer, incident: Incident, *more: str) -> Markup:
    """Its status, what it is about in a few words, and since when."""
    facts = [f"#{incident.number}", viewer.service(incident), viewer.priority(incident), *more]
    words = el("span", " · ".join(fact for fact in facts if fact), cls="soft")
    return el("p", _state(incident), words, viewer.time(incident.created_at), cls="facts")


def _state(incident: Incident) -> Markup:
    words = "merged" if incident.merged_into else incident.status
    return el("span", words.capitalize(), cls=f"state {incident.status}")


def holder(viewer: Viewer, incident: Incident) -> str:
    """Who is called now, or who has it."""
    if incident.merged_into:
        return f"Merged into #{viewer.account.incidents[incident.merged_into].number}"
    if not incident.is_open:
        by = viewer.names((incident.changed_by,)) if incident.changed_by else "the monitor"
        return f"Over: resolved by {by}"
    if incident.acknowledgements:
        return f"{viewer.names(tuple(stamp.user for stamp in incident.acknowledgements))} has it"
    who = viewer.names(incident.assignees)
    return f"Calling {who}" if incident.urgency == "high" else f"Waits for {who}; low urgency calls nobody"


def signal(incident: Incident) -> Markup:
    """A bell where a phone rings now, a tick where somebody looks after it."""
    return icon("pager" if incident.status == "triggered" else "check")


def look(incident: Incident) -> str:
    """The classes of an incident's card."""
    is_calling = incident.status == "triggered" and incident.urgency == "high"
    return f"card incident {incident.status}" + (" calling" if is_calling else "")


def presses(viewer: Viewer, incident: Incident, primary: str | None = None) -> Iterator[Markup]:
    """Acknowledge, resolve, reopen: what this person may press on it now."""
    if viewer.login is None:
        return
    args = {"incident": incident.id, "by": viewer.login.id}
    if not incident.is_open:
        if not incident.merged_into:
            yield button("Reopen", "pagerduty/reopen", args)
        return
    is_theirs = viewer.login.id in (stamp.user for stamp in incident.acknowledgements)
    if not is_theirs:
        yield button("Acknowledge", "pagerduty/acknowledge", args, cls=None if incident.acknowledgements else primary)
    yield button("Resolve", "pagerduty/resolve", args, cls=primary if incident.acknowledgements else None)


def _region(viewer: Viewer, incident: Incident, key: str, slot: str) -> Region:
    return Region(key, slot, face(incident), partial(_card, viewer, incident, key))


def _card(viewer: Viewer, incident: Incident, key: str) -> Markup:
    return el(
        "li",
        headline(viewer, incident),
        el("h3", el("a", incident.title, href=viewer.eyes.path(f"/pager/{incident.id}"))),
        el("p", signal(incident), holder(viewer, incident), cls="holder"),
        el("p", *presses(viewer, incident), cls="presses"),
        id=key,
        cls=look(incident),
    )


def _calm() -> Markup:
    return el("li", icon("check"), "Nothing is on fire.", id="pager-calm", cls="card calm")
