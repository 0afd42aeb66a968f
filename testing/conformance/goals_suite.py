"""What the parts of the suite for goals share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from ...core import names
from ...core.model import Goal
from ...ports.goals import Goals
from .examples import GOAL, NOW, VIEWER, a_goal
from .promise import Conformance

NEIGHBOURS = (
    names.SHOW_FUNDING_GOAL,
    names.SHOW_GOAL,
    names.KARAOKE_GOAL,
    names.TRIGGER_EXCLUSIVE_GOAL,
    names.EXCLUSIVE_GOAL,
)


class GoalsSuite(Conformance[Goals]):
    takes_any_user_id = True
    """False for a store whose user ids must have a form of their own, as an ObjectId has."""

    @pytest.fixture
    def goals(self, under_test: Goals) -> Goals:
        return under_test


def increment(goals: Goals, insert_id: str, breakdown_id: str = VIEWER, *, amount: int = 1, cost: int = 1) -> Goal:
    goal = goals.increment_progress(GOAL, amount=amount, cost=cost, breakdown_id=breakdown_id, insert_id=insert_id)
    assert goal is not None, "the inserted goal is not found"
    return goal


def an_ended_goal(goals: Goals) -> Goal:
    goals.insert(a_goal())
    goals.end(GOAL, NOW)
    return stored(goals)


def several(goals: Goals, exps: Sequence[datetime | None], *, end: bool = False) -> None:
    """Private goals of different sessions."""
    for number, exp in enumerate(exps):
        goal = a_goal(id=f"60a2{number:020x}", conditions={"session_id": f"5e55{number:020x}"}, exp=exp)
        goals.insert(goal)
        if end:
            goals.end(goal.id, NOW + timedelta(days=1))


def exps_of(found: Sequence[Goal]) -> list[datetime | None]:
    return [goal.exp for goal in found]


def stored(goals: Goals) -> Goal:
    goal = goals.get(GOAL)
    assert goal is not None, "the inserted goal is not found"
    return goal
