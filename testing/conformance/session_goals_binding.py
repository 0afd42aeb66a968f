"""The neighbouring goals in a session: what every binding promises."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

import pytest

from ...core.model import ShowGoalPair
from ...ports.session_goals import SessionGoals
from ...ports.sessions import Sessions
from .examples import EXP, GOAL, GOAL_2, MALFORMED_IDS, NOW, SESSION, SESSION_2, TICK, UNKNOWN, a_claim, a_session
from .promise import Promise
from .races import CALLERS, at_once
from .session_goals_suite import (
    ATOMIC,
    BINDINGS,
    OVER,
    Bind,
    SessionGoalsSuite,
    Store,
    exclusive,
    karaoke,
    show,
    trigger_exclusive,
)

BOUND = Promise(
    SessionGoals,
    "bound",
    "They return the session when the goal stands in its place, put there by this call or before, whatever has become "
    "of it since.",
)
NOT_BOUND = Promise(
    SessionGoals,
    "not_bound",
    "They return None when the session is not active (any more), and when the goal does not stand there and was not "
    "put there: it is over, or its place is another's, or not there.",
)
CLAIM = Promise(
    SessionGoals,
    "claim",
    "it is no claim on the session, and the session's own (D2) is neither asked nor changed.",
)


class Binding(SessionGoalsSuite):
    """All five alike."""

    @pytest.mark.parametrize("bind", BINDINGS)
    @BOUND
    def test_binding_returns_the_session_and_a_repeat_changes_nothing_d19(
        self, free_for: Callable[[Bind], Sessions], everything: Callable[[], object], bind: Bind
    ) -> None:
        sessions = free_for(bind)
        before = everything()
        first = bind(sessions, a_claim())
        assert first is not None, "a live goal has its place in an active session"
        assert first == sessions.fetch_active(SESSION), "binding returns the session as it stands"
        bound = everything()
        assert bound != before, "nothing was bound"
        assert bind(sessions, a_claim()) == first, "a redelivery gets the session, to send goal.added again (D23)"
        assert everything() == bound, "a redelivery changed something"

    @pytest.mark.parametrize("bind", BINDINGS)
    @CLAIM
    def test_binding_leaves_the_sessions_claim_alone_d2(self, free_for: Callable[[Bind], Sessions], bind: Bind) -> None:
        session = bind(free_for(bind), a_claim(GOAL_2))
        assert session is not None, "the session's claim is a private goal's, and in nobody's way"
        assert session.claim == a_claim(), "the session's claim is a private goal's, and was changed"

    @pytest.mark.parametrize("bind", BINDINGS)
    @pytest.mark.parametrize(("exp", "bound"), [(NOW, False), (NOW + TICK, True), (None, True)])
    @NOT_BOUND
    def test_a_goal_is_bound_until_just_before_its_exp(
        self, free_for: Callable[[Bind], Sessions], bind: Bind, exp: datetime | None, bound: bool
    ) -> None:
        assert (bind(free_for(bind), a_claim(exp=exp)) is not None) == bound, "exp == now is over"

    @pytest.mark.parametrize("bind", BINDINGS)
    @BOUND
    def test_binding_again_after_the_end_finds_the_goal_d23(
        self, free_for: Callable[[Bind], Sessions], everything: Callable[[], object], bind: Bind
    ) -> None:
        sessions = free_for(bind)
        bind(sessions, a_claim())
        sessions.end_embedded_goal(SESSION, GOAL, ended=OVER)
        ended = everything()
        for now in (NOW, EXP):
            assert bind(sessions, a_claim(), now) is not None, "the goal stands there, however late it is asked for"
        assert everything() == ended, "a goal that has ended was bound anew"

    @pytest.mark.parametrize("bind", BINDINGS)
    @NOT_BOUND
    def test_a_session_that_ended_is_not_bound_d24(self, sessions: Sessions, store: Store, bind: Bind) -> None:
        store(a_session(active=False, show_goal_pair=ShowGoalPair(funding_goal=UNKNOWN)))
        assert bind(sessions, a_claim()) is None, "the session has ended in between"

    @pytest.mark.parametrize("bind", BINDINGS)
    @pytest.mark.parametrize("session_id", [SESSION_2, *MALFORMED_IDS])
    @NOT_BOUND
    def test_a_missing_session_is_not_bound(
        self, free: Sessions, everything: Callable[[], object], bind: Bind, session_id: str
    ) -> None:
        before = everything()
        assert bind(free, a_claim(), NOW, session_id) is None, "a goal was bound to a session that is not there"
        assert everything() == before, "another session was bound"

    @pytest.mark.parametrize("bind", BINDINGS)
    @ATOMIC
    def test_of_many_bindings_at_once_one_binds_d19(
        self, free_for: Callable[[Bind], Sessions], everything: Callable[[], object], bind: Bind
    ) -> None:
        sessions = free_for(bind)
        answers = at_once([partial(bind, sessions, a_claim())] * CALLERS)
        bound = everything()
        assert answers == [sessions.fetch_active(SESSION)] * CALLERS, "every caller gets the session with the goal"
        bind(sessions, a_claim())
        assert everything() == bound, "the race bound it otherwise than a single call does"

    @pytest.mark.parametrize("bind", [show, karaoke, trigger_exclusive, exclusive])
    @ATOMIC
    def test_of_many_goals_at_once_one_has_the_place(self, free_for: Callable[[Bind], Sessions], bind: Bind) -> None:
        sessions = free_for(bind)
        claims = [a_claim(f"60a2{number:020x}") for number in range(CALLERS)]
        answers = at_once([partial(bind, sessions, claim) for claim in claims])
        assert len([answer for answer in answers if answer is not None]) == 1, "one place, one goal"
