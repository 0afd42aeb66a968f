"""What :class:`show_goal.ports.sessions.Sessions` promises to a sweep (D26, D42, D43)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from ...core.model import Session
from ...ports.sessions import Sessions
from .examples import (
    EXP,
    GOAL,
    GOAL_2,
    NOW,
    OVER,
    SESSION,
    SESSION_2,
    SESSION_3,
    TICK,
    UNKNOWN,
    a_claim,
    a_session,
    goal_ids,
)
from .paging import all_pages
from .promise import Promise
from .sessions_under_test import SessionsSuite


class SweptConformance(SessionsSuite):
    def claimed(self, *exps: datetime | None) -> list[str]:
        """Store a session with a claim for each exp. Returns their ids."""
        ids = [f"5e55{number:020x}" for number in range(len(exps))]
        for number, (goal_id, exp) in enumerate(zip(goal_ids(len(exps)), exps, strict=True)):
            claim = a_claim(goal_id, exp)
            self.store(a_session(id=ids[number], streamer_id=f"57e0{number:020x}", claim=claim))
        return ids

    @Promise(Sessions.unbound, "late")
    def test_a_claim_is_unbound_until_its_goal_is_bound_d26(self) -> None:
        self.store(a_session())
        assert [*self.sessions.unbound(NOW, 10).items] == [], "the session is not claimed yet"
        self.claim(a_claim(exp=OVER))
        assert [*self.sessions.unbound(NOW, 10).items] == [self.fetched()], "the session is missing or changed"
        self.bind(a_claim(exp=OVER))
        for goal_id in (GOAL, GOAL_2):
            assert [*self.sessions.unbound(NOW, 10).items] == [], "the goal is bound"
            self.claim(a_claim(goal_id))
        self.claim(a_claim(GOAL_2), OVER)
        claims = [session.claim for session in self.sessions.unbound(OVER, 10).items]
        assert claims == [a_claim(GOAL_2)], "the next goal is not bound yet"

    @pytest.mark.parametrize(
        ("exp", "late"), [(NOW, False), (NOW + TICK, True), (None, True)], ids=["at exp", "before exp", "no exp"]
    )
    @Promise(Sessions.unbound, "late")
    def test_a_claim_is_unbound_while_it_is_live_d26(self, exp: datetime | None, late: bool) -> None:
        self.store(a_session())
        self.claim(a_claim(exp=exp), NOW - TICK)
        assert len(self.sessions.unbound(NOW, 10).items) == late, "a claim is live while exp > now"

    @Promise(Sessions.unbound, "late")
    def test_an_ended_claim_or_an_inactive_session_is_not_unbound_d26(self) -> None:
        self.store(a_session())
        self.claim(a_claim())
        self.end()
        self.store(a_session(id=SESSION_2, active=False, claim=a_claim()))
        assert [*self.sessions.unbound(OVER, 10).items] == [], "the claim has ended, or the session is inactive"

    @pytest.mark.parametrize("limit", [0, 1, 3, 9])
    @Promise(Sessions.unbound, "limit")
    def test_at_most_limit_sessions_are_unbound_d26(self, limit: int) -> None:
        self.claimed(EXP, EXP, EXP)
        assert len(self.sessions.unbound(NOW, limit).items) == min(limit, 3), "not as many as asked for"

    @pytest.mark.parametrize("limit", [1, 2, 5, 9])
    @Promise(Sessions.unbound, "pages")
    def test_each_unbound_session_is_on_one_page_d43(self, limit: int) -> None:
        stored = self.claimed(None, EXP, OVER, None, EXP, None)
        found = all_pages(lambda after: self.sessions.unbound(NOW, limit, after), self._bind_the_first)
        assert sorted(session.id for session in found) == stored, "missing, or twice"

    def _bind_the_first(self, page: Sequence[Session]) -> None:
        claim = page[0].claim
        if claim is not None:
            self.sessions.bind_trigger_private_goal(page[0].id, claim, NOW)

    def closed(self, session_id: str, exp: datetime | None = EXP) -> Session:
        session = a_session(id=session_id, active=False, claim=a_claim(exp=exp))
        self.store(session)
        return session

    @Promise(Sessions.over, "over")
    def test_a_session_that_ended_while_it_was_claimed_is_over_d42(self) -> None:
        over = self.closed(SESSION, NOW + TICK)
        self.closed(SESSION_2, NOW)
        self.store(a_session(id=SESSION_3, claim=a_claim()))
        self.store(a_session(id=UNKNOWN, active=False))
        assert [*self.sessions.over(NOW, 10).items] == [over], "not the session that is over and claimed"

    @Promise(Sessions.over, "limit")
    def test_not_more_sessions_are_over_than_asked_for_d42(self) -> None:
        for session_id in (SESSION, SESSION_2, SESSION_3):
            self.closed(session_id)
        for limit in (0, 1, 2):
            assert len(self.sessions.over(NOW, limit).items) == limit, "not as many as asked for"

    @pytest.mark.parametrize("limit", [1, 2])
    @Promise(Sessions.over, "pages")
    def test_each_session_that_is_over_is_on_one_page_d42(self, limit: int) -> None:
        stored = [self.closed(f"5e55{n:020x}", EXP + n // 2 * TICK).id for n in range(5)]
        found = all_pages(lambda after: self.sessions.over(NOW, limit, after), self._end_the_first)
        assert sorted(session.id for session in found) == stored, "missing, or twice"

    def _end_the_first(self, page: Sequence[Session]) -> None:
        self.sessions.end_trigger_private_goal(page[0].id, GOAL, ended=NOW, agreed=None)
