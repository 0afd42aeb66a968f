"""What the parts of the suite for the neighbouring goals in a session share (L5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from attrs import frozen

from ...core.model import Claim, ExclusiveGoalPair, Session, SessionKaraoke, ShowGoalPair
from ...ports.session_goals import SessionGoals
from ...ports.sessions import Sessions
from .examples import GOAL, NOW, SESSION, UNKNOWN, VIEWER, a_claim, a_session
from .promise import Conformance, Promise

Store = Callable[[Session], object]
ShowGoalPairs = Callable[[str], Sequence[ShowGoalPair]]
Karaoke = Callable[[str], SessionKaraoke | None]
ExclusiveGoalPairs = Callable[[str], Mapping[str, ExclusiveGoalPair]]
Bind = Callable[..., Session | None]

GOAL_3 = "60a100000000000000000003"
OVER = NOW + timedelta(minutes=1)
FUNDED = ShowGoalPair(funding_goal=GOAL)
ASKED = ExclusiveGoalPair(trigger_exclusive_goal=GOAL)

ATOMIC = Promise(SessionGoals, "atomic", "may be repeated and is one atomic update of the session's document.")


@frozen(kw_only=True)
class SessionGoalsUnderTest:
    sessions: Sessions
    """On a store without sessions."""
    store: Store
    """Stores a session as given."""
    show_goal_pairs: ShowGoalPairs
    """From a session's id to all its ``show_goal_pairs``, be it active or not."""
    karaoke_goal: Karaoke
    """From a session's id to its ``karaoke_goal``, be it active or not."""
    exclusive_goal_pairs: ExclusiveGoalPairs
    """From a session's id to its ``exclusive_goal_pairs``, by viewer."""


def funding(sessions: SessionGoals, claim: Claim, now: datetime = NOW, session_id: str = SESSION) -> Session | None:
    return sessions.bind_show_funding_goal(session_id, claim, now)


def show(sessions: SessionGoals, claim: Claim, now: datetime = NOW, session_id: str = SESSION) -> Session | None:
    """The show of the funding goal UNKNOWN."""
    return sessions.bind_show_goal(session_id, claim, now, funding_goal=UNKNOWN)


def karaoke(sessions: SessionGoals, claim: Claim, now: datetime = NOW, session_id: str = SESSION) -> Session | None:
    return sessions.bind_karaoke_goal(session_id, claim, now)


def trigger_exclusive(
    sessions: SessionGoals, claim: Claim, now: datetime = NOW, session_id: str = SESSION
) -> Session | None:
    return sessions.bind_trigger_exclusive_goal(session_id, claim, now, viewer_id=VIEWER)


def exclusive(sessions: SessionGoals, claim: Claim, now: datetime = NOW, session_id: str = SESSION) -> Session | None:
    """The exclusive show of VIEWER's trigger goal UNKNOWN."""
    return sessions.bind_exclusive_goal(session_id, claim, now, viewer_id=VIEWER, trigger_exclusive_goal=UNKNOWN)


BINDINGS = [funding, show, karaoke, trigger_exclusive, exclusive]


class SessionGoalsSuite(Conformance[SessionGoalsUnderTest]):
    @pytest.fixture
    def sessions(self, under_test: SessionGoalsUnderTest) -> Sessions:
        return under_test.sessions

    @pytest.fixture
    def store(self, under_test: SessionGoalsUnderTest) -> Store:
        return under_test.store

    @pytest.fixture
    def show_goal_pairs(self, under_test: SessionGoalsUnderTest) -> ShowGoalPairs:
        return under_test.show_goal_pairs

    @pytest.fixture
    def karaoke_goal(self, under_test: SessionGoalsUnderTest) -> Karaoke:
        return under_test.karaoke_goal

    @pytest.fixture
    def exclusive_goal_pairs(self, under_test: SessionGoalsUnderTest) -> ExclusiveGoalPairs:
        return under_test.exclusive_goal_pairs

    @pytest.fixture
    def everything(self, under_test: SessionGoalsUnderTest) -> Callable[[], object]:
        """All goals that SESSION keeps."""

        def everything() -> object:
            pairs, exclusive_pairs = under_test.show_goal_pairs(SESSION), under_test.exclusive_goal_pairs(SESSION)
            return [*pairs], under_test.karaoke_goal(SESSION), dict(exclusive_pairs)

        return everything

    @pytest.fixture
    def free(self, sessions: Sessions, store: Store) -> Sessions:
        """SESSION has a place for every goal: a funding goal without show, a trigger goal without exclusive goal."""
        store(a_session(claim=a_claim()))
        sessions.bind_show_funding_goal(SESSION, a_claim(UNKNOWN), NOW)
        sessions.bind_trigger_exclusive_goal(SESSION, a_claim(UNKNOWN), NOW, viewer_id=VIEWER)
        return sessions

    @pytest.fixture
    def free_for(self, free: Sessions) -> Callable[[Bind], Sessions]:
        """A trigger goal's place is taken by the one that an exclusive goal follows: that one is over."""

        def free_for(bind: Bind) -> Sessions:
            if bind is trigger_exclusive:
                free.end_embedded_goal(SESSION, UNKNOWN, ended=NOW)
            return free

        return free_for
