"""What follows from a private goal's end: the session knows, viewers come in, the escrow is settled (L3)."""

from __future__ import annotations

from .. import names
from ..events import GoalEnded
from ..rules.private_goal import viewer_passes
from ..signals import Outcome
from .authorizing import authorize, payers
from .escrow import settle_later
from .receiver import ReceiverPorts


def end_private_goal(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """The session's matching element gets goal_ended, and goal_agreed when the streamer agreed.

    The goal's exp is by now the moment it ended, the same at every redelivery.
    """
    ports.sessions.end_trigger_private_goal(
        event.session_id, event.goal_id, ended=event.exp or ports.clock.now(), agreed=event.agreed
    )
    return Outcome.RAN


def notify_stream_authorized_for_agreed_trigger_goal(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Event ``stream.authorized`` to each viewer in the goal's breakdown or escrow, many channels a call."""
    streamer = event.streamer_id
    if event.agreed is None or streamer is None:
        return Outcome.SKIPPED
    return authorize(ports, event.goal_id, streamer, payers(ports, event.goal_id, names.escrow_id(event.goal_id)))


def sync_trigger_goal_session_viewer(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """``session.viewers.{viewer_id}`` of an agreed goal: each viewer by the duration they paid for (D16)."""
    if event.agreed is None:
        return Outcome.SKIPPED
    holds = ports.wallet.holds_of(names.escrow_id(event.goal_id))
    ports.sessions.admit_viewers(event.session_id, viewer_passes(event.agreed, holds, event.metadata))
    return Outcome.RAN


def handle_trigger_private_goal_escrow(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Trigger task ``settle_escrow``, due ``settle_delay`` after the end."""
    return settle_later(event.goal_id, event.exp, ports)
