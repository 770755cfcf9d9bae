"""Whatever comes of the tries, in whatever order: lanes keep theirs, each promise is kept once, none dropped."""

import asyncio
import random
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.engine.effects import Answer, Attempt, Doubtful, Effect, GiveUp, Promise, Retry
from bot.engine.finish import Patience
from bot.engine.reading import Step
from bot.engine.tables import EffectState
from tests.engine.conftest import House
from tests.engine.test_outbox import all_effects, promised
from tests.engine.toys import Loose

FATES = st.lists(st.sampled_from(["ok", "busy", "lost", "after", "before", "no"]), max_size=4)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("promise"), st.integers(0, 2), FATES),
        st.tuples(st.just("pass"), st.integers(1, 20), st.just([])),
        st.tuples(st.just("restart"), st.just(0), st.just([])),
    ),
    min_size=1,
    max_size=14,
)


async def play(house: House, steps: list[tuple[str, int, list[str]]]) -> None:
    """Promises in three lanes whose tries go as fated; time passes; the process is started again."""
    fates: dict[str, list[str]] = {}

    async def before(effect: Effect, attempt: Attempt) -> Answer | None:
        await asyncio.sleep(random.uniform(0, 0.001))
        fate = fates[attempt.key].pop(0) if fates[attempt.key] else "ok"
        plain: dict[str, Answer] = {
            "busy": Retry("busy", after=0),
            "before": Doubtful("lost before"),
            "no": GiveUp("refused"),
        }
        if fate == "after":
            fates[attempt.key].insert(0, "lost")
        return plain.get(fate)

    async def after(effect: Effect, attempt: Attempt) -> Answer | None:
        if fates[attempt.key][:1] == ["lost"]:
            fates[attempt.key].pop(0)
            return Doubtful("lost after")
        return None

    house.world.before, house.world.after = before, after
    number = 0
    todo = list(steps)
    while todo:
        async with house.process() as engine, house.outbox(engine, patience=Patience(0, 0, 50, 50)) as outbox:
            while todo:
                what, amount, fate = todo.pop(0)
                if what == "promise":
                    key = f"{number:03}"
                    fates[key] = list(fate)
                    await promised(engine, Promise(Loose(word=key, line=f"{amount}"), key))
                    number += 1
                elif what == "pass":
                    house.clock.forward(amount)
                    outbox.wake()
                    await asyncio.sleep(0.002)
                else:
                    break
    async with house.process() as engine, house.outbox(engine, patience=Patience(0, 0, 50, 50)) as outbox:
        for _ in range(12):
            await outbox.idle()
            house.clock.forward(1)
        effects = await all_effects(engine)
    check(house, effects)


def check(house: House, effects: Mapping[str, Step]) -> None:
    states = {key: step.state for key, step in effects.items()}
    assert set(states.values()) <= {EffectState.KEPT, EffectState.PARKED}
    words = house.world.texts("test_loose")
    assert len(words) == len(set(words)), "done twice"
    assert {key for key, state in states.items() if state is EffectState.KEPT} <= set(words)
    lanes: dict[str, list[str]] = {}
    for done in house.world.done:
        lanes.setdefault(effects[done.key].lane, []).append(done.key)
    assert all(keys == sorted(keys) for keys in lanes.values()), lanes


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_lanes_hold_whatever_happens(template: Path, steps: list[tuple[str, int, list[str]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "muster.db").write_bytes(template.read_bytes())
        asyncio.run(play(House(f"sqlite:///{folder}/muster.db"), steps))
