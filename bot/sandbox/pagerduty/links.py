"""References from one thing to another, as PagerDuty writes them, all under the sandbox's own address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.pagerduty.directory import Directory
from bot.sandbox.pagerduty.records import Incident

Json = dict[str, Any]


@dataclass(frozen=True)
class Links:
    """`base` is the address of our REST API: pdpyras refuses a `self` that points elsewhere."""

    base: str
    directory: Directory
    incidents: Mapping[str, Incident]

    def api(self, collection: str, id: str) -> str:
        return f"{self.base}/{collection}/{id}"

    def web(self, collection: str, id: str) -> str:
        return f"{self.base}/web/{collection}/{id}"

    def ref(self, kind: str, collection: str, id: str, summary: str | None) -> Json:
        return {
            "html_url": self.web(collection, id),
            "id": id,
            "self": self.api(collection, id),
            "summary": summary,
            "type": f"{kind}_reference",
        }

    def incident(self, id: str) -> Json:
        known = self.incidents[id]
        return self.ref("incident", "incidents", id, known.title)

    def numbered(self, id: str) -> Json:
        """A reference to an incident as the REST API (not a webhook) words it: with its number."""
        known = self.incidents[id]
        return self.ref("incident", "incidents", id, f"[#{known.number}] {known.title}")

    def user(self, id: str) -> Json:
        return self.ref("user", "users", id, self.directory.users[id].name)

    def service(self, id: str) -> Json:
        return self.ref("service", "services", id, self.directory.services[id].name)

    def policy(self, id: str) -> Json:
        return self.ref("escalation_policy", "escalation_policies", id, self.directory.policies[id].name)

    def schedule(self, id: str) -> Json:
        return self.ref("schedule", "schedules", id, self.directory.schedules[id].name)

    def team(self, id: str) -> Json:
        return self.ref("team", "teams", id, self.directory.teams[id].name)

    def priority(self, id: str) -> Json:
        name = self.directory.priorities[id].name
        return {**self.ref("priority", "priorities", id, name), "html_url": f"{self.base}/web/account/priorities"}
