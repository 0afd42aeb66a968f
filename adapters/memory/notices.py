"""Feed, tracker, notifier and channel cache that remember what they were told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...ports.notifier import Notification


class MemoryNotifier:
    def __init__(self) -> None:
        self.notifications: list[Notification] = []

    def notify(self, notification: Notification) -> None:
        notification.encode()  # refuses what the real service would refuse
        self.notifications.append(notification)


class MemoryFeed:
    """``entries`` by streamer and goal."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], Mapping[str, object]] = {}

    def publish(self, streamer_id: str, goal_id: str, entry: Mapping[str, object]) -> None:
        self.entries.setdefault((streamer_id, goal_id), entry)


class MemoryTracker:
    """``tracked`` by event and occurrence."""

    def __init__(self) -> None:
        self.tracked: dict[tuple[str, str], Mapping[str, object]] = {}

    def track(self, event: str, occurrence: str, properties: Mapping[str, object]) -> None:
        self.tracked.setdefault((event, occurrence), properties)


class MemoryChannelCache:
    """``data`` by channel: what a test puts there is gone once the channel is invalidated."""

    def __init__(self) -> None:
        self.data: dict[str, object] = {}

    def invalidate(self, channels: Sequence[str]) -> None:
        for channel in channels:
            self.data.pop(channel, None)
