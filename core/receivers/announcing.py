"""What tells others about a goal: the feed, the channels, the cached channel data, the statistics."""

from __future__ import annotations

from collections.abc import Mapping

from ...ports.notifier import Notification
from .. import names
from ..events import GoalAdded, GoalCreated, GoalEnded, GoalProgressed
from ..messages import AnnounceProgress
from ..model import AT_ONCE
from ..notifications import progress_updated, public
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
    """Send ``goal.added`` to the three channels: the arguments of the signal, no payer and no price (D25)."""
    return announce(ports, event.sender, event.goal_id, event.streamer_id, event.payload())


def notify_goal_progress_updated(event: GoalProgressed, ports: ReceiverPorts) -> Outcome:
    """Send ``goal.progress.updated`` to the three channels: the progress, not who paid (L1, D25).

    At most once a second for a goal. The second payment in a second triggers task ``announce_progress``, due at its
    end, and the others have nothing to do.
    """
    streamer = event.streamer_id
    if streamer is None or event.announce_in is None:
        return Outcome.SKIPPED
    if event.announce_in > AT_ONCE:
        message = AnnounceProgress(goal_id=event.goal_id, insert_id=event.insert_id)
        ports.task_queue.trigger(message, eta=ports.clock.now() + event.announce_in)
    else:
        ports.notifier.notify(progress_updated(event, streamer))
    return Outcome.RAN


def notify_goal_ended(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Send ``goal.ended`` to the three channels, with the time of the agreement or null (L3, D25)."""
    streamer = event.streamer_id
    if streamer is None:
        return Outcome.SKIPPED
    payload = {**public(event), "active": event.active, "agreed": event.agreed}
    return announce(ports, event.sender, event.goal_id, streamer, payload)


def invalidate_cached_pusher_channel_data(
    event: GoalAdded | GoalProgressed | GoalEnded, ports: ReceiverPorts
) -> Outcome:
    """The cached data is what the channels heard last. So progress that is announced later invalidates it then."""
    streamer = event.streamer_id
    if streamer is None or (isinstance(event, GoalProgressed) and event.announce_in != AT_ONCE):
        return Outcome.SKIPPED
    ports.channel_cache.invalidate(names.cached_channels(streamer))
    return Outcome.RAN


def announce(
    ports: ReceiverPorts, event: str, occurrence: str, streamer: str, payload: Mapping[str, object]
) -> Outcome:
    """Send the event to the three channels. A repeat has the same ``occurrence`` (D23)."""
    ports.notifier.notify(
        Notification(
            id=f"{event}:{occurrence}", event=event, channels=names.announcement_channels(streamer), payload=payload
        )
    )
    return Outcome.RAN
