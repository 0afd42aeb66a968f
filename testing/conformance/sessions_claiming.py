"""Sessions: what ``fetch_active`` and ``claim`` promise."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from attrs import evolve

from ...core.model import Claim, ShowGoalPair
from ...ports.sessions import Sessions
from .examples import (
    EXP,
    GOAL,
    GOAL_2,
    MALFORMED_IDS,
    NOW,
    SESSION,
    TICK,
    UNKNOWN,
    VIEWER,
    VIEWER_2,
    a_claim,
    a_session,
    many_claims,
)
from .promise import Promise
from .races import CALLERS, at_once
from .sessions_suite import Element, SessionsSuite, Store, fetched

WHOLE = Promise(Sessions.fetch_active, "whole", "The active session, every field of it as it stands.")
NOT_FETCHED = Promise(
    Sessions.fetch_active,
    "none",
    "None when the session is missing, inactive or its id is malformed (D9).",
)
CLAIMS = Promise(
    Sessions.claim,
    "takes",
    "Take the session for ``claim`` unless a live claim stands; return what stands (D2).",
)
STANDS = Promise(Sessions.claim, "stands", "A live claim stands, and repeating it changes nothing.")
LIVE = Promise(Sessions.claim, "live", "A claim is live while exp > now, and without exp for ever.")
AS_MADE = Promise(Sessions.claim, "whole", "It stands as it was made, with its first viewer (D16).")
ONE_WINS = Promise(
    Sessions.claim,
    "one",
    "Atomic: of any number of callers at once, one sets its claim and all get that one.",
)
NOT_CLAIMED = Promise(Sessions.claim, "none", "None when the session is not active (any more).")


class Claiming(SessionsSuite):
    """A session is read, and taken for a goal."""

    @WHOLE
    def test_an_active_session_is_fetched_whole(self, sessions: Sessions, store: Store) -> None:
        session = a_session(
            preset="preview",
            pricing={"sd": 60, "hd": 0},
            show_goal_pair=ShowGoalPair(funding_goal=GOAL, funding_ended=NOW, show_goal=GOAL_2, show_ended=EXP),
            trigger_private_goal=Element(goal=GOAL, goal_agreed=NOW, goal_ended=EXP),
            claim=a_claim(),
        )
        store(session)
        assert sessions.fetch_active(SESSION) == session, "fetch_active changes what the store holds"

    @WHOLE
    def test_what_a_session_leaves_open_is_fetched_as_none(self, sessions: Sessions, store: Store) -> None:
        session = a_session(pricing={}, show_goal_pair=ShowGoalPair(funding_goal=GOAL), claim=a_claim(exp=None))
        store(session)
        assert sessions.fetch_active(SESSION) == session, "fetch_active makes up what the session does not say"

    @NOT_FETCHED
    def test_an_inactive_session_is_not_fetched_d9(self, sessions: Sessions, store: Store) -> None:
        store(a_session(active=False))
        assert sessions.fetch_active(SESSION) is None, "an inactive session was fetched as an active one"

    @NOT_FETCHED
    def test_a_missing_session_is_not_fetched_d9(self, sessions: Sessions, store: Store) -> None:
        store(a_session())
        assert sessions.fetch_active(UNKNOWN) is None, "a session was fetched by an id that it does not have"

    @pytest.mark.parametrize("session_id", MALFORMED_IDS)
    @NOT_FETCHED
    def test_a_malformed_id_is_nobodys_d9(self, sessions: Sessions, session_id: str) -> None:
        assert sessions.fetch_active(session_id) is None, "a malformed id is a session that is missing"

    @CLAIMS
    def test_a_free_session_is_claimed_d2(self, sessions: Sessions, store: Store) -> None:
        session = a_session(preset="preview")
        store(session)
        assert sessions.claim(SESSION, a_claim(), NOW) == a_claim(), "claim returns what stands: the new claim"
        assert sessions.fetch_active(SESSION) == evolve(session, claim=a_claim()), "claim sets the claim, and it alone"

    @STANDS
    def test_a_live_claim_is_kept_d2(self, sessions: Sessions, store: Store) -> None:
        store(a_session(claim=a_claim(GOAL)))
        assert sessions.claim(SESSION, a_claim(GOAL_2), NOW) == a_claim(GOAL), "the loser adopts the winner's goal"
        assert fetched(sessions).claim == a_claim(GOAL), "a live claim was replaced"

    @STANDS
    def test_claiming_again_returns_the_claim_that_stands(self, sessions: Sessions, store: Store) -> None:
        store(a_session())
        sessions.claim(SESSION, a_claim(exp=EXP), NOW)
        again = sessions.claim(SESSION, a_claim(exp=EXP + TICK), NOW)
        assert again == a_claim(exp=EXP), "repeating a claim changes nothing, its exp least of all"

    @LIVE
    def test_a_claim_is_over_at_its_exp(self, sessions: Sessions, store: Store) -> None:
        store(a_session(claim=a_claim(GOAL, exp=NOW)))
        assert sessions.claim(SESSION, a_claim(GOAL_2), NOW) == a_claim(GOAL_2), "exp == now is not live any more"
        assert fetched(sessions).claim == a_claim(GOAL_2), "the claim that is over was not replaced as a whole"

    @LIVE
    def test_a_claim_is_live_until_just_before_its_exp(self, sessions: Sessions, store: Store) -> None:
        store(a_session(claim=a_claim(GOAL, exp=NOW + TICK)))
        standing = sessions.claim(SESSION, a_claim(GOAL_2), NOW)
        assert standing == a_claim(GOAL, exp=NOW + TICK), "a claim is live as long as exp > now"

    @LIVE
    def test_a_claim_without_exp_is_live_for_ever_d6(self, sessions: Sessions, store: Store) -> None:
        store(a_session())
        endless = a_claim(GOAL, exp=None)
        assert sessions.claim(SESSION, endless, NOW) == endless, "a claim need not have an exp"
        much_later = NOW + timedelta(days=10_000)
        assert sessions.claim(SESSION, a_claim(GOAL_2), much_later) == endless, "a claim without exp never ends"

    @CLAIMS
    def test_a_claim_over_is_replaced_by_one_without_exp(self, sessions: Sessions, store: Store) -> None:
        store(a_session(claim=a_claim(GOAL, exp=NOW)))
        standing = sessions.claim(SESSION, a_claim(GOAL_2, exp=None), NOW)
        assert standing == a_claim(GOAL_2, exp=None), "the claim that is over still stands"

    @AS_MADE
    def test_a_claim_tells_its_first_viewer_d16(self, sessions: Sessions, store: Store) -> None:
        store(a_session())
        first = evolve(a_claim(), triggered_by=VIEWER, prepaid_duration=90)
        assert sessions.claim(SESSION, first, NOW) == first, "claim does not return the first viewer"
        joiner = evolve(a_claim(GOAL_2), triggered_by=VIEWER_2, prepaid_duration=30)
        assert sessions.claim(SESSION, joiner, NOW) == first, "a joiner gets the first viewer's claim"
        assert fetched(sessions).claim == first, "the claim stands without its first viewer"
        sessions.bind_trigger_private_goal(SESSION, first, NOW)
        assert fetched(sessions).claim == first, "binding the goal has changed its claim"

    @NOT_CLAIMED
    def test_an_inactive_session_is_not_claimed(self, sessions: Sessions, store: Store) -> None:
        store(a_session(active=False, claim=a_claim()))
        assert sessions.claim(SESSION, a_claim(), NOW) is None, "a session that has ended cannot be claimed"

    @pytest.mark.parametrize("session_id", [UNKNOWN, *MALFORMED_IDS])
    @NOT_CLAIMED
    def test_a_missing_session_is_not_claimed(self, sessions: Sessions, store: Store, session_id: str) -> None:
        store(a_session())
        assert sessions.claim(session_id, a_claim(), NOW) is None, "a session that is missing cannot be claimed"
        assert fetched(sessions).claim is None, "another session was claimed"

    @pytest.mark.parametrize("before", [None, a_claim(UNKNOWN, exp=NOW)], ids=["free", "claim over"])
    @ONE_WINS
    def test_of_many_claims_at_once_one_wins_d2(self, sessions: Sessions, store: Store, before: Claim | None) -> None:
        store(a_session(claim=before))
        claims = many_claims(CALLERS)
        answers = at_once([partial(sessions.claim, SESSION, claim, NOW) for claim in claims])
        standing = fetched(sessions).claim
        assert standing in claims, "none of the callers has the session"
        assert answers == [standing] * CALLERS, "every caller gets the one claim that stands"
