"""Log lines are found by goal, session and transaction."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest

from show_goal.adapters.logs import KEYS, log_ids, log_trace
from show_goal.core.messages import Sweep
from tests.builders import EXP, GOAL, GOAL_2, SESSION, VIEWER, a_create_goal, a_hold
from tests.world import World

TAG = f"swag::livestream.session:{SESSION}.trigger_private:{GOAL}"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ({}, {}),
        ({"goal_id": GOAL, "transaction_id": "t"}, {"goal_id": GOAL, "transaction_id": "t"}),
        ({"insert_id": "t"}, {"transaction_id": "t"}),
        ({"conditions": {"session_id": SESSION}}, {"session_id": SESSION}),
        ({"tags": ["other", TAG]}, {"session_id": SESSION, "goal_id": GOAL}),
        ({"goal_id": 17, "conditions": None, "tags": [None]}, {}),
    ],
)
def test_ids_are_found_wherever_the_flow_names_them(source: dict[str, object], found: dict[str, str]) -> None:
    assert log_ids(source) == {**dict.fromkeys(KEYS), **found}


def test_the_first_that_names_an_id_says_it() -> None:
    assert log_ids({"goal_id": "own"}, {"goal_id": "other", "session_id": "s"})["goal_id"] == "own"


def test_every_line_of_a_goals_life_names_goal_and_session(caplog: pytest.LogCaptureFixture) -> None:
    """Requests that the host sends no session with are found by their goal alone."""
    world = World.make(trace_sink=log_trace)
    with caplog.at_level(logging.INFO, "show_goal.trace"):
        goal_id = world.invite().goal_id
        world.run_due()
        world.agree(goal_id)
        world.wait(60)
    assert caplog.records
    for record in caplog.records:
        assert record.__dict__["goal_id"] == goal_id
        assert record.__dict__["trace_id"] is None
        told = json.loads(record.getMessage())
        assert (record.__dict__["unit"], record.__dict__["outcome"]) == (told["unit"], told["outcome"])
    named = {record.__dict__["unit"]: record.__dict__ for record in caplog.records}
    transaction_id = f"session:trigger-private:{goal_id}:{VIEWER}"
    for unit in ("trigger_private_session", "create_goal", "transfer", "increment_goal_progress", "settle_escrow"):
        assert named[unit]["session_id"] == SESSION
    for unit in ("trigger_private_session", "transfer", "increment_goal_progress", "settle_escrow"):
        assert named[unit]["transaction_id"] == transaction_id


def test_no_other_id_is_told() -> None:
    """A viewer's stands in the trace's own text alone."""
    assert list(log_ids({"viewer_id": VIEWER, "streamer_id": "s"})) == ["goal_id", "session_id", "transaction_id"]


def test_a_sweep_is_of_no_goal(caplog: pytest.LogCaptureFixture) -> None:
    """Each goal that it settles has units of its own."""
    world = World.make(trace_sink=log_trace)
    goal_id = world.invite().goal_id
    world.run_due()
    world.task_queue.purge()
    world.wallet.hold(a_hold(GOAL_2))
    world.clock.move_to(EXP + timedelta(seconds=60))
    with caplog.at_level(logging.INFO, "show_goal.trace"):
        world.container.sweep()(Sweep())
    named = {(record.__dict__["unit"], record.__dict__["goal_id"]) for record in caplog.records}
    assert named == {
        ("deactivate_goal", goal_id),
        ("settle_escrow", goal_id),
        ("settle_escrow", GOAL_2),
        ("sweep", None),
    }


def test_trace_is_one_json_line_D28(caplog: pytest.LogCaptureFixture) -> None:
    world = World.make(trace_sink=log_trace)
    with caplog.at_level(logging.INFO, "show_goal.trace"):
        world.container.create_goal()(a_create_goal())
    (record,) = caplog.records
    trace = json.loads(record.getMessage())
    assert (trace["unit"], trace["goal_id"], trace["outcome"]) == ("create_goal", GOAL, "done")
    assert trace["steps"][0]["arguments"]["exp"] == EXP.isoformat()


def test_nothing_is_logged_below_the_level(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "show_goal.trace"):
        World.make(trace_sink=log_trace).container.create_goal()(a_create_goal(_cls="Other", exp=None))
    assert caplog.records == []
