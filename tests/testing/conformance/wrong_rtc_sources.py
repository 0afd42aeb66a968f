"""Sources of picture and sound that break a promise."""

from __future__ import annotations

from collections import Counter

import pytest

from show_goal.adapters.memory import MemoryRtcSources
from show_goal.testing.conformance import RtcSourcesConformance, RtcSourcesUnderTest

from .breaking import WrongAdapters

WRONG = WrongAdapters()


@WRONG.breaks("stop_snapshots.stops", "another streamer's were stopped")
class StopsEverybody(MemoryRtcSources):
    def stopped(self, streamer_id: str) -> bool:
        return any(self._stopped.values())


@WRONG.breaks("stop_snapshots.rests", "one goal's end undid what the other asked for", "resume_snapshots.never")
class OneSwitch(MemoryRtcSources):
    def stop_snapshots(self, streamer_id: str, goal_id: str) -> None:
        super().stop_snapshots(streamer_id, "any")

    def resume_snapshots(self, streamer_id: str, goal_id: str) -> None:
        super().resume_snapshots(streamer_id, "any")


@WRONG.breaks("resume_snapshots.resumes", "resuming did not resume them", "stop_snapshots.rests", "RtcSources.repeated")
class NeverResumes(MemoryRtcSources):
    def resume_snapshots(self, streamer_id: str, goal_id: str) -> None:
        pass


@WRONG.breaks("resume_snapshots.never", "KeyError(")
class RaisesForWhatNeverStopped(MemoryRtcSources):
    def resume_snapshots(self, streamer_id: str, goal_id: str) -> None:
        self._stopped[streamer_id].discard(goal_id)


@WRONG.breaks("RtcSources.repeated", "stopped twice for one goal, resumed once for it")
class CountsRepeats(MemoryRtcSources):
    def __init__(self) -> None:
        super().__init__()
        self._times: Counter[tuple[str, str]] = Counter()

    def stop_snapshots(self, streamer_id: str, goal_id: str) -> None:
        self._times[streamer_id, goal_id] += 1
        super().stop_snapshots(streamer_id, goal_id)

    def resume_snapshots(self, streamer_id: str, goal_id: str) -> None:
        self._times[streamer_id, goal_id] -= 1
        if self._times[streamer_id, goal_id] <= 0:
            super().resume_snapshots(streamer_id, goal_id)


class TestWrongRtcSources(RtcSourcesConformance):
    @pytest.fixture(params=WRONG, ids=str)
    def under_test(self, request: pytest.FixtureRequest) -> RtcSourcesUnderTest:
        rtc_sources: MemoryRtcSources = request.param.adapter()
        return RtcSourcesUnderTest(rtc_sources=rtc_sources, stopped=rtc_sources.stopped)
