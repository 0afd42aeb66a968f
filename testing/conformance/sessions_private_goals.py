"""What :class:`show_goal.ports.sessions.Sessions` promises about the private goals of a session."""

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
    NOW,
    OVER,
    SESSION,
    TICK,
    UNKNOWN_IDS,
    a_claim,
    a_session,
)
from .promise import Promise
from .races import CALLERS, at_once
from .sessions_under_test import Element, SessionsSuite


class PrivateGoalsConformance(SessionsSuite):
    @Promise(Sessions.bind_trigger_private_goal, "pushes")
    def test_binding_appends_the_goal(self) -> None:
        past = Element(goal=GOAL, goal_ended=NOW)
        session = a_session(preset="preview", trigger_private_goal=past, claim=a_claim(GOAL_2))
        self.store(session)
        expected = evolve(session, trigger_private_goal=Element(goal=GOAL_2))
        assert self.bind(a_claim(GOAL_2)) == expected, "the session is not returned with the goal as its last"
        assert self.fetched() == expected, "the list of private goals is not all that changed"
        assert self.goals() == [past, Element(goal=GOAL_2)], "the goal is not at the end of the list"

    @Promise(Sessions.bind_trigger_private_goal, "once")
    def test_binding_again_changes_nothing_d19(self) -> None:
        self.store(a_session(claim=a_claim()))
        first = self.bind()
        assert first is not None, "the goal's claim is live"
        assert self.bind() == first, "a redelivery gets the session, to send goal.added again (D23)"
        assert self.goals() == [Element(goal=GOAL)], "the goal was appended twice"

    @Promise(Sessions.bind_trigger_private_goal, "once")
    def test_binding_again_after_the_goals_end_changes_nothing(self) -> None:
        self.store(a_session(claim=a_claim()))
        self.bind()
        self.end()
        assert self.bind(a_claim(exp=OVER), EXP) is not None, "the goal is in the list: the session is returned"
        assert self.goals() == [Element(goal=GOAL, goal_ended=OVER)], "the goal was appended twice"

    @Promise(Sessions.bind_trigger_private_goal, "once")
    def test_binding_again_after_another_goal_changes_nothing(self) -> None:
        self.store(a_session(claim=a_claim(exp=OVER)))
        self.bind(a_claim(exp=OVER))
        self.claim(a_claim(GOAL_2), OVER)
        self.bind(a_claim(GOAL_2), OVER)
        assert self.bind(a_claim(exp=OVER), OVER) is not None, "the goal is in the list: the session is returned"
        assert [element.goal for element in self.goals()] == [GOAL, GOAL_2], "a goal is missing or in the list twice"

    @Promise(Sessions.bind_trigger_private_goal, "once")
    def test_of_many_binds_at_once_one_appends_d19(self) -> None:
        self.store(a_session(claim=a_claim()))
        answers = at_once([self.bind] * CALLERS)
        assert answers == [self.fetched()] * CALLERS, "every caller gets the session with the goal"
        assert self.goals() == [Element(goal=GOAL)], "the goal was appended twice"

    @pytest.mark.parametrize(
        ("stored", "told", "bound"),
        [(NOW, NOW, False), (NOW, NOW + TICK, False), (NOW + TICK, NOW + TICK, True), (None, None, True)],
        ids=["at exp", "ended before its exp", "before exp", "no exp"],
    )
    @Promise(Sessions.bind_trigger_private_goal, "live")
    def test_a_goal_is_bound_while_its_claim_is_live_d18(
        self, stored: datetime | None, told: datetime | None, bound: bool
    ) -> None:
        self.store(a_session(claim=a_claim(exp=stored)))
        assert (self.bind(a_claim(exp=told)) is not None) == bound, "a claim is live while exp > now, here and there"
        assert len(self.goals()) == bound, "the list is not as the result says"

    @pytest.mark.parametrize(
        ("claim", "free"),
        [
            (None, True),
            (a_claim(GOAL_2, NOW), True),
            (a_claim(GOAL_2, NOW + TICK), False),
            (a_claim(GOAL_2, None), False),
        ],
        ids=["no claim", "claim over", "claim live", "claim without exp"],
    )
    @Promise(Sessions.bind_trigger_private_goal, "free")
    def test_a_goal_is_not_bound_while_anothers_claim_is_live_d24(self, claim: Claim | None, free: bool) -> None:
        self.store(a_session(claim=claim))
        bound = self.bind()
        assert (bound is not None) == free, "a live claim of another goal is what prevents binding"
        assert len(self.goals()) == free, "the list is not as the result says"
        assert self.fetched().claim == claim, "binding changed the claim"

    @Promise(Sessions.bind_trigger_private_goal, "none")
    def test_an_inactive_or_unknown_session_is_not_bound_d24(self) -> None:
        self.store(a_session(active=False, claim=a_claim()))
        for session_id in (SESSION, *UNKNOWN_IDS):
            bound = self.sessions.bind_trigger_private_goal(session_id, a_claim(), NOW)
            assert bound is None, f"there is no active session {session_id!r}"
        assert self.goals() == [], "a goal was bound to an inactive session"

    @pytest.mark.parametrize("agreed", [None, NOW + TICK], ids=["refused", "agreed"])
    @Promise(Sessions.end_trigger_private_goal, "writes")
    def test_ending_writes_both_times_and_ends_the_claim(self, agreed: datetime | None) -> None:
        session = self.ongoing()
        self.end(agreed=agreed)
        ended = Element(goal=GOAL, goal_ended=OVER, goal_agreed=agreed)
        expected = evolve(session, trigger_private_goal=ended, claim=a_claim(exp=OVER))
        assert self.fetched() == expected, "goal_ended, goal_agreed and the claim's exp are not all that changed"

    @Promise(Sessions.end_trigger_private_goal, "writes")
    def test_ending_leaves_other_goals_and_their_claims_alone(self) -> None:
        self.store(a_session(trigger_private_goal=Element(goal=GOAL), claim=a_claim(GOAL_2)))
        self.bind(a_claim(GOAL_2))
        self.end()
        ended, ongoing = self.goals()
        assert ended == Element(goal=GOAL, goal_ended=OVER), "a goal that is not the last was not ended"
        assert ongoing == Element(goal=GOAL_2), "another goal was ended too"
        assert self.fetched().claim == a_claim(GOAL_2), "another goal's claim was ended"

    @Promise(Sessions.end_trigger_private_goal, "first")
    def test_the_first_end_stays_d19(self) -> None:
        self.ongoing()
        self.end()
        first = self.fetched()
        for ended, agreed in ((OVER, None), (OVER + TICK, OVER)):
            self.end(ended=ended, agreed=agreed)
            assert self.fetched() == first, "a second end replaced the first"

    @Promise(Sessions.end_trigger_private_goal, "first")
    def test_of_many_ends_at_once_one_is_stored(self) -> None:
        self.ongoing()
        times = [OVER + TICK * number for number in range(CALLERS)]
        at_once([partial(self.end, ended=time, agreed=time) for time in times])
        (ended,) = self.goals()
        assert ended.goal_ended in times, "no end was written"
        assert ended.goal_agreed == ended.goal_ended, "two ends were mixed"

    @pytest.mark.parametrize("exp", [NOW, None], ids=["ended before", "no exp"])
    @pytest.mark.parametrize("bound", [True, False])
    @Promise(Sessions.end_trigger_private_goal, "claim")
    def test_the_claim_gets_the_earlier_end(self, exp: datetime | None, bound: bool) -> None:
        self.store(a_session(trigger_private_goal=Element(goal=GOAL) if bound else None, claim=a_claim(exp=exp)))
        self.end()
        assert self.fetched().claim == a_claim(exp=exp or OVER), "the claim does not end at min(exp, ended)"
        assert len(self.goals()) == bound, "ending appended a goal"

    @Promise(Sessions.end_trigger_private_goal, "claim")
    def test_after_the_end_the_next_goal_gets_the_session_d2(self) -> None:
        self.ongoing()
        self.end()
        assert self.claim(a_claim(GOAL_2), OVER) == a_claim(GOAL_2), "the ended goal still holds the session"

    @Promise(Sessions.end_trigger_private_goal, "missing")
    def test_ending_without_a_claim_makes_none(self) -> None:
        self.store(a_session(trigger_private_goal=Element(goal=GOAL)))
        self.end()
        expected = a_session(trigger_private_goal=Element(goal=GOAL, goal_ended=OVER))
        assert self.fetched() == expected, "the goal was not ended, or ending made a claim"

    @Promise(Sessions.end_trigger_private_goal, "missing")
    def test_an_unknown_session_or_goal_is_no_error(self) -> None:
        session = self.ongoing()
        for unknown in UNKNOWN_IDS:
            self.end(unknown)
            self.sessions.end_trigger_private_goal(unknown, GOAL, ended=OVER, agreed=None)
            assert self.fetched() == session, f"{unknown!r} is unknown, and something changed"

    @Promise(Sessions.end_trigger_private_goal, "inactive")
    def test_a_goal_of_an_inactive_session_is_ended(self) -> None:
        self.store(a_session(active=False, trigger_private_goal=Element(goal=GOAL)))
        self.end()
        assert self.goals() == [Element(goal=GOAL, goal_ended=OVER)], "the goal was not ended"

    @pytest.mark.parametrize("active", [True, False])
    @Promise(Sessions.end_trigger_private_goal, "returned")
    def test_the_session_is_returned_as_it_is_afterwards(self, active: bool) -> None:
        session = a_session(active=active, trigger_private_goal=Element(goal=GOAL), claim=a_claim())
        self.store(session)
        ended = evolve(session, trigger_private_goal=Element(goal=GOAL, goal_ended=OVER), claim=a_claim(exp=OVER))
        for _ in range(2):
            answer = self.sessions.end_trigger_private_goal(SESSION, GOAL, ended=OVER, agreed=None)
            assert answer == ended == self.sessions.fetch(SESSION), "another session is returned than is stored"

    @Promise(Sessions.end_trigger_private_goal, "returned")
    def test_of_an_unknown_session_none_is_returned(self) -> None:
        for unknown in UNKNOWN_IDS:
            answer = self.sessions.end_trigger_private_goal(unknown, GOAL, ended=OVER, agreed=None)
            assert answer is None, f"{unknown!r} is unknown"

    @Promise(Sessions.drop_trigger_private_goal, "drops")
    def test_a_goal_that_nobody_paid_for_leaves_the_session_d33(self) -> None:
        session = self.ongoing()
        for _ in range(2):
            self.sessions.drop_trigger_private_goal(SESSION, GOAL, ended=OVER)
            dropped = evolve(session, trigger_private_goal=None, claim=a_claim(exp=OVER))
            assert self.fetched() == dropped, "the goal is still there, or something else changed"

    @Promise(Sessions.drop_trigger_private_goal, "drops")
    def test_no_other_goal_leaves_the_session_d33(self) -> None:
        session = self.ongoing()
        self.sessions.drop_trigger_private_goal(SESSION, GOAL_2, ended=OVER)
        assert self.fetched() == session, "another goal has left, or its claim has ended"

    @Promise(Sessions.drop_trigger_private_goal, "claim")
    def test_a_goal_that_was_dropped_is_not_bound_d33(self) -> None:
        self.store(a_session(claim=a_claim(exp=OVER)))
        self.sessions.drop_trigger_private_goal(SESSION, GOAL, ended=NOW)
        assert self.bind(a_claim(), NOW) is None, "its claim still holds the session"
        self.sessions.drop_trigger_private_goal(SESSION, GOAL, ended=OVER)
        assert self.fetched().claim == a_claim(exp=NOW), "the claim lives longer than before"

    @Promise(Sessions.drop_trigger_private_goal, "missing")
    def test_dropping_what_is_not_there_is_no_error_d33(self) -> None:
        session = a_session()
        self.store(session)
        for session_id in (SESSION, *UNKNOWN_IDS):
            self.sessions.drop_trigger_private_goal(session_id, GOAL, ended=OVER)
        assert self.fetched() == session, "something changed"
