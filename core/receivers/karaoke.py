"""Karaoke: a session has one karaoke goal at a time and shows its progress (L5)."""

from __future__ import annotations

from ..events import GoalCreated, GoalProgressed
from ..model import AT_ONCE
from ..notifications import karaoke_updated
from ..signals import Outcome
from .binding import bind
from .receiver import ReceiverPorts


def bind_karaoke_goal_to_session(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Set ``session.karaoke_goal`` = {goal, progress: 0}."""
    return bind(event, ports, ports.sessions.bind_karaoke_goal)


def update_and_notify_session_karaoke_goal(event: GoalProgressed, ports: ReceiverPorts) -> Outcome:
    """Set ``session.karaoke_goal.progress`` and send ``session.karaoke-goal-updated`` to the three channels (N5).

    It is sent at most once a second, like the progress itself: task ``announce_progress`` sends it late.
    """
    ports.sessions.progress_karaoke_goal(event.session_id, event.goal_id, event.progress)
    if event.streamer_id is not None and event.announce_in == AT_ONCE:
        ports.notifier.notify(karaoke_updated(event, event.streamer_id))
    return Outcome.RAN
