"""The platform's sessions, as far as a private goal reads and writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from attrs import frozen

from ..core.model import Claim, Session
from .page import Page
from .session_goals import SessionGoals


@frozen(kw_only=True)
class PresetSwitch:
    """The session after the switch, and the preset before it."""

    session: Session
    from_preset: str | None


class Sessions(SessionGoals, Protocol):
    """Sessions, by id.

    Each method is one atomic update of the session. A malformed id is an unknown id. Every method may raise
    StoreUnavailable, and may be repeated.
    """

    def fetch_active(self, session_id: str) -> Session | None:
        """Return the active session.

        The cost must not grow with the number of goals that the session has had.

        Promises:
            - whole: Every field of the session as it is stored.
            - none: None if the session is unknown or not active (D9).
        """
        ...

    def fetch(self, session_id: str) -> Session | None:
        """Return the session, whether or not it is active. Otherwise like ``fetch_active``.

        Promises:
            - any: An active session and an inactive one, every field as it is stored.
            - unknown: None if the session is unknown.
        """
        ...

    def claim(self, session_id: str, claim: Claim, now: datetime) -> Claim | None:
        """Claim the session for a private goal, unless another claim is live. Return the claim that is stored (D2).

        Promises:
            - takes: A session without a live claim gets ``claim``, and nothing else changes.
            - stands: A live claim stays as it is, and is returned.
            - live: A claim is live while its exp is later than ``now``. A claim without exp is always live.
            - whole: A claim is stored with every field, also who invited first and for how long (D16).
            - one: Of many claims at once, one is stored, and every caller gets that one.
            - none: None if the session is unknown or not active.
        """
        ...

    def renew_claim(self, session_id: str, goal_id: str, *, renewed: bool = True) -> bool:
        """Mark the goal's claim as renewed, and return whether this call did it.

        Who gets True may trigger the goal's ``create_goal`` once more (D2). Whoever could not trigger it takes the mark
        back, with ``renewed`` False.

        Promises:
            - renews: ``renewed`` becomes True, and nothing else changes.
            - once: A claim is renewed once, even if many calls race.
            - unbound: The claim of a goal that is bound is not renewed.
            - back: A claim whose mark was taken back is renewed once more.
            - none: False if the session is unknown or not active, or another goal has its claim.
        """
        ...

    def bind_trigger_private_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        """Append the goal ``claim.goal_id`` to ``trigger_private_goals`` while its claim is live. Return the session.

        Promises:
            - pushes: The goal becomes the last of the list, and nothing else changes.
            - once: A goal is in the list once, even if many calls race. A repeat returns the session, however late
              (D19).
            - live: A goal whose claim is over, in the call or in the session, is not appended.
            - free: A goal is not appended while another goal's live claim holds the session.
            - none: None if the goal is not in the list afterwards, and if the session is unknown or not active (D24).
        """
        ...

    def end_trigger_private_goal(
        self, session_id: str, goal_id: str, *, ended: datetime, agreed: datetime | None
    ) -> Session | None:
        """Write ``goal_ended`` and ``goal_agreed`` beside the goal, and end the goal's claim. Return the session.

        ``agreed`` is None if the streamer did not agree.

        Promises:
            - writes: Both times are written beside this goal, and beside no other.
            - first: The first times stay, even if many calls race (D19).
            - claim: The goal's claim gets the earlier of its exp and ``ended``. Another goal's claim is unchanged.
            - missing: An unknown session, goal or claim is no error.
            - inactive: A goal of an inactive session is ended too.
            - returned: The session as it is afterwards, active or not; None if it is unknown.
        """
        ...

    def drop_trigger_private_goal(self, session_id: str, goal_id: str, *, ended: datetime) -> None:
        """Take the goal out of ``trigger_private_goals``, and end its claim: nobody could pay for it (D33).

        Promises:
            - drops: This goal leaves the list, bound or not, and no other one does. Nothing else changes.
            - claim: The goal's claim gets the earlier of its exp and ``ended``. Another goal's claim is unchanged.
            - told: The goal's claim has not lapsed: its viewer knows.
            - missing: An unknown session, goal or claim is no error.
        """
        ...

    def unbound(self, now: datetime, limit: int, after: str | None = None) -> Page[Session]:
        """Return sessions whose claimed goal was never bound, because its ``create_goal`` is late or lost.

        The cost must depend on ``limit``, not on how many sessions are stored.

        Promises:
            - late: Active sessions with a live claim whose goal is not bound.
            - limit: At most ``limit`` sessions.
            - pages: Each session is on one page, also if several claims have the same exp or none, and whatever happens
              to the sessions of earlier pages.
        """
        ...

    def over(self, now: datetime, limit: int, after: str | None = None) -> Page[Session]:
        """Return sessions that are over, and are claimed all the same (D42). The sweeper ends their goals.

        The cost must depend on ``limit``, not on how many sessions are stored.

        Promises:
            - over: Inactive sessions whose claim has an exp later than ``now``.
            - limit: At most ``limit`` sessions.
            - pages: Each session is on one page, also if several claims have the same exp, and whatever happens to the
              sessions of earlier pages.
        """
        ...

    def lapsed(self, before: datetime, limit: int, after: str | None = None) -> Page[Session]:
        """Return sessions whose claim expired before its goal was bound (D34). The sweeper tells the claim's viewer.

        The cost must depend on ``limit``, not on how many sessions are stored.

        Promises:
            - lapsed: Sessions, active or not, whose claim has an exp of ``before`` or earlier, is not closed, and has
              no bound goal.
            - limit: At most ``limit`` sessions.
            - pages: Each session is on one page, also if several claims have the same exp, and whatever happens to the
              sessions of earlier pages.
        """
        ...

    def close_claim(self, session_id: str, goal_id: str) -> None:
        """Note that nobody is to be told of the goal's claim any more (D34).

        Promises:
            - closed: The claim is not listed by ``lapsed`` any more, and nothing else changes.
            - other: Another goal's claim is unchanged.
            - missing: An unknown session or claim is no error.
        """
        ...

    def switch_preset(
        self, streamer_id: str, preset: str, now: datetime, session_id: str | None = None
    ) -> PresetSwitch | None:
        """Set ``status.preset`` of the streamer's active session, and note when it is on sd (L4, D40).

        Promises:
            - switches: The preset changes, ``sd_since`` and ``sd_until`` as said below, and nothing else. The result
              says which preset it was before.
            - which: Of several active sessions the one with ``session_id`` is switched, else the newest: the one with
              the greatest id (D41).
            - to_sd: A switch to sd sets ``sd_since`` to ``now`` and ``sd_until`` to None. If the session is on sd
              already, both stay.
            - from_sd: A switch from sd to another preset sets ``sd_until`` to ``now``. If the session does not say
              since when it is on sd, ``sd_since`` becomes ``now``, too. Any other switch leaves both.
            - none: None if the streamer has no active session.
            - at_once: Of many switches at once, each result says which preset was before that switch.
        """
        ...
