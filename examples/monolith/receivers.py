"""The monolith's receivers of ``features.leaderboards``: of its own goals, and of Show Goal's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blinker import signal

leaderboards = signal("features.leaderboards")


def connect(keep_score: Any) -> None:
    """Connect the receivers. ``keep_score`` is a task that does the work, so that no sender waits for it."""

    def count_goal(
        sender: str, *, goal_id: str, _cls: str, progress: int, metadata: Mapping[str, Any], **_: Any
    ) -> None:
        """An ended goal counts for its streamer."""
        keep_score.delay(goal_id, _cls, str(metadata["user_id"]), progress)

    leaderboards.connect(count_goal, sender="goal.ended", weak=False)
