"""Where a session keeps the goals of the neighbouring classes (L5)."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from ..core.model import Claim, Session


class SessionGoals(Protocol):
    """A part of :class:`show_goal.ports.sessions.Sessions`. Every method may raise StoreUnavailable, may be repeated
    and is one atomic update of the session's document.

    Those that bind are alike. ``claim`` says which goal, and until when it lives; it is no claim on the session, and
    the session's own (D2) is neither asked nor changed. They return the session when the goal stands in its place,
    put there by this call or before, whatever has become of it since. They return None when the session is not
    active (any more), and when the goal does not stand there and was not put there: it is over, or its place is
    another's, or not there.
    """

    def bind_show_funding_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        """Push ``show_goal_pairs`` {funding_goal} unless it stands there."""
        ...

    def bind_show_goal(self, session_id: str, claim: Claim, now: datetime, *, funding_goal: str) -> Session | None:
        """Set show_goal on the funding goal's pair, unless that has one."""
        ...

    def bind_karaoke_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        """Make it ``karaoke_goal`` {goal, progress: 0}, unless another one that has not ended is."""
        ...

    def bind_trigger_exclusive_goal(
        self, session_id: str, claim: Claim, now: datetime, *, viewer_id: str
    ) -> Session | None:
        """Make it ``exclusive_goal_pairs.{viewer_id}`` {trigger_exclusive_goal}, unless a pair there is not over."""
        ...

    def bind_exclusive_goal(
        self, session_id: str, claim: Claim, now: datetime, *, viewer_id: str, trigger_exclusive_goal: str
    ) -> Session | None:
        """Set exclusive_goal on the viewer's pair, if that is this trigger goal's and has none."""
        ...

    def end_embedded_goal(self, session_id: str, goal_id: str, *, ended: datetime) -> None:
        """Write ``ended`` beside the goal wherever it stands: funding_ended, show_ended, trigger_exclusive_ended,
        exclusive_ended, karaoke_goal.goal_ended. The first writing stays.

        A goal that stands nowhere, or a missing session, is no error. The session need not be active any more.
        """
        ...

    def progress_karaoke_goal(self, session_id: str, goal_id: str, progress: int) -> None:
        """Set ``karaoke_goal.progress``, which only grows, if this is the session's karaoke goal; else nothing."""
        ...

    def drop_exclusive_goal_pair(self, session_id: str, viewer_id: str, goal_id: str) -> None:
        """Remove the viewer's pair if it is this trigger goal's and has no exclusive goal; else nothing."""
        ...
