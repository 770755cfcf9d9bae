"""What Slack says of status updates: in the room, in private to who follows; and edited wherever it was said."""

from collections.abc import Iterator

from bot.engine.effects import Promise
from bot.incident.lifecycle import Canceled, Reopened, Resolved
from bot.incident.updates import UpdateEdited, UpdatePosted
from bot.integrations.slack import cards, sentences, update_words
from bot.integrations.slack.fact import Fact
from bot.integrations.slack.update_effects import EditSaid


def told(fact: Fact) -> Iterator[Promise]:
    match fact.event:
        case UpdatePosted() as e:
            yield from fact.say(update_words.in_room(fact.wording, e), *update_words.room_buttons(fact.after, e.update))
            yield from _followers(fact, f"of update {e.update}", update_words.in_private(fact.wording, fact.after, e))
        case UpdateEdited() as e:
            yield Promise(EditSaid(incident=fact.n, entry=e.entry), fact.key("edit-said"))
        case Resolved() as e:
            yield from _followers(fact, "that it is over", sentences.resolved(e, fact.after, fact.wording))
        case Canceled() as e:
            yield from _followers(fact, "that it was none", sentences.canceled(e, fact.after))
        case Reopened() as e:
            yield from _followers(fact, "that it goes on", sentences.reopened(e, fact.after))


def _followers(fact: Fact, about: str, text: str) -> Iterator[Promise]:
    """Everybody who follows, but for the one who said it."""
    for person in fact.after.followers:
        if person.id != fact.event.by.id:
            yield from fact.tell(person, about, text, cards.unfollow(fact.after), key=fact.key(f"follow/{person.id}"))
