"""What :class:`show_goal.ports.rtc_sources.RtcSources` promises."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from attrs import frozen

from ...ports.rtc_sources import RtcSources
from .examples import GOAL, GOAL_2, ODD_USERS, STREAMER, STREAMER_2, UNKNOWN
from .promise import Conformance, Promise
from .races import CALLERS, at_once

Stopped = Callable[[str], bool]


STOPS = Promise(
    RtcSources.stop_snapshots,
    "stops",
    "Take no more periodic snapshots of the streamer's sources, for the sake of this goal (L5).",
)
RESTS = Promise(
    RtcSources.stop_snapshots,
    "rests",
    "Snapshots rest as long as any goal asks for it: two goals at once do not undo each other.",
)
RESUMES = Promise(
    RtcSources.resume_snapshots,
    "resumes",
    "The goal no longer asks for it: snapshots are taken again unless another goal does.",
)
NEVER = Promise(RtcSources.resume_snapshots, "never", "A streamer or a goal that never stopped anything is no error.")
REPEATED = Promise(RtcSources, "repeated", "both may be repeated, and come in any order for different goals.")


@frozen(kw_only=True)
class RtcSourcesUnderTest:
    rtc_sources: RtcSources
    """With nothing stopped."""
    stopped: Stopped
    """From a streamer's id to whether snapshots of their sources rest."""


class RtcSourcesConformance(Conformance[RtcSourcesUnderTest]):
    """``under_test`` gives :class:`RtcSourcesUnderTest`: the adapter, with what tells whether snapshots rest."""

    @pytest.fixture
    def rtc_sources(self, under_test: RtcSourcesUnderTest) -> RtcSources:
        return under_test.rtc_sources

    @pytest.fixture
    def stopped(self, under_test: RtcSourcesUnderTest) -> Stopped:
        return under_test.stopped

    @STOPS
    def test_snapshots_are_taken_until_they_are_stopped_l5(self, rtc_sources: RtcSources, stopped: Stopped) -> None:
        assert not stopped(STREAMER), "nobody has stopped them"
        rtc_sources.stop_snapshots(STREAMER, GOAL)
        assert stopped(STREAMER), "stopping did not stop them"
        assert not stopped(STREAMER_2), "another streamer's were stopped"

    @RESUMES
    def test_they_are_resumed_l5(self, rtc_sources: RtcSources, stopped: Stopped) -> None:
        rtc_sources.stop_snapshots(STREAMER, GOAL)
        rtc_sources.resume_snapshots(STREAMER, GOAL)
        assert not stopped(STREAMER), "resuming did not resume them"

    @REPEATED
    def test_a_repeat_changes_nothing_d19(self, rtc_sources: RtcSources, stopped: Stopped) -> None:
        for _ in range(2):
            rtc_sources.stop_snapshots(STREAMER, GOAL)
        assert stopped(STREAMER), "stopping did not stop them"
        for _ in range(2):
            rtc_sources.resume_snapshots(STREAMER, GOAL)
            assert not stopped(STREAMER), "stopped twice for one goal, resumed once for it"

    @RESTS
    def test_they_rest_as_long_as_any_goal_asks_for_it(self, rtc_sources: RtcSources, stopped: Stopped) -> None:
        rtc_sources.stop_snapshots(STREAMER, GOAL)
        rtc_sources.stop_snapshots(STREAMER, GOAL_2)
        rtc_sources.resume_snapshots(STREAMER, GOAL)
        assert stopped(STREAMER), "one goal's end undid what the other asked for"
        rtc_sources.resume_snapshots(STREAMER, GOAL_2)
        assert not stopped(STREAMER), "nobody asks for it"

    @NEVER
    def test_what_was_never_stopped_is_resumed_without_error(self, rtc_sources: RtcSources, stopped: Stopped) -> None:
        rtc_sources.resume_snapshots(STREAMER, GOAL)
        assert not stopped(STREAMER), "nobody asks for it"
        rtc_sources.stop_snapshots(STREAMER, GOAL)
        rtc_sources.resume_snapshots(STREAMER, UNKNOWN)
        rtc_sources.resume_snapshots(STREAMER_2, GOAL)
        assert stopped(STREAMER), "a goal that never asked resumed them"

    @pytest.mark.parametrize("streamer_id", ODD_USERS)
    @STOPS
    def test_a_streamers_id_may_be_any_text(self, rtc_sources: RtcSources, stopped: Stopped, streamer_id: str) -> None:
        rtc_sources.stop_snapshots(streamer_id, GOAL)
        assert stopped(streamer_id), "stopping did not stop them"
        assert not stopped(STREAMER), "nobody asks for it"

    @RESTS
    def test_many_goals_at_once_stop_and_resume_them(self, rtc_sources: RtcSources, stopped: Stopped) -> None:
        goals = [f"60a2{number:020x}" for number in range(CALLERS)]
        at_once([partial(rtc_sources.stop_snapshots, STREAMER, goal_id) for goal_id in goals])
        assert stopped(STREAMER), "stopping did not stop them"
        at_once([partial(rtc_sources.resume_snapshots, STREAMER, goal_id) for goal_id in goals[1:]])
        assert stopped(STREAMER), "a goal was forgotten in the race"
        rtc_sources.resume_snapshots(STREAMER, goals[0])
        assert not stopped(STREAMER), "a goal that ended still stops them"
