"""Watches who takes no snapshots, and for whose sake (L5, N6)."""

from __future__ import annotations

from ...core.names import EXCLUSIVE_GOAL
from .records import Records

FOR_ITS_SAKE = "snapshots rest for an exclusive goal alone, and until it has ended (N6)"


class Snapshots:
    """Watches the streamers' sources."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.stopped_by: dict[str, set[str]] = {}
        """By streamer: the goals that ask for it."""
        self.changed = False

    def rtc_sources_stop_snapshots(self, result: None, streamer_id: str, goal_id: str) -> None:
        goal = self._records.goal(goal_id)
        if goal._cls != EXCLUSIVE_GOAL or not goal.inserted:
            self._records.broken(FOR_ITS_SAKE, f"{goal._cls} {goal_id} stops them, inserted {goal.inserted}")
        self.stopped_by.setdefault(streamer_id, set()).add(goal_id)
        self.changed = True

    def rtc_sources_resume_snapshots(self, result: None, streamer_id: str, goal_id: str) -> None:
        if self._records.goal(goal_id).ended is None:
            self._records.broken(FOR_ITS_SAKE, f"goal {goal_id} goes on, and snapshots are taken again")
        self.stopped_by.get(streamer_id, set()).discard(goal_id)
        self.changed = True
