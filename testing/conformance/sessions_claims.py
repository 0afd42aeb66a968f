"""What :class:`show_goal.ports.sessions.Sessions` promises about claims (D2)."""

from __future__ import annotations

from datetime import datetime, timedelta
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
    SESSION_2,
    SESSION_3,
    STREAMER_2,
    TICK,
    UNKNOWN,
    UNKNOWN_IDS,
    VIEWER,
    VIEWER_2,
    a_claim,
    a_session,
    goal_ids,
)
from .promise import Promise
from .races import CALLERS, at_once
from .sessions_under_test import Element, SessionsSuite


class ClaimsConformance(SessionsSuite):
    @pytest.mark.parametrize("before", [None, a_claim(UNKNOWN, exp=NOW)], ids=["no claim", "claim over"])
    @pytest.mark.parametrize("exp", [EXP, None])
    @Promise(Sessions.claim, "takes")
    def test_a_session_without_live_claim_is_claimed_d2(self, before: Claim | None, exp: datetime | None) -> None:
        session = a_session(preset="preview", claim=before)
        self.store(session)
        assert self.claim(a_claim(exp=exp)) == a_claim(exp=exp), "the new claim is not returned"
        assert self.fetched() == evolve(session, claim=a_claim(exp=exp)), "the claim is not all that changed"

    @pytest.mark.parametrize("other", [a_claim(GOAL_2), a_claim(exp=EXP + TICK)], ids=["other goal", "repeat"])
    @Promise(Sessions.claim, "stands")
    def test_a_live_claim_stays_and_is_returned_d2(self, other: Claim) -> None:
        self.store(a_session())
        self.claim(a_claim())
        assert self.claim(other) == a_claim(), "the live claim is not returned"
        assert self.fetched().claim == a_claim(), "the live claim was replaced"

    @pytest.mark.parametrize(
        ("exp", "now", "live"),
        [(NOW, NOW, False), (NOW + TICK, NOW, True), (None, NOW + timedelta(days=10_000), True)],
        ids=["at exp", "before exp", "no exp"],
    )
    @Promise(Sessions.claim, "live")
    def test_a_claim_is_live_until_its_exp_d6(self, exp: datetime | None, now: datetime, live: bool) -> None:
        self.store(a_session(claim=a_claim(exp=exp)))
        new = a_claim(GOAL_2, exp=None)
        expected = a_claim(exp=exp) if live else new
        assert self.claim(new, now) == expected, "a claim is live while exp > now"
        assert self.fetched().claim == expected, "another claim is stored than was returned"

    @Promise(Sessions.claim, "whole")
    def test_a_claim_says_who_invited_first_d16(self) -> None:
        self.store(a_session())
        first = evolve(a_claim(), triggered_by=VIEWER, prepaid_duration=90, amount=120, since=NOW)
        assert self.claim(first) == first, "the first viewer is not returned"
        second = evolve(a_claim(GOAL_2), triggered_by=VIEWER_2, prepaid_duration=30)
        assert self.claim(second) == first, "the second viewer gets the first viewer's claim"
        self.bind(first)
        assert self.fetched().claim == first, "the first viewer is not stored"

    @Promise(Sessions.claim, "none")
    def test_an_inactive_or_unknown_session_is_not_claimed(self) -> None:
        self.store(a_session(active=False, claim=a_claim()))
        other = a_session(id=SESSION_2, streamer_id=STREAMER_2)
        self.store(other)
        for session_id in (SESSION, *UNKNOWN_IDS):
            assert self.sessions.claim(session_id, a_claim(), NOW) is None, f"no active session is {session_id!r}"
        assert self.sessions.fetch_active(SESSION_2) == other, "another session was claimed"

    @pytest.mark.parametrize("before", [None, a_claim(UNKNOWN, exp=NOW)], ids=["no claim", "claim over"])
    @Promise(Sessions.claim, "one")
    def test_of_many_claims_at_once_one_is_stored_d2(self, before: Claim | None) -> None:
        self.store(a_session(claim=before))
        claims = [a_claim(goal_id) for goal_id in goal_ids(CALLERS)]
        answers = at_once([partial(self.claim, claim) for claim in claims])
        assert self.fetched().claim in claims, "no claim is stored"
        assert answers == [self.fetched().claim] * CALLERS, "every caller gets the stored claim"

    @pytest.mark.parametrize("since", [None, NOW], ids=["of version 0.1", "new"])
    @Promise(Sessions.renew_claim, "renews")
    def test_renewing_a_claim_marks_it_d2(self, since: datetime | None) -> None:
        past = Element(goal=GOAL_2, goal_ended=NOW)
        session = a_session(preset="preview", trigger_private_goal=past)
        self.store(session)
        claim = evolve(a_claim(), triggered_by=VIEWER, prepaid_duration=90, since=since)
        self.claim(claim)
        assert self.sessions.renew_claim(SESSION, GOAL) is True, "the goal is not bound, nobody renewed its claim"
        assert self.fetched() == evolve(session, claim=evolve(claim, renewed=True)), "more than the mark changed"

    @Promise(Sessions.renew_claim, "once")
    def test_of_many_renewals_at_once_one_counts_d2(self) -> None:
        self.store(a_session())
        self.claim(a_claim())
        answers = at_once([partial(self.sessions.renew_claim, SESSION, GOAL)] * CALLERS)
        assert answers.count(True) == 1, "the claim was renewed more than once, or not at all"
        assert self.sessions.renew_claim(SESSION, GOAL) is False, "the claim was renewed a second time"

    @Promise(Sessions.renew_claim, "once")
    def test_the_next_goals_claim_is_renewed_once_too_d2(self) -> None:
        self.store(a_session())
        for goal_id, now in ((GOAL, NOW), (GOAL_2, OVER)):
            self.claim(a_claim(goal_id, exp=now + TICK), now)
            answers = [self.sessions.renew_claim(SESSION, goal_id) for _ in range(2)]
            assert answers == [True, False], "each claim is renewed once"

    @Promise(Sessions.renew_claim, "back")
    def test_a_renewal_that_is_taken_back_may_come_again_d2(self) -> None:
        self.store(a_session())
        self.claim(a_claim())
        answers = [self.sessions.renew_claim(SESSION, GOAL, renewed=mark) for mark in (True, False, False, True, True)]
        assert answers == [True, True, False, True, False], "the mark was not set, or not taken back"

    @Promise(Sessions.renew_claim, "unbound")
    def test_the_claim_of_a_bound_goal_is_not_renewed_d2(self) -> None:
        self.store(a_session())
        self.claim(a_claim())
        self.bind()
        before = self.fetched()
        assert self.sessions.renew_claim(SESSION, GOAL) is False, "the goal is bound"
        assert self.fetched() == before, "a claim that was not renewed changed"

    @Promise(Sessions.renew_claim, "none")
    def test_what_is_not_claimed_is_not_renewed(self) -> None:
        inactive = a_session(active=False, claim=a_claim())
        claimed, free = a_session(id=SESSION_2, streamer_id=STREAMER_2, claim=a_claim()), a_session(id=SESSION_3)
        for session in (inactive, claimed, free):
            self.store(session)
        for session_id in (SESSION, SESSION_3, *UNKNOWN_IDS):
            assert self.sessions.renew_claim(session_id, GOAL) is False, f"{session_id!r} has no claim to renew"
        for goal_id in (GOAL_2, *UNKNOWN_IDS):
            assert self.sessions.renew_claim(SESSION_2, goal_id) is False, f"{goal_id!r} has not claimed the session"
        assert self.sessions.fetch_active(SESSION_2) == claimed, "another goal's claim was renewed"
