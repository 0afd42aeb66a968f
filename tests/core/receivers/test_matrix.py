"""The matrix as a value: a host adds a class or a receiver to it with one cell, and takes nothing away (N9)."""

from __future__ import annotations

import pytest

from show_goal.core.events import GoalCreated, GoalEnded, GoalProgressed, PresetChanged
from show_goal.core.names import GOAL_CLASSES, TRIGGER_PRIVATE_GOAL
from show_goal.core.receivers.matrix import Row
from show_goal.core.receivers.receiver import ReceiverPorts
from show_goal.core.receivers.registry import MATRIX
from show_goal.core.signals import Outcome
from tests.builders import EXP, a_create_goal
from tests.world import World


def ends(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    return Outcome.RAN


def test_a_class_is_one_cell_more_in_a_row_that_stands() -> None:
    matrix = MATRIX.with_cell(GoalEnded, "set_embedded_goal_ended", "RaffleGoal", ends)

    before, after = MATRIX.rows[GoalEnded], matrix.rows[GoalEnded]
    assert [row.name for row in after] == [row.name for row in before]
    assert after[0].cell("RaffleGoal") is ends
    assert [after[0].cell(_cls) for _cls in GOAL_CLASSES] == [before[0].cell(_cls) for _cls in GOAL_CLASSES]
    assert after[1:] == before[1:]


def test_a_receiver_is_a_new_row_after_the_librarys() -> None:
    matrix = MATRIX.with_cell(GoalEnded, "draw_raffle", TRIGGER_PRIVATE_GOAL, ends)

    *others, last = matrix.rows[GoalEnded]
    assert tuple(others) == MATRIX.rows[GoalEnded]
    assert (last.name, dict(last.cells), last.every) == ("draw_raffle", {TRIGGER_PRIVATE_GOAL: ends}, None)


def test_an_event_that_nobody_heard_gets_its_first_receiver() -> None:
    def hears(event: PresetChanged, ports: ReceiverPorts) -> Outcome:
        return Outcome.RAN

    matrix = MATRIX.with_cell(PresetChanged, "hears", "", hears)

    assert [row.name for row in matrix.rows[PresetChanged]] == ["hears"]


def test_the_librarys_own_matrix_stays_as_it_is() -> None:
    before = dict(MATRIX.rows)
    MATRIX.with_cell(GoalEnded, "draw_raffle", TRIGGER_PRIVATE_GOAL, ends)

    assert before == MATRIX.rows


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        (Row[GoalEnded](name="nobody's"), None),
        (Row(name="own", cells={TRIGGER_PRIVATE_GOAL: ends}), ends),
        (Row(name="every", every=ends), ends),
        (Row(name="another's", cells={"RaffleGoal": ends}), None),
    ],
)
def test_a_row_returns_unless_it_has_a_cell(row: Row[GoalEnded], outcome: object) -> None:
    assert row.cell(TRIGGER_PRIVATE_GOAL) is outcome
    assert row.__name__ == row.name


def test_a_hosts_cell_runs_after_the_librarys_and_is_traced() -> None:
    heard: list[str] = []

    def bind_raffle_goal(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
        heard.append(event.goal_id)
        return Outcome.RAN

    world = World.make(matrix=MATRIX.with_cell(GoalCreated, "bind_raffle_goal", "RaffleGoal", bind_raffle_goal))
    world.container.create_goal()(a_create_goal(_cls="RaffleGoal"))

    assert heard == [a_create_goal().goal_id]
    assert world.steps("create_goal", "receiver")[-1] == ("bind_raffle_goal", "ran")

    world.container.create_goal()(a_create_goal(_cls="ShowFundingGoal", goal_id="60a100000000000000000009", exp=EXP))
    outcomes = dict(world.steps("create_goal", "receiver"))
    assert outcomes["bind_raffle_goal"] == "skipped"
    assert GoalProgressed in MATRIX.rows
