"""What Slack says and does of pages that are pinned, and of people and groups who are asked into the room."""

from collections.abc import Iterator

from bot.engine.effects import Promise
from bot.incident.inviting import PeopleAsked
from bot.incident.lifecycle import Declared
from bot.incident.links import LinkAdded
from bot.incident.notes import Redacted, fingerprint
from bot.incident.privacy import is_for_all
from bot.incident.severity import SeverityChanged
from bot.integrations.slack import effects as slack
from bot.integrations.slack.fact import Fact
from bot.integrations.slack.link_effects import RemoveBookmark
from bot.integrations.slack.text import escape, link, name


def told(fact: Fact) -> Iterator[Promise]:
    match fact.event:
        case LinkAdded(url=url, title=title) as e if url:
            yield from fact.news(f"{name(e.by)} linked {link(url, title)}.")
            pinned = slack.AddBookmark(incident=fact.n, title=title, link=url)
            yield Promise(pinned, fact.key("bookmark"))
        case PeopleAsked() as e:
            yield from fact.news(f"{escape(e.line())}.")
            yield from _invite(fact, e)
        case Declared(quiet=False):
            yield from _groups(fact)
        case SeverityChanged(was=was, now=now) if now.level < was.level:
            yield from _groups(fact)
        case Redacted(entry=entry):
            yield from _unpinned(fact, entry)


def _invite(fact: Fact, e: PeopleAsked) -> Iterator[Promise]:
    names = {p.id: p.name for p in e.people} | {g.id: g.name for g in e.groups}
    asked = slack.Invite(
        incident=fact.n,
        people=tuple(p.id for p in e.people),
        names=names,
        groups=tuple(g.id for g in e.groups),
        called_at=fact.event.at,
    )
    yield Promise(asked, fact.key("invite"))


def _groups(fact: Fact) -> Iterator[Promise]:
    """The groups that come at once at this severity; nobody is called to a drill, nor to what was made private."""
    i = fact.after
    level = fact.policy.severity(i.severity.level)
    if level is None or not level.invite or i.drill or not is_for_all(i):
        return
    handles = tuple(f"@{handle.removeprefix('@')}" for handle in level.invite)
    asked = slack.Invite(incident=fact.n, names={h: h for h in handles}, groups=handles, called_at=fact.event.at)
    yield Promise(asked, f"invite/{fact.n}/severity/{level.level}")


def _unpinned(fact: Fact, entry: int) -> Iterator[Promise]:
    """A link that is redacted goes out of the bars of all rooms, too."""
    for page in fact.after.links:
        if page.entry == entry:
            mark = fingerprint(page.url)
            yield Promise(RemoveBookmark(incident=fact.n, mark=mark), fact.key("unpin"))
