"""What goals of several classes have in common: their timer, their completion, their end and their settlement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from ..events import GoalCreated, GoalEnded, GoalProgressed
from ..messages import DeactivateGoal, SettleEscrow
from ..signals import Outcome
from .receiver import ReceiverPorts

LATE = timedelta(seconds=1)


def schedule_lifecycle_tasks(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Trigger task ``deactivate_goal`` with goal_id and exp, due at exp (D26)."""
    if event.exp is None:
        return Outcome.SKIPPED
    ports.task_queue.trigger(DeactivateGoal(goal_id=event.goal_id, exp=event.exp), eta=event.exp)
    return Outcome.RAN


def trigger_goal_complete(event: GoalProgressed, ports: ReceiverPorts) -> Outcome:
    """Trigger task ``deactivate_goal`` when progress has reached the goal's last level (N5).

    Then end the goal, so that the payments behind this one do not trigger it again.
    """
    last = event.levels[-1] if event.levels else None
    target = last.get("progress") if isinstance(last, Mapping) else None
    if not event.active or not isinstance(target, int) or event.progress < target:
        return Outcome.SKIPPED
    ports.task_queue.trigger(DeactivateGoal(goal_id=event.goal_id))
    ports.goals.end(event.goal_id, ports.clock.now())
    return Outcome.RAN


def end_neighbour_goal(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Write the end into the session's matching field: funding_ended, show_ended and so on.

    An ended goal's exp is the moment it ended, so every redelivery writes the same time.
    """
    ports.sessions.end_embedded_goal(event.session_id, event.goal_id, ended=event.exp or ports.clock.now())
    return Outcome.RAN


def trigger_show_escrow_refund(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Trigger task ``settle_escrow``, which refunds unless the streamer has earned the money (N7)."""
    return settle_in_time(event, ports)


def trigger_exclusive_goal_escrow_refund(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Trigger task ``settle_escrow``, which refunds unless the streamer has earned the money (N7)."""
    return settle_in_time(event, ports)


def settle_late_progress(event: GoalProgressed, ports: ReceiverPorts) -> Outcome:
    """Trigger ``settle_escrow`` again for money that is reported after the goal has ended (N8)."""
    goal = ports.goals.get(event.goal_id)
    if goal is None or goal.active:
        return Outcome.SKIPPED
    return _settle(goal.id, _due(goal.ended, ports), ports)


def settle_in_time(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Trigger task ``settle_escrow``, due ``settle_delay`` after the end. A late one is left to the sweep.

    A sweep settles each goal that it ends late, and must not fill the queue with the same work (D26).
    """
    due = _due(event.ended, ports)
    return Outcome.SKIPPED if due + LATE < ports.clock.now() else _settle(event.goal_id, due, ports)


def _due(ended: datetime | None, ports: ReceiverPorts) -> datetime:
    return (ended or ports.clock.now()) + ports.settings.settle_delay


def _settle(goal_id: str, due: datetime, ports: ReceiverPorts) -> Outcome:
    ports.task_queue.trigger(SettleEscrow(goal_id=goal_id), eta=due)
    return Outcome.RAN
