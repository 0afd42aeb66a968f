"""What the monolith does when it hears ``features.leaderboards``, whoever sends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blinker import signal

leaderboards = signal("features.leaderboards")


def connect(keep_score: Any) -> None:
    """``keep_score`` is the task that does the work: a receiver keeps nobody waiting."""

    def count_goal(
        sender: str, *, goal_id: str, _cls: str, progress: int, metadata: Mapping[str, Any], **_: Any
    ) -> None:
        """A goal that ended counts for its streamer."""
        keep_score.delay(goal_id, _cls, str(metadata["user_id"]), progress)

    leaderboards.connect(count_goal, sender="goal.ended", weak=False)
