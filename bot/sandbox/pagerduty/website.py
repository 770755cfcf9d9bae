"""The page behind an incident's `html_url`: PagerDuty's website, as far as a link in a war room needs it."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.sandbox.pagerduty.account import Account
from bot.sandbox.pagerduty.events import seconds
from bot.sandbox.pagerduty.records import Incident

PAGE = """<!doctype html><meta charset="utf-8"><title>#{number} {title}</title>
<style>body {{ font: 16px/1.5 system-ui; max-width: 46rem; margin: 3rem auto; padding: 0 1rem }}</style>
<p>PagerDuty sandbox</p><h1>#{number} {title}</h1>
<p>{status} · {urgency} urgency · {service} · assigned to {people}</p>
<ol>{lines}</ol>"""


class Website:
    """Answers `GET /pagerduty/web/incidents/{id}`; no login."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def incident(self, request: Request) -> Response:
        incident = self._account.incidents.get(request.path_params["id"])
        if incident is None:
            return HTMLResponse("<!doctype html><p>There is no such incident.", 404)
        return HTMLResponse(self._page(incident))

    def _page(self, incident: Incident) -> str:
        directory = self._account.directory
        people = ", ".join(directory.users[user].name for user in incident.assignees) or "nobody"
        lines = (f"{seconds(e.at)} {e.summary}" for e in self._account.log if e.incident == incident.id)
        return PAGE.format(
            number=incident.number,
            title=escape(incident.title),
            status=incident.status,
            urgency=incident.urgency,
            service=escape(directory.services[incident.service].name),
            people=escape(people),
            lines="".join(f"<li>{escape(line)}" for line in lines),
        )
