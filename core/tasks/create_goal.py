"""Task ``create_goal``: insert the goal, tell everybody (``goal.created``)."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from ...ports.clock import Clock
from ...ports.goals import Goals
from ..errors import GoalEnded, OngoingGoalExists
from ..events import GoalCreated
from ..messages import CreateGoal, DeactivateGoal
from ..model import Goal
from ..signals import Signals
from ..trace import Tracer
from .deactivate_goal import DeactivateGoalTask


@frozen(kw_only=True)
class CreateGoalTask:
    goals: Goals
    signals: Signals
    clock: Clock
    deactivate_goal: DeactivateGoalTask
    tracer: Tracer

    def __call__(self, message: CreateGoal) -> Goal:
        """Create the goal under its given id and send ``goal.created``.

        Idempotent: a goal that stands already is success, and its signal is sent again, so that a crash between the
        insert and a receiver loses nothing (D19). Raises GoalEnded when the message arrives for the first time after
        its exp, OngoingGoalExists when another private goal is live in the session (both final), Unavailable and an
        ExceptionGroup of failed receivers (retry).
        """
        with self.tracer.unit("create_goal", goal_id=message.goal_id):
            goal = self._create(_goal_of(message))
            self.signals.send(GoalCreated.of(goal))
            return goal

    def _create(self, goal: Goal) -> Goal:
        """The goal as it stands. A late first delivery creates nothing: nobody could answer it any more."""
        if goal.expired(self.clock.now()):
            standing = self.goals.get(goal.id)
            if standing is None:
                raise GoalEnded(f"create_goal for {goal.id} arrived after its exp")
            return standing
        try:
            return self.goals.insert(goal)
        except OngoingGoalExists as ongoing:
            self._end_if_overdue(ongoing.goal_id)
            return self.goals.insert(goal)

    def _end_if_overdue(self, goal_id: str) -> None:
        """A goal that is still active although its exp has passed never blocks the next one (D2)."""
        standing = self.goals.get(goal_id)
        if standing is not None and standing.expired(self.clock.now()):
            self.deactivate_goal(DeactivateGoal(goal_id=goal_id))


def _goal_of(message: CreateGoal) -> Goal:
    """The goal has every argument of the message under the same name; ``goal_id`` is its ``id``."""
    values: dict[str, Any] = message.arguments()
    return Goal(id=values.pop("goal_id"), **values)
