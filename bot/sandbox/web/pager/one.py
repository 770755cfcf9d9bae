"""One incident: its state, what a person may do with it, who was asked to help, and its log."""

from collections.abc import Iterable, Iterator
from functools import partial

from markupsafe import Markup

from bot.sandbox.pagerduty.records import Incident, LogEntry, Responder
from bot.sandbox.web.buttons import button
from bot.sandbox.web.markup import el
from bot.sandbox.web.pager.incidents import face, headline, holder, look, presses, signal
from bot.sandbox.web.pager.viewer import Viewer
from bot.sandbox.web.windows import Region

ANSWERS = {"pending": "was asked", "joined": "helps", "declined": "said no", "cancelled": "was asked, then not needed"}


def regions(viewer: Viewer, id: str) -> Iterator[Region]:
    """The incident, then its log, newest first."""
    account = viewer.account
    incident = account.incidents[id]
    asked = tuple(responder for responder in account.responders if responder.incident == id)
    others = tuple(each.id for each in account.incidents.values() if each.is_open and each.id != id)
    details = {name: str(value) for alert in account.alerts_of(id) for name, value in alert.details.items()}
    drawn = partial(_incident, viewer, incident, details, asked, others)
    yield Region("pager-detail-only", "pager-detail", (face(incident), tuple(details), asked, others), drawn)
    for entry in reversed(account.log):
        if entry.incident == id:
            yield Region(f"log-{entry.id}", "pager-log", None, partial(_logged, viewer, entry))


def _incident(
    viewer: Viewer, incident: Incident, details: dict[str, str], asked: tuple[Responder, ...], others: tuple[str, ...]
) -> Markup:
    known = [Markup("").join([el("dt", name), el("dd", value)]) for name, value in details.items()]
    helpers = [el("li", viewer.names((each.user,)), " ", ANSWERS[each.state]) for each in asked]
    return el(
        "div",
        headline(viewer, incident, f"{incident.urgency} urgency"),
        el("h2", incident.title),
        el("p", signal(incident), holder(viewer, incident), cls="holder"),
        el("p", *presses(viewer, incident, "primary"), *_more(viewer, incident, others), cls="presses"),
        el("dl", *known) if known else None,
        el("ul", *helpers, cls="helpers") if helpers else None,
        id="pager-detail-only",
        cls=look(incident),
    )


def _more(viewer: Viewer, incident: Incident, others: tuple[str, ...]) -> Iterator[Markup]:
    """What is pressed more rarely; menus where there is a choice."""
    if viewer.login is None or not incident.is_open:
        return
    directory, args = viewer.account.directory, {"incident": incident.id, "by": viewer.login.id}
    if incident.level < len(directory.policies[incident.policy].levels):
        yield button("Escalate", "pagerduty/escalate", args)
    people = [user for user in directory.users.values() if user.contact_methods]
    yield _menu("Hand over", [button(u.name, "pagerduty/reassign", args | {"to": [u.id]}) for u in people])
    asked = [button(u.name, "pagerduty/add_responder", args | {"who": u.id}) for u in people]
    yield _menu("Ask for help", asked)
    priorities = [
        button(f"{p.name}: {p.description}", "pagerduty/set_priority", args | {"priority": p.id})
        for p in directory.priorities.values()
    ]
    yield _menu("Priority", priorities)
    merged = [viewer.account.incidents[other] for other in others]
    if merged:
        into = {"target": incident.id, "by": viewer.login.id}
        rows = [button(f"#{m.number} {m.title}", "pagerduty/merge", into | {"sources": [m.id]}) for m in merged]
        yield _menu("Merge another in", rows)


def _menu(words: str, rows: Iterable[Markup]) -> Markup:
    id = f"menu-{words.replace(' ', '-').lower()}"
    opener = el("button", words, "…", type="button", popovertarget=id)
    return opener + el("span", *rows, id=id, popover="auto", cls="menu choices", role="group", aria_label=words)


def _logged(viewer: Viewer, entry: LogEntry) -> Markup:
    note = entry.channel.get("summary") if entry.kind == "annotate_log_entry" else None
    by = viewer.names((entry.agent,)) if entry.agent else None
    said = f"{by} noted" if by and note else "A note" if note else entry.summary
    return el(
        "li",
        viewer.time(entry.at),
        el("span", said, el("q", str(note)) if note else None),
        id=f"log-{entry.id}",
    )
