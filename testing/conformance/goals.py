"""What :class:`show_goal.ports.goals.Goals` promises."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from attrs import evolve

from ...core import names
from ...core.decision import Settlement
from ...core.errors import OngoingGoalExists
from ...core.model import Goal
from ...ports.goals import Goals
from .examples import (
    EXP,
    GOAL,
    GOAL_2,
    MALFORMED_IDS,
    NOW,
    OVER,
    SESSION_2,
    STREAMER,
    STREAMER_2,
    TICK,
    UNKNOWN,
    UNKNOWN_IDS,
    VIEWER,
    a_goal,
    goal_ids,
)
from .goals_progress import ProgressConformance
from .goals_settling import NEIGHBOURS, SettlingConformance
from .goals_showing import ShowingConformance
from .promise import Promise
from .races import CALLERS, at_once


class GoalsConformance(ProgressConformance, ShowingConformance, SettlingConformance):
    """``under_test`` returns the adapter, without goals."""

    @Promise(Goals.get, "whole")
    def test_a_goal_is_read_as_it_was_inserted(self) -> None:
        goal = self.inserted(
            nbf=NOW,
            levels=[{"amount": 100}],
            metadata={**a_goal().metadata, "cooldown": NOW},
            progress=3,
            settlement=Settlement.REFUNDED,
            planned=2,
            settled=True,
        )
        assert self.goals.get(GOAL) == goal, "a field changed"
        self.inserted(id=GOAL_2, conditions={"session_id": SESSION_2}, exp=None)
        endless = self.goals.get(GOAL_2)
        assert endless is not None, "the inserted goal is not found"
        assert endless.exp is None, "a goal without exp got one"

    @pytest.mark.parametrize("_cls", [names.TRIGGER_PRIVATE_GOAL, *NEIGHBOURS])
    @Promise(Goals.get, "class")
    def test_a_goal_has_its_bare_class_name_d5(self, _cls: str) -> None:
        self.inserted(_cls=_cls, context={})
        assert self.stored()._cls == _cls, "_cls is not the bare class name"

    @Promise(Goals.get, "unknown")
    def test_an_unknown_goal_is_none(self) -> None:
        self.unknown(self.goals.get)

    @Promise(Goals.get_many, "found")
    def test_several_goals_are_read_at_once(self) -> None:
        assert self.goals.get_many([]) == {}, "nobody was asked for"
        self.several([EXP, None, EXP])
        first, second, _ = goal_ids(3)
        found = self.goals.get_many({first, second})
        assert found.keys() == {first, second}, "a goal is missing, or one that was not asked for is there"
        assert all(self.goals.get(goal_id) == goal for goal_id, goal in found.items()), "a field changed"

    @Promise(Goals.get_many, "unknown")
    def test_unknown_goals_are_left_out_and_hide_no_other(self) -> None:
        goal = self.inserted()
        assert self.goals.get_many([*UNKNOWN_IDS, GOAL]) == {GOAL: goal}, "an unknown id hides a goal, or is one"

    @Promise(Goals.insert, "again")
    def test_inserting_again_changes_nothing_d19(self) -> None:
        assert self.inserted() == a_goal(), "insert() returns the stored goal"
        again = self.inserted(exp=EXP + TICK, metadata={})
        assert again == self.stored() == a_goal(), "a redelivery changed the goal"
        ended = self.goals.end(GOAL, NOW)
        assert self.inserted() == ended == self.stored(), "a redelivery made an ended goal active again"

    @Promise(Goals.insert, "again")
    def test_of_many_inserts_of_a_goal_at_once_one_is_stored_d19(self) -> None:
        answers = at_once([partial(self.inserted, progress=number) for number in range(CALLERS)])
        assert answers == [self.stored()] * CALLERS, "every caller gets the stored goal"

    @pytest.mark.parametrize("exp", [EXP, NOW - timedelta(days=1)], ids=["live", "past its exp, and not ended"])
    @Promise(Goals.insert, "ongoing")
    def test_a_second_active_private_goal_is_refused_d2(self, exp: datetime) -> None:
        self.inserted(exp=exp)
        with pytest.raises(OngoingGoalExists) as refusal:
            self.inserted(id=GOAL_2)
        assert refusal.value.goal_id == GOAL, "the refusal names another goal"
        assert self.goals.get(GOAL_2) is None, "the session has two active private goals"

    @Promise(Goals.insert, "ongoing")
    def test_of_many_private_goals_at_once_one_is_stored_d2(self) -> None:
        ids = goal_ids(CALLERS)
        answers = at_once([partial(self.inserted, id=goal_id) for goal_id in ids])
        stored = [answer.id for answer in answers if isinstance(answer, Goal)]
        assert len(stored) == 1, f"{len(stored)} active private goals in one session"
        others = [answer.goal_id for answer in answers if isinstance(answer, OngoingGoalExists)]
        assert others == stored * (CALLERS - 1), "the refusals name the goal that is stored"
        assert [goal_id for goal_id in ids if self.goals.get(goal_id) is not None] == stored, "another is stored too"

    @Promise(Goals.insert, "others")
    def test_a_goal_that_has_ended_does_not_prevent_the_next(self) -> None:
        self.ended()
        assert self.inserted(id=GOAL_2) == a_goal(id=GOAL_2), "the last goal has ended"

    @pytest.mark.parametrize(
        "changes", [{"conditions": {"session_id": SESSION_2}}, {"active": False}], ids=["other session", "inactive"]
    )
    @Promise(Goals.insert, "others")
    def test_another_session_or_an_inactive_goal_is_not_refused(self, changes: dict[str, object]) -> None:
        self.inserted()
        other = a_goal(id=GOAL_2, **changes)
        assert self.goals.insert(other) == other, "only a second active goal of the session is refused"

    @pytest.mark.parametrize("_cls", NEIGHBOURS)
    @Promise(Goals.insert, "others")
    def test_a_session_may_have_many_goals_of_other_classes(self, _cls: str) -> None:
        self.inserted()
        for goal_id in (GOAL_2, UNKNOWN):
            neighbour = a_goal(id=goal_id, _cls=_cls, context={"type": "show"})
            assert self.goals.insert(neighbour) == neighbour, "only private goals are limited to one"

    @pytest.mark.parametrize(
        ("exp", "now", "ended"),
        [(EXP, EXP - TICK, EXP - TICK), (EXP, EXP, EXP), (EXP, EXP + TICK, EXP), (None, NOW, NOW)],
        ids=["before exp", "at exp", "after exp", "no exp"],
    )
    @Promise(Goals.end, "ends")
    def test_ending_sets_active_and_exp_only(self, exp: datetime | None, now: datetime, ended: datetime) -> None:
        self.inserted(exp=exp, nbf=NOW, progress=3)
        expected = a_goal(active=False, exp=ended, nbf=NOW, progress=3)
        assert self.goals.end(GOAL, now) == expected, "exp becomes min(exp, now)"
        assert self.goals.get(GOAL) == expected, "another goal is stored than was returned"

    @pytest.mark.parametrize("answer", [{"agreed": NOW}, {"cooldown": OVER}, {"note": "$exp"}, {}], ids=str)
    @Promise(Goals.end, "ends")
    def test_an_answer_is_added_to_the_metadata_l2(self, answer: dict[str, object]) -> None:
        self.inserted()
        expected = a_goal(active=False, exp=NOW, metadata={**a_goal().metadata, **answer})
        ended = self.goals.end(GOAL, NOW, streamer_id=STREAMER, metadata=answer)
        assert ended == expected, "metadata was not added as it is"
        assert self.goals.get(GOAL) == expected, "another goal is stored than was returned"

    @Promise(Goals.end, "once")
    def test_a_goal_ends_once_d26(self) -> None:
        self.inserted()
        first = self.goals.end(GOAL, NOW, streamer_id=STREAMER, metadata={"agreed": NOW})
        for now in (NOW - TICK, NOW + TICK):
            second = self.goals.end(GOAL, now, streamer_id=STREAMER, metadata={"cooldown": NOW})
            assert second == first == self.stored(), "a second end changed the goal"

    @Promise(Goals.end, "once")
    def test_a_goal_inserted_as_inactive_has_ended(self) -> None:
        goal = self.inserted(active=False)
        assert self.goals.end(GOAL, NOW) == goal, "an inactive goal was ended again"

    @Promise(Goals.end, "once")
    def test_of_many_ends_at_once_one_is_stored_d26(self) -> None:
        self.inserted()
        ends = [partial(self.goals.end, GOAL, NOW + TICK * number) for number in range(CALLERS)]
        assert at_once(ends) == [self.stored()] * CALLERS, "every caller gets the goal as it ended"

    @Promise(Goals.end, "once")
    def test_of_agreeing_and_refusing_at_once_one_is_stored_l2(self) -> None:
        self.inserted()
        answers = [{"agreed": NOW}, {"cooldown": NOW}] * (CALLERS // 2)
        ends = [partial(self.goals.end, GOAL, NOW, streamer_id=STREAMER, metadata=answer) for answer in answers]
        assert at_once(ends) == [self.stored()] * CALLERS, "every caller gets the goal as it ended"
        assert len(self.stored().metadata.keys() & {"agreed", "cooldown"}) == 1, "the goal was agreed and refused"

    @Promise(Goals.end, "streamer")
    def test_another_streamers_goal_is_returned_unchanged_l2(self) -> None:
        self.inserted()
        for streamer_id in (STREAMER_2, VIEWER, *MALFORMED_IDS):
            unchanged = self.goals.end(GOAL, NOW, streamer_id=streamer_id, metadata={"agreed": NOW})
            assert unchanged == a_goal() == self.stored(), "somebody else ended the goal"

    @pytest.mark.parametrize("metadata", [{}, {"user_id": None}])
    @Promise(Goals.end, "streamer")
    def test_no_streamer_can_end_a_goal_without_streamer_l2(self, metadata: dict[str, object]) -> None:
        goal = self.inserted(metadata=metadata)
        assert self.goals.end(GOAL, NOW, streamer_id=STREAMER) == goal, "the goal is nobody's, and was ended"

    @Promise(Goals.end, "unknown")
    def test_an_unknown_goal_is_not_ended(self) -> None:
        self.unknown(lambda goal_id: self.goals.end(goal_id, NOW))

    @pytest.mark.parametrize("active", [True, False])
    @Promise(Goals.link, "linked")
    def test_a_goal_is_linked_to_the_next_l5(self, active: bool) -> None:
        before = self.inserted() if active else self.ended()
        expected = evolve(before, context={**before.context, "show_goal_id": GOAL_2})
        assert self.goals.link(GOAL, "show_goal_id", GOAL_2) == expected, "the link is missing, or something changed"
        assert self.goals.get(GOAL) == expected, "another goal is stored than was returned"

    @Promise(Goals.link, "once")
    def test_the_first_link_stays_l5(self) -> None:
        self.inserted()
        first = self.goals.link(GOAL, "show_goal_id", GOAL_2)
        for other in (GOAL_2, UNKNOWN):
            assert self.goals.link(GOAL, "show_goal_id", other) == first == self.stored(), "the first link was replaced"

    @Promise(Goals.link, "once")
    def test_of_many_links_at_once_one_is_stored_l5(self) -> None:
        self.inserted()
        others = goal_ids(CALLERS)
        answers = at_once([partial(self.goals.link, GOAL, "show_goal_id", other) for other in others])
        assert self.stored().context["show_goal_id"] in others, "no link is stored"
        assert answers == [self.stored()] * CALLERS, "every caller gets the stored link"

    @Promise(Goals.link, "unknown")
    def test_an_unknown_goal_is_not_linked(self) -> None:
        self.unknown(lambda goal_id: self.goals.link(goal_id, "show_goal_id", GOAL_2))
