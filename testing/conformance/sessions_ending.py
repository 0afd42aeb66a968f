"""Sessions: what ``end_trigger_private_goal`` promises."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import pytest
from attrs import evolve

from ...ports.sessions import Sessions
from .examples import GOAL, GOAL_2, MALFORMED_IDS, NOW, SESSION, SESSION_2, TICK, UNKNOWN, a_claim, a_session
from .promise import Promise
from .races import CALLERS, at_once
from .sessions_suite import OVER, Element, PrivateGoals, SessionsSuite, Store, fetched

WRITES = Promise(
    Sessions.end_trigger_private_goal,
    "writes",
    "Write goal_ended and goal_agreed into the goal's element, and into no other.",
)
FIRST = Promise(Sessions.end_trigger_private_goal, "first", "The element keeps its first writing, whoever races (D19).")
CLAIM = Promise(
    Sessions.end_trigger_private_goal,
    "claim",
    "The goal's claim ends at the earliest ``ended``, and no other's does.",
)
MISSING = Promise(
    Sessions.end_trigger_private_goal,
    "missing",
    "An element, a claim or a session that is not there is no error.",
)
INACTIVE = Promise(Sessions.end_trigger_private_goal, "inactive", "The session need not be active any more.")


class Ending(SessionsSuite):
    """A goal ends, and gives its session up."""

    @pytest.mark.parametrize("agreed", [None, NOW + TICK], ids=["refused", "agreed"])
    @WRITES
    def test_ending_writes_when_and_whether_agreed(
        self, sessions: Sessions, store: Store, agreed: datetime | None
    ) -> None:
        session = a_session(trigger_private_goal=Element(goal=GOAL), claim=a_claim())
        store(session)
        sessions.end_trigger_private_goal(SESSION, GOAL, ended=OVER, agreed=agreed)
        assert sessions.fetch_active(SESSION) == evolve(
            session,
            trigger_private_goal=Element(goal=GOAL, goal_ended=OVER, goal_agreed=agreed),
            claim=a_claim(exp=OVER),
        ), "ending writes goal_ended, goal_agreed and the claim's end, and nothing else"

    @CLAIM
    def test_an_ended_goal_frees_the_session_d2(self, sessions: Sessions, store: Store) -> None:
        store(a_session(trigger_private_goal=Element(goal=GOAL), claim=a_claim()))
        sessions.end_trigger_private_goal(SESSION, GOAL, ended=OVER, agreed=None)
        assert sessions.claim(SESSION, a_claim(GOAL_2), OVER) == a_claim(GOAL_2), "the next goal takes the session"

    @CLAIM
    def test_a_claim_that_ended_before_keeps_its_end(self, sessions: Sessions, store: Store) -> None:
        store(a_session(trigger_private_goal=Element(goal=GOAL), claim=a_claim(exp=NOW)))
        sessions.end_trigger_private_goal(SESSION, GOAL, ended=OVER, agreed=None)
        assert fetched(sessions).claim == a_claim(exp=NOW), "the claim ends at `ended` at the latest"

    @CLAIM
    def test_a_claim_without_exp_ends_too(self, sessions: Sessions, store: Store) -> None:
        store(a_session(trigger_private_goal=Element(goal=GOAL), claim=a_claim(exp=None)))
        sessions.end_trigger_private_goal(SESSION, GOAL, ended=OVER, agreed=None)
        assert fetched(sessions).claim == a_claim(exp=OVER), "a claim without exp never ended"

    @FIRST
    def test_the_first_ending_stands_d19(self, sessions: Sessions, store: Store) -> None:
        store(a_session(trigger_private_goal=Element(goal=GOAL), claim=a_claim()))
        sessions.end_trigger_private_goal(SESSION, GOAL, ended=OVER, agreed=None)
        first = fetched(sessions)
        sessions.end_trigger_private_goal(SESSION, GOAL, ended=OVER, agreed=None)
        assert fetched(sessions) == first, "repeating an ending changed something"
        sessions.end_trigger_private_goal(SESSION, GOAL, ended=OVER + TICK, agreed=OVER)
        assert fetched(sessions) == first, "a second ending replaced the first"

    @FIRST
    def test_of_many_endings_at_once_one_stands(self, sessions: Sessions, store: Store) -> None:
        store(a_session(trigger_private_goal=Element(goal=GOAL), claim=a_claim()))
        times = [OVER + TICK * number for number in range(CALLERS)]
        at_once([partial(sessions.end_trigger_private_goal, SESSION, GOAL, ended=time, agreed=time) for time in times])
        last = fetched(sessions).trigger_private_goal
        assert last is not None, "the goal is gone"
        assert last.goal_ended in times, "no ending was written"
        assert last.goal_agreed == last.goal_ended, "two endings were mixed"

    @WRITES
    def test_an_ending_leaves_other_goals_alone(
        self, sessions: Sessions, store: Store, private_goals: PrivateGoals
    ) -> None:
        store(a_session(trigger_private_goal=Element(goal=GOAL), claim=a_claim(GOAL_2)))
        sessions.bind_trigger_private_goal(SESSION, a_claim(GOAL_2), NOW)
        sessions.end_trigger_private_goal(SESSION, GOAL, ended=OVER, agreed=None)
        ended, ongoing = private_goals(SESSION)
        assert ended == Element(goal=GOAL, goal_ended=OVER), "a goal that is not the last was not ended"
        assert ongoing == Element(goal=GOAL_2), "another goal was ended as well"
        assert fetched(sessions).claim == a_claim(GOAL_2), "another goal's claim was ended"

    @CLAIM
    def test_a_goal_that_was_never_bound_gives_up_its_claim(
        self, sessions: Sessions, store: Store, private_goals: PrivateGoals
    ) -> None:
        store(a_session(claim=a_claim()))
        sessions.end_trigger_private_goal(SESSION, GOAL, ended=OVER, agreed=None)
        assert fetched(sessions).claim == a_claim(exp=OVER), "its claim still holds the session"
        assert [*private_goals(SESSION)] == [], "ending pushed a goal"

    @MISSING
    def test_a_goal_without_a_claim_is_ended(self, sessions: Sessions, store: Store) -> None:
        store(a_session(trigger_private_goal=Element(goal=GOAL)))
        sessions.end_trigger_private_goal(SESSION, GOAL, ended=OVER, agreed=None)
        session = fetched(sessions)
        assert session.trigger_private_goal == Element(goal=GOAL, goal_ended=OVER), "the goal was not ended"
        assert session.claim is None, "ending made a claim"

    @INACTIVE
    def test_a_goal_of_an_inactive_session_is_ended(
        self, sessions: Sessions, store: Store, private_goals: PrivateGoals
    ) -> None:
        store(a_session(active=False, trigger_private_goal=Element(goal=GOAL)))
        sessions.end_trigger_private_goal(SESSION, GOAL, ended=OVER, agreed=None)
        assert [*private_goals(SESSION)] == [Element(goal=GOAL, goal_ended=OVER)], "the session need not be active"

    @pytest.mark.parametrize("goal_id", [UNKNOWN, *MALFORMED_IDS])
    @MISSING
    def test_ending_an_unknown_goal_changes_nothing(self, sessions: Sessions, store: Store, goal_id: str) -> None:
        session = a_session(trigger_private_goal=Element(goal=GOAL), claim=a_claim())
        store(session)
        sessions.end_trigger_private_goal(SESSION, goal_id, ended=OVER, agreed=None)
        assert sessions.fetch_active(SESSION) == session, "ending a goal that is not there changed the session"

    @pytest.mark.parametrize("session_id", [SESSION_2, *MALFORMED_IDS])
    @MISSING
    def test_ending_in_a_missing_session_is_no_error(self, sessions: Sessions, store: Store, session_id: str) -> None:
        session = a_session(trigger_private_goal=Element(goal=GOAL), claim=a_claim())
        store(session)
        sessions.end_trigger_private_goal(session_id, GOAL, ended=OVER, agreed=None)
        assert sessions.fetch_active(SESSION) == session, "another session's goal was ended"
