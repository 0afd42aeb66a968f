"""The escrows of the neighbouring goals: settled like a private goal's, ``settle_delay`` after the end (L6, N7)."""

from __future__ import annotations

from datetime import datetime

from ..events import GoalEnded, GoalProgressed
from ..messages import SettleEscrow
from ..signals import Outcome
from .receiver import ReceiverPorts


def trigger_show_escrow_refund(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Trigger task ``settle_escrow``: it refunds, unless the streamer has earned it."""
    return settle_later(event.goal_id, event.exp, ports)


def trigger_exclusive_goal_escrow_refund(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Trigger task ``settle_escrow``: it refunds, unless the streamer has earned it."""
    return settle_later(event.goal_id, event.exp, ports)


def settle_late_progress(event: GoalProgressed, ports: ReceiverPorts) -> Outcome:
    """Money that is reported after the goal's end triggers ``settle_escrow`` once more (N8)."""
    goal = ports.goals.get(event.goal_id)
    if goal is None or goal.active:
        return Outcome.SKIPPED
    return settle_later(goal.id, goal.exp, ports)


def settle_later(goal_id: str, ended: datetime | None, ports: ReceiverPorts) -> Outcome:
    """Trigger task ``settle_escrow``, due ``settle_delay`` after the end."""
    return ports.schedule(SettleEscrow(goal_id=goal_id), (ended or ports.clock.now()) + ports.settings.settle_delay)
