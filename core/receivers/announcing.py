"""Telling the world: the feed, the channels, the caches behind them, the statistics."""

from __future__ import annotations

from collections.abc import Mapping

from ...ports.notifier import Notification
from .. import names
from ..events import GoalAdded, GoalCreated, GoalEnded, GoalProgressed
from ..signals import Outcome
from .receiver import ReceiverPorts


def track_goals(event: GoalCreated | GoalProgressed | GoalEnded, ports: ReceiverPorts) -> Outcome:
    occurrence = event.insert_id if isinstance(event, GoalProgressed) else event.goal_id
    ports.tracker.track(event.sender, occurrence, event.payload())
    return Outcome.RAN


def generate_livestream_feed(event: GoalAdded, ports: ReceiverPorts) -> Outcome:
    ports.feed.publish(event.streamer_id, event.goal_id, event.payload())
    return Outcome.RAN


def trigger_notify_goal_added(event: GoalAdded, ports: ReceiverPorts) -> Outcome:
    """Event ``goal.added`` to the three channels: its own arguments alone, no payer and no price (D25)."""
    return announce(ports, event.sender, event.goal_id, event.streamer_id, event.payload())


def notify_goal_progress_updated(event: GoalProgressed, ports: ReceiverPorts) -> Outcome:
    """Event ``goal.progress.updated`` to the same three: how far, and never by whom (L1, D25)."""
    streamer = event.streamer_id
    if streamer is None:
        return Outcome.SKIPPED
    occurrence = f"{event.goal_id}:{event.progress}"
    return announce(ports, names.GOAL_PROGRESS_UPDATED, occurrence, streamer, _public(event))


def notify_goal_ended(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Event ``goal.ended`` to the same three, with when it was agreed, or null (L3, D25)."""
    streamer = event.streamer_id
    if streamer is None:
        return Outcome.SKIPPED
    payload = {**_public(event), "active": event.active, "agreed": event.agreed}
    return announce(ports, event.sender, event.goal_id, streamer, payload)


def invalidate_cached_pusher_channel_data(
    event: GoalAdded | GoalProgressed | GoalEnded, ports: ReceiverPorts
) -> Outcome:
    streamer = event.streamer_id
    if streamer is None:
        return Outcome.SKIPPED
    ports.channel_cache.invalidate(names.cached_channels(streamer))
    return Outcome.RAN


def announce(
    ports: ReceiverPorts, event: str, occurrence: str, streamer: str, payload: Mapping[str, object]
) -> Outcome:
    """Send the event to the three channels. ``occurrence`` is the same at every repeat (D23)."""
    ports.notifier.notify(
        Notification(
            id=f"{event}:{occurrence}", event=event, channels=names.announcement_channels(streamer), payload=payload
        )
    )
    return Outcome.RAN


def _public(event: GoalProgressed | GoalEnded) -> dict[str, object]:
    """What everybody may know. Metadata says who asked and for how long, so it stays inside."""
    return {
        "goal_id": event.goal_id,
        "_cls": event._cls,
        "progress": event.progress,
        "levels": event.levels,
        "conditions": event.conditions,
        "context": event.context,
        "exp": event.exp,
    }
