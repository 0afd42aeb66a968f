"""What :class:`show_goal.ports.sessions.Sessions` promises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import pytest
from attrs import evolve, frozen

from ...core.model import Claim, Session, ShowGoalPair
from ...ports.sessions import PresetSwitch, Sessions
from .examples import (
    EXP,
    GOAL,
    GOAL_2,
    MALFORMED_IDS,
    NOW,
    OVER,
    SESSION,
    SESSION_2,
    SESSION_3,
    STREAMER,
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
from .paging import all_pages
from .promise import Conformance, Promise
from .races import CALLERS, at_once

Element = Session.TriggerPrivateGoal


@frozen(kw_only=True)
class SessionsUnderTest:
    sessions: Sessions
    """Without sessions."""
    store: Callable[[Session], object]
    """Stores a session."""
    private_goals: Callable[[str], Sequence[Session.TriggerPrivateGoal]]
    """From a session's id to all its ``trigger_private_goals``. The session may be inactive."""


class SessionsConformance(Conformance[SessionsUnderTest]):
    """``under_test`` returns :class:`SessionsUnderTest`: the adapter, and functions that store and read a session."""

    def take(self, under_test: SessionsUnderTest) -> None:
        self.sessions, self.store = under_test.sessions, under_test.store
        self.private_goals = under_test.private_goals

    def goals(self) -> list[Element]:
        return [*self.private_goals(SESSION)]

    def fetched(self) -> Session:
        session = self.sessions.fetch_active(SESSION)
        assert session is not None, "the active session is not found"
        return session

    def claim(self, claim: Claim, now: datetime = NOW) -> Claim | None:
        return self.sessions.claim(SESSION, claim, now)

    def bind(self, claim: Claim | None = None, now: datetime = NOW) -> Session | None:
        return self.sessions.bind_trigger_private_goal(SESSION, claim or a_claim(), now)

    def end(self, goal_id: str = GOAL, *, ended: datetime = OVER, agreed: datetime | None = None) -> None:
        self.sessions.end_trigger_private_goal(SESSION, goal_id, ended=ended, agreed=agreed)

    def ongoing(self) -> Session:
        """A session with GOAL, claimed and bound."""
        session = a_session(trigger_private_goal=Element(goal=GOAL), claim=a_claim())
        self.store(session)
        return session

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
        for number, goal_id in enumerate(goal_ids(3)):
            claim = a_claim(goal_id)
            self.store(a_session(id=f"5e55{number:020x}", streamer_id=f"57e0{number:020x}", claim=claim))
        assert len(self.sessions.unbound(NOW, limit).items) == min(limit, 3), "not as many as asked for"

    @pytest.mark.parametrize("limit", [1, 2, 5, 9])
    @Promise(Sessions.unbound, "pages")
    def test_each_unbound_session_is_on_one_page_d43(self, limit: int) -> None:
        exps = [None, EXP, OVER, None, EXP, None]
        for number, (goal_id, exp) in enumerate(zip(goal_ids(len(exps)), exps, strict=True)):
            claim = a_claim(goal_id, exp)
            self.store(a_session(id=f"5e55{number:020x}", streamer_id=f"57e0{number:020x}", claim=claim))
        found = all_pages(lambda after: self.sessions.unbound(NOW, limit, after), self._bind_the_first)
        assert sorted(session.id for session in found) == [f"5e55{n:020x}" for n in range(len(exps))], (
            "missing, or twice"
        )

    def _bind_the_first(self, page: Sequence[Session]) -> None:
        claim = page[0].claim
        if claim is not None:
            self.sessions.bind_trigger_private_goal(page[0].id, claim, NOW)

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

    @pytest.mark.parametrize("before", [None, "preview", "hd"])
    @Promise(Sessions.switch_preset, "switches")
    def test_the_active_sessions_preset_is_switched_l4(self, before: str | None) -> None:
        self.store(a_session(active=False, id=SESSION_2, preset="hd"))
        session = a_session(preset=before, claim=a_claim(), trigger_private_goal=Element(goal=GOAL))
        self.store(session)
        switched = evolve(session, preset="sd", sd_since=NOW)
        for from_preset, now in ((before, NOW), ("sd", OVER)):
            answer = self.sessions.switch_preset(STREAMER, "sd", now)
            assert answer == PresetSwitch(session=switched, from_preset=from_preset), "the result is wrong"
            assert self.fetched() == switched, "the preset is not all that changed"

    @Promise(Sessions.switch_preset, "which")
    def test_of_several_active_sessions_one_is_switched_d41(self) -> None:
        for session_id in (SESSION_2, SESSION):
            self.store(a_session(id=session_id, preset="preview"))
        self.store(a_session(id=SESSION_3, active=False))
        theirs = a_session(id=GOAL, streamer_id=STREAMER_2)
        self.store(theirs)
        named = self._switched(SESSION)
        assert named == SESSION, "the session that was asked for is not switched"
        for other in (None, SESSION_3, UNKNOWN, theirs.id, *MALFORMED_IDS):
            assert self._switched(other) == SESSION_2, f"{other!r} is no active session of theirs, so the newest is"
        assert self.sessions.fetch_active(theirs.id) == theirs, "another streamer's session was switched"

    def _switched(self, session_id: str | None) -> str | None:
        switch = self.sessions.switch_preset(STREAMER, "sd", NOW, session_id)
        return None if switch is None else switch.session.id

    @pytest.mark.parametrize(("since", "until"), [(None, None), (EXP, OVER)], ids=["never on sd", "on sd before"])
    @Promise(Sessions.switch_preset, "to_sd")
    def test_a_switch_to_sd_says_since_when_d40(self, since: datetime | None, until: datetime | None) -> None:
        session = a_session(preset="preview", sd_since=since, sd_until=until)
        self.store(session)
        for now in (NOW, EXP):
            self.sessions.switch_preset(STREAMER, "sd", now)
            assert self.fetched() == evolve(session, preset="sd", sd_since=NOW, sd_until=None), "the times are wrong"

    @Promise(Sessions.switch_preset, "to_sd")
    def test_a_session_on_sd_does_not_begin_anew_d40(self) -> None:
        session = a_session(preset="sd")
        self.store(session)
        self.sessions.switch_preset(STREAMER, "sd", NOW)
        assert self.fetched() == session, "nobody knows since when it is on sd"

    @pytest.mark.parametrize(
        ("since", "until", "then"),
        [(NOW, None, NOW), (None, None, OVER), (NOW, NOW, OVER)],
        ids=["known", "unknown", "of an earlier time"],
    )
    @Promise(Sessions.switch_preset, "from_sd")
    def test_a_switch_from_sd_says_until_when_d40(
        self, since: datetime | None, until: datetime | None, then: datetime
    ) -> None:
        session = a_session(preset="sd", sd_since=since, sd_until=until)
        self.store(session)
        for preset, now in (("preview", OVER), ("hd", EXP)):
            self.sessions.switch_preset(STREAMER, preset, now)
            switched = evolve(session, preset=preset, sd_since=then, sd_until=OVER)
            assert self.fetched() == switched, "the times are wrong"

    @Promise(Sessions.switch_preset, "none")
    def test_without_an_active_session_nothing_is_switched_l4(self) -> None:
        self.store(a_session(active=False))
        other = a_session(id=SESSION_2, streamer_id=STREAMER_2)
        self.store(other)
        for streamer_id in (STREAMER, VIEWER, *MALFORMED_IDS):
            assert self.sessions.switch_preset(streamer_id, "sd", NOW) is None, f"{streamer_id!r} has no active session"
        assert self.sessions.fetch_active(SESSION_2) == other, "another streamer's session was switched"

    @Promise(Sessions.switch_preset, "at_once")
    def test_each_of_many_switches_at_once_says_what_was_before_l4(self) -> None:
        self.store(a_session(preset="first"))
        presets = [str(number) for number in range(CALLERS)]
        answers = at_once([partial(self.sessions.switch_preset, STREAMER, preset, NOW) for preset in presets])
        befores = [switch.from_preset for switch in answers if isinstance(switch, PresetSwitch)]
        assert {*befores, self.fetched().preset} == {*presets, "first"}, "a switch does not say what was before it"
        assert len(befores) == CALLERS, "a switch was refused"
