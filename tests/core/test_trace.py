from __future__ import annotations

import pytest

from show_goal.core import trace
from show_goal.core.errors import GoalEnded, SessionNotFound
from show_goal.core.messages import DeactivateGoal
from show_goal.core.trace import Trace, Tracer, describe
from tests.builders import EXP, GOAL, a_transfer


def test_unit_that_ends_well_is_done() -> None:
    traces: list[Trace] = []

    with Tracer(traces.append).unit("create_goal", goal_id="g"):
        pass

    assert traces[0].as_dict() == {"unit": "create_goal", "goal_id": "g", "outcome": "done", "steps": []}


def test_unit_that_is_refused_says_the_reason() -> None:
    traces: list[Trace] = []

    with pytest.raises(GoalEnded), Tracer(traces.append).unit("transfer"):
        raise GoalEnded

    assert (traces[0].outcome, traces[0].reason) == ("refused", "goal_ended")


def test_unit_that_fails_says_the_error() -> None:
    traces: list[Trace] = []

    with pytest.raises(KeyError), Tracer(traces.append).unit("transfer"):
        raise KeyError("x")

    assert (traces[0].outcome, traces[0].reason) == ("failed", "KeyError: 'x'")


def test_step_belongs_to_the_innermost_unit_at_work() -> None:
    traces: list[Trace] = []
    tracer = Tracer(traces.append)

    with tracer.unit("outer"):
        with tracer.unit("inner"):
            trace.current().notification("goal.added", ["a"])
        trace.current().notification("goal.ended", ["b"])

    assert [(t.name, [step.name for step in t.steps]) for t in traces] == [
        ("inner", ["goal.added"]),
        ("outer", ["goal.ended"]),
    ]


def test_step_outside_of_any_unit_is_lost_without_harm() -> None:
    trace.current().notification("goal.added", ["a"])

    assert trace.current().steps == []


def test_guard_that_refuses_is_recorded_and_raised() -> None:
    with Tracer(lambda _: None).unit("x") as unit:
        trace.guard(None, SessionNotFound)
        with pytest.raises(SessionNotFound):
            trace.guard(SessionNotFound(), SessionNotFound)

    assert [(step.name, step.outcome) for step in unit.steps] == [
        ("session_not_found", "passed"),
        ("session_not_found", "refused"),
    ]


def test_a_tasks_detail_is_its_arguments_and_headers() -> None:
    unit = Tracer(lambda _: None).unit("x")
    unit.task(a_transfer())
    unit.task(DeactivateGoal(goal_id=GOAL), eta=EXP)

    transfer, deactivate_goal = (step.detail for step in unit.steps)
    assert transfer == {"arguments": a_transfer().arguments(), "duration": 90}
    assert deactivate_goal == {"arguments": {"goal_id": GOAL}, "eta": EXP}


def test_group_is_described_by_its_leaves() -> None:
    group = ExceptionGroup("g", [ValueError("a"), ExceptionGroup("h", [KeyError("b")])])

    assert describe(group) == "ValueError: a; KeyError: 'b'"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("amqp://guest:secret@host//", "amqp://***@host//"),
        ("mongodb://u:p%40ss@a,b/?x and redis://:pw@c", "mongodb://***@a,b/?x and redis://***@c"),
        ("private-user@57e0", "private-user@57e0"),
    ],
)
def test_passwords_are_not_told_D28(text: str, told: str) -> None:
    assert describe(ValueError(text)) == f"ValueError: {told}"
