"""Task ``deactivate_goal``: end the goal once, by compare-and-set, and send ``goal.ended``."""

from __future__ import annotations

from datetime import datetime

from attrs import evolve, frozen

from ...ports.clock import Clock
from ...ports.goals import Goals
from ...ports.sessions import Sessions
from ...ports.task_queue import TaskQueue
from .. import events, names
from ..errors import GoalEnded, GoalUnknown, SessionOver
from ..messages import DeactivateGoal
from ..model import Goal, Session
from ..rules.states import show_began
from ..settings import Settings
from ..showing import Showing
from ..signals import Signals
from ..trace import Tracer, require


@frozen(kw_only=True)
class DeactivateGoalTask:
    goals: Goals
    sessions: Sessions
    showing: Showing
    signals: Signals
    task_queue: TaskQueue
    clock: Clock
    settings: Settings
    tracer: Tracer

    def __call__(self, message: DeactivateGoal) -> Goal | None:
        """End the goal, by the streamer's answer or at its exp, and send ``goal.ended`` (L2, L3).

        Returns the goal, or None if it is too early: machines' clocks differ, so a timer that fires before
        ``message.exp`` is set again. Idempotent: a goal that has ended stays as it is, and the signal is sent again
        (D19, D26), but not by the timer of a goal that ended before its exp. Final refusals: GoalUnknown, GoalEnded for
        an answer that came after another answer or the exp, and SessionOver for an agreement that waited in the queue
        until the session was over, unless its show was played meanwhile (D40, D42). Retry on Unavailable and on an
        ExceptionGroup of failed receivers.
        """
        with self.tracer.unit("deactivate_goal", goal_id=message.goal_id):
            now = self.clock.now()
            if message.exp is not None and message.exp > now:
                self.task_queue.trigger(message, eta=message.exp)
                return None
            goal = require(self._end(message, now), GoalUnknown)
            if message.triggerer is not None and not _is_answer(goal, message):
                raise GoalEnded(f"goal {goal.id} had ended before {message.triggerer} answered")
            if not _is_late_timer(goal, message):
                self.signals.send(events.GoalEnded.of(goal, triggerer=message.triggerer))
            if self.showing.metered(goal) and not goal.on_sd:
                now, session = self.clock.now(), self.sessions.fetch(goal.session_id or "")
                before, goal = goal, self.showing.record(goal, session, now)
                self.showing.tell_began(before, goal)
            return goal

    def tell(self, goal: Goal) -> Goal:
        """Send ``goal.ended`` of a goal that has ended, for the sweep (D26). Raises as a call does."""
        with self.tracer.unit("deactivate_goal", goal_id=goal.id):
            self.signals.send(events.GoalEnded.of(goal, triggerer=None))
            return goal

    def _end(self, message: DeactivateGoal, now: datetime) -> Goal | None:
        streamer_id = (message.filters or {}).get("metadata.user_id")
        return self.goals.end(
            message.goal_id,
            now,
            streamer_id=None if streamer_id is None else str(streamer_id),
            metadata=self._answer(message, now),
        )

    def _answer(self, message: DeactivateGoal, now: datetime) -> dict[str, object]:
        """The metadata that the answer adds: when it agreed, or when the cooldown after a refusal is over.

        Without an answer: since when nobody could pay, or an operator's reason.
        """
        if message.triggerer is None:
            unpaid, reason = _time(message, "unpaid"), (message.metadata or {}).get("reason")
            found = {"unpaid": unpaid, "reason": reason}
            return {name: value for name, value in found.items() if value is not None}
        agreed = _time(message, "agreed")
        if agreed is None:
            return {"cooldown": now + self.settings.cooldown}
        return {"agreed": agreed, **self._carried_out(message.goal_id, agreed, now)}

    def _carried_out(self, goal_id: str, agreed: datetime, now: datetime) -> dict[str, object]:
        """An agreement that waited until after the exp counts from now on.

        If it waited until the session was over, it counts only if its show was played meanwhile (D40, D42).
        """
        goal = self.goals.get(goal_id)
        if goal is None or not goal.active:
            return {}
        session = self.sessions.fetch(goal.session_id or "")
        require(session if self._may_agree(goal, agreed, session) else None, SessionOver)
        return {"carried_out": now} if goal.expired(now) else {}

    def _may_agree(self, goal: Goal, agreed: datetime, session: Session | None) -> bool:
        if session is None or session.active:
            return session is not None
        answered = evolve(goal, metadata={**goal.metadata, "agreed": agreed})
        private = goal._cls == names.TRIGGER_PRIVATE_GOAL
        return private and show_began(answered, session, self.settings.settle_delay) is not None


def _time(message: DeactivateGoal, name: str) -> datetime | None:
    time = (message.metadata or {}).get(name)
    return None if time is None else datetime.fromisoformat(time)


def _is_late_timer(goal: Goal, message: DeactivateGoal) -> bool:
    """Whether something else ended the goal before its exp, and told of it."""
    return message.exp is not None and goal.exp is not None and goal.exp < message.exp


def _is_answer(goal: Goal, message: DeactivateGoal) -> bool:
    """Whether the goal ended by this answer. Of an agreement and a refusal, the first one counts."""
    if goal.active:  # the compare-and-set did not match: another streamer's goal
        return False
    if _time(message, "agreed") is not None:
        return goal.agreed is not None
    return "cooldown" in goal.metadata
