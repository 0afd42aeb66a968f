"""Goals: what ``end`` promises."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from attrs import evolve

from ...ports.goals import Goals
from .examples import EXP, GOAL, MALFORMED_IDS, NOW, STREAMER, STREAMER_2, TICK, UNKNOWN, VIEWER, a_goal
from .goals_suite import GoalsSuite, stored
from .promise import Promise
from .races import CALLERS, at_once

ENDS = Promise(
    Goals.end,
    "ends",
    "Compare-and-set: if active, set active = false and exp = min(exp, now), and add ``metadata`` (D26, L2).",
)
ONCE = Promise(Goals.end, "once", "A goal ends once: one that has ended already stays as it ended, whoever races.")
STREAMER_ALONE = Promise(
    Goals.end,
    "streamer",
    "With ``streamer_id`` only that streamer's goal (``metadata.user_id``) is ended.",
)
UNKNOWN_END = Promise(Goals.end, "unknown", "None when the goal is unknown.")


class Ending(GoalsSuite):
    """Goals end: by time, or by the streamer's answer."""

    @ENDS
    def test_ending_sets_active_and_exp_alone(self, goals: Goals) -> None:
        goals.insert(a_goal(nbf=NOW, progress=3))
        ended = a_goal(nbf=NOW, progress=3, active=False, exp=NOW)
        assert goals.end(GOAL, NOW) == ended, "ending returns the goal as it ended"
        assert goals.get(GOAL) == ended, "ending sets active = false and exp = min(exp, now)"

    @pytest.mark.parametrize(
        ("exp", "now", "ended"),
        [(EXP, EXP - TICK, EXP - TICK), (EXP, EXP, EXP), (EXP, EXP + TICK, EXP), (None, NOW, NOW)],
        ids=["before exp", "at exp", "after exp", "no exp"],
    )
    @ENDS
    def test_a_goal_ends_at_its_exp_at_the_latest(
        self, goals: Goals, exp: datetime | None, now: datetime, ended: datetime
    ) -> None:
        goals.insert(a_goal(exp=exp))
        assert goals.end(GOAL, now) == a_goal(active=False, exp=ended), "exp becomes min(exp, now)"

    @ONCE
    def test_a_goal_ends_once_d26(self, goals: Goals) -> None:
        goals.insert(a_goal())
        ended = goals.end(GOAL, NOW)
        assert goals.end(GOAL, NOW - TICK) == ended, "a goal that has ended is returned as it ended"
        assert goals.get(GOAL) == ended, "a goal ended twice"

    @ONCE
    def test_of_many_endings_at_once_one_stands_d26(self, goals: Goals) -> None:
        goals.insert(a_goal())
        answers = at_once([partial(goals.end, GOAL, NOW + TICK * number) for number in range(CALLERS)])
        assert answers == [stored(goals)] * CALLERS, "every caller gets the goal as it ended, once"

    @ONCE
    def test_a_goal_inserted_as_inactive_has_ended(self, goals: Goals) -> None:
        goal = evolve(a_goal(), active=False)
        goals.insert(goal)
        assert goals.end(GOAL, NOW) == goal, "a goal that is not active stays as it is"

    @pytest.mark.parametrize("goal_id", [UNKNOWN, *MALFORMED_IDS])
    @UNKNOWN_END
    def test_ending_an_unknown_goal_is_none(self, goals: Goals, goal_id: str) -> None:
        goals.insert(a_goal())
        assert goals.end(goal_id, NOW) is None, "there is no such goal"
        assert goals.get(GOAL) == a_goal(), "another goal was ended"

    @pytest.mark.parametrize("answer", [{"agreed": NOW}, {"cooldown": NOW + timedelta(minutes=1)}, {}])
    @ENDS
    def test_an_answer_is_kept_in_the_metadata_l2(self, goals: Goals, answer: dict[str, object]) -> None:
        goals.insert(a_goal())
        ended = a_goal(active=False, exp=NOW, metadata={**a_goal().metadata, **answer})
        assert goals.end(GOAL, NOW, streamer_id=STREAMER, metadata=answer) == ended, "metadata is added to, and kept"
        assert goals.get(GOAL) == ended, "something else was stored"

    @ENDS
    def test_an_answer_may_hold_any_text_l2(self, goals: Goals) -> None:
        goals.insert(a_goal())
        ended = goals.end(GOAL, NOW, metadata={"note": "$exp"})
        assert ended is not None, "the inserted goal is not found"
        assert ended.metadata["note"] == "$exp", "a value was taken for an expression"

    @pytest.mark.parametrize("streamer_id", [STREAMER_2, VIEWER, *MALFORMED_IDS])
    @STREAMER_ALONE
    def test_somebody_elses_goal_is_returned_untouched_l2(self, goals: Goals, streamer_id: str) -> None:
        goals.insert(a_goal())
        untouched = goals.end(GOAL, NOW, streamer_id=streamer_id, metadata={"agreed": NOW})
        assert untouched == a_goal(), "only the goal's streamer may answer"
        assert goals.get(GOAL) == a_goal(), "somebody else's goal was ended"

    @pytest.mark.parametrize("metadata", [{}, {"user_id": None}])
    @STREAMER_ALONE
    def test_a_goal_without_a_streamer_is_nobodys_to_answer_l2(self, goals: Goals, metadata: dict[str, object]) -> None:
        goals.insert(a_goal(metadata=metadata))
        untouched = goals.end(GOAL, NOW, streamer_id=STREAMER)
        assert untouched == a_goal(metadata=metadata), "a goal that is nobody's was ended"

    @ONCE
    def test_a_second_answer_changes_nothing_l2(self, goals: Goals) -> None:
        goals.insert(a_goal())
        first = goals.end(GOAL, NOW, streamer_id=STREAMER, metadata={"agreed": NOW})
        second = goals.end(GOAL, NOW + TICK, streamer_id=STREAMER, metadata={"cooldown": NOW})
        assert second == first, "the first answer stands"

    @ONCE
    def test_of_agreeing_and_refusing_at_once_one_stands_l2(self, goals: Goals) -> None:
        goals.insert(a_goal())
        answers = [{"agreed": NOW}, {"cooldown": NOW}] * (CALLERS // 2)
        ends = [partial(goals.end, GOAL, NOW, streamer_id=STREAMER, metadata=answer) for answer in answers]
        assert at_once(ends) == [stored(goals)] * CALLERS, "every caller gets the goal as it ended"
        kept = stored(goals).metadata.keys() & {"agreed", "cooldown"}
        assert len(kept) == 1, "the goal was agreed and refused"
