"""The worker in memory tells its caller what failed: in a test, a receiver that raises is a failure."""

from __future__ import annotations

from datetime import timedelta

import blinker
import pytest

from tests.builders import GOAL, VIEWER, a_create_goal, a_transfer
from tests.world import World


@pytest.fixture
def broken() -> World:
    """A host's own receiver fails on each goal that is created."""
    namespace = blinker.Namespace()

    def fails(sender: str, **payload: object) -> None:
        if sender == "goal.created":
            raise ValueError("no such column")

    namespace.signal("features.leaderboards").connect(fails, weak=False)
    world = World.make(namespace=namespace)
    world.invite()
    return world


def test_a_receiver_that_raises_raises_from_run_due(broken: World) -> None:
    with pytest.RaisesGroup(pytest.RaisesExc(ValueError, match="no such column"), flatten_subgroups=True) as failed:
        broken.container.worker().run_due()

    assert failed.value.message == "tasks failed: create_goal"


def test_every_other_task_has_run_before_run_due_raises(broken: World) -> None:
    with pytest.RaisesGroup(ValueError, flatten_subgroups=True):
        broken.container.worker().run_due()

    assert broken.wallet.balance(VIEWER).held == 90


def test_two_failures_are_raised_together(broken: World) -> None:
    broken.task_queue.trigger(a_create_goal(goal_id=GOAL, _cls="RaffleGoal"))

    with pytest.RaisesGroup(ValueError, ValueError, flatten_subgroups=True):
        broken.container.worker().run_due()


def test_a_caller_who_asks_for_silence_gets_the_count(broken: World) -> None:
    assert broken.container.worker().run_due(quiet=True) == 2


def test_a_task_that_failed_is_due_again_a_second_later(broken: World) -> None:
    worker = broken.container.worker()
    worker.run_due(quiet=True)
    assert worker.run_due() == 0

    broken.clock.advance(timedelta(seconds=1))
    with pytest.RaisesGroup(ValueError, flatten_subgroups=True):
        worker.run_due()


def test_a_task_that_is_refused_has_not_failed() -> None:
    world = World.make()
    world.task_queue.trigger(a_transfer(GOAL, "nobody"))

    assert world.container.worker().run_due() == 1
    assert world.trace("transfer")["outcome"] == "refused"
