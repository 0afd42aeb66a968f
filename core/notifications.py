"""What the channels are told about a goal. Everybody may know it, so it has no payer and no metadata (D25)."""

from __future__ import annotations

from ..ports.notifier import Notification
from . import names
from .events import GoalEnded, GoalProgressed


def public(event: GoalProgressed | GoalEnded) -> dict[str, object]:
    """What everybody may know. The metadata says who asked and for how long, so it is left out."""
    return {
        "goal_id": event.goal_id,
        "_cls": event._cls,
        "progress": event.progress,
        "levels": event.levels,
        "conditions": event.conditions,
        "context": event.context,
        "exp": event.exp,
    }


def progress_updated(event: GoalProgressed, streamer_id: str) -> Notification:
    return Notification(
        id=f"{names.GOAL_PROGRESS_UPDATED}:{event.goal_id}:{event.progress}",
        event=names.GOAL_PROGRESS_UPDATED,
        channels=names.announcement_channels(streamer_id),
        payload=public(event),
    )


def karaoke_updated(event: GoalProgressed, streamer_id: str) -> Notification:
    return Notification(
        id=f"{names.KARAOKE_GOAL_UPDATED}:{event.goal_id}:{event.progress}",
        event=names.KARAOKE_GOAL_UPDATED,
        channels=names.announcement_channels(streamer_id),
        payload={"goal_id": event.goal_id, "session_id": event.session_id, "progress": event.progress},
    )
