"""The streamer answers an invitation: ``DELETE /goals/<objectid:goal_id>`` (L2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import frozen

from ...ports.clock import Clock
from ...ports.goals import Goals
from ...ports.sessions import Sessions
from ...ports.task_queue import TaskQueue
from ..errors import GoalEnded, GoalNotFound, NotLoggedIn, NotPaid, SessionOver
from ..messages import DeactivateGoal
from ..model import Goal, Viewer
from ..trace import Tracer, require


@frozen(kw_only=True)
class Answered:
    """The answer was queued. The first one that a worker carries out counts."""

    goal_id: str
    agree: bool


@frozen(kw_only=True)
class AnswerGoal:
    goals: Goals
    sessions: Sessions
    task_queue: TaskQueue
    clock: Clock
    tracer: Tracer

    def __call__(self, goal_id: str, streamer: Viewer | None, agree: bool) -> Answered:
        """Agree to the show, or refuse it.

        Waits for no worker. Of two answers at once, the first one carried out counts. Raises NotLoggedIn,
        GoalNotFound (unknown, or somebody else's), GoalEnded (answered, or past its exp), NotPaid (D33) and SessionOver
        for a "yes" in a session that is over (D42). After Unavailable, the same request may be repeated.
        """
        ids = {"goal_id": goal_id, "streamer_id": streamer.id if streamer else None}
        with self.tracer.unit("answer_goal", **ids):
            streamer = require(streamer, NotLoggedIn)
            goal = require(self._own_goal(goal_id, streamer), GoalNotFound)
            now = self.clock.now()
            if goal.unpaid:
                raise NotPaid(f"nobody has paid for goal {goal.id}")
            if not goal.active or goal.expired(now):
                raise GoalEnded(f"goal {goal.id} has ended at {goal.exp}")
            message = DeactivateGoal(
                goal_id=goal.id,
                filters={"active": True, "metadata.user_id": streamer.id},
                triggerer=streamer.id,
                metadata=self._agreement(goal, now) if agree else None,
            )
            self.task_queue.trigger(message)
            return Answered(goal_id=goal.id, agree=agree)

    def _agreement(self, goal: Goal, now: datetime) -> Mapping[str, str]:
        require(self.sessions.fetch_active(goal.session_id or ""), SessionOver)
        return {"agreed": now.isoformat()}

    def _own_goal(self, goal_id: str, streamer: Viewer) -> Goal | None:
        goal = self.goals.get(goal_id)
        return goal if goal is not None and goal.streamer_id == streamer.id else None
