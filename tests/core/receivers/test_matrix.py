"""The matrix as a value: a host adds a class or a receiver with one cell, and removes nothing (N9)."""

from __future__ import annotations

import pytest

from show_goal.core.events import GoalCreated, GoalEnded, PresetChanged
from show_goal.core.names import GOAL_CLASSES, TRIGGER_PRIVATE_GOAL
from show_goal.core.receivers.matrix import Row
from show_goal.core.receivers.receiver import ReceiverPorts
from show_goal.core.receivers.registry import MATRIX
from show_goal.core.signals import Outcome
from tests.builders import GOAL, GOAL_2
from tests.world import World


def runs(event: object, ports: ReceiverPorts) -> Outcome:
    return Outcome.RAN


def test_new_class_is_one_more_cell_in_a_row_of_a_new_matrix() -> None:
    matrix = MATRIX.with_cell(GoalEnded, "set_embedded_goal_ended", "RaffleGoal", runs)

    (changed, *others), (row, *unchanged) = matrix.rows[GoalEnded], MATRIX.rows[GoalEnded]
    assert others == unchanged
    assert (changed.name, changed.cell("RaffleGoal"), row.cell("RaffleGoal")) == (row.name, runs, None)
    assert [changed.cell(_cls) for _cls in GOAL_CLASSES] == [row.cell(_cls) for _cls in GOAL_CLASSES]


def test_new_receiver_is_a_row_after_the_librarys() -> None:
    matrix = MATRIX.with_cell(GoalEnded, "draw_raffle", TRIGGER_PRIVATE_GOAL, runs)

    *others, last = matrix.rows[GoalEnded]
    assert tuple(others) == MATRIX.rows[GoalEnded]
    assert (last.name, dict(last.cells), last.every) == ("draw_raffle", {TRIGGER_PRIVATE_GOAL: runs}, None)


def test_event_without_receivers_gets_its_first_one() -> None:
    matrix = MATRIX.with_cell(PresetChanged, "hears", "", runs)

    assert [row.name for row in matrix.rows[PresetChanged]] == ["hears"]


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        (Row[GoalEnded](name="the host's"), None),
        (Row(name="of the class", cells={TRIGGER_PRIVATE_GOAL: runs}), runs),
        (Row(name="of every class", every=runs), runs),
        (Row(name="of another class", cells={"RaffleGoal": runs}), None),
    ],
)
def test_row_without_a_cell_for_the_class_returns(row: Row[GoalEnded], cell: object) -> None:
    assert row.cell(TRIGGER_PRIVATE_GOAL) is cell


def test_hosts_cell_runs_last_for_its_class_only() -> None:
    world = World.make(matrix=MATRIX.with_cell(GoalCreated, "bind_raffle_goal", "RaffleGoal", runs))

    world.create(GOAL, "RaffleGoal")
    assert world.steps("create_goal", "receiver")[-1] == ("bind_raffle_goal", "ran")

    world.create(GOAL_2, "ShowFundingGoal")
    assert world.outcome("create_goal", "bind_raffle_goal") == "skipped"
