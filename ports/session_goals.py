"""The goals of the neighbouring classes that a session keeps (L5)."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from ..core.model import Claim, Session


class SessionGoals(Protocol):
    """A part of :class:`show_goal.ports.sessions.Sessions`.

    The five methods ``bind_*`` put a goal into its slot in the session, and return the session. ``claim`` says which
    goal, and when it expires; it does not claim the session. Every method may raise StoreUnavailable.

    Promises:
        - bound: A bind returns the session if the goal is in its slot, or was put there by an earlier call. A repeat
          changes nothing.
        - not_bound: A bind returns None if the session is unknown or not active, or the goal has expired, or its slot
          is taken or missing.
        - claim: A bind works with any claim on the session, and leaves it unchanged (D2).
        - atomic: Each method is one atomic update. Of many calls at once, one takes a slot and no write is lost.
    """

    def bind_show_funding_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        """Append a pair with this funding goal to ``show_goal_pairs``.

        Promises:
            - pushed: The pair becomes the last of the list, once.
        """
        ...

    def bind_show_goal(self, session_id: str, claim: Claim, now: datetime, *, funding_goal: str) -> Session | None:
        """Put the show into the pair of its funding goal.

        Promises:
            - set: The pair of ``funding_goal`` gets the show, unless it has one.
        """
        ...

    def bind_karaoke_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        """Make the goal the session's ``karaoke_goal``, with progress 0.

        Promises:
            - set: The slot is free if it is empty or its goal has ended.
        """
        ...

    def bind_trigger_exclusive_goal(
        self, session_id: str, claim: Claim, now: datetime, *, viewer_id: str
    ) -> Session | None:
        """Make the goal the viewer's request for an exclusive show: a new pair in ``exclusive_goal_pairs``.

        ``viewer_id`` may be any text.

        Promises:
            - set: The slot is free if the viewer has no pair, or both goals of the pair have ended.
        """
        ...

    def bind_exclusive_goal(
        self, session_id: str, claim: Claim, now: datetime, *, viewer_id: str, trigger_exclusive_goal: str
    ) -> Session | None:
        """Put the exclusive show into the pair of its request.

        Promises:
            - set: The viewer's pair gets the show if it is the pair of ``trigger_exclusive_goal`` and has none.
        """
        ...

    def end_embedded_goal(self, session_id: str, goal_id: str, *, ended: datetime) -> None:
        """Write ``ended`` beside the goal: in ``funding_ended``, ``show_ended``, ``trigger_exclusive_ended``,
        ``exclusive_ended`` or ``karaoke_goal.goal_ended``.

        Promises:
            - written: The time is written beside this goal, wherever the session keeps it, and beside no other.
            - once: The first time stays.
            - nowhere: An unknown session or goal is no error.
            - inactive: A goal of an inactive session is ended too.
        """
        ...

    def progress_karaoke_goal(self, session_id: str, goal_id: str, progress: int) -> None:
        """Set ``karaoke_goal.progress``.

        Promises:
            - grows: Progress only grows. A goal that is not the session's karaoke goal changes nothing.
        """
        ...

    def drop_exclusive_goal_pair(self, session_id: str, viewer_id: str, goal_id: str) -> None:
        """Remove the viewer's pair if the request ended without an exclusive show.

        Promises:
            - dropped: The pair of the request ``goal_id`` is removed if it has no exclusive goal. Other pairs stay.
        """
        ...
