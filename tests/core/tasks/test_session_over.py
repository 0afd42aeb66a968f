"""A session that is over holds nobody's money: goals of neighbouring classes end, too (D42)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from show_goal.core.names import KARAOKE_GOAL, SHOW_FUNDING_GOAL, TRIGGER_EXCLUSIVE_GOAL
from show_goal.core.settings import Settings
from show_goal.core.tasks.sweep import Swept
from tests.builders import GOAL, NOW, SESSION, VIEWER, a_goal, a_session
from tests.world import World

A_DAY = timedelta(days=1)


def end_session(world: World) -> None:
    world.sessions.add(evolve(world.sessions.get(SESSION), active=False))


@pytest.mark.parametrize(
    ("_cls", "escrow"),
    [(SHOW_FUNDING_GOAL, "show_funding"), (TRIGGER_EXCLUSIVE_GOAL, "trigger_exclusive"), (KARAOKE_GOAL, "karaoke")],
)
def test_a_neighbours_money_goes_back_long_before_its_exp(world: World, _cls: str, escrow: str) -> None:
    world.create(GOAL, _cls, exp=NOW + A_DAY)
    world.pay(GOAL, f"{escrow}:{GOAL}")
    assert world.sweep() == Swept(), "the session goes on"
    end_session(world)
    assert world.sweep().ended == 1
    world.wait(60)
    world.sweep()
    assert world.available()[VIEWER] == 1_000
    assert world.goal(GOAL).settled


def test_a_goal_of_an_unknown_session_is_left_to_its_exp(world: World) -> None:
    world.goals.insert(a_goal(id=GOAL, _cls=SHOW_FUNDING_GOAL, conditions={}, exp=NOW + A_DAY))
    assert world.sweep() == Swept()


def test_however_many_go_on_a_sweep_looks_at_some_and_the_next_one_at_the_next() -> None:
    world = World.make(settings=Settings(sweep_limit=2))
    world.sessions.add(a_session(id="5e55000000000000000000f2", active=False))
    for number in range(9):
        session = {"session_id": SESSION if number < 8 else "5e55000000000000000000f2"}
        exp = NOW + A_DAY + timedelta(seconds=number)
        world.goals.insert(a_goal(id=f"60a3{number:020x}", _cls=SHOW_FUNDING_GOAL, conditions=session, exp=exp))
    assert [world.sweep() for _ in range(5)] == [Swept()] * 4 + [Swept(ended=1)]
