"""What :class:`show_goal.ports.sessions.Sessions` promises."""

from __future__ import annotations

from .sessions_binding import Binding
from .sessions_claiming import Claiming
from .sessions_ending import Ending
from .sessions_suite import SessionsUnderTest
from .sessions_viewers import Showing

__all__ = ["SessionsConformance", "SessionsUnderTest"]


class SessionsConformance(Showing, Ending, Binding, Claiming):
    """``under_test`` gives :class:`SessionsUnderTest`: the adapter, with what stores a session and looks at it."""
