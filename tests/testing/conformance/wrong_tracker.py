"""Trackers that break a promise."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from show_goal.testing.conformance import TrackerConformance, TrackerUnderTest

from .breaking import Gap, WrongAdapters, alone

WRONG = WrongAdapters()
Properties = Mapping[str, object]


class ListedTracker:
    """Right where ``stands`` is: events in a list, as a log has them."""

    def __init__(self) -> None:
        self._events: list[tuple[str, str, Properties]] = []

    @alone
    def track(self, event: str, occurrence: str, properties: Properties) -> None:
        if not self.stands(event, occurrence):
            self._events.append((event, occurrence, properties))

    def stands(self, event: str, occurrence: str) -> bool:
        return any((event, occurrence) == (what, which) for what, which, _ in self._events)

    def tracked(self, occurrence: str) -> Mapping[str, Properties]:
        found = [(event, properties) for event, which, properties in self._events if which == occurrence]
        assert len(dict(found)) == len(found), "an event is there twice"
        return dict(found)


@WRONG.breaks("track.recorded", "something else was recorded")
class WithoutNone(ListedTracker):
    def track(self, event: str, occurrence: str, properties: Properties) -> None:
        super().track(event, occurrence, {name: value for name, value in properties.items() if value is not None})


@WRONG.breaks("track.each", "an event is missing")
class OneEventAnOccurrence(ListedTracker):
    def stands(self, event: str, occurrence: str) -> bool:
        return bool(self.tracked(occurrence))


@WRONG.breaks("track.each", "the progress of a payment is missing")
class OneOfAKind(ListedTracker):
    def stands(self, event: str, occurrence: str) -> bool:
        return any(event == what for what, _, _ in self._events)


@WRONG.breaks("track.once", "an event is there twice")
class TrackedAgain(ListedTracker):
    def stands(self, event: str, occurrence: str) -> bool:
        return False


@WRONG.breaks("track.once", "a repeat was recorded, or replaced the first telling")
class TheLastTellingStands(ListedTracker):
    def track(self, event: str, occurrence: str, properties: Properties) -> None:
        self._events = [told for told in self._events if told[:2] != (event, occurrence)]
        super().track(event, occurrence, properties)


@WRONG.breaks("track.once", "an event is there twice")
class Racing(ListedTracker):
    def __init__(self) -> None:
        super().__init__()
        self._gap = Gap()

    def track(self, event: str, occurrence: str, properties: Properties) -> None:
        stood = self.stands(event, occurrence)
        with self._gap:
            if not stood:
                self._events.append((event, occurrence, properties))


class TestWrongTrackers(TrackerConformance):
    @pytest.fixture(params=WRONG, ids=str)
    def under_test(self, request: pytest.FixtureRequest) -> TrackerUnderTest:
        tracker: ListedTracker = request.param.adapter()
        return TrackerUnderTest(tracker=tracker, tracked=tracker.tracked)
