"""An exclusive show is seen by one viewer: meanwhile nobody takes snapshots of the streamer's sources (L5, N6)."""

from __future__ import annotations

from ..events import GoalCreated, GoalEnded
from ..signals import Outcome
from .receiver import ReceiverPorts


def stop_rtc_snapshots(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Stop the periodic snapshots, for as long as the goal is active: a late redelivery stops nothing."""
    goal = ports.goals.get(event.goal_id)
    if goal is None or goal.streamer_id is None:
        return Outcome.SKIPPED
    ports.rtc_sources.stop_snapshots(goal.streamer_id, goal.id)
    after = ports.goals.get(event.goal_id)
    if after is not None and not after.active:  # it has ended, and its goal.ended may have come first (N2)
        ports.rtc_sources.resume_snapshots(goal.streamer_id, goal.id)
    return Outcome.RAN


def resume_rtc_snapshots(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Snapshots are taken again."""
    streamer = event.streamer_id
    if streamer is None:
        return Outcome.SKIPPED
    ports.rtc_sources.resume_snapshots(streamer, event.goal_id)
    return Outcome.RAN
