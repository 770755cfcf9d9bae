"""The engine's clock never goes back, and what waits is never late because of the machine's clock."""

from datetime import UTC, datetime, timedelta

from bot.engine.clock import SteadyClock, last_written, steady_clock
from bot.engine.handle import utc_now
from tests.engine.conftest import House
from tests.engine.toys import ADA, Open

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Machine:
    """A machine whose wall clock can be set; real time passes only when it is told to."""

    def __init__(self) -> None:
        self.wall = NOON
        self.uptime = 0.0

    def passes(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.uptime += seconds

    def clock(self) -> SteadyClock:
        return SteadyClock(lambda: self.wall, lambda: self.uptime)


def test_it_shows_the_machines_time() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.passes(0.25)
    assert clock() == machine.wall
    machine.passes(3600)
    assert clock() == machine.wall


def test_a_clock_put_forward_is_followed_at_once() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall += 25 * HOUR
    assert clock() == NOON + 25 * HOUR


def test_after_an_hour_back_a_wait_of_five_minutes_lasts_at_most_a_ninth_longer() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall -= HOUR
    due = clock() + timedelta(minutes=5)
    seconds = 0
    while clock() < due:
        machine.passes(1)
        seconds += 1
    assert 300 <= seconds <= 300 * 10 / 9 + 1


def test_it_never_goes_back_and_is_the_machines_again_after_ten_times_the_lead() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall -= HOUR
    shown = [clock()]
    for _ in range(36_000):
        machine.passes(1)
        shown.append(clock())
    assert shown == sorted(shown)
    assert shown[-1] == machine.wall
    assert shown[-3600] > machine.wall - HOUR


def test_a_second_step_back_before_the_first_is_made_good_adds_to_it() -> None:
    machine = Machine()
    clock = machine.clock()
    for _ in range(2):
        machine.wall -= HOUR
        before = clock()
        machine.passes(10)
        assert timedelta(seconds=8) < clock() - before <= timedelta(seconds=10)


def test_a_new_life_goes_on_from_what_the_last_one_wrote_down() -> None:
    machine = Machine()
    clock = machine.clock()
    clock.follow(NOON + HOUR)
    machine.passes(10)
    assert NOON + HOUR < clock() <= NOON + HOUR + timedelta(seconds=10)


def test_nobody_follows_a_clock_that_was_wrong_by_years_nor_one_of_the_past() -> None:
    machine = Machine()
    clock = machine.clock()
    for written in (None, NOON - HOUR, NOON + timedelta(days=3650)):
        clock.follow(written)
        assert clock() == machine.wall


async def test_the_newest_moment_on_record_is_found_on_both_databases(house: House) -> None:
    async with house.process() as engine:
        assert await engine.database.read(last_written) is None
        ahead = utc_now() + 2 * HOUR
        house.clock.now = ahead
        await engine.handle(Open(), ADA, key="click")
        assert await engine.database.read(last_written) == ahead
        assert (await steady_clock(engine.database))() >= ahead
