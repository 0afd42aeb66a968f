"""Which streamers' sources are not to be taken snapshots of."""

from __future__ import annotations

from threading import Lock


class MemoryRtcSources:
    def __init__(self) -> None:
        self._stopped: dict[str, set[str]] = {}
        self._lock = Lock()

    def stopped(self, streamer_id: str) -> bool:
        """What the one who takes the snapshots asks before each."""
        return bool(self._stopped.get(streamer_id))

    def stop_snapshots(self, streamer_id: str, goal_id: str) -> None:
        with self._lock:
            self._stopped.setdefault(streamer_id, set()).add(goal_id)

    def resume_snapshots(self, streamer_id: str, goal_id: str) -> None:
        with self._lock:
            self._stopped.get(streamer_id, set()).discard(goal_id)
