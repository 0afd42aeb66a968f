"""Task ``create_goal``: insert the goal and send ``goal.created``."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from ...ports.clock import Clock
from ...ports.goals import Goals
from ...ports.task_queue import TaskQueue
from ..errors import GoalEnded, OngoingGoalExists
from ..events import GoalCreated
from ..messages import CreateGoal, DeactivateGoal
from ..model import Goal
from ..signals import Signals
from ..trace import Tracer


@frozen(kw_only=True)
class CreateGoalTask:
    goals: Goals
    signals: Signals
    clock: Clock
    task_queue: TaskQueue
    tracer: Tracer

    def __call__(self, message: CreateGoal) -> Goal:
        """Create the goal with the given id and send ``goal.created``.

        Idempotent: if the goal exists, the signal is sent again, so a crash between the insert and a receiver loses
        nothing (D19). Final refusals: GoalEnded when the message first arrives after its exp, OngoingGoalExists when
        the session has another active private goal. Retry on Unavailable and on an ExceptionGroup of failed receivers.
        """
        with self.tracer.unit("create_goal", goal_id=message.goal_id):
            goal = self._create(goal_of(message))
            self.signals.send(GoalCreated.of(goal))
            return goal

    def _create(self, goal: Goal) -> Goal:
        """Return the goal as it is stored. After its exp nobody could answer it, so it is not created any more."""
        if goal.expired(self.clock.now()):
            stored = self.goals.get(goal.id)
            if stored is None:
                raise GoalEnded(f"create_goal for {goal.id} arrived after its exp")
            return stored
        try:
            return self.goals.insert(goal)
        except OngoingGoalExists as ongoing:
            self._end_if_overdue(ongoing.goal_id)
            return self.goals.insert(goal)

    def _end_if_overdue(self, goal_id: str) -> None:
        """End a goal that is still active although its exp has passed. It must not block the next one (D2).

        A task tells of it: once the goal is ended, no repeat of this task would.
        """
        goal, now = self.goals.get(goal_id), self.clock.now()
        if goal is not None and goal.expired(now):
            self.task_queue.trigger(DeactivateGoal(goal_id=goal_id))
            self.goals.end(goal_id, now)


def goal_of(message: CreateGoal) -> Goal:
    """The goal has every argument of the message under the same name; ``goal_id`` is its ``id``."""
    values: dict[str, Any] = message.arguments()
    return Goal(id=values.pop("goal_id"), **values)
