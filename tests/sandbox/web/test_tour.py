"""The tour's panel: what is next is told at length, what is done can be undone, and a story can be gone along with."""

from dataclasses import dataclass, replace

from bot.sandbox.slack import seed
from bot.sandbox.web import tour
from bot.sandbox.web.backstage import Life, Offer, Playing, Promises, TourStep
from bot.sandbox.web.windows import Region
from tests.sandbox.web.company import Company

FIRST = TourStep("alert", "An alert fires", "Fire one, with `<b>` in it.", "/pager", done=True, undo="cancels it.")
SECOND = TourStep(
    "command", "Take command", "Type `/incident lead`.", f"/c/{seed.OPS}", done=False, undo="lays it down"
)
THIRD = TourStep("note", "Write it down", "Type `/incident note`.", f"/c/{seed.OPS}", done=False, undo="nothing.")
PLAYING = Playing("A storm", "It rains <hard>.", "ada", f"/c/{seed.OPS}", beat=2, of=8, paused=False)


@dataclass
class Behind:
    """A backstage at which nothing can be done."""

    name: str = "Muster"
    steps: tuple[TourStep, ...] = (FIRST, SECOND, THIRD)
    now: Playing | None = None

    def life(self) -> Life:
        return Life.RUNNING

    def promises(self) -> Promises:
        return Promises(0, 0, 0, ())

    def tour(self) -> tuple[TourStep, ...]:
        return self.steps

    def scenarios(self) -> tuple[Offer, ...]:
        return (Offer("storm", "A storm", "Six services at once."),)

    def playing(self) -> Playing | None:
        return self.now

    async def kill(self) -> None: ...
    async def start(self) -> None: ...
    async def undo(self, step: str) -> None: ...
    async def play(self, scenario: str) -> None: ...
    async def pause(self) -> None: ...
    async def go_on(self) -> None: ...
    async def stop(self) -> None: ...


def regions(company: Company, behind: Behind, who: str = "ada") -> dict[str, Region]:
    return {region.key: region for region in tour.regions(company.eyes(who), behind)}


def drawn(company: Company, behind: Behind, key: str, who: str = "ada") -> str:
    return str(regions(company, behind, who)[key].draw())


def test_nobody_guides_where_there_is_no_demo(company: Company) -> None:
    assert list(tour.regions(company.eyes("ada"), None)) == []


def test_what_is_next_is_told_and_shown(company: Company) -> None:
    said = drawn(company, Behind(), "s-command")
    assert 'aria-current="step"' in said
    assert "Type <code>/incident lead</code>." in said
    assert f'href="/as/ada/c/{seed.OPS}"' in said
    assert "undo" not in said
    assert 'aria-current="step"' not in drawn(company, Behind(), "s-note")


def test_what_is_done_can_be_undone_and_says_what_that_does(company: Company) -> None:
    said = drawn(company, Behind(), "s-alert")
    assert 'data-act="backstage/undo"' in said
    assert "<p>Undo: cancels it.</p>" in said
    assert "Fire one" not in said
    assert "1 of 3 done" in drawn(company, Behind(), "tour-count-only")


def test_words_stay_words(company: Company) -> None:
    waiting = Behind(steps=(replace(FIRST, done=False),))
    assert "<code>&lt;b&gt;</code>" in drawn(company, waiting, "s-alert")
    assert "It rains &lt;hard&gt;." in drawn(company, Behind(now=PLAYING), "playing")


def test_a_step_that_is_done_changes_two_faces_and_the_count(company: Company) -> None:
    before = regions(company, Behind())
    after = regions(company, Behind(steps=(FIRST, replace(SECOND, done=True), THIRD)))
    changed = {key for key in after if after[key].face != before[key].face}
    assert changed == {"s-command", "s-note", "tour-count-only"}


def test_stories_are_offered_until_one_plays(company: Company) -> None:
    assert 'data-act="backstage/play"' in drawn(company, Behind(), "playing")
    said = drawn(company, Behind(now=PLAYING), "playing")
    assert "backstage/play" not in said
    assert "2 of 8" in said
    assert "backstage/pause" in said
    assert "backstage/go_on" in drawn(company, Behind(now=replace(PLAYING, paused=True)), "playing")


def test_whoever_may_not_see_the_room_goes_along_as_the_one_who_acts(company: Company) -> None:
    company.people.create_channel("emi", "legal-case", private=True)
    room = company.channel("legal-case").id
    behind = Behind(now=replace(PLAYING, who="emi", place=f"/c/{room}"))
    assert f'data-follow="/as/emi/c/{room}"' in drawn(company, behind, "playing", "bo")
    assert f'data-follow="/as/emi/c/{room}"' in drawn(company, behind, "playing", "emi")
    assert f'data-follow="/as/bo/c/{seed.OPS}"' in drawn(company, Behind(now=PLAYING), "playing", "bo")


def test_a_guest_is_shown_no_way_to_a_room_that_is_closed_to_them(company: Company) -> None:
    assert 'href="/as/gus"' in drawn(company, Behind(), "s-command", "gus")
