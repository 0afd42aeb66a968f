"""The neighbouring goals in a session: what each class's own place promises."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve

from ...core.model import ExclusiveGoalPair, SessionKaraoke, ShowGoalPair
from ...ports.session_goals import SessionGoals
from ...ports.sessions import Sessions
from .examples import (
    GOAL,
    GOAL_2,
    MALFORMED_IDS,
    NOW,
    ODD_USERS,
    SESSION,
    SESSION_2,
    UNKNOWN,
    VIEWER,
    VIEWER_2,
    a_claim,
    a_session,
)
from .promise import Promise
from .session_goals_suite import (
    ASKED,
    FUNDED,
    GOAL_3,
    OVER,
    ExclusiveGoalPairs,
    Karaoke,
    SessionGoalsSuite,
    ShowGoalPairs,
    Store,
    exclusive,
    funding,
    karaoke,
    show,
    trigger_exclusive,
)

PUSH = Promise(
    SessionGoals.bind_show_funding_goal, "pushed", "Push ``show_goal_pairs`` {funding_goal} unless it stands there."
)
SHOW = Promise(SessionGoals.bind_show_goal, "set", "Set show_goal on the funding goal's pair, unless that has one.")
KARAOKE = Promise(
    SessionGoals.bind_karaoke_goal,
    "set",
    "Make it ``karaoke_goal`` {goal, progress: 0}, unless another one that has not ended is.",
)
TRIGGER = Promise(
    SessionGoals.bind_trigger_exclusive_goal,
    "set",
    "Make it ``exclusive_goal_pairs.{viewer_id}`` {trigger_exclusive_goal}, unless a pair there is not over.",
)
EXCLUSIVE = Promise(
    SessionGoals.bind_exclusive_goal,
    "set",
    "Set exclusive_goal on the viewer's pair, if that is this trigger goal's and has none.",
)
PROGRESS = Promise(
    SessionGoals.progress_karaoke_goal,
    "grows",
    "Set ``karaoke_goal.progress``, which only grows, if this is the session's karaoke goal; else nothing.",
)
DROP = Promise(
    SessionGoals.drop_exclusive_goal_pair,
    "dropped",
    "Remove the viewer's pair if it is this trigger goal's and has no exclusive goal; else nothing.",
)


class Places(SessionGoalsSuite):
    """Pairs of a funding goal and its show, pairs of a request and its exclusive show, one karaoke goal."""

    @PUSH
    def test_a_funding_goal_is_pushed_at_the_end_d12(
        self, sessions: Sessions, store: Store, show_goal_pairs: ShowGoalPairs
    ) -> None:
        past = ShowGoalPair(funding_goal=GOAL_2, funding_ended=NOW, show_goal=GOAL_3, show_ended=NOW)
        store(a_session(show_goal_pair=past))
        bound = funding(sessions, a_claim())
        assert bound is not None, "a live goal has its place in an active session"
        assert bound.show_goal_pair == FUNDED, "the guard looks at the last pair alone"
        assert [*show_goal_pairs(SESSION)] == [past, FUNDED], "the guard looks at the last pair alone"
        assert funding(sessions, a_claim(GOAL_2)) == bound, "one that is not the last stands there as well"

    @SHOW
    def test_a_show_is_set_on_its_funding_goals_pair(self, free: Sessions, show_goal_pairs: ShowGoalPairs) -> None:
        funding(free, a_claim(GOAL_2))
        show(free, a_claim())
        assert [*show_goal_pairs(SESSION)] == [
            ShowGoalPair(funding_goal=UNKNOWN, show_goal=GOAL),
            ShowGoalPair(funding_goal=GOAL_2),
        ], "the pair need not be the last"

    @SHOW
    def test_a_pair_keeps_its_first_show(self, free: Sessions, show_goal_pairs: ShowGoalPairs) -> None:
        show(free, a_claim())
        assert show(free, a_claim(GOAL_2)) is None, "the place is another's"
        assert [*show_goal_pairs(SESSION)] == [ShowGoalPair(funding_goal=UNKNOWN, show_goal=GOAL)], (
            "the first show was replaced"
        )

    @pytest.mark.parametrize("funding_goal", [GOAL_2, *MALFORMED_IDS])
    @SHOW
    def test_a_show_without_its_funding_goals_pair_is_not_bound(self, free: Sessions, funding_goal: str) -> None:
        assert free.bind_show_goal(SESSION, a_claim(), NOW, funding_goal=funding_goal) is None, "there is no such pair"

    @pytest.mark.parametrize("viewer_id", ODD_USERS)
    @TRIGGER
    def test_a_viewers_id_may_be_any_text(
        self, free: Sessions, exclusive_goal_pairs: ExclusiveGoalPairs, viewer_id: str
    ) -> None:
        free.bind_trigger_exclusive_goal(SESSION, a_claim(), NOW, viewer_id=viewer_id)
        free.bind_exclusive_goal(SESSION, a_claim(GOAL_2), NOW, viewer_id=viewer_id, trigger_exclusive_goal=GOAL)
        free.end_embedded_goal(SESSION, GOAL_2, ended=OVER)
        pair = evolve(ASKED, exclusive_goal=GOAL_2, exclusive_ended=OVER)
        expected = {VIEWER: ExclusiveGoalPair(trigger_exclusive_goal=UNKNOWN), viewer_id: pair}
        assert exclusive_goal_pairs(SESSION) == expected, "a viewer's pair is not found under their id"

    @pytest.mark.parametrize(
        ("ended", "next_is_bound"),
        [([], False), ([UNKNOWN], True), ([GOAL], False), ([UNKNOWN, GOAL], True)],
        ids=["nothing", "the request without show", "the show alone", "both"],
    )
    @TRIGGER
    def test_a_viewers_next_request_takes_the_place_of_a_pair_that_is_over_n3(
        self, free: Sessions, exclusive_goal_pairs: ExclusiveGoalPairs, ended: list[str], next_is_bound: bool
    ) -> None:
        if GOAL in ended:
            exclusive(free, a_claim())
        for goal_id in ended:
            free.end_embedded_goal(SESSION, goal_id, ended=NOW)
        before = exclusive_goal_pairs(SESSION)
        assert (trigger_exclusive(free, a_claim(GOAL_2)) is not None) == next_is_bound, "a pair is over when both ended"
        expected = {VIEWER: ExclusiveGoalPair(trigger_exclusive_goal=GOAL_2)} if next_is_bound else before
        assert exclusive_goal_pairs(SESSION) == expected, "the next pair keeps nothing of the old one"

    @TRIGGER
    def test_a_request_whose_show_goes_on_is_not_over_n3(self, free: Sessions) -> None:
        exclusive(free, a_claim())
        free.end_embedded_goal(SESSION, UNKNOWN, ended=NOW)
        assert trigger_exclusive(free, a_claim(GOAL_2)) is None, "the viewer's exclusive show goes on"

    @pytest.mark.parametrize(("viewer_id", "trigger"), [(VIEWER_2, UNKNOWN), (VIEWER, GOAL_2), (VIEWER, "x")])
    @EXCLUSIVE
    def test_an_exclusive_goal_without_its_pair_is_not_bound(
        self, free: Sessions, everything: Callable[[], object], viewer_id: str, trigger: str
    ) -> None:
        before = everything()
        bound = free.bind_exclusive_goal(SESSION, a_claim(), NOW, viewer_id=viewer_id, trigger_exclusive_goal=trigger)
        assert bound is None, "that pair is another request's"
        assert everything() == before, "another session, or goal, was changed"

    @DROP
    def test_a_request_without_a_show_is_dropped_n3(
        self, free: Sessions, exclusive_goal_pairs: ExclusiveGoalPairs
    ) -> None:
        free.bind_trigger_exclusive_goal(SESSION, a_claim(), NOW, viewer_id=VIEWER_2)
        for _ in range(2):
            free.drop_exclusive_goal_pair(SESSION, VIEWER, UNKNOWN)
            assert exclusive_goal_pairs(SESSION) == {VIEWER_2: ASKED}, "the viewer's pair is removed, and it alone"

    @pytest.mark.parametrize(
        ("session_id", "viewer_id", "goal_id"),
        [(SESSION, VIEWER, GOAL_2), (SESSION, VIEWER_2, UNKNOWN), (SESSION_2, VIEWER, UNKNOWN), ("x", VIEWER, UNKNOWN)],
    )
    @DROP
    def test_another_pair_is_not_dropped(
        self, free: Sessions, everything: Callable[[], object], session_id: str, viewer_id: str, goal_id: str
    ) -> None:
        before = everything()
        free.drop_exclusive_goal_pair(session_id, viewer_id, goal_id)
        assert everything() == before, "another session, or goal, was changed"

    @DROP
    def test_a_request_with_a_show_is_not_dropped_n3(self, free: Sessions, everything: Callable[[], object]) -> None:
        exclusive(free, a_claim())
        before = everything()
        free.drop_exclusive_goal_pair(SESSION, VIEWER, UNKNOWN)
        assert everything() == before, "another session, or goal, was changed"

    @KARAOKE
    def test_a_karaoke_goal_takes_the_place_of_one_that_has_ended(self, free: Sessions, karaoke_goal: Karaoke) -> None:
        assert karaoke_goal(SESSION) is None, "no karaoke goal was bound yet"
        karaoke(free, a_claim())
        assert karaoke(free, a_claim(GOAL_2)) is None, "one goes on"
        free.progress_karaoke_goal(SESSION, GOAL, 7)
        free.end_embedded_goal(SESSION, GOAL, ended=OVER)
        assert karaoke(free, a_claim(GOAL_2)) is not None, "the last one has ended"
        assert karaoke_goal(SESSION) == SessionKaraoke(goal=GOAL_2), "it keeps nothing of the last one"

    @PROGRESS
    def test_progress_only_grows(self, free: Sessions, karaoke_goal: Karaoke) -> None:
        karaoke(free, a_claim())
        for progress in (2, 5, 3):  # late and in any order (D19)
            free.progress_karaoke_goal(SESSION, GOAL, progress)
        assert karaoke_goal(SESSION) == SessionKaraoke(goal=GOAL, progress=5), "progress went back"

    @pytest.mark.parametrize(
        ("session_id", "goal_id"), [(SESSION, GOAL_2), (SESSION, "x"), (SESSION_2, GOAL), ("x", GOAL)]
    )
    @PROGRESS
    def test_progress_of_another_goal_changes_nothing(
        self, free: Sessions, karaoke_goal: Karaoke, session_id: str, goal_id: str
    ) -> None:
        free.progress_karaoke_goal(session_id, goal_id, 1)
        karaoke(free, a_claim())
        free.progress_karaoke_goal(session_id, goal_id, 1)
        assert karaoke_goal(SESSION) == SessionKaraoke(goal=GOAL), "that is another goal's progress"
