"""What Slack says when an incident changes its room: it became private, or goes on in another one."""

from collections.abc import Iterator
from datetime import timedelta

from bot.engine.effects import Promise
from bot.incident.merging import Absorbed, Merged, TaskBrought
from bot.incident.privacy import MadePrivate, concerned
from bot.incident.values import Room
from bot.integrations.slack import cards
from bot.integrations.slack import effects as slack
from bot.integrations.slack.asking import run
from bot.integrations.slack.fact import Fact
from bot.integrations.slack.text import channel, channel_name, cut, escape, name
from bot.integrations.slack.upkeep_effects import ArchiveRoom

TITLE = 90
TASK_WORDS = 200
LAST_LOOK = timedelta(minutes=1)
"""How long a room stays open after its incident went on elsewhere: everybody can read where to."""
BOOKMARKED_ALERTS = 3


def told(fact: Fact) -> Iterator[Promise]:
    match fact.event:
        case MadePrivate() as e:
            yield from _opened(fact, e)
            yield from _left(fact, e, fact.after.former_rooms[-1])
        case Merged() as e:
            yield from _closed(fact, e)
        case Absorbed() as e:
            yield from _absorbed(fact, e)
        case TaskBrought() as e if e.task.is_open and e.task.to != e.by:
            words = f"“{cut(escape(e.task.text), TASK_WORDS)}” goes on in {fact.after.name}, as task {e.task.number}."
            done = run("Done", fact.n, f"task done {e.task.number}")
            yield from fact.tell(e.task.to, "where their task goes on", f"INC-{e.source} was merged. {words}", done)


def _opened(fact: Fact, e: MadePrivate) -> Iterator[Promise]:
    """The private room, furnished as the first one was; only who has a part in it is asked in."""
    n, i, room = fact.n, fact.after, fact.room
    opened = slack.OpenRoom(incident=n, name=channel_name(n, f"private {i.title}"), private=True, room=room)
    yield Promise(opened, f"room/{n}/{room}")
    yield Promise(slack.PostCard(incident=n), f"card/{n}/{room}")
    yield from fact.invite("first", [e.by, *concerned(i)], called=False)
    yield from fact.invite("named", e.people)
    yield Promise(slack.SetTopic(incident=n), f"topic/{n}/{room}")
    yield Promise(slack.PinCard(incident=n), f"pin/{n}/{room}")
    yield from fact.bookmark("Bridge", fact.places.bridge)
    for page in i.links:
        yield from fact.bookmark(page.title, page.url)
    for alert in i.alarms[:BOOKMARKED_ALERTS]:
        yield from fact.bookmark(f"Alert · {alert.title[:60]}", alert.url, plain="Alert")
    if i.drafts:
        again = slack.UploadDraft(incident=n, version=i.drafts, redaction=i.seq)
        yield Promise(again, f"draft/{n}/{i.drafts}/{i.seq}")
    was = i.former_rooms[-1]
    before = f"What was said before is in {channel(was.channel, was.name)}, where everybody can read it."
    yield from fact.say(f"{i.name} is private: only who is in this room, or has a role or a task, sees it. {before}")


def _left(fact: Fact, e: MadePrivate, was: Room) -> Iterator[Promise]:
    """The last words where it was; what shows it elsewhere forgets its title."""
    n, room = fact.n, fact.room - 1
    if not was.archived:
        text = (
            f"{name(e.by)} made {fact.after.name} private: it goes on in a new room. What was said here stays readable "
            f"here. If you are needed there, ask {name(e.by)} to let you in."
        )
        last = slack.Say(incident=n, seq=fact.after.seq, text=text, room=room)
        yield Promise(last, fact.key("say-last"))
        yield Promise(slack.RefreshCard(incident=n, room=room), fact.key("leave-card"))
        yield Promise(slack.SetTopic(incident=n, room=room), fact.key("leave-topic"))
    if fact.places.announcements:
        yield Promise(slack.RefreshAnnouncement(incident=n), fact.key("refresh-announcement"))
    for alert in fact.after.alerts if fact.places.triage else ():
        refresh = slack.RefreshTriage(source=alert.source, alert=alert.id)
        yield Promise(refresh, f"{slack.triage_key(alert.source, alert.id)}/private/{n}")


def _closed(fact: Fact, e: Merged) -> Iterator[Promise]:
    """Where it goes on, said last; then the room closes."""
    room = fact.after.room
    if room is not None and room.archived:
        return
    yield from fact.say(_goes_on(fact, e))
    closed = ArchiveRoom(incident=fact.n, room=fact.room)
    yield Promise(closed, fact.key("archive"), later=e.at + LAST_LOOK)


def _goes_on(fact: Fact, e: Merged) -> str:
    if e.hidden:
        asked = "Whoever has a role or a task here is asked into its room"
        return f"{name(e.by)} merged {fact.after.name} into a private incident. This room closes. {asked}."
    where = f" in {channel(e.channel, e.room)}, where everybody here is invited" if e.channel else ""
    return f"{name(e.by)} merged {fact.after.name} into INC-{e.into}. This room closes; INC-{e.into} goes on{where}."


def _absorbed(fact: Fact, e: Absorbed) -> Iterator[Promise]:
    brought = [_counted(e.alerts, "alert"), _counted(e.tasks, "open task")]
    came = " and ".join(filter(None, brought))
    text = f"{name(e.by)} merged INC-{e.source} into this incident: {escape(cut(e.title, TITLE))}."
    text += f" {came} came along." if came else ""
    buttons = [cards.form(fact.after, "Timeline", "timeline")]
    if e.unanswered:
        whom = escape(cut(", ".join(e.unanswered), TITLE))
        text += f" *Nobody has answered its page to {whom}:* page again if they are needed."
        buttons = [cards.form(fact.after, "Page", "page"), *buttons]
    yield from fact.say(text, *buttons)
    yield from fact.invite(f"absorbed/{e.source}", e.people)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count > 1 else ''}" if count else ""
