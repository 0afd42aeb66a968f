"""What :class:`show_goal.ports.rtc_sources.RtcSources` promises."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from attrs import frozen

from ...ports.rtc_sources import RtcSources
from .examples import GOAL, GOAL_2, ODD_USERS, STREAMER, STREAMER_2, UNKNOWN, goal_ids
from .promise import Conformance, Promise
from .races import CALLERS, at_once


@frozen(kw_only=True)
class RtcSourcesUnderTest:
    rtc_sources: RtcSources
    """With nothing stopped."""
    stopped: Callable[[str], bool]
    """From a streamer's id to whether snapshots of their sources are stopped."""


class RtcSourcesConformance(Conformance[RtcSourcesUnderTest]):
    """``under_test`` returns :class:`RtcSourcesUnderTest`: the adapter, and a function that says what is stopped."""

    def take(self, under_test: RtcSourcesUnderTest) -> None:
        self.stopped = under_test.stopped
        self.stop, self.resume = under_test.rtc_sources.stop_snapshots, under_test.rtc_sources.resume_snapshots

    @pytest.mark.parametrize("streamer_id", [STREAMER, *ODD_USERS])
    @Promise(RtcSources.stop_snapshots, "stops")
    def test_snapshots_are_taken_until_they_are_stopped_l5(self, streamer_id: str) -> None:
        assert not self.stopped(streamer_id), "nobody has stopped them"
        self.stop(streamer_id, GOAL)
        assert self.stopped(streamer_id), "they are not stopped"
        assert not self.stopped(STREAMER_2), "another streamer's were stopped"

    @Promise(RtcSources.resume_snapshots, "resumes")
    def test_they_are_resumed_l5(self) -> None:
        self.stop(STREAMER, GOAL)
        self.resume(STREAMER, GOAL)
        assert not self.stopped(STREAMER), "they are still stopped"

    @Promise(RtcSources, "repeated")
    def test_a_repeat_changes_nothing_d19(self) -> None:
        for _ in range(2):
            self.stop(STREAMER, GOAL)
            assert self.stopped(STREAMER), "they are not stopped"
        for _ in range(2):
            self.resume(STREAMER, GOAL)
            assert not self.stopped(STREAMER), "one goal stopped them twice, and resumed them once"

    @Promise(RtcSources.stop_snapshots, "rests")
    def test_they_stay_stopped_as_long_as_any_goal_asks(self) -> None:
        for goal_id in (GOAL, GOAL_2):
            self.stop(STREAMER, goal_id)
        self.resume(STREAMER, GOAL)
        assert self.stopped(STREAMER), "the other goal still asks"
        self.resume(STREAMER, GOAL_2)
        assert not self.stopped(STREAMER), "no goal asks any more"

    @Promise(RtcSources.stop_snapshots, "rests")
    def test_many_goals_at_once_stop_and_resume_them(self) -> None:
        first, *others = goal_ids(CALLERS)
        at_once([partial(self.stop, STREAMER, goal_id) for goal_id in (first, *others)])
        assert self.stopped(STREAMER), "they are not stopped"
        at_once([partial(self.resume, STREAMER, goal_id) for goal_id in others])
        assert self.stopped(STREAMER), "a goal was lost in the race"
        self.resume(STREAMER, first)
        assert not self.stopped(STREAMER), "no goal asks any more"

    @Promise(RtcSources.resume_snapshots, "never")
    def test_resuming_what_was_never_stopped_changes_nothing(self) -> None:
        self.resume(STREAMER, GOAL)
        assert not self.stopped(STREAMER), "resuming stopped them"
        self.stop(STREAMER, GOAL)
        self.resume(STREAMER, UNKNOWN)
        self.resume(STREAMER_2, GOAL)
        assert self.stopped(STREAMER), "a goal that never asked resumed them"
