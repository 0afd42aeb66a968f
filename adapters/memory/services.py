"""The services around the flow. Each remembers what it was asked to do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from threading import Lock

from ...core.last_sweep import LastSweep
from ...ports.channel_authorizer import ChannelPass
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
    """``data`` by channel. What a test puts there is gone once the channel is invalidated."""

    def __init__(self) -> None:
        self.data: dict[str, object] = {}

    def invalidate(self, channels: Sequence[str]) -> None:
        for channel in channels:
            self.data.pop(channel, None)


class MemoryChannelAuthorizer:
    """``accepts`` plays the channel service. The signing key is no secret: use it only in tests."""

    def authorize(self, socket_id: str, channel: str, member: str | None) -> ChannelPass:
        channel_data = None if member is None else json.dumps({"user_id": member})
        return ChannelPass(auth=_sign(socket_id, channel, channel_data), channel_data=channel_data)

    def accepts(self, socket_id: str, channel: str, given: ChannelPass) -> bool:
        """Whether the pass lets this socket listen on this channel."""
        shows_a_member = given.channel_data is not None
        signed = given.auth == _sign(socket_id, channel, given.channel_data)
        return signed and shows_a_member == channel.startswith("presence-")


def _sign(*signed: str | None) -> str:
    return f"memory:{hashlib.sha256(json.dumps(signed).encode()).hexdigest()}"


class MemorySweeps:
    def __init__(self) -> None:
        self._last: LastSweep | None = None

    def record(self, sweep: LastSweep) -> None:
        self._last = sweep

    def last(self) -> LastSweep | None:
        return self._last


class MemoryRtcSources:
    def __init__(self) -> None:
        self._stopped: dict[str, set[str]] = {}
        self._lock = Lock()

    def stopped(self, streamer_id: str) -> bool:
        """Whether no snapshots may be taken of the streamer's sources now."""
        return bool(self._stopped.get(streamer_id))

    def stop_snapshots(self, streamer_id: str, goal_id: str) -> None:
        with self._lock:
            self._stopped.setdefault(streamer_id, set()).add(goal_id)

    def resume_snapshots(self, streamer_id: str, goal_id: str) -> None:
        with self._lock:
            self._stopped.get(streamer_id, set()).discard(goal_id)
