"""Karaoke: a session has one karaoke goal at a time and shows its progress (L5)."""

from __future__ import annotations

from ..events import GoalCreated, GoalProgressed
from ..names import KARAOKE_GOAL_UPDATED
from ..signals import Outcome
from .announcing import announce
from .binding import bind
from .receiver import ReceiverPorts


def bind_karaoke_goal_to_session(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Set ``session.karaoke_goal`` = {goal, progress: 0}."""
    return bind(event, ports, ports.sessions.bind_karaoke_goal)


def update_and_notify_session_karaoke_goal(event: GoalProgressed, ports: ReceiverPorts) -> Outcome:
    """Set ``session.karaoke_goal.progress`` and send ``session.karaoke-goal-updated`` to the three channels (N5)."""
    session_id, streamer = event.session_id, event.streamer_id
    ports.sessions.progress_karaoke_goal(session_id, event.goal_id, event.progress)
    if streamer is None:
        return Outcome.RAN
    payload = {"goal_id": event.goal_id, "session_id": session_id, "progress": event.progress}
    return announce(ports, KARAOKE_GOAL_UPDATED, f"{event.goal_id}:{event.progress}", streamer, payload)
