"""What :class:`show_goal.ports.sessions.Sessions` promises."""

from __future__ import annotations

import pytest

from ...core.model import Session, ShowGoalPair
from ...ports.sessions import Sessions
from .examples import EXP, GOAL, GOAL_2, NOW, OVER, SESSION, UNKNOWN_IDS, a_claim, a_session
from .promise import Promise
from .sessions_claims import ClaimsConformance
from .sessions_lapsed import LapsedConformance
from .sessions_preset import PresetConformance
from .sessions_private_goals import PrivateGoalsConformance
from .sessions_sweeping import SweptConformance
from .sessions_under_test import Element


class SessionsConformance(
    ClaimsConformance, PrivateGoalsConformance, SweptConformance, LapsedConformance, PresetConformance
):
    """``under_test`` returns :class:`SessionsUnderTest`: the adapter, and functions that store and read a session."""

    @pytest.mark.parametrize(
        "session",
        [
            a_session(
                preset="preview",
                pricing={"sd": 60, "hd": 0},
                show_goal_pair=ShowGoalPair(funding_goal=GOAL, funding_ended=NOW, show_goal=GOAL_2, show_ended=EXP),
                trigger_private_goal=Element(goal=GOAL, goal_agreed=NOW, goal_ended=EXP),
                claim=a_claim(),
                sd_since=NOW,
                sd_until=OVER,
            ),
            a_session(pricing={}, show_goal_pair=ShowGoalPair(funding_goal=GOAL), claim=a_claim(exp=None)),
        ],
        ids=["every field", "as few as possible"],
    )
    @Promise(Sessions.fetch_active, "whole")
    def test_an_active_session_is_fetched_as_it_is_stored(self, session: Session) -> None:
        self.store(session)
        assert self.sessions.fetch_active(SESSION) == session, "a field changed"

    @Promise(Sessions.fetch_active, "none")
    def test_an_inactive_or_unknown_session_is_not_fetched_d9(self) -> None:
        self.store(a_session(active=False))
        for session_id in (SESSION, *UNKNOWN_IDS):
            assert self.sessions.fetch_active(session_id) is None, f"there is no active session {session_id!r}"

    @pytest.mark.parametrize("active", [True, False])
    @Promise(Sessions.fetch, "any")
    def test_a_session_is_fetched_active_or_not(self, active: bool) -> None:
        session = a_session(active=active, claim=a_claim(), preset="preview", sd_since=NOW, sd_until=OVER)
        self.store(session)
        assert self.sessions.fetch(SESSION) == session, "missing or changed"

    @Promise(Sessions.fetch, "unknown")
    def test_an_unknown_session_is_not_fetched(self) -> None:
        self.store(a_session())
        for unknown in UNKNOWN_IDS:
            assert self.sessions.fetch(unknown) is None, f"{unknown!r} is unknown"
