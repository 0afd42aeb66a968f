from __future__ import annotations

import pytest

from show_goal.core import trace
from show_goal.core.errors import GoalEnded, SessionNotFound
from show_goal.core.messages import DeactivateGoal
from show_goal.core.money import HoldState
from show_goal.core.trace import MOST_CHARACTERS, Trace, Tracer, describe
from tests.builders import EXP, GOAL, a_create_goal, a_hold, a_transfer
from tests.world import World


@pytest.fixture
def traces() -> list[Trace]:
    return []


@pytest.fixture
def tracer(traces: list[Trace]) -> Tracer:
    return Tracer(traces.append)


def test_unit_that_ends_well_is_done(tracer: Tracer, traces: list[Trace]) -> None:
    with tracer.unit("create_goal", goal_id="g"):
        pass

    assert traces[0].as_dict() == {"unit": "create_goal", "goal_id": "g", "outcome": "done", "steps": []}


@pytest.mark.parametrize(
    ("error", "outcome", "reason"),
    [(GoalEnded(), "refused", "goal_ended"), (KeyError("x"), "failed", "KeyError: 'x'")],
)
def test_unit_that_raises_has_the_reason(
    tracer: Tracer, traces: list[Trace], error: Exception, outcome: str, reason: str
) -> None:
    with pytest.raises(type(error)), tracer.unit("transfer"):
        raise error

    assert (traces[0].outcome, traces[0].reason) == (outcome, reason)


def test_step_belongs_to_the_innermost_unit(tracer: Tracer, traces: list[Trace]) -> None:
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


def test_guard_that_refuses_is_recorded_and_raised(tracer: Tracer) -> None:
    with tracer.unit("x") as unit:
        trace.guard(None, SessionNotFound)
        with pytest.raises(SessionNotFound):
            trace.guard(SessionNotFound(), SessionNotFound)

    assert [(step.name, step.outcome) for step in unit.steps] == [
        ("session_not_found", "passed"),
        ("session_not_found", "refused"),
    ]


def test_detail_of_a_task_is_its_arguments_headers_and_eta(tracer: Tracer) -> None:
    unit = tracer.unit("x")
    unit.task(a_transfer())
    unit.task(DeactivateGoal(goal_id=GOAL), eta=EXP)

    transfer, deactivate_goal = (step.detail for step in unit.steps)
    assert transfer == {"arguments": a_transfer().arguments(), "duration": 90}
    assert deactivate_goal == {"arguments": {"goal_id": GOAL}, "eta": EXP}


def test_of_a_part_the_trace_says_who_got_how_much(tracer: Tracer) -> None:
    with tracer.unit("settle_escrow") as unit:
        unit.money(a_hold(state=HoldState.RELEASED, part=30))
    (step,) = unit.steps
    assert step.detail == {"transaction_id": a_hold().transaction_id, "amount": 90, "released": 30, "refunded": 60}


def test_money_that_moves_is_in_the_trace(world: World) -> None:
    world.container.create_goal()(a_create_goal())
    world.container.transfer()(a_transfer())
    world.refuse(GOAL)
    world.wait(60)

    held = {"kind": "money", "name": "held", "outcome": "done", "transaction_id": a_hold().transaction_id, "amount": 90}
    assert [step for step in world.trace("transfer")["steps"] if step["kind"] == "money"] == [held]
    assert world.steps("settle_escrow", "money") == [("refunded", "done")]


def test_group_is_described_by_its_leaves() -> None:
    group = ExceptionGroup("g", [ValueError("a"), ExceptionGroup("h", [KeyError("b")])])

    assert describe(group) == "ValueError: a; KeyError: 'b'"


def test_group_is_described_however_deep_it_is() -> None:
    group: ExceptionGroup[Exception] = ExceptionGroup("innermost", [ValueError("a"), ValueError("b")])
    for _ in range(2_000):
        group = ExceptionGroup("outer", [group])

    assert describe(group) == "ValueError: a; ValueError: b"


def test_description_is_no_longer_than_what_a_messages_header_can_hold() -> None:
    group = ExceptionGroup("a crowd", [ValueError("x" * 2_000) for _ in range(100)])

    said = describe(group)

    assert said.startswith("ValueError: xxx")
    assert said.endswith("x…")
    assert len(said) == MOST_CHARACTERS


@pytest.mark.parametrize(
    ("text", "described"),
    [
        ("amqp://guest:secret@host//", "amqp://***@host//"),
        ("mongodb://u:p%40ss@a,b/?x and redis://:pw@c", "mongodb://***@a,b/?x and redis://***@c"),
        ("private-user@57e0", "private-user@57e0"),
    ],
)
def test_description_has_no_passwords_D28(text: str, described: str) -> None:
    assert describe(ValueError(text)) == f"ValueError: {described}"
