"""Sessions: what ``bind_trigger_private_goal`` and ``unbound`` promise."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import pytest
from attrs import evolve

from ...core.model import Claim
from ...ports.sessions import Sessions
from .examples import (
    EXP,
    GOAL,
    GOAL_2,
    MALFORMED_IDS,
    NOW,
    SESSION,
    STREAMER,
    TICK,
    UNKNOWN,
    a_claim,
    a_session,
    many_claims,
)
from .promise import Promise
from .races import CALLERS, at_once
from .sessions_suite import OVER, Element, PrivateGoals, SessionsSuite, Store, bound_to, fetched

PUSHES = Promise(
    Sessions.bind_trigger_private_goal,
    "pushes",
    "The goal is pushed at the end of the list, and nothing else changes.",
)
ONCE = Promise(
    Sessions.bind_trigger_private_goal,
    "once",
    "Atomic; repeating it pushes nothing, however late, and returns the session (D19).",
)
LIVE = Promise(
    Sessions.bind_trigger_private_goal,
    "live",
    "Pushes only while ``claim`` is live, here and as the session has it.",
)
FREE = Promise(Sessions.bind_trigger_private_goal, "free", "Pushes only while no other live claim holds the session.")
NOT_BOUND = Promise(
    Sessions.bind_trigger_private_goal,
    "none",
    "None when the session has ended, or when the goal does not stand there and was not pushed: it is over, or the"
    " session has gone on to another (D24).",
)
UNBOUND = Promise(
    Sessions.unbound,
    "late",
    "Active sessions whose live claim was never bound: its create_goal is late, or lost.",
)
UNBOUND_LIMIT = Promise(Sessions.unbound, "limit", "Up to ``limit`` of them are returned.")


class Binding(SessionsSuite):
    """A goal is put into its session."""

    @PUSHES
    def test_binding_pushes_the_goal(self, sessions: Sessions, store: Store, private_goals: PrivateGoals) -> None:
        past = Element(goal=GOAL, goal_ended=NOW)
        session = a_session(preset="preview", trigger_private_goal=past, claim=a_claim(GOAL_2))
        store(session)
        bound = sessions.bind_trigger_private_goal(SESSION, a_claim(GOAL_2), NOW)
        expected = evolve(session, trigger_private_goal=Element(goal=GOAL_2))
        assert bound == expected, "binding returns the session with the goal as its last"
        assert sessions.fetch_active(SESSION) == expected, "binding changes the list of private goals alone"
        assert [*private_goals(SESSION)] == [past, Element(goal=GOAL_2)], "the goal is pushed at the end of the list"

    @PUSHES
    def test_binding_says_who_streams_d24(self, sessions: Sessions, store: Store) -> None:
        store(a_session(claim=a_claim()))
        assert bound_to(sessions).streamer_id == STREAMER, "the signal carries no streamer: the session tells"

    @ONCE
    def test_binding_again_pushes_nothing_d19(
        self, sessions: Sessions, store: Store, private_goals: PrivateGoals
    ) -> None:
        store(a_session(claim=a_claim()))
        first = bound_to(sessions)
        assert bound_to(sessions) == first, "a redelivery gets the session, to send goal.added again (D23)"
        assert [*private_goals(SESSION)] == [Element(goal=GOAL)], "a redelivery pushed the goal again"

    @ONCE
    def test_binding_again_after_the_goal_ended_pushes_nothing(
        self, sessions: Sessions, store: Store, private_goals: PrivateGoals
    ) -> None:
        store(a_session(claim=a_claim()))
        bound_to(sessions)
        sessions.end_trigger_private_goal(SESSION, GOAL, ended=OVER, agreed=None)
        late = sessions.bind_trigger_private_goal(SESSION, a_claim(exp=OVER), EXP)
        assert late is not None, "the goal stands there: the session is returned, however late"
        assert [*private_goals(SESSION)] == [Element(goal=GOAL, goal_ended=OVER)], "the goal was pushed a second time"

    @ONCE
    def test_binding_again_after_another_goal_pushes_nothing(
        self, sessions: Sessions, store: Store, private_goals: PrivateGoals
    ) -> None:
        store(a_session(claim=a_claim(GOAL, exp=OVER)))
        sessions.bind_trigger_private_goal(SESSION, a_claim(GOAL, exp=OVER), NOW)
        sessions.claim(SESSION, a_claim(GOAL_2), OVER)
        sessions.bind_trigger_private_goal(SESSION, a_claim(GOAL_2), OVER)
        late = sessions.bind_trigger_private_goal(SESSION, a_claim(GOAL, exp=OVER), OVER)
        assert late is not None, "a goal that is not the session's last stands there as well"
        assert [element.goal for element in private_goals(SESSION)] == [GOAL, GOAL_2], "each goal stands there once"

    @ONCE
    def test_of_many_bindings_at_once_one_pushes_d19(
        self, sessions: Sessions, store: Store, private_goals: PrivateGoals
    ) -> None:
        store(a_session(claim=a_claim()))
        answers = at_once([partial(sessions.bind_trigger_private_goal, SESSION, a_claim(), NOW)] * CALLERS)
        assert answers == [fetched(sessions)] * CALLERS, "every caller gets the session with the goal"
        assert [*private_goals(SESSION)] == [Element(goal=GOAL)], "the goal was pushed more than once"

    @LIVE
    def test_a_goal_that_is_over_is_not_bound_d18(
        self, sessions: Sessions, store: Store, private_goals: PrivateGoals
    ) -> None:
        store(a_session(claim=a_claim(exp=NOW)))
        assert sessions.bind_trigger_private_goal(SESSION, a_claim(exp=NOW), NOW) is None, "exp == now is over"
        assert [*private_goals(SESSION)] == [], "a goal was bound at its exp"

    @LIVE
    def test_a_goal_is_bound_until_just_before_its_exp(self, sessions: Sessions, store: Store) -> None:
        claim = a_claim(exp=NOW + TICK)
        store(a_session(claim=claim))
        assert sessions.bind_trigger_private_goal(SESSION, claim, NOW) is not None, "a claim is live while exp > now"

    @LIVE
    def test_a_goal_that_ended_before_its_exp_is_not_bound(
        self, sessions: Sessions, store: Store, private_goals: PrivateGoals
    ) -> None:
        store(a_session(claim=a_claim(exp=NOW)))
        bound = sessions.bind_trigger_private_goal(SESSION, a_claim(exp=NOW + TICK), NOW)
        assert bound is None, "the session has the goal as ended, whatever exp the caller was told"
        assert [*private_goals(SESSION)] == [], "a goal was bound after its end"

    @LIVE
    def test_a_goal_without_exp_is_bound(self, sessions: Sessions, store: Store) -> None:
        claim = a_claim(exp=None)
        store(a_session(claim=claim))
        assert sessions.bind_trigger_private_goal(SESSION, claim, NOW) is not None, "no exp is live for ever"

    @FREE
    def test_a_session_that_went_on_to_another_goal_is_not_bound_d24(
        self, sessions: Sessions, store: Store, private_goals: PrivateGoals
    ) -> None:
        store(a_session(claim=a_claim(GOAL_2, exp=NOW + TICK)))
        assert sessions.bind_trigger_private_goal(SESSION, a_claim(GOAL), NOW) is None, "another goal's claim is live"
        assert [*private_goals(SESSION)] == [], "a goal was bound beside the ongoing one"

    @FREE
    def test_a_session_held_by_another_goal_for_ever_is_not_bound(self, sessions: Sessions, store: Store) -> None:
        store(a_session(claim=a_claim(GOAL_2, exp=None)))
        assert sessions.bind_trigger_private_goal(SESSION, a_claim(GOAL), NOW) is None, "no exp is live for ever"

    @pytest.mark.parametrize("before", [None, a_claim(GOAL_2, exp=NOW)], ids=["no claim", "claim over"])
    @FREE
    def test_a_free_session_is_bound(self, sessions: Sessions, store: Store, before: Claim | None) -> None:
        store(a_session(claim=before))
        bound = sessions.bind_trigger_private_goal(SESSION, a_claim(GOAL), NOW)
        assert bound is not None, "no other live claim holds the session"
        assert bound.claim == before, "binding leaves the claim alone"

    @NOT_BOUND
    def test_a_session_that_ended_is_not_bound_d24(
        self, sessions: Sessions, store: Store, private_goals: PrivateGoals
    ) -> None:
        store(a_session(active=False, claim=a_claim()))
        assert sessions.bind_trigger_private_goal(SESSION, a_claim(), NOW) is None, "the session has ended in between"
        assert [*private_goals(SESSION)] == [], "a goal was bound to a session that has ended"

    @pytest.mark.parametrize("session_id", [UNKNOWN, *MALFORMED_IDS])
    @NOT_BOUND
    def test_a_missing_session_is_not_bound(self, sessions: Sessions, store: Store, session_id: str) -> None:
        store(a_session(claim=a_claim()))
        assert sessions.bind_trigger_private_goal(session_id, a_claim(), NOW) is None, "there is no such session"

    @UNBOUND
    def test_a_claim_is_unbound_until_it_is_bound_d26(self, sessions: Sessions, store: Store) -> None:
        store(a_session())
        assert [*sessions.unbound(NOW, 10)] == [], "nobody has claimed the session"
        sessions.claim(SESSION, a_claim(), NOW)
        assert [*sessions.unbound(NOW, 10)] == [fetched(sessions)], "the session is returned as fetch_active does"
        bound_to(sessions)
        assert [*sessions.unbound(NOW, 10)] == [], "the goal is bound: nothing is late"

    @pytest.mark.parametrize(
        ("exp", "late"), [(NOW, False), (NOW + TICK, True), (None, True)], ids=["at exp", "before exp", "no exp"]
    )
    @UNBOUND
    def test_a_claim_is_unbound_while_it_is_live_d26(
        self, sessions: Sessions, store: Store, exp: datetime | None, late: bool
    ) -> None:
        store(a_session())
        sessions.claim(SESSION, a_claim(exp=exp), NOW - TICK)
        assert len(sessions.unbound(NOW, 10)) == late, "a claim is live while exp > now"

    @UNBOUND
    def test_a_claim_that_was_given_up_is_not_unbound_d26(self, sessions: Sessions, store: Store) -> None:
        store(a_session())
        sessions.claim(SESSION, a_claim(), NOW)
        sessions.end_trigger_private_goal(SESSION, GOAL, ended=OVER, agreed=None)
        assert [*sessions.unbound(OVER, 10)] == [], "the claim has ended"

    @UNBOUND
    def test_the_next_claim_of_a_session_is_unbound_again_d26(self, sessions: Sessions, store: Store) -> None:
        store(a_session())
        sessions.claim(SESSION, a_claim(GOAL, exp=OVER), NOW)
        sessions.bind_trigger_private_goal(SESSION, a_claim(GOAL, exp=OVER), NOW)
        sessions.claim(SESSION, a_claim(GOAL_2), OVER)
        claims = [session.claim for session in sessions.unbound(OVER, 10)]
        assert claims == [a_claim(GOAL_2)], "the next claim is not bound yet"

    @UNBOUND
    def test_claiming_again_keeps_a_claim_bound_d26(self, sessions: Sessions, store: Store) -> None:
        store(a_session())
        sessions.claim(SESSION, a_claim(), NOW)
        bound_to(sessions)
        for goal_id in (GOAL, GOAL_2):
            sessions.claim(SESSION, a_claim(goal_id), NOW)
        assert [*sessions.unbound(NOW, 10)] == [], "the claim that stands is bound, whoever asks"

    @UNBOUND
    def test_an_inactive_session_has_nothing_unbound_d26(self, sessions: Sessions, store: Store) -> None:
        store(a_session(active=False, claim=a_claim()))
        assert [*sessions.unbound(NOW, 10)] == [], "the session is not active"

    @pytest.mark.parametrize("limit", [0, 1, 3, 9])
    @UNBOUND_LIMIT
    def test_no_more_are_unbound_than_asked_for_d26(self, sessions: Sessions, store: Store, limit: int) -> None:
        for number, claim in enumerate(many_claims(3)):
            store(a_session(id=f"5e55{number:020x}", streamer_id=f"57e0{number:020x}", claim=claim))
        assert len(sessions.unbound(NOW, limit)) == min(limit, 3), "there are more, or fewer, than asked for"
