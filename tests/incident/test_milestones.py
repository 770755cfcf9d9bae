"""Which messages nobody marked are offered at the end, and what becomes of the offer."""

import pytest

from bot.incident import Declare, MarkMessage, OfferMessages, TakeBackOffer
from bot.incident.milestones import OFFERED, Heard, milestones, score, still_offered
from tests.incident.night import ADA, BO, Night, minute


def heard(*texts: str) -> list[Heard]:
    return [Heard(ts=f"{100 + n}.000100", text=text) for n, text in enumerate(texts)]


def chosen(*texts: str) -> list[str]:
    return [message.text for message in milestones(heard(*texts))]


@pytest.mark.parametrize(
    "text",
    [
        "rolled back to 4.2, watching",
        "Reverted the flag in eu-west",
        "restarted both payment workers",
        "failed over to the replica at 02:41",
        "turns out the certificate ran out at midnight",
        "root cause: the migration took a lock on orders",
        "ruled out the load balancer",
        "error rate dropped to 0.3 %",
        "checkout is back, still slow in Asia",
        "customers can pay again",
    ],
)
def test_what_was_done_learned_or_changed_is_a_milestone(text: str) -> None:
    assert score(text) > 0


@pytest.mark.parametrize(
    "text",
    [
        "deployed?",
        "did anybody restart the workers yet?",
        "fixed",
        "ok, on my way",
        "good morning everybody, who has the bridge link",
        "backwards compatible from what I can see",
        "",
    ],
)
def test_questions_short_words_and_small_talk_are_none(text: str) -> None:
    assert score(text) == 0


def test_the_few_likeliest_are_offered_in_the_order_in_which_they_were_said() -> None:
    plain = [f"restarted the worker of shard {letter}" for letter in "abcdef"]
    best = "rolled back to 4.2: the cause was the migration, errors dropped to 1 %"
    found = chosen(*plain, best)
    assert len(found) == OFFERED
    assert found == [*plain[: OFFERED - 1], best]


def test_the_same_words_are_offered_once() -> None:
    assert chosen("rolled back to 4.2", "Rolled  back to 4.2") == ["rolled back to 4.2"]


def started() -> Night:
    night = Night()
    night.ask(Declare(title="x", command=False))
    return night


def mark(ts: str) -> MarkMessage:
    return MarkMessage(incident=1, channel="C1", ts=ts, author=BO, text="rolled back", at=minute(1))


def test_an_offer_shrinks_with_each_message_that_is_put_on_the_timeline() -> None:
    night = started()
    night.ask(OfferMessages(incident=1, messages=("1.1", "2.2")))
    night.ask(mark("1.1"))
    assert still_offered(night.incident) == ("2.2",)


def test_what_is_on_the_timeline_already_is_not_offered() -> None:
    night = started()
    night.ask(mark("1.1"))
    assert night.ask(OfferMessages(incident=1, messages=("1.1",))) == []
    night.ask(OfferMessages(incident=1, messages=("1.1", "2.2")))
    assert night.incident.offered == ("2.2",)


def test_the_same_offer_twice_is_one() -> None:
    night = started()
    assert night.ask(OfferMessages(incident=1, messages=("1.1",)))
    assert night.ask(OfferMessages(incident=1, messages=("1.1",))) == []


def test_an_offer_is_taken_back_once() -> None:
    night = started()
    night.ask(OfferMessages(incident=1, messages=("1.1",)))
    night.ask(TakeBackOffer(incident=1), by=ADA)
    assert still_offered(night.incident) == ()
    assert night.ask(TakeBackOffer(incident=1)) == []
    assert night.lines() == ["Ada declared a SEV3 incident: x"], "no line of the timeline tells of it"
