"""An incident's state as it is stored, and back; a large one is read once, not for every alert of a storm."""

from collections import OrderedDict
from threading import Lock

from bot.incident.model import Incident

LARGE = 16_000
"""Characters from which on reading a state takes longer than comparing it with one that was read or written before."""
KEPT = 4
"""So many large incidents are kept as read, a few megabytes each."""

_known: OrderedDict[int, tuple[str, Incident]] = OrderedDict()
_lock = Lock()


def written(incident: Incident) -> str:
    """The state as it is stored: what has its default is left out, or thousands of alerts would be mostly that."""
    state = incident.model_dump_json(exclude_defaults=True)
    _keep(state, incident)
    return state


def read(state: str) -> Incident:
    """The incident that a stored state says. Whoever wrote it, and whether that stood: the same words say the same."""
    if len(state) < LARGE:
        return Incident.model_validate_json(state)
    with _lock:
        known = next((incident for text, incident in _known.values() if text == state), None)
    if known is not None:
        return known
    incident = Incident.model_validate_json(state)
    _keep(state, incident)
    return incident


def _keep(state: str, incident: Incident) -> None:
    with _lock:
        if len(state) < LARGE:
            _known.pop(incident.number, None)
            return
        _known[incident.number] = state, incident
        _known.move_to_end(incident.number)
        while len(_known) > KEPT:
            _known.popitem(last=False)
