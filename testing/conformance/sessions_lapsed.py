"""What :class:`show_goal.ports.sessions.Sessions` promises about claims that came to nothing (D34)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import pytest

from ...core.model import Session
from ...ports.sessions import Sessions
from .examples import EXP, GOAL, GOAL_2, NOW, OVER, SESSION, SESSION_2, TICK, UNKNOWN_IDS, a_claim, a_session
from .paging import all_pages
from .promise import Promise
from .sessions_under_test import SessionsSuite


class LapsedConformance(SessionsSuite):
    def lapse(self, session_id: str = SESSION, exp: datetime | None = NOW, *, active: bool = True) -> Session:
        session = a_session(id=session_id, active=active, claim=a_claim(exp=exp))
        self.store(session)
        return session

    def lapsed(self, before: datetime = NOW) -> list[Session]:
        return [*self.sessions.lapsed(before, 10).items]

    @pytest.mark.parametrize("active", [True, False])
    @Promise(Sessions.lapsed, "lapsed")
    def test_a_claim_that_expired_without_a_goal_has_lapsed_d34(self, active: bool) -> None:
        session = self.lapse(active=active)
        self.lapse(SESSION_2, None)
        assert self.lapsed(NOW - TICK) == [], "a claim lapses at its exp"
        assert self.lapsed() == [session], "a claim lapses at its exp, and not without one"

    @Promise(Sessions.lapsed, "lapsed")
    def test_a_claim_whose_goal_was_bound_has_not_lapsed_d34(self) -> None:
        self.lapse(exp=EXP)
        self.sessions.bind_trigger_private_goal(SESSION, a_claim(), NOW)
        assert self.lapsed(EXP) == [], "the goal is bound"
        self.sessions.end_trigger_private_goal(SESSION, GOAL, ended=NOW, agreed=None)
        assert self.lapsed(EXP) == [], "the goal is bound, and has ended"

    @pytest.mark.parametrize("limit", [0, 1, 3, 9])
    @Promise(Sessions.lapsed, "limit")
    def test_at_most_limit_claims_have_lapsed_d34(self, limit: int) -> None:
        for number in range(3):
            self.lapse(f"5e55{number:020x}")
        assert len(self.sessions.lapsed(NOW, limit).items) == min(limit, 3), "not as many as asked for"

    @pytest.mark.parametrize("limit", [1, 2, 9])
    @Promise(Sessions.lapsed, "pages")
    def test_each_claim_that_lapsed_is_on_one_page_d43(self, limit: int) -> None:
        stored = [self.lapse(f"5e55{number:020x}", NOW - number // 2 * TICK).id for number in range(5)]
        found = all_pages(partial(self.sessions.lapsed, NOW, limit), self._close_the_first)
        assert sorted(session.id for session in found) == stored, "missing, or twice"

    def _close_the_first(self, page: Sequence[Session]) -> None:
        self.sessions.close_claim(page[0].id, GOAL)

    @Promise(Sessions.close_claim, "closed")
    def test_a_claim_that_is_closed_is_not_listed_d34(self) -> None:
        session = self.lapse()
        for _ in range(2):
            self.sessions.close_claim(SESSION, GOAL)
            assert self.lapsed() == [], "it is listed again"
            assert self.sessions.fetch(SESSION) == session, "something changed"
        self.sessions.claim(SESSION, a_claim(GOAL_2, OVER), NOW)
        assert [one.claim for one in self.lapsed(OVER)] == [a_claim(GOAL_2, OVER)], "the next claim is not closed"

    @Promise(Sessions.close_claim, "other")
    def test_another_goals_claim_is_not_closed_d34(self) -> None:
        session = self.lapse()
        self.sessions.close_claim(SESSION, GOAL_2)
        assert self.lapsed() == [session], "another goal's claim is closed"

    @Promise(Sessions.close_claim, "missing")
    def test_closing_what_is_not_there_is_no_error_d34(self) -> None:
        session = a_session()
        self.store(session)
        for session_id in (SESSION, *UNKNOWN_IDS):
            self.sessions.close_claim(session_id, GOAL)
        assert self.sessions.fetch(SESSION) == session, "something changed"

    @Promise(Sessions.drop_trigger_private_goal, "told")
    def test_the_claim_of_a_goal_that_was_dropped_has_not_lapsed_d34(self) -> None:
        self.lapse(exp=EXP)
        self.sessions.drop_trigger_private_goal(SESSION, GOAL, ended=NOW)
        assert self.lapsed(EXP) == [], "its viewer knows"

    @Promise(Sessions.drop_trigger_private_goal, "claim")
    def test_a_claim_that_is_closed_stays_closed_when_another_goal_is_dropped_d34(self) -> None:
        self.lapse()
        self.sessions.close_claim(SESSION, GOAL)
        self.sessions.drop_trigger_private_goal(SESSION, GOAL_2, ended=NOW)
        assert self.lapsed() == [], "the claim is open again"
