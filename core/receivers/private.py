"""The private goal: bound to its session when it is created; when it ends, its viewers get passes and its escrow is
settled (L3)."""

from __future__ import annotations

from ...ports.wallet import whole_escrow
from .. import names
from ..events import GoalCreated, GoalEnded
from ..model import Claim
from ..rules.private_goal import viewer_passes
from ..signals import Outcome
from .announcing import authorize, payers
from .binding import announce_added, give_up
from .lifecycle import settle_in_time
from .receiver import ReceiverPorts


def bind_trigger_private_goal_to_session(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Push ``session.trigger_private_goals`` with Session.TriggerPrivateGoal(goal=goal_id), then send ``goal.added``.

    If the session has ended or another goal has it by now, end this goal instead (D24).
    """
    claim = Claim(goal_id=event.goal_id, exp=event.exp)
    session = ports.sessions.bind_trigger_private_goal(event.session_id, claim, ports.clock.now())
    return give_up(event, ports) if session is None else announce_added(event, ports, session)


def end_private_goal(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Write goal_ended into the session's element, and goal_agreed if the streamer agreed.

    An ended goal's exp is the moment it ended, so every redelivery writes the same time.
    """
    ended = event.exp or ports.clock.now()
    ports.sessions.end_trigger_private_goal(event.session_id, event.goal_id, ended=ended, agreed=event.agreed)
    return Outcome.RAN


def handle_trigger_private_goal_escrow(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Trigger task ``settle_escrow``, due ``settle_delay`` after the end."""
    return settle_in_time(event, ports)


def sync_trigger_goal_session_viewer(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """If the streamer agreed, store a pass for each viewer, for the duration they paid for (D16, D36)."""
    if event.agreed is None:
        return Outcome.SKIPPED
    holds = whole_escrow(ports.wallet, names.escrow_id(event.goal_id))
    ports.passes.admit(event.session_id, viewer_passes(event.agreed, holds, event.metadata))
    return Outcome.RAN


def notify_stream_authorized_for_agreed_trigger_goal(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """If the streamer agreed, send ``stream.authorized`` to each viewer in the goal's breakdown or escrow."""
    streamer = event.streamer_id
    if event.agreed is None or streamer is None:
        return Outcome.SKIPPED
    return authorize(ports, event.goal_id, streamer, payers(ports, event.goal_id, names.escrow_id(event.goal_id)))
