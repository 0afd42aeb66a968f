"""Task ``increment_goal_progress``: count a viewer's payment for the goal (L1)."""

from __future__ import annotations

from attrs import frozen

from ...ports.clock import Clock
from ...ports.errors import GoalNotCreatedYet
from ...ports.goals import Goals
from ..events import GoalProgressed
from ..messages import IncrementGoalProgress
from ..model import Goal
from ..signals import Signals
from ..trace import Tracer


@frozen(kw_only=True)
class IncrementGoalProgressTask:
    goals: Goals
    signals: Signals
    clock: Clock
    tracer: Tracer

    def __call__(self, message: IncrementGoalProgress, before: Goal | None = None) -> Goal:
        """Add to the goal's progress, once for each ``insert_id``, and send ``goal.progressed``.

        ``before`` is the goal as it was read before the payment was made, for a payment that is known to be new.

        Idempotent: a repeat adds nothing and sends the signal again. Retry on GoalNotCreatedYet (the payment came
        before ``create_goal``), on Unavailable and on an ExceptionGroup of failed receivers.
        """
        ids = {"goal_id": message.goal_id, "transaction_id": message.insert_id}
        with self.tracer.unit("increment_goal_progress", **ids):
            progress = self.goals.increment_progress(
                message.goal_id,
                amount=message.amount,
                cost=message.cost,
                breakdown_id=message.breakdown_id,
                insert_id=message.insert_id,
                now=self.clock.now(),
                before=before,
            )
            if progress is None:
                raise GoalNotCreatedYet(f"goal {message.goal_id} does not exist yet for {message.insert_id}")
            goal, insert_id = progress.goal, message.insert_id
            progressed = GoalProgressed.of(
                goal, insert_id=insert_id, announce_in=progress.announce_in, active=goal.active
            )
            self.signals.send(progressed)
            return goal
