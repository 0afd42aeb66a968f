"""The neighbouring goals in a session: what ``end_embedded_goal`` promises."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from attrs import evolve

from ...core.model import ExclusiveGoalPair, SessionKaraoke, ShowGoalPair
from ...ports.session_goals import SessionGoals
from ...ports.sessions import Sessions
from .examples import EXP, GOAL, GOAL_2, NOW, SESSION, SESSION_2, TICK, UNKNOWN, VIEWER, a_claim, a_session
from .promise import Promise
from .races import at_once
from .session_goals_suite import (
    ATOMIC,
    BINDINGS,
    FUNDED,
    GOAL_3,
    OVER,
    Bind,
    SessionGoalsSuite,
    ShowGoalPairs,
    Store,
    exclusive,
    karaoke,
    show,
)

END = Promise(SessionGoals.end_embedded_goal, "written", "Write ``ended`` beside the goal wherever it stands")
END_ONCE = Promise(SessionGoals.end_embedded_goal, "once", "The first writing stays.")
END_NOWHERE = Promise(
    SessionGoals.end_embedded_goal, "nowhere", "A goal that stands nowhere, or a missing session, is no error."
)
END_INACTIVE = Promise(SessionGoals.end_embedded_goal, "inactive", "The session need not be active any more.")


class Ending(SessionGoalsSuite):
    """What has ended is told apart from what goes on."""

    @pytest.mark.parametrize("bind", BINDINGS)
    @END_ONCE
    def test_the_first_end_stands_d19(
        self, free_for: Callable[[Bind], Sessions], everything: Callable[[], object], bind: Bind
    ) -> None:
        sessions = free_for(bind)
        bind(sessions, a_claim())
        bound = everything()
        sessions.end_embedded_goal(SESSION, GOAL, ended=OVER)
        ended = everything()
        assert ended != bound, "no end was written"
        for time in (OVER, OVER + TICK, NOW):
            sessions.end_embedded_goal(SESSION, GOAL, ended=time)
            assert everything() == ended, "a second end replaced the first"

    @END
    def test_each_goal_has_its_own_end(self, free: Sessions, everything: Callable[[], object]) -> None:
        goals = {UNKNOWN: NOW, GOAL: OVER, GOAL_2: OVER + TICK, GOAL_3: EXP}
        show(free, a_claim(GOAL))
        exclusive(free, a_claim(GOAL_2))
        karaoke(free, a_claim(GOAL_3))
        for goal_id, ended in goals.items():
            free.end_embedded_goal(SESSION, goal_id, ended=ended)
        pair = ShowGoalPair(funding_goal=UNKNOWN, funding_ended=NOW, show_goal=GOAL, show_ended=OVER)
        exclusive_pair = ExclusiveGoalPair(
            trigger_exclusive_goal=UNKNOWN,
            trigger_exclusive_ended=NOW,
            exclusive_goal=GOAL_2,
            exclusive_ended=OVER + TICK,
        )
        expected = ([pair], SessionKaraoke(goal=GOAL_3, goal_ended=EXP), {VIEWER: exclusive_pair})
        assert everything() == expected, "each goal has its own end"

    @END
    def test_a_funding_goal_that_ended_is_ended_for_the_guard_d12(self, free: Sessions) -> None:
        free.end_embedded_goal(SESSION, UNKNOWN, ended=NOW)
        session = free.fetch_active(SESSION)
        assert session is not None, "the session is active"
        assert session.show_goal_pair == ShowGoalPair(funding_goal=UNKNOWN, funding_ended=NOW), (
            "the guard does not see the end"
        )

    @END_INACTIVE
    def test_goals_of_an_inactive_session_are_ended(
        self, sessions: Sessions, store: Store, show_goal_pairs: ShowGoalPairs
    ) -> None:
        store(a_session(active=False, show_goal_pair=FUNDED))
        sessions.end_embedded_goal(SESSION, GOAL, ended=OVER)
        assert [*show_goal_pairs(SESSION)] == [evolve(FUNDED, funding_ended=OVER)], "the session need not be active"

    @pytest.mark.parametrize(
        ("session_id", "goal_id"), [(SESSION, GOAL), (SESSION, "x"), (SESSION_2, UNKNOWN), ("x", UNKNOWN)]
    )
    @END_NOWHERE
    def test_what_stands_nowhere_is_ended_without_error(
        self, free: Sessions, everything: Callable[[], object], session_id: str, goal_id: str
    ) -> None:
        before = everything()
        free.end_embedded_goal(session_id, goal_id, ended=OVER)
        assert everything() == before, "another session, or goal, was changed"

    @END_NOWHERE
    def test_a_session_without_any_is_left_as_it_is(self, sessions: Sessions, store: Store) -> None:
        store(a_session(claim=a_claim()))
        sessions.end_embedded_goal(SESSION, GOAL, ended=OVER)
        assert sessions.fetch_active(SESSION) == a_session(claim=a_claim()), "a session without such goals was changed"

    @ATOMIC
    def test_ends_of_many_goals_at_once_are_all_written(self, free: Sessions, everything: Callable[[], object]) -> None:
        show(free, a_claim(GOAL))
        karaoke(free, a_claim(GOAL_2))
        exclusive(free, a_claim(GOAL_3))
        ids = [UNKNOWN, GOAL, GOAL_2, GOAL_3]
        at_once([partial(free.end_embedded_goal, SESSION, goal_id, ended=OVER) for goal_id in ids])
        written = everything()
        for goal_id in ids:
            free.end_embedded_goal(SESSION, goal_id, ended=EXP)
        assert everything() == written, "an end was lost in the race"
