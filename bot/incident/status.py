"""An open incident moves on, or back: the one fact that says so."""

from bot.incident.model import Event, Incident
from bot.incident.values import Status


class StatusChanged(Event, kind="status_changed"):
    """The incident moved on, or back, while open."""

    was: Status
    now: Status

    def apply(self, i: Incident) -> Incident:
        moments = i.moments
        if self.now is Status.MONITORING and moments.mitigated is None:
            moments = moments.model_copy(update={"mitigated": self.at})
        if self.was is Status.TRIAGE and moments.acknowledged is None:
            moments = moments.model_copy(update={"acknowledged": self.at})
        return i.but(status=self.now, moments=moments, updated_at=max(i.updated_at, self.at))

    def line(self) -> str:
        return f"{self.by.name} moved the incident from {self.was} to {self.now}"
