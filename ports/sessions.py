"""The sessions of the platform, as far as a private goal reads and writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from attrs import frozen

from ..core.model import Claim, Session, ViewerPass
from .session_goals import SessionGoals


@frozen(kw_only=True)
class PresetSwitch:
    """The session as it stands, and the preset it had before."""

    session: Session
    from_preset: str | None


class Sessions(SessionGoals, Protocol):
    """Every method may raise StoreUnavailable; every one may be repeated."""

    def fetch_active(self, session_id: str) -> Session | None:
        """The active session, every field of it as it stands.

        None when the session is missing, inactive or its id is malformed (D9).
        Costs the same however many goals the session has had.
        """
        ...

    def claim(self, session_id: str, claim: Claim, now: datetime) -> Claim | None:
        """Take the session for ``claim`` unless a live claim stands; return what stands (D2).

        Atomic: of any number of callers at once, one sets its claim and all get that one. A live claim stands, and
        repeating it changes nothing. A claim is live while exp > now, and without exp for ever. It stands as it was
        made, with its first viewer (D16). None when the session is not active (any more).
        """
        ...

    def bind_trigger_private_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        """Push ``Session.TriggerPrivateGoal(goal=claim.goal_id)`` unless it stands there; return the session.

        The goal is pushed at the end of the list, and nothing else changes. Atomic; repeating it pushes nothing,
        however late, and returns the session (D19). Pushes only while ``claim`` is live, here and as the session has
        it. Pushes only while no other live claim holds the session. None when the session has ended, or when the goal
        does not stand there and was not pushed: it is over, or the session has gone on to another (D24).
        """
        ...

    def end_trigger_private_goal(
        self, session_id: str, goal_id: str, *, ended: datetime, agreed: datetime | None
    ) -> None:
        """Write goal_ended and goal_agreed into the goal's element, and into no other.

        The element keeps its first writing, whoever races (D19). The goal's claim ends at the earliest ``ended``, and
        no other's does. An element, a claim or a session that is not there is no error. The session need not be active
        any more.
        """
        ...

    def unbound(self, now: datetime, limit: int) -> Sequence[Session]:
        """Active sessions whose live claim was never bound: its create_goal is late, or lost.

        Up to ``limit`` of them are returned.
        Costs no more than what it returns, however many sessions are stored.
        """
        ...

    def admit_viewers(self, session_id: str, viewers: Mapping[str, ViewerPass]) -> None:
        """Set ``session.viewers.{viewer_id}`` = {nbf, duration, exp} for each (L3).

        Atomic for each viewer: viewers admitted at once are all admitted. A pass that begins later stands, so that a
        repeat for an old goal takes nothing away. ``viewer_id`` may be any text. A session that is missing is no error,
        and one that is inactive admits them.
        """
        ...

    def switch_preset(self, streamer_id: str, preset: str) -> PresetSwitch | None:
        """Set ``status.preset`` of the streamer's active session, and nothing else (L4).

        None when the streamer has no active session. Atomic: each of many at once says what stood before it.
        """
        ...
