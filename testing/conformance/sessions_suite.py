"""What the parts of the suite for sessions share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import pytest
from attrs import frozen

from ...core.model import Session, ViewerPass
from ...ports.sessions import Sessions
from .examples import NOW, SESSION, a_claim
from .promise import Conformance

Store = Callable[[Session], object]
PrivateGoals = Callable[[str], Sequence[Session.TriggerPrivateGoal]]
Viewers = Callable[[str], Mapping[str, ViewerPass]]
Element = Session.TriggerPrivateGoal
OVER = NOW + timedelta(minutes=1)


@frozen(kw_only=True)
class SessionsUnderTest:
    sessions: Sessions
    """On a store without sessions."""
    store: Store
    """Stores a session as given, replacing the one with its id."""
    private_goals: PrivateGoals
    """From a session's id to all its ``trigger_private_goals``, be it active or not."""
    viewers: Viewers
    """From a session's id to its ``viewers``, be it active or not."""


class SessionsSuite(Conformance[SessionsUnderTest]):
    takes_any_user_id = True
    """False for a store whose user ids must have a form of their own, as an ObjectId has."""

    @pytest.fixture
    def sessions(self, under_test: SessionsUnderTest) -> Sessions:
        return under_test.sessions

    @pytest.fixture
    def store(self, under_test: SessionsUnderTest) -> Store:
        return under_test.store

    @pytest.fixture
    def private_goals(self, under_test: SessionsUnderTest) -> PrivateGoals:
        return under_test.private_goals

    @pytest.fixture
    def viewers(self, under_test: SessionsUnderTest) -> Viewers:
        return under_test.viewers


def a_pass(duration: int) -> ViewerPass:
    return ViewerPass(nbf=NOW, duration=duration)


def fetched(sessions: Sessions) -> Session:
    session = sessions.fetch_active(SESSION)
    assert session is not None, "the active session is not found"
    return session


def bound_to(sessions: Sessions) -> Session:
    session = sessions.bind_trigger_private_goal(SESSION, a_claim(), NOW)
    assert session is not None, "a live claim's goal is bound to its session"
    return session
