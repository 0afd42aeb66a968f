"""A goal's beginning and end: where its session keeps it, when it ends by itself, that it has ended."""

from __future__ import annotations

from collections.abc import Mapping

from ..events import GoalCreated, GoalEnded, GoalProgressed
from ..messages import DeactivateGoal
from ..model import Claim
from ..signals import Outcome
from .binding import announce_added, give_up
from .receiver import ReceiverPorts


def schedule_lifecycle_tasks(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Trigger task ``deactivate_goal`` with goal_id and exp, due at exp; or leave it to the sweeper (D26)."""
    if event.exp is None:
        return Outcome.SKIPPED
    return ports.schedule(DeactivateGoal(goal_id=event.goal_id, exp=event.exp), event.exp)


def bind_trigger_private_goal_to_session(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Push ``session.trigger_private_goals`` with Session.TriggerPrivateGoal(goal=goal_id), then send ``goal.added``.

    When the session has ended in between, or has gone on to another goal, nothing is bound and the goal is ended (D24).
    """
    claim = Claim(goal_id=event.goal_id, exp=event.exp)
    session = ports.sessions.bind_trigger_private_goal(event.session_id, claim, ports.clock.now())
    return give_up(event, ports) if session is None else announce_added(event, ports, session)


def trigger_goal_complete(event: GoalProgressed, ports: ReceiverPorts) -> Outcome:
    """Trigger task ``deactivate_goal`` once progress has reached the last of the goal's levels (N5)."""
    last = event.levels[-1] if event.levels else None
    target = last.get("progress") if isinstance(last, Mapping) else None
    if not isinstance(target, int) or event.progress < target:
        return Outcome.SKIPPED
    ports.task_queue.trigger(DeactivateGoal(goal_id=event.goal_id))
    return Outcome.RAN


def end_neighbour_goal(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """The session's matching field gets its end: funding_ended, show_ended and their like.

    The goal's exp is by now the moment it ended, the same at every redelivery.
    """
    ports.sessions.end_embedded_goal(event.session_id, event.goal_id, ended=event.exp or ports.clock.now())
    return Outcome.RAN
