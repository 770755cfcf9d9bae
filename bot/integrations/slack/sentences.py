"""The sentences that the room hears about facts: who did what, whom it concerns, one next step. Pure.

Whoever acted is named, never mentioned: they know. Whom it concerns is mentioned, once.
"""

from bot.documents.wording import Wording
from bot.incident.alerts import AlertJoined, AlertReported
from bot.incident.lifecycle import Canceled, Edited, Reopened, Resolved
from bot.incident.mirror import What
from bot.incident.model import Event, Incident
from bot.incident.notes import Noted
from bot.incident.nudges import CALL, MENTION, Nudged, next_update
from bot.incident.paging import PageAnswered, PageFailed, PageRequested, PageSent, PageUnanswered
from bot.incident.policy import Policy
from bot.incident.review import DraftReady
from bot.incident.roles import RoleLeft, RoleTaken
from bot.incident.rooms import PeopleInvited
from bot.incident.severity import SeverityChanged
from bot.incident.status import StatusChanged
from bot.incident.values import Actor
from bot.integrations.slack.cards import lasted
from bot.integrations.slack.text import channel, cut, escape, link, mention, moment, name

LONGEST = 2_500

HEARD = frozenset(
    {
        What.ACKNOWLEDGED,
        What.UNACKNOWLEDGED,
        What.ESCALATED,
        What.DELEGATED,
        What.REASSIGNED,
        What.REOPENED,
        What.RESOLVED,
        What.MERGED,
        What.NOTE,
        What.RESPONDER_ADDED,
        What.RESPONDER_REPLIED,
        What.STATUS_UPDATE,
        What.BRIDGE,
    }
)
"""What the room must notice of what PagerDuty says; the rest is on the timeline only."""


def plainly(event: Event) -> str:
    """The timeline's own sentence, made safe for Slack."""
    return cut(escape(event.line()), LONGEST)


def status_changed(e: StatusChanged) -> str:
    return f"{name(e.by)} moved it to *{e.now}* (was {e.was})."


def severity_changed(e: SeverityChanged, policy: Policy) -> str:
    verb = "raised" if e.now.level < e.was.level else "lowered"
    implied = policy.implied_by(e.now)
    every = f" An update is due every {implied.update_every} min." if implied.update_every else ""
    return (
        f"{name(e.by)} {verb} the severity from {escape(e.was.label)} to *{escape(e.now.label)}*: "
        f"{escape(implied.meaning)}.{every}"
    )


def role_taken(e: RoleTaken) -> str:
    named = f", named by {name(e.by)}" if e.by.id != e.person.id else ""
    return f"{_by(e, e.person)} is *{escape(e.label)}*{named}."


def handover(e: RoleTaken, before: Actor, after: Incident, wording: Wording, *, tasks: str = "", due: str = "") -> str:
    """A role goes from one person to another; with command, what is open goes along."""
    who = {"person": _by(e, e.person), "before": _by(e, before)}
    about = {"incident": after.name, "role": escape(e.label), "tasks": tasks, "next": due}
    if e.handed_over:
        return wording.say("handover/given", **about, **who)
    return wording.say("handover/taken", **about, **who, named_by=name(e.by) if e.by.id != e.person.id else "")


def role_left(e: RoleLeft) -> str:
    return f"{_by(e, e.person)} is no longer *{escape(e.label)}*. Nobody has the role now."


def resolved(e: Resolved, after: Incident, wording: Wording) -> str:
    return wording.say(
        "resolved",
        person=name(e.by),
        incident=after.name,
        took=lasted(after),
        said=cut(escape(e.words_said), LONGEST),
        draft="postmortem draft" if e.review else "",
    )


def reopened(e: Reopened, after: Incident) -> str:
    lead = f" {mention(after.commander)} has command." if after.commander and after.commander != e.by else ""
    return f"{name(e.by)} *reopened* {after.name} (was {e.was}).{lead}"


def canceled(e: Canceled, after: Incident) -> str:
    why = f": {cut(escape(e.why), LONGEST)}" if e.why else ""
    return f"{name(e.by)} *canceled* {after.name}{why}. Nothing more is needed here."


def edited(e: Edited) -> str:
    return f"{plainly(e)}."


def noted(e: Noted) -> str:
    """The note; one of another time with that time."""
    when = f" at {moment(e.at)}" if e.written else ""
    return f"{name(e.by)} noted{when}: {cut(escape(e.text), LONGEST)}"


def alert_joined(e: AlertJoined, after: Incident) -> str:
    where = f" on {escape(e.service.name)}" if e.service else ""
    what = "An alert" if len(after.alarms) == 1 else "Another alert"
    return f"{what}{where} joined: {link(e.url, cut(e.title, 200))}."


def alert_reported(e: AlertReported) -> str:
    return f"{plainly(e)}."


def alerts_clear(after: Incident) -> str:
    whom = f"{mention(after.commander)} " if after.commander else ""
    return f"{whom}All alerts are clear. Resolve?"


def page_requested(e: PageRequested) -> str:
    level = f", level {e.level}" if e.level > 1 else ""
    why = f": {cut(escape(e.why), 300)}" if e.why else ""
    return f"{name(e.by)} pages *{escape(e.target.name)}*{level}{why}"


def page_sent(e: PageSent) -> str:
    return f"{plainly(e)}."


def page_failed(e: PageFailed, after: Incident) -> str:
    return f"*The page to {_whom(after, e.page)} did not go out:* {cut(escape(e.reason), 500)} Call by hand:"


def page_answered(e: PageAnswered, after: Incident) -> str:
    what = "answered" if e.accepted else "*declined*"
    return f"{name(e.by)} {what} the page to {_whom(after, e.page)}."


def page_unanswered(e: PageUnanswered, after: Incident) -> str:
    return f"*Nobody answered* the page to {_whom(after, e.page)} within {e.minutes} min."


def ladder_ended() -> str:
    return "That was the last level to page. Call by hand:"


def nudged(e: Nudged, after: Incident, policy: Policy) -> str:
    label = after.severity.label
    if e.about == MENTION:
        return f"{after.name} is {escape(label)} and *nobody has taken command*. Take it; it can be handed on."
    if e.about == CALL:
        called = f" {escape(policy.paging.commanders.name)} is being paged." if policy.paging.commanders else ""
        return f"*Still nobody has taken command* of {after.name}.{called}"
    return f"A status update on {after.name} is due ({_why_due(after, policy)}): condition, actions, needs."


def _why_due(after: Incident, policy: Policy) -> str:
    """As promised in the last one; else as often as the severity asks."""
    due, every = next_update(after, policy), policy.implied_by(after.severity).update_every
    if due is not None and due == after.next_due:
        return f"promised for {moment(due)}"
    return f"{escape(after.severity.label)}: every {every} min"


def uninvited(e: PeopleInvited) -> str:
    return "\n".join(f"{escape(m.name)} could not be invited: {escape(m.reason)}" for m in e.missing)


def duties(e: RoleTaken, after: Incident, policy: Policy, wording: Wording) -> str:
    """What comes with a role, told in private, once."""
    room = channel(after.room.channel, after.room.name) if after.room else ""
    about = {"role": escape(e.label), "incident": after.name, "room": room}
    return wording.say("duties", **about, duties=wording.duties(e.role, **about, emoji=policy.marking.shown))


def draft_ready(e: DraftReady) -> str:
    own = f" It is in Muster's own template, for yours could not be used: {escape(e.trouble)}" if e.trouble else ""
    return (
        f"The postmortem draft, version {e.version}, is below. The facts are filled in; "
        f"what needs judgement is left as questions. People appear by role.{own}"
    )


def _by(e: Event, person: Actor) -> str:
    """A person in a fact: the one who acted by name, anybody else mentioned."""
    return name(person) if person.id == e.by.id else mention(person)


def _whom(after: Incident, number: int) -> str:
    page = after.page(number)
    return escape(page.target.name) if page else "the on-call"
