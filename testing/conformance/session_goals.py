"""What :class:`show_goal.ports.session_goals.SessionGoals` promises: the neighbouring goals in a session (L5)."""

from __future__ import annotations

from .session_goals_binding import Binding
from .session_goals_ending import Ending
from .session_goals_places import Places


class SessionGoalsConformance(Ending, Places, Binding):
    """``under_test`` gives :class:`SessionGoalsUnderTest`: an adapter of the port Sessions, of which this is a part,
    with what stores a session and what reads the goals in it.
    """
