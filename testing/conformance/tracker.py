"""What :class:`show_goal.ports.tracker.Tracker` promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import pytest
from attrs import frozen

from ...ports.tracker import Tracker
from .examples import GOAL, GOAL_2, NOW, SESSION, VIEWER, VIEWER_2
from .promise import Conformance, Promise
from .races import CALLERS, at_once

Tracked = Callable[[str], Mapping[str, Mapping[str, object]]]
PROPERTIES = {"goal_id": GOAL, "conditions": {"session_id": SESSION}, "levels": [], "exp": NOW, "nbf": None}

RECORDED = Promise(Tracker.track, "recorded", "Record what happened, with its properties.")
ONCE = Promise(Tracker.track, "once", "It is recorded once: a repeat changes nothing, also at the same moment (D19).")
EACH = Promise(
    Tracker.track,
    "each",
    "``occurrence`` tells one ``event`` from another: the goal's id, or what made it progress.",
)


@frozen(kw_only=True)
class TrackerUnderTest:
    tracker: Tracker
    """With nothing tracked."""
    tracked: Tracked
    """From an occurrence to its events, the properties by event. Fails if an event is there twice."""


class TrackerConformance(Conformance[TrackerUnderTest]):
    """``under_test`` gives :class:`TrackerUnderTest`: the adapter, with what reads what was tracked."""

    @pytest.fixture
    def tracker(self, under_test: TrackerUnderTest) -> Tracker:
        return under_test.tracker

    @pytest.fixture
    def tracked(self, under_test: TrackerUnderTest) -> Tracked:
        return under_test.tracked

    @RECORDED
    def test_an_event_is_recorded(self, tracker: Tracker, tracked: Tracked) -> None:
        tracker.track("goal.created", GOAL, PROPERTIES)
        assert tracked(GOAL) == {"goal.created": PROPERTIES}, "something else was recorded"
        assert tracked(GOAL_2) == {}, "the event befell another goal"

    @ONCE
    def test_a_repeat_changes_nothing_d19(self, tracker: Tracker, tracked: Tracked) -> None:
        tracker.track("goal.created", GOAL, PROPERTIES)
        first = dict(tracked(GOAL))
        tracker.track("goal.created", GOAL, {**PROPERTIES, "exp": None})
        assert tracked(GOAL) == first, "a repeat was recorded, or replaced the first telling"

    @EACH
    def test_each_event_and_each_goal_is_recorded(self, tracker: Tracker, tracked: Tracked) -> None:
        tracker.track("goal.created", GOAL, PROPERTIES)
        tracker.track("goal.ended", GOAL, {"goal_id": GOAL})
        tracker.track("goal.created", GOAL_2, {"goal_id": GOAL_2})
        assert tracked(GOAL).keys() == {"goal.created", "goal.ended"}, "an event is missing"
        assert tracked(GOAL_2) == {"goal.created": {"goal_id": GOAL_2}}, "an event of the second goal is missing"

    @EACH
    def test_one_goal_progresses_as_often_as_it_is_paid_for(self, tracker: Tracker, tracked: Tracked) -> None:
        """The occurrence need not be a goal's id: here it is the transaction that made the goal progress (L1)."""
        payments = [f"session:trigger-private:{GOAL}:{viewer_id}" for viewer_id in (VIEWER, VIEWER_2)]
        for progress, payment in enumerate(payments):
            tracker.track("goal.progressed", payment, {"goal_id": GOAL, "progress": progress})
        found = [tracked(payment).get("goal.progressed", {}).get("progress") for payment in payments]
        assert found == [0, 1], "the progress of a payment is missing"

    @ONCE
    def test_of_many_repeats_at_once_one_stands_d19(self, tracker: Tracker, tracked: Tracked) -> None:
        at_once([partial(tracker.track, "goal.created", GOAL, PROPERTIES)] * CALLERS)
        assert tracked(GOAL).keys() == {"goal.created"}, "a race recorded the event twice"
