"""Watches what the world is told: nothing that does not exist, and each event to the channels that it is for."""

from __future__ import annotations

from collections.abc import Mapping

from ...core import names
from ...ports.notifier import Notification
from .records import GoalRecord, Records

EXISTS = "nothing is announced that does not exist (D23, L3)"

SHOWN = (names.SHOW_GOAL, names.EXCLUSIVE_GOAL)


class Announcements:
    """Watches notifier, feed and tracker."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def notifier_notify(self, result: None, notification: Notification) -> None:
        goal = self._records.goal(str(notification.payload["goal_id"]))
        self._exists(notification.event, goal)
        goal.heard.setdefault(notification.event, set()).update(notification.channels)

    def feed_publish(self, result: None, streamer_id: str, goal_id: str, entry: Mapping[str, object]) -> None:
        self._exists(names.GOAL_ADDED, self._records.goal(goal_id))

    def tracker_track(self, result: None, event: str, occurrence: str, properties: Mapping[str, object]) -> None:
        self._exists(event, self._records.goal(str(properties["goal_id"])))

    def _exists(self, event: str, goal: GoalRecord) -> None:
        true = {
            names.GOAL_ADDED: goal.inserted and goal.bound,
            names.GOAL_ENDED: goal.ended is not None,
            names.STREAM_AUTHORIZED: goal.agreed if goal.private else goal.inserted and goal._cls in SHOWN,
            names.KARAOKE_GOAL_UPDATED: goal.inserted and goal._cls == names.KARAOKE_GOAL,
            names.EXCLUSIVE_CLOSED: goal.ended is not None and goal._cls == names.EXCLUSIVE_GOAL,
        }
        if not true.get(event, goal.inserted):
            self._records.broken(EXISTS, f"{event} says of goal {goal.id} what is not so")
