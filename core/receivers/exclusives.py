"""Exclusive shows: one viewer's request, the show, the viewer's channel, and no snapshots meanwhile (L5, N6)."""

from __future__ import annotations

from functools import partial

from .. import names
from ..crowd import authorize
from ..events import GoalAdded, GoalCreated, GoalEnded
from ..signals import Outcome
from .announcing import announce
from .binding import EXCLUSIVE, Place, bind, give_up, tell_followed
from .receiver import ReceiverPorts


def bind_exclusive_goal_to_trigger_exclusive_goal(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Set the trigger goal's ``context.exclusive_goal_id`` = goal_id, once the exclusive goal is bound (N7)."""
    place = _place(event, ports)
    return Outcome.SKIPPED if place is None else tell_followed(event, ports, place, EXCLUSIVE)


def bind_trigger_exclusive_goal(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Set ``session.exclusive_goal_pairs.{viewer}`` = {trigger_exclusive_goal}.

    If the request ended without an agreement while it was being bound, remove the pair again (N2, N3).
    """
    viewer_id = _viewer_id(event.goal_id, ports)
    if viewer_id is None:
        return give_up(event, ports)
    outcome = bind(event, ports, partial(ports.sessions.bind_trigger_exclusive_goal, viewer_id=viewer_id))
    goal = ports.goals.get(event.goal_id)
    if goal is not None and not goal.active and goal.agreed is None:
        ports.sessions.drop_exclusive_goal_pair(event.session_id, viewer_id, goal.id)
    return outcome


def bind_exclusive_goal(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Set exclusive_goal on the viewer's pair."""
    place = _place(event, ports)
    return give_up(event, ports) if place is None else bind(event, ports, place, EXCLUSIVE)


def authorize_exclusive_viewer(event: GoalAdded, ports: ReceiverPorts) -> Outcome:
    """Send ``stream.authorized`` to the one viewer (N4)."""
    viewer_id = _viewer_id(event.goal_id, ports)
    if viewer_id is None:
        return Outcome.SKIPPED
    authorize(ports.notifier, event.goal_id, event.streamer_id, [viewer_id])
    return Outcome.RAN


def trigger_exclusive_on_close_notification(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Send ``exclusive.closed`` to the three channels: everybody may come back (N5)."""
    streamer = event.streamer_id
    if streamer is None:
        return Outcome.SKIPPED
    payload = {"goal_id": event.goal_id, "session_id": event.session_id, "streamer_id": streamer}
    return announce(ports, names.EXCLUSIVE_CLOSED, event.goal_id, streamer, payload)


def notify_stream_authorized_for_ended_exclusive_goal(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Send ``stream.authorized`` to the viewer again: what they may see has changed (N4)."""
    viewer_id, streamer = event.triggered_by, event.streamer_id
    if not isinstance(viewer_id, str) or streamer is None:
        return Outcome.SKIPPED
    authorize(ports.notifier, event.goal_id, streamer, [viewer_id], occurrence="ended")
    return Outcome.RAN


def cleanup_expired_exclusive_goal_pairs(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Remove the pair of a request that was not agreed to and has no exclusive goal (N3)."""
    viewer_id = event.triggered_by
    if event.agreed is not None or not isinstance(viewer_id, str):
        return Outcome.SKIPPED
    ports.sessions.drop_exclusive_goal_pair(event.session_id, viewer_id, event.goal_id)
    return Outcome.RAN


def stop_rtc_snapshots(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Stop the periodic snapshots while the goal is active. A late redelivery stops nothing."""
    goal = ports.goals.get(event.goal_id)
    if goal is None or goal.streamer_id is None:
        return Outcome.SKIPPED
    ports.rtc_sources.stop_snapshots(goal.streamer_id, goal.id)
    after = ports.goals.get(event.goal_id)
    if after is not None and not after.active:  # the goal has ended, and goal.ended may have been handled first (N2)
        ports.rtc_sources.resume_snapshots(goal.streamer_id, goal.id)
    return Outcome.RAN


def resume_rtc_snapshots(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Allow snapshots again."""
    streamer = event.streamer_id
    if streamer is None:
        return Outcome.SKIPPED
    ports.rtc_sources.resume_snapshots(streamer, event.goal_id)
    return Outcome.RAN


def _place(event: GoalCreated, ports: ReceiverPorts) -> Place | None:
    """Where the exclusive goal is bound; None if it does not name its viewer and its request."""
    viewer_id, trigger = _viewer_id(event.goal_id, ports), EXCLUSIVE.followed(event)
    if viewer_id is None or trigger is None:
        return None
    return partial(ports.sessions.bind_exclusive_goal, viewer_id=viewer_id, trigger_exclusive_goal=trigger)


def _viewer_id(goal_id: str, ports: ReceiverPorts) -> str | None:
    """The viewer of the exclusive show. Read from the goal: signals must not carry it (D25)."""
    goal = ports.goals.get(goal_id)
    return None if goal is None else goal.triggered_by
