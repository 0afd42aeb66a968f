"""What a session keeps of the neighbouring goals besides its show_goal_pairs (L5)."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen


@frozen(kw_only=True)
class SessionKaraoke:
    """``session.karaoke_goal``: the one that goes on, or the last one."""

    goal: str
    progress: int = 0
    goal_ended: datetime | None = None


@frozen(kw_only=True)
class ExclusiveGoalPair:
    """``session.exclusive_goal_pairs.{viewer_id}``: a viewer's request for an exclusive show, and the show."""

    trigger_exclusive_goal: str
    trigger_exclusive_ended: datetime | None = None
    exclusive_goal: str | None = None
    exclusive_ended: datetime | None = None

    @property
    def over(self) -> bool:
        """Whether the viewer's next request takes its place (N3)."""
        return self.trigger_exclusive_ended is not None and (
            self.exclusive_goal is None or self.exclusive_ended is not None
        )
