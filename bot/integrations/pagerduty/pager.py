"""Getting somebody out of bed: which call to PagerDuty a page is, and how it is found again after a doubt."""

from datetime import timedelta

from bot.engine.directory import Directory
from bot.engine.effects import Attempt, GiveUp, Receipt, Ref
from bot.incident.people import OnCall
from bot.incident.values import TargetKind
from bot.integrations.pagerduty.effects import LAST_LEVEL, SYSTEM, Page, Paged
from bot.integrations.pagerduty.names import Names
from bot.integrations.pagerduty.payloads import RestIncident
from bot.integrations.pagerduty.rest import Call, NewIncident, Rest
from bot.integrations.pagerduty.trouble import CANNOT_ESCALATE, KEY_IN_USE, Refused

NOWHERE = "Muster knows no PagerDuty service to open an incident on. Check the token, or page in PagerDuty itself."
SKEW = timedelta(minutes=1)
"""How far PagerDuty's clock and ours may be apart, its whole seconds included."""
MOST_WORDS = 1000
"""Characters of a title or message; PagerDuty takes 1,024."""


class Pager:
    """Sends pages, as few calls before each as possible. Every method may raise any Trouble."""

    def __init__(self, rest: Rest, directory: Directory, names: Names) -> None:
        self._rest, self._directory, self._names = rest, directory, names

    async def send(self, page: Page, attempt: Attempt) -> Receipt | GiveUp:
        """On the incident that is there, where that can be; otherwise by an incident of its own: a page must go out."""
        if not page.outside:
            return await self._open(page, attempt)
        try:
            if page.level > 1:
                return await self._raise(page, attempt)
            return await self._call(page, attempt)
        except Refused as refusal:
            if refusal.status == 401:
                raise
            return await self._open(page, attempt)

    async def find(self, page: Page, attempt: Attempt) -> Receipt | None:
        """The mark of an earlier try: a level reached, our key in a request for help, an incident with our key."""
        if page.outside:
            try:
                return await self._find_there(page, attempt) or await self._find_own(page, attempt)
            except Refused as refusal:
                if refusal.status != 404:
                    raise
        return await self._find_own(page, attempt)

    async def _open(self, page: Page, attempt: Attempt) -> Receipt | GiveUp:
        place = self._place(page)
        if place is None:
            return GiveUp(NOWHERE)
        users = await self._users(page)
        if page.level > 1 and not users:
            return GiveUp(LAST_LEVEL, final=True)
        policy = page.target.id if page.target.kind is TargetKind.POLICY else ""
        new = NewIncident(
            title=_cut(_marked(page.title, attempt)),
            details=page.details,
            service=place,
            key=attempt.key,
            policy=policy,
            users=users,
        )
        return _opened(page, await self._opened(page, new, attempt), attempt)

    async def _opened(self, page: Page, new: NewIncident, attempt: Attempt) -> RestIncident:
        """The open incident. A key that is taken is either our own try before, or of another life of this database."""
        try:
            return await self._rest.open_incident(new)
        except Refused as refusal:
            if refusal.code != KEY_IN_USE:
                raise
        found = await self._recent(attempt.key, attempt)
        return found or await self._rest.open_incident(new.model_copy(update={"key": _other_key(page, attempt)}))

    async def _call(self, page: Page, attempt: Attempt) -> Receipt | GiveUp:
        """Asks for help on the incident that is there."""
        policy = self._policy(page)
        users = await self._users(page)
        requester = self._names.own_id
        if not requester or not (policy or users):
            return await self._open(page, attempt)
        answer = await self._rest.call_responders(
            page.outside,
            Call(
                requester=requester,
                message=_message(page, attempt),
                users=users,
                policies=() if users else (policy,),
            ),
        )
        return _receipt(page, attempt, page.outside, "", answer.people or self._expected(page))

    async def _raise(self, page: Page, attempt: Attempt) -> Receipt | GiveUp:
        """The next level of the incident that is there, if it follows the target's policy; else its people by name."""
        there = await self._rest.incident(page.outside)
        if not self._follows(page, there):
            return await self._call(page, attempt)
        try:
            raised = await self._rest.set_level(page.outside, page.level)
        except Refused as refusal:
            if refusal.code == CANNOT_ESCALATE and there.status != "resolved":
                return GiveUp(LAST_LEVEL, final=True)
            raise
        people = tuple(a.name for a in raised.assignees)
        return _receipt(page, attempt, raised.id, raised.html_url or "", people)

    async def _find_there(self, page: Page, attempt: Attempt) -> Receipt | None:
        there = await self._rest.incident(page.outside)
        asked = tuple(r.user.name for r in there.incidents_responders if attempt.key in (r.message or ""))
        if asked:
            return _receipt(page, attempt, there.id, there.html_url or "", asked)
        if page.level > 1 and await self._was_raised(page, attempt):
            people = tuple(a.name for a in there.assignees)
            return _receipt(page, attempt, there.id, there.html_url or "", people)
        return None

    async def _was_raised(self, page: Page, attempt: Attempt) -> bool:
        entries = await self._rest.incident_log(page.outside, attempt.since - SKEW)
        return any(e.type == "escalate_log_entry" and self._names.is_us(e.agent) for e in entries)

    async def _find_own(self, page: Page, attempt: Attempt) -> Receipt | None:
        for key in (attempt.key, _other_key(page, attempt)):
            found = await self._recent(key, attempt)
            if found:
                return _opened(page, found, attempt)
        return None

    async def _recent(self, key: str, attempt: Attempt) -> RestIncident | None:
        """The incident with the key, unless it is older than this page."""
        oldest = attempt.since - SKEW
        incidents = await self._rest.incidents_with_key(key)
        return next((i for i in incidents if i.created_at is None or i.created_at >= oldest), None)

    def _follows(self, page: Page, there: RestIncident) -> bool:
        policy = self._policy(page)
        return not policy or (there.escalation_policy is not None and there.escalation_policy.id == policy)

    def _policy(self, page: Page) -> str:
        """The escalation policy that is behind the target; "" for a person or an unknown service."""
        if page.target.kind is TargetKind.POLICY:
            return page.target.id
        known = self._directory.service(page.target.id) if page.target.kind is TargetKind.SERVICE else None
        return known.policy if known else ""

    async def _users(self, page: Page) -> tuple[str, ...]:
        """Whom to name one by one: a person, or those on call at a level above the first."""
        if page.target.kind is TargetKind.USER:
            return (page.target.id,)
        if page.level == 1:
            return ()
        known = [o.pagerduty for o in self._on_call(page) if o.level == page.level]
        policy = self._policy(page)
        if known or not policy:
            return tuple(known)
        entries = await self._rest.on_calls([policy])
        return tuple(e.user.id for e in entries if e.escalation_level == page.level)

    def _on_call(self, page: Page) -> tuple[OnCall, ...]:
        return self._directory.on_call(page.target.id)

    def _expected(self, page: Page) -> tuple[str, ...]:
        """Whom PagerDuty must be calling, where its answer names nobody."""
        names = tuple(o.name for o in self._on_call(page) if o.level == page.level)
        return names or (page.target.name,)

    def _place(self, page: Page) -> str | None:
        """The service to open an incident on: PagerDuty wants one, whomever it is to call."""
        if page.target.kind is TargetKind.SERVICE:
            return page.target.id
        of_policy = [s.id for s in self._directory.services() if s.policy == page.target.id]
        known = [s.id for s in self._directory.services()]
        return next(iter((*page.services, *of_policy, *known)), None)


def _opened(page: Page, incident: RestIncident, attempt: Attempt) -> Receipt:
    people = tuple(a.name for a in incident.assignees)
    receipt = _receipt(page, attempt, incident.id, incident.html_url or "", people)
    return Receipt(refs=(Ref(SYSTEM, "incident", incident.id, f"pagerduty.page.{page.page}"),), data=receipt.data)


def _receipt(page: Page, attempt: Attempt, outside: str, url: str, people: tuple[str, ...]) -> Receipt:
    paged = Paged(outside=outside, url=url, people=people, repeated=attempt.repeated)
    return Receipt(data=paged.model_dump(mode="json"))


def _other_key(page: Page, attempt: Attempt) -> str:
    """A key that no earlier database of ours used; it is read as ours all the same."""
    head, _, tail = attempt.key.rpartition("/")
    return f"{head}/{attempt.since:%Y%m%dT%H%M%S}/{tail}"


def _message(page: Page, attempt: Attempt) -> str:
    words = f"{page.title}\n{page.details}".strip()
    return f"{_cut(_marked(words, attempt))} ({attempt.key})"


def _marked(words: str, attempt: Attempt) -> str:
    return f"(repeat) {words}" if attempt.repeated else words


def _cut(words: str) -> str:
    return words if len(words) <= MOST_WORDS else f"{words[: MOST_WORDS - 1]}…"
