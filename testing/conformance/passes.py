"""What :class:`show_goal.ports.passes.Passes` promises."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest

from ...core.model import ViewerPass
from ...ports.passes import Passes
from .examples import GOAL, GOAL_2, GOAL_3, NOW, ODD_USERS, SESSION, SESSION_2, TICK, UNKNOWN_IDS, VIEWER, VIEWER_2
from .promise import Conformance, Promise
from .races import CALLERS, at_once

ANY_TEXT = Promise(Passes.admit, "any_text", "takes_any_user_id")
MOVED = "time that had begun moved, or time that had not begun stayed"
GOALS = [f"60a2{number:020x}" for number in range(CALLERS)]


class PassesConformance(Conformance[Passes]):
    """``under_test`` returns the adapter, without passes."""

    takes_any_user_id = True
    """False for a store that accepts only one form of user id, for example ObjectIds."""

    def take(self, under_test: Passes) -> None:
        self.passes = under_test

    @Promise(Passes.admit, "admits")
    def test_viewers_are_admitted_for_what_they_paid_l3(self) -> None:
        self.passes.admit(SESSION, GOAL, {}, NOW)
        self.passes.admit(SESSION, GOAL, {VIEWER: _pass(90)}, NOW)
        self.passes.admit(SESSION, GOAL, {VIEWER_2: _pass(180)}, NOW)
        assert self.found(VIEWER, VIEWER_2) == [_pass(90), _pass(180)], "a pass is missing or changed"

    @Promise(Passes.admit, "admits")
    def test_each_session_has_its_own_passes_d36(self) -> None:
        self.passes.admit(SESSION, GOAL, {VIEWER: _pass(90)}, NOW)
        self.passes.admit(SESSION_2, GOAL_2, {VIEWER: _pass(30)}, NOW)
        assert self.passes.find(SESSION, VIEWER) == _pass(90), "another session's pass changed it"
        assert self.passes.find(SESSION_2, VIEWER) == _pass(30), "the other session's pass is missing"

    @Promise(Passes.admit, "admits")
    def test_many_are_admitted_in_one_call_d36(self) -> None:
        passes = {f"71e1{number:020x}": _pass(number + 1) for number in range(250)}
        self.passes.admit(SESSION, GOAL, passes, NOW)
        assert self.found(*passes) == [*passes.values()], "a viewer who paid is missing"

    @Promise(Passes.admit, "at_once")
    def test_viewers_admitted_at_once_are_all_admitted(self) -> None:
        passes = {f"71e1{number:020x}": _pass(number + 1) for number in range(CALLERS)}
        at_once([partial(self.passes.admit, SESSION, GOAL, {viewer: passed}, NOW) for viewer, passed in passes.items()])
        assert self.found(*passes) == [*passes.values()], "a viewer who paid was lost"

    @pytest.mark.parametrize(
        ("begins", "adds_up_to"),
        [
            (TICK * 0, (0, 3_660)),
            (TICK * 1_000, (0, 3_660)),
            (TICK * 3_600_000, (0, 3_660)),
            (TICK * 3_600_001, (3_600_001, 60)),  # the first pass is over
        ],
    )
    @Promise(Passes.admit, "adds_up")
    def test_time_bought_while_a_pass_runs_is_added_to_it_d37(
        self, begins: timedelta, adds_up_to: tuple[int, int]
    ) -> None:
        later = ViewerPass(nbf=NOW + begins, duration=60)
        self.passes.admit(SESSION, GOAL, {VIEWER: _pass(3_600)}, NOW)
        self.passes.admit(SESSION, GOAL_2, {VIEWER: later, VIEWER_2: later}, NOW)
        ticks, duration = adds_up_to
        assert self.found(VIEWER, VIEWER_2) == [ViewerPass(nbf=NOW + TICK * ticks, duration=duration), later], (
            "lost time"
        )

    @Promise(Passes.admit, "adds_up")
    def test_it_adds_up_in_any_order_d37(self) -> None:
        self.passes.admit(SESSION, GOAL_2, {VIEWER: ViewerPass(nbf=NOW + TICK, duration=60)}, NOW)
        self.passes.admit(SESSION, GOAL, {VIEWER: _pass(3_600)}, NOW)
        assert self.passes.find(SESSION, VIEWER) == _pass(3_660), "time was lost"

    @Promise(Passes.admit, "adds_up")
    def test_goals_that_give_time_at_once_all_count_d37(self) -> None:
        at_once([partial(self.passes.admit, SESSION, goal_id, {VIEWER: _pass(10)}, NOW) for goal_id in GOALS])
        assert self.passes.find(SESSION, VIEWER) == _pass(10 * CALLERS), "a race lost time"

    @Promise(Passes.admit, "once")
    def test_a_goal_gives_its_time_once_d37(self) -> None:
        for _ in range(2):
            self.passes.admit(SESSION, GOAL, {VIEWER: _pass(90)}, NOW)
            self.passes.admit(SESSION, GOAL_2, {VIEWER: _pass(30)}, NOW)
        assert self.passes.find(SESSION, VIEWER) == _pass(120), "a repeat counted again"

    @Promise(Passes.admit, "once")
    def test_a_goal_that_gives_its_time_twice_at_once_gives_it_once_d37(self) -> None:
        at_once([partial(self.passes.admit, SESSION, GOAL, {VIEWER: _pass(90)}, NOW)] * CALLERS)
        assert self.passes.find(SESSION, VIEWER) == _pass(90), "a repeat counted again"

    @Promise(Passes.admit, "once")
    def test_time_may_begin_anew_later_and_not_earlier_d38(self) -> None:
        anew = ViewerPass(nbf=NOW + TICK, duration=90)
        self.passes.admit(SESSION, GOAL, {VIEWER: _pass(90)}, NOW)
        for _ in range(2):
            self.passes.admit(SESSION, GOAL, {VIEWER: anew}, NOW)
            assert self.passes.find(SESSION, VIEWER) == anew, "it did not begin anew"
            self.passes.admit(SESSION, GOAL, {VIEWER: _pass(90)}, NOW)
        assert self.passes.find(SESSION, VIEWER) == anew, "an old message took time away"

    @Promise(Passes.admit, "late")
    def test_time_that_is_given_late_begins_then_d38(self) -> None:
        now = NOW + TICK * 60_000
        self.passes.admit(SESSION, GOAL, {VIEWER: _pass(30)}, NOW)
        late = {VIEWER: ViewerPass(nbf=NOW + TICK * 40_000, duration=30), VIEWER_2: _pass(90)}
        for later in (0, 1):
            self.passes.admit(SESSION, GOAL, late, now + TICK * later)
            passes = [ViewerPass(nbf=now, duration=duration) for duration in (30, 90)]
            assert self.found(VIEWER, VIEWER_2) == passes, "they paid for time that was over"

    @Promise(Passes.admit, "late")
    def test_who_could_see_it_meanwhile_gets_no_more_d38(self) -> None:
        anew = ViewerPass(nbf=NOW + TICK, duration=90)
        self.passes.admit(SESSION, GOAL, {VIEWER: _pass(90)}, NOW)
        self.passes.admit(SESSION, GOAL, {VIEWER: anew}, NOW + TICK * 9_000)
        assert self.passes.find(SESSION, VIEWER) == anew, "a late message gave more time"

    @pytest.mark.parametrize("viewer_id", ODD_USERS)
    @ANY_TEXT
    def test_a_viewer_id_may_be_any_text_l3(self, viewer_id: str) -> None:
        others = [odd for odd in (*ODD_USERS, VIEWER) if odd != viewer_id]
        self.passes.admit(SESSION, GOAL, {viewer_id: _pass(1)}, NOW)
        assert self.passes.find(SESSION, viewer_id) == _pass(1), "the pass is not found"
        assert self.found(*others) == [None] * len(others), "the id became another one"

    @Promise(Passes.take_back, "takes_back")
    def test_a_refund_takes_the_pass_back_d39(self) -> None:
        self.passes.admit(SESSION, GOAL, {VIEWER: _pass(90), VIEWER_2: _pass(90)}, NOW)
        for _ in range(2):
            self.passes.take_back(SESSION, GOAL, [VIEWER], NOW)
            assert self.found(VIEWER, VIEWER_2) == [None, _pass(90)], "the pass is still there, or another one is gone"
        self.passes.take_back(SESSION, GOAL, [], NOW)

    @Promise(Passes.take_back, "takes_back")
    def test_the_time_of_other_goals_stays_d39(self) -> None:
        for goal_id, duration in ((GOAL, 90), (GOAL_2, 30), (GOAL_3, 5)):
            self.passes.admit(SESSION, goal_id, {VIEWER: _pass(duration)}, NOW)
        self.passes.take_back(SESSION, GOAL_2, [VIEWER], NOW)
        assert self.passes.find(SESSION, VIEWER) == _pass(95), "another goal's time is gone, or this one's is not"

    @pytest.mark.parametrize(("now", "begin"), [(29, (5, 35)), (30, (30, 60)), (75, (30, 60))])
    @Promise(Passes.take_back, "begun")
    def test_only_time_that_has_not_begun_moves_up_when_time_before_it_is_taken_back_d37(
        self, now: int, begin: tuple[int, int]
    ) -> None:
        self._three_times_30_seconds()
        self.passes.take_back(SESSION, GOAL, [VIEWER], _at(now))
        assert self._begin() == [_at(seconds) for seconds in begin], MOVED

    @Promise(Passes.take_back, "for_good")
    def test_a_late_message_gives_nothing_after_the_refund_d39(self) -> None:
        self.passes.admit(SESSION, GOAL, {VIEWER: _pass(90)}, NOW)
        self.passes.take_back(SESSION, GOAL, [VIEWER, VIEWER_2], NOW)
        self.passes.admit(SESSION, GOAL, {VIEWER: _pass(90), VIEWER_2: ViewerPass(nbf=NOW + TICK, duration=90)}, NOW)
        assert self.found(VIEWER, VIEWER_2) == [None, None], "who was refunded may watch"

    @Promise(Passes.take_back, "for_good")
    def test_of_a_pass_and_its_refund_at_once_the_refund_counts_d39(self) -> None:
        admits = [partial(self.passes.admit, SESSION, GOAL, {VIEWER: _pass(90)}, NOW)] * (CALLERS - 1)
        at_once([*admits, partial(self.passes.take_back, SESSION, GOAL, [VIEWER], NOW)])
        assert self.passes.find(SESSION, VIEWER) is None, "a race gave the pass back"

    @Promise(Passes.begins, "taken_back")
    def test_time_that_was_taken_back_has_no_begin_d39(self) -> None:
        self.passes.admit(SESSION, GOAL, {VIEWER: _pass(90), VIEWER_2: _pass(90)}, NOW)
        self.passes.take_back(SESSION, GOAL, [VIEWER], NOW)
        begins = dict(self.passes.begins(SESSION, GOAL, [VIEWER, VIEWER_2]))
        assert begins == {VIEWER: None, VIEWER_2: NOW}, "it was not said that the time was taken back"

    @Promise(Passes.shorten, "shortens")
    def test_time_that_is_not_paid_for_in_the_end_is_gone_d39(self) -> None:
        self.passes.admit(SESSION, GOAL, {VIEWER: _pass(90), VIEWER_2: _pass(90)}, NOW)
        self.passes.shorten(SESSION, GOAL, {VIEWER: NOW + 29_001 * TICK}, NOW)
        assert self.found(VIEWER, VIEWER_2) == [_pass(30), _pass(90)], "it does not end then, or another's does"
        self.passes.admit(SESSION, GOAL_2, {VIEWER: ViewerPass(nbf=NOW + TICK, duration=5)}, NOW)
        self.passes.shorten(SESSION, GOAL, {VIEWER: NOW + 10_000 * TICK}, NOW)
        assert self.found(VIEWER) == [_pass(15)], "the time of another goal does not move up"

    @pytest.mark.parametrize(("now", "begin"), [(29, (10, 40)), (30, (30, 60)), (75, (30, 60))])
    @Promise(Passes.shorten, "begun")
    def test_only_time_that_has_not_begun_moves_up_when_time_before_it_is_shortened_d37(
        self, now: int, begin: tuple[int, int]
    ) -> None:
        self._three_times_30_seconds()
        self.passes.shorten(SESSION, GOAL, {VIEWER: _at(10)}, _at(now))
        assert self._begin() == [_at(seconds) for seconds in begin], MOVED

    @Promise(Passes.shorten, "never_longer")
    def test_nobody_gets_time_back_that_was_shortened_d39(self) -> None:
        self.passes.admit(SESSION, GOAL, {VIEWER: _pass(90)}, NOW)
        for seconds, left in ((30, 30), (60, 30), (-5, 0)):
            self.passes.shorten(SESSION, GOAL, {VIEWER: NOW + seconds * 1_000 * TICK}, NOW)
            self.passes.admit(SESSION, GOAL, {VIEWER: _pass(90)}, NOW)
            assert self.found(VIEWER) == [_pass(left)], "a late message gave the time back, or it became longer"

    @Promise(Passes.shorten, "none")
    def test_who_got_nothing_from_the_goal_gets_nothing_when_it_is_shortened(self) -> None:
        self.passes.admit(SESSION, GOAL, {VIEWER: _pass(90)}, NOW)
        self.passes.shorten(SESSION, GOAL_2, {VIEWER: NOW, VIEWER_2: NOW}, NOW)
        assert self.found(VIEWER, VIEWER_2) == [_pass(90), None], "another goal's time is gone, or there is a new pass"

    @Promise(Passes.begins, "begins")
    def test_the_time_of_a_goal_begins_after_the_time_that_runs_already_d37(self) -> None:
        self.passes.admit(SESSION, GOAL, {VIEWER: _pass(90)}, NOW)
        self.passes.admit(SESSION, GOAL_2, {VIEWER: ViewerPass(nbf=NOW + TICK, duration=30), VIEWER_2: _pass(30)}, NOW)
        first = self.passes.begins(SESSION, GOAL, [VIEWER])
        assert dict(first) == {VIEWER: NOW}, "the first goal's time does not begin with its nbf"
        second = self.passes.begins(SESSION, GOAL_2, [VIEWER, VIEWER_2])
        wanted = {VIEWER: _pass(90).exp, VIEWER_2: NOW}
        assert dict(second) == wanted, "time that is added does not begin behind the other"

    @Promise(Passes.begins, "none")
    def test_who_got_no_time_from_the_goal_is_left_out(self) -> None:
        self.passes.admit(SESSION, GOAL, {VIEWER: _pass(90)}, NOW)
        assert [*self.passes.begins(SESSION, GOAL, [VIEWER, VIEWER_2, "unknown"])] == [VIEWER], "somebody has no time"
        assert dict(self.passes.begins(SESSION, GOAL_2, [VIEWER])) == {}, "another goal's time"
        for session_id in (SESSION_2, *UNKNOWN_IDS):
            assert dict(self.passes.begins(session_id, GOAL, [VIEWER])) == {}, f"{session_id!r} admitted nobody"

    @Promise(Passes.find, "found")
    def test_a_pass_is_found_whether_or_not_its_time_is_over(self) -> None:
        long_over = ViewerPass(nbf=NOW.replace(year=2000), duration=0)
        for goal_id, each in ((GOAL, long_over), (GOAL_2, _pass(1)), (GOAL_3, _pass(5, year=2027))):
            self.passes.admit(SESSION, goal_id, {VIEWER: each}, each.nbf)
            assert self.passes.find(SESSION, VIEWER) == each, "the pass is missing or changed"

    @Promise(Passes.find, "none")
    def test_who_was_not_admitted_has_no_pass(self) -> None:
        self.passes.admit(SESSION, GOAL, {VIEWER: _pass(90)}, NOW)
        assert self.passes.find(SESSION, VIEWER_2) is None, "another viewer's pass"
        for session_id in (SESSION_2, *UNKNOWN_IDS):
            assert self.passes.find(session_id, VIEWER) is None, f"{session_id!r} admitted nobody"

    def _three_times_30_seconds(self) -> None:
        for seconds, goal_id in ((0, GOAL), (5, GOAL_2), (6, GOAL_3)):
            self.passes.admit(SESSION, goal_id, {VIEWER: ViewerPass(nbf=_at(seconds), duration=30)}, _at(seconds))

    def _begin(self) -> list[datetime | None]:
        """When the time of the second and the third goal begins."""
        return [self.passes.begins(SESSION, goal_id, [VIEWER])[VIEWER] for goal_id in (GOAL_2, GOAL_3)]

    def found(self, *viewers: str) -> list[ViewerPass | None]:
        return [self.passes.find(SESSION, viewer_id) for viewer_id in viewers]


def _at(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


def _pass(duration: int, year: int = NOW.year) -> ViewerPass:
    return ViewerPass(nbf=NOW.replace(year=year), duration=duration)
