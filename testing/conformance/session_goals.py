"""What :class:`show_goal.ports.session_goals.SessionGoals` promises: the neighbouring goals in a session (L5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

import pytest
from attrs import evolve, frozen

from ...core.model import Claim, ExclusiveGoalPair, Session, SessionKaraoke, ShowGoalPair
from ...ports.session_goals import SessionGoals
from ...ports.sessions import Sessions
from .examples import (
    EXP,
    GOAL,
    GOAL_2,
    GOAL_3,
    MALFORMED_IDS,
    NOW,
    ODD_USERS,
    OVER,
    SESSION,
    SESSION_2,
    STREAMER_2,
    TICK,
    UNKNOWN,
    VIEWER,
    VIEWER_2,
    a_claim,
    a_session,
    goal_ids,
)
from .promise import Conformance, Promise
from .races import CALLERS, at_once

FUNDED = ShowGoalPair(funding_goal=GOAL)
ASKED = ExclusiveGoalPair(trigger_exclusive_goal=GOAL)
FIRST_PAIR = ShowGoalPair(funding_goal=UNKNOWN)
FIRST_ASKED = ExclusiveGoalPair(trigger_exclusive_goal=UNKNOWN)
KINDS = ["funding", "show", "karaoke", "trigger_exclusive", "exclusive"]
of_each_kind = pytest.mark.parametrize("kind", KINDS)


@frozen(kw_only=True)
class SessionGoalsUnderTest:
    sessions: Sessions
    """Without sessions."""
    store: Callable[[Session], object]
    """Stores a session."""
    show_goal_pairs: Callable[[str], Sequence[ShowGoalPair]]
    """From a session's id to all its ``show_goal_pairs``. The session may be inactive."""
    karaoke_goal: Callable[[str], SessionKaraoke | None]
    """From a session's id to its ``karaoke_goal``. The session may be inactive."""
    exclusive_goal_pairs: Callable[[str], Mapping[str, ExclusiveGoalPair]]
    """From a session's id to its ``exclusive_goal_pairs``, by viewer."""


class SessionGoalsConformance(Conformance[SessionGoalsUnderTest]):
    """``under_test`` returns :class:`SessionGoalsUnderTest`: an adapter of the port Sessions, of which this is a part,
    and functions that store a session and read its goals.
    """

    def take(self, under_test: SessionGoalsUnderTest) -> None:
        self.sessions, self.store = under_test.sessions, under_test.store
        self.karaoke_goal, self.exclusive_pairs = under_test.karaoke_goal, under_test.exclusive_goal_pairs
        self.show_pairs = under_test.show_goal_pairs

    def free(self, kind: str = "") -> None:
        """SESSION has a free slot for a goal of each kind, or of this kind.

        The funding goal UNKNOWN has no show, and VIEWER's request UNKNOWN no exclusive show. VIEWER's next request gets
        a slot when the first one has ended.
        """
        self.store(a_session(claim=a_claim()))
        self.sessions.bind_show_funding_goal(SESSION, a_claim(UNKNOWN), NOW)
        self.sessions.bind_trigger_exclusive_goal(SESSION, a_claim(UNKNOWN), NOW, viewer_id=VIEWER)
        if kind == "trigger_exclusive":
            self.end(UNKNOWN, NOW)

    def bind(
        self, kind: str, claim: Claim | None = None, now: datetime = NOW, session_id: str = SESSION
    ) -> Session | None:
        claim = claim or a_claim()
        match kind:
            case "funding":
                return self.sessions.bind_show_funding_goal(session_id, claim, now)
            case "show":
                return self.sessions.bind_show_goal(session_id, claim, now, funding_goal=UNKNOWN)
            case "karaoke":
                return self.sessions.bind_karaoke_goal(session_id, claim, now)
            case "trigger_exclusive":
                return self.sessions.bind_trigger_exclusive_goal(session_id, claim, now, viewer_id=VIEWER)
            case _:
                asked = UNKNOWN
                return self.sessions.bind_exclusive_goal(
                    session_id, claim, now, viewer_id=VIEWER, trigger_exclusive_goal=asked
                )

    def end(self, goal_id: str = GOAL, ended: datetime = OVER) -> None:
        self.sessions.end_embedded_goal(SESSION, goal_id, ended=ended)

    def stored(self) -> object:
        """All goals in SESSION."""
        return [*self.show_pairs(SESSION)], self.karaoke_goal(SESSION), dict(self.exclusive_pairs(SESSION))

    def unchanged(self, calls: Sequence[Callable[[], object]]) -> None:
        before = self.stored()
        for call in calls:
            assert call() is None, f"{call} found a slot"
            assert self.stored() == before, f"{call} changed another session or goal"

    @of_each_kind
    @Promise(SessionGoals, "bound")
    def test_binding_returns_the_session_and_a_repeat_changes_nothing_d19(self, kind: str) -> None:
        self.free(kind)
        before = self.stored()
        first = self.bind(kind)
        assert first is not None, "the slot is free"
        assert first == self.sessions.fetch_active(SESSION), "another session is returned than is stored"
        bound = self.stored()
        assert bound != before, "nothing was bound"
        assert self.bind(kind) == first, "a redelivery gets the session, to send goal.added again (D23)"
        assert self.stored() == bound, "a redelivery changed something"

    @of_each_kind
    @Promise(SessionGoals, "bound")
    def test_binding_again_after_the_end_returns_the_session_d23(self, kind: str) -> None:
        self.free(kind)
        self.bind(kind)
        self.end()
        ended = self.stored()
        for now in (NOW, EXP):
            assert self.bind(kind, now=now) is not None, "the goal is in its slot: the session is returned"
        assert self.stored() == ended, "a goal that has ended was bound again"

    @of_each_kind
    @pytest.mark.parametrize(("exp", "bound"), [(NOW, False), (NOW + TICK, True), (None, True)])
    @Promise(SessionGoals, "not_bound")
    def test_a_goal_is_bound_until_its_exp(self, kind: str, exp: datetime | None, bound: bool) -> None:
        self.free(kind)
        assert (self.bind(kind, a_claim(exp=exp)) is not None) == bound, "a goal is live while exp > now"

    @of_each_kind
    @Promise(SessionGoals, "not_bound")
    def test_a_goal_is_not_bound_to_an_inactive_or_unknown_session_d24(self, kind: str) -> None:
        self.store(a_session(active=False, show_goal_pair=FIRST_PAIR))
        session_ids = (SESSION, SESSION_2, *MALFORMED_IDS)
        self.unchanged([partial(self.bind, kind, session_id=session_id) for session_id in session_ids])

    @of_each_kind
    @Promise(SessionGoals, "claim")
    def test_binding_ignores_and_keeps_the_sessions_claim_d2(self, kind: str) -> None:
        self.free(kind)
        session = self.bind(kind, a_claim(GOAL_2))
        assert session is not None, "a private goal's claim prevented binding"
        assert session.claim == a_claim(), "a private goal's claim was changed"

    @of_each_kind
    @Promise(SessionGoals, "atomic")
    def test_of_many_binds_of_a_goal_at_once_one_binds_d19(self, kind: str) -> None:
        self.free(kind)
        answers = at_once([partial(self.bind, kind)] * CALLERS)
        bound = self.stored()
        assert answers == [self.sessions.fetch_active(SESSION)] * CALLERS, "every caller gets the session with the goal"
        self.bind(kind)
        assert self.stored() == bound, "the race bound the goal differently from a single call"

    @pytest.mark.parametrize("kind", KINDS[1:])
    @Promise(SessionGoals, "atomic")
    def test_of_many_goals_at_once_one_takes_the_slot(self, kind: str) -> None:
        self.free(kind)
        answers = at_once([partial(self.bind, kind, a_claim(goal_id)) for goal_id in goal_ids(CALLERS)])
        assert len([answer for answer in answers if answer is not None]) == 1, "several goals took one slot"

    @Promise(SessionGoals, "atomic")
    def test_ends_of_many_goals_at_once_are_all_written(self) -> None:
        self.four()
        ids = [UNKNOWN, GOAL, GOAL_2, GOAL_3]
        at_once([partial(self.end, goal_id) for goal_id in ids])
        written = self.stored()
        for goal_id in ids:
            self.end(goal_id, EXP)
        assert self.stored() == written, "an end was lost"

    def four(self) -> None:
        """SESSION has four goals: UNKNOWN, its show GOAL and exclusive show GOAL_2, and the karaoke goal GOAL_3."""
        self.free()
        for kind, goal_id in (("show", GOAL), ("exclusive", GOAL_2), ("karaoke", GOAL_3)):
            self.bind(kind, a_claim(goal_id))

    @Promise(SessionGoals.bind_show_funding_goal, "pushed")
    def test_a_funding_goal_is_appended_d12(self) -> None:
        past = ShowGoalPair(funding_goal=GOAL_2, funding_ended=NOW, show_goal=GOAL_3, show_ended=NOW)
        self.store(a_session(show_goal_pair=past))
        bound = self.bind("funding")
        assert bound is not None, "the session is active"
        assert bound.show_goal_pair == FUNDED, "the guard sees the last pair"
        assert [*self.show_pairs(SESSION)] == [past, FUNDED], "the pair is not the last"
        assert self.bind("funding", a_claim(GOAL_2)) == bound, "a goal that is not the last is in its slot too"

    @Promise(SessionGoals.bind_show_goal, "set")
    def test_a_show_gets_its_funding_goals_pair_which_need_not_be_the_last(self) -> None:
        self.free()
        self.bind("funding", a_claim(GOAL_2))
        self.bind("show")
        expected = [evolve(FIRST_PAIR, show_goal=GOAL), ShowGoalPair(funding_goal=GOAL_2)]
        assert [*self.show_pairs(SESSION)] == expected, "the show is in another pair"

    @Promise(SessionGoals.bind_show_goal, "set")
    def test_a_pair_keeps_its_first_show_and_other_pairs_are_unknown(self) -> None:
        self.free()
        self.bind("show")
        calls: list[Callable[[], object]] = [partial(self.bind, "show", a_claim(GOAL_2))]
        for pair in (GOAL_2, *MALFORMED_IDS):
            calls.append(partial(self.sessions.bind_show_goal, SESSION, a_claim(GOAL_2), NOW, funding_goal=pair))
        self.unchanged(calls)

    @Promise(SessionGoals.bind_karaoke_goal, "set")
    def test_a_karaoke_goal_replaces_one_that_has_ended(self) -> None:
        self.free()
        assert self.karaoke_goal(SESSION) is None, "there is no karaoke goal yet"
        self.bind("karaoke")
        assert self.bind("karaoke", a_claim(GOAL_2)) is None, "the first one has not ended"
        self.sessions.progress_karaoke_goal(SESSION, GOAL, 7)
        self.end()
        assert self.bind("karaoke", a_claim(GOAL_2)) is not None, "the first one has ended"
        assert self.karaoke_goal(SESSION) == SessionKaraoke(goal=GOAL_2), "something of the first one is left"

    @pytest.mark.parametrize("viewer_id", ODD_USERS)
    @Promise(SessionGoals.bind_trigger_exclusive_goal, "set")
    def test_a_viewer_id_may_be_any_text(self, viewer_id: str) -> None:
        self.free()
        self.sessions.bind_trigger_exclusive_goal(SESSION, a_claim(), NOW, viewer_id=viewer_id)
        self.sessions.bind_exclusive_goal(
            SESSION, a_claim(GOAL_2), NOW, viewer_id=viewer_id, trigger_exclusive_goal=GOAL
        )
        self.end(GOAL_2)
        pair = evolve(ASKED, exclusive_goal=GOAL_2, exclusive_ended=OVER)
        assert self.exclusive_pairs(SESSION) == {VIEWER: FIRST_ASKED, viewer_id: pair}, "the id became another one"

    @pytest.mark.parametrize(
        ("shown", "ended", "free"),
        [
            (False, [], False),
            (False, [UNKNOWN], True),
            (True, [UNKNOWN], False),
            (True, [GOAL], False),
            (True, [UNKNOWN, GOAL], True),
        ],
        ids=["nothing ended", "no show", "the show goes on", "only the show ended", "both ended"],
    )
    @Promise(SessionGoals.bind_trigger_exclusive_goal, "set")
    def test_a_viewers_next_request_replaces_a_pair_that_is_over_n3(
        self, shown: bool, ended: list[str], free: bool
    ) -> None:
        self.free()
        if shown:
            self.bind("exclusive")
        for goal_id in ended:
            self.end(goal_id, NOW)
        before = self.exclusive_pairs(SESSION)
        bound = self.bind("trigger_exclusive", a_claim(GOAL_2))
        assert (bound is not None) == free, "a pair is over when both goals have ended"
        expected = {VIEWER: ExclusiveGoalPair(trigger_exclusive_goal=GOAL_2)} if free else before
        assert self.exclusive_pairs(SESSION) == expected, "something of the first pair is left, or it was changed"

    @Promise(SessionGoals.bind_exclusive_goal, "set")
    def test_an_exclusive_goal_is_bound_to_its_requests_pair_only(self) -> None:
        self.free()
        bind = partial(self.sessions.bind_exclusive_goal, SESSION, a_claim(), NOW)
        others = [(VIEWER_2, UNKNOWN), (VIEWER, GOAL_2), (VIEWER, "x")]
        self.unchanged([partial(bind, viewer_id=v, trigger_exclusive_goal=goal_id) for v, goal_id in others])
        bind(viewer_id=VIEWER, trigger_exclusive_goal=UNKNOWN)
        expected = {VIEWER: evolve(FIRST_ASKED, exclusive_goal=GOAL)}
        assert self.exclusive_pairs(SESSION) == expected, "the show is not in its request's pair"

    @Promise(SessionGoals.end_embedded_goal, "written")
    def test_each_goal_has_its_own_end_d12(self) -> None:
        self.four()
        for goal_id, ended in {UNKNOWN: NOW, GOAL: OVER, GOAL_2: OVER + TICK, GOAL_3: EXP}.items():
            self.end(goal_id, ended)
        pair = evolve(FIRST_PAIR, funding_ended=NOW, show_goal=GOAL, show_ended=OVER)
        asked = evolve(FIRST_ASKED, trigger_exclusive_ended=NOW)
        exclusive = evolve(asked, exclusive_goal=GOAL_2, exclusive_ended=OVER + TICK)
        expected = ([pair], SessionKaraoke(goal=GOAL_3, goal_ended=EXP), {VIEWER: exclusive})
        assert self.stored() == expected, "an end is missing, or beside another goal"
        session = self.sessions.fetch_active(SESSION)
        assert session is not None, "the session is active"
        assert session.show_goal_pair == pair, "the guard does not see the end"

    @of_each_kind
    @Promise(SessionGoals.end_embedded_goal, "once")
    def test_the_first_end_stays_d19(self, kind: str) -> None:
        self.free(kind)
        self.bind(kind)
        bound = self.stored()
        self.end()
        ended = self.stored()
        assert ended != bound, "no end was written"
        for time in (OVER, OVER + TICK, NOW):
            self.end(ended=time)
            assert self.stored() == ended, "a second end replaced the first"

    @Promise(SessionGoals.end_embedded_goal, "nowhere")
    def test_ending_an_unknown_session_or_goal_is_no_error(self) -> None:
        self.free()
        others = [(SESSION, GOAL), (SESSION, "x"), (SESSION_2, UNKNOWN), ("x", UNKNOWN)]
        self.unchanged([partial(self.sessions.end_embedded_goal, *ids, ended=OVER) for ids in others])
        bare = a_session(id=SESSION_2, streamer_id=STREAMER_2, claim=a_claim())
        self.store(bare)
        self.sessions.end_embedded_goal(SESSION_2, GOAL, ended=OVER)
        assert self.sessions.fetch_active(SESSION_2) == bare, "a session without such goals was changed"

    @Promise(SessionGoals.end_embedded_goal, "inactive")
    def test_goals_of_an_inactive_session_are_ended(self) -> None:
        self.store(a_session(active=False, show_goal_pair=FUNDED))
        self.end()
        assert [*self.show_pairs(SESSION)] == [evolve(FUNDED, funding_ended=OVER)], "the goal was not ended"

    @Promise(SessionGoals.progress_karaoke_goal, "grows")
    def test_progress_only_grows(self) -> None:
        self.free()
        self.bind("karaoke")
        for progress in (2, 5, 3):  # late and in any order (D19)
            self.sessions.progress_karaoke_goal(SESSION, GOAL, progress)
        assert self.karaoke_goal(SESSION) == SessionKaraoke(goal=GOAL, progress=5), "progress went back"

    @Promise(SessionGoals.progress_karaoke_goal, "grows")
    def test_progress_of_another_goal_changes_nothing(self) -> None:
        self.free()
        others = [(SESSION, GOAL_2), (SESSION, "x"), (SESSION_2, GOAL), ("x", GOAL)]
        for bind in (False, True):
            if bind:
                self.bind("karaoke")
            self.unchanged([partial(self.sessions.progress_karaoke_goal, *ids, 1) for ids in others])

    @Promise(SessionGoals.drop_exclusive_goal_pair, "dropped")
    def test_a_request_without_a_show_is_dropped_n3(self) -> None:
        self.free()
        self.sessions.bind_trigger_exclusive_goal(SESSION, a_claim(), NOW, viewer_id=VIEWER_2)
        for _ in range(2):
            self.sessions.drop_exclusive_goal_pair(SESSION, VIEWER, UNKNOWN)
            assert self.exclusive_pairs(SESSION) == {VIEWER_2: ASKED}, "not only the viewer's pair was removed"

    @Promise(SessionGoals.drop_exclusive_goal_pair, "dropped")
    def test_another_request_or_one_with_a_show_is_not_dropped_n3(self) -> None:
        self.free()
        drop = self.sessions.drop_exclusive_goal_pair
        others = [(SESSION, VIEWER, GOAL_2), (SESSION, VIEWER_2, UNKNOWN), (SESSION_2, VIEWER, UNKNOWN)]
        self.unchanged([partial(drop, *ids) for ids in (*others, ("x", VIEWER, UNKNOWN))])
        self.bind("exclusive")
        self.unchanged([partial(drop, SESSION, VIEWER, UNKNOWN)])
