"""Who is on call for what, and whose phone rang."""

from collections.abc import Iterator
from functools import partial
from itertools import islice

from markupsafe import Markup

from bot.sandbox.pagerduty.records import Page, Service
from bot.sandbox.web.markup import el
from bot.sandbox.web.pager.viewer import Viewer
from bot.sandbox.web.windows import Region

RANG = 8
"""How many calls are listed, the newest first."""
REASONS = {
    "incident": "a new incident",
    "escalation": "it was escalated",
    "reassignment": "it was handed over",
    "reopened": "it was reopened",
    "unacknowledged": "nobody has it any more",
    "responder_request": "asked to help",
}


def regions(viewer: Viewer) -> Iterator[Region]:
    """One row for each service; the newest calls."""
    directory = viewer.account.directory
    for service in directory.services.values():
        if not service.deleted:
            levels = range(1, len(directory.policies[service.policy].levels) + 1)
            people = tuple(directory.on_call(service.policy, level) for level in levels)
            face = (service.name, service.description, people)
            yield Region(f"service-{service.id}", "pager-services", face, partial(_service, viewer, service, people))
    yield from pages(viewer, None)


def pages(viewer: Viewer, incident: str | None) -> Iterator[Region]:
    """The newest calls, or those about one incident."""
    numbered = reversed(list(enumerate(viewer.account.pages)))
    theirs = ((number, page) for number, page in numbered if incident in (None, page.incident))
    for number, page in islice(theirs, RANG):
        yield Region(f"page-{number}", "pager-pages", None, partial(_page, viewer, number, page))


def _service(viewer: Viewer, service: Service, people: tuple[tuple[str, ...], ...]) -> Markup:
    first, *later = people
    after = f"then {', then '.join(viewer.names(level) for level in later)}" if later else None
    return el(
        "li",
        el("span", el("b", service.name), el("small", service.description, cls="soft")),
        el("span", viewer.names(first), el("small", after, cls="soft") if after else None),
        id=f"service-{service.id}",
    )


def _page(viewer: Viewer, number: int, page: Page) -> Markup:
    about = viewer.account.incidents[page.incident]
    return el(
        "li",
        el("span", el("b", viewer.names((page.user,))), f" was called: {REASONS[page.kind]}, #{about.number}"),
        viewer.time(page.at),
        id=f"page-{number}",
    )
