"""What :class:`show_goal.ports.goals.Goals` promises."""

from __future__ import annotations

from .goals_counting import Counting
from .goals_ending import Ending
from .goals_keeping import Keeping
from .goals_linking import Linking
from .goals_sweeping import Sweeping


class GoalsConformance(Sweeping, Linking, Counting, Ending, Keeping):
    """``under_test`` gives the adapter itself, on a store without goals."""
