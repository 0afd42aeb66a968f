"""What goals of several classes have in common: their timer, their completion, their end and their settlement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ..events import GoalCreated, GoalEnded, GoalProgressed
from ..messages import DeactivateGoal, SettleEscrow
from ..signals import Outcome
from .receiver import ReceiverPorts


def schedule_lifecycle_tasks(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Trigger task ``deactivate_goal`` with goal_id and exp, due at exp (D26)."""
    if event.exp is None:
        return Outcome.SKIPPED
    ports.task_queue.trigger(DeactivateGoal(goal_id=event.goal_id, exp=event.exp), eta=event.exp)
    return Outcome.RAN


def trigger_goal_complete(event: GoalProgressed, ports: ReceiverPorts) -> Outcome:
    """Trigger task ``deactivate_goal`` when progress has reached the goal's last level (N5)."""
    last = event.levels[-1] if event.levels else None
    target = last.get("progress") if isinstance(last, Mapping) else None
    if not isinstance(target, int) or event.progress < target:
        return Outcome.SKIPPED
    ports.task_queue.trigger(DeactivateGoal(goal_id=event.goal_id))
    return Outcome.RAN


def end_neighbour_goal(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Write the end into the session's matching field: funding_ended, show_ended and so on.

    An ended goal's exp is the moment it ended, so every redelivery writes the same time.
    """
    ports.sessions.end_embedded_goal(event.session_id, event.goal_id, ended=event.exp or ports.clock.now())
    return Outcome.RAN


def trigger_show_escrow_refund(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Trigger task ``settle_escrow``, which refunds unless the streamer has earned the money (N7)."""
    return settle_later(event.goal_id, event.exp, ports)


def trigger_exclusive_goal_escrow_refund(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Trigger task ``settle_escrow``, which refunds unless the streamer has earned the money (N7)."""
    return settle_later(event.goal_id, event.exp, ports)


def settle_late_progress(event: GoalProgressed, ports: ReceiverPorts) -> Outcome:
    """Trigger ``settle_escrow`` again for money that is reported after the goal has ended (N8)."""
    goal = ports.goals.get(event.goal_id)
    if goal is None or goal.active:
        return Outcome.SKIPPED
    return settle_later(goal.id, goal.exp, ports)


def settle_later(goal_id: str, ended: datetime | None, ports: ReceiverPorts) -> Outcome:
    """Trigger task ``settle_escrow``, due ``settle_delay`` after the end."""
    due = (ended or ports.clock.now()) + ports.settings.settle_delay
    ports.task_queue.trigger(SettleEscrow(goal_id=goal_id), eta=due)
    return Outcome.RAN
