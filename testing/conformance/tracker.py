"""What :class:`show_goal.ports.tracker.Tracker` promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from attrs import frozen

from ...ports.tracker import Tracker
from .examples import GOAL, GOAL_2, NOW, SESSION, VIEWER, VIEWER_2
from .promise import Conformance, Promise
from .races import CALLERS, at_once

PROPERTIES = {"goal_id": GOAL, "conditions": {"session_id": SESSION}, "levels": [], "exp": NOW, "nbf": None}


@frozen(kw_only=True)
class TrackerUnderTest:
    tracker: Tracker
    """With nothing recorded."""
    tracked: Callable[[str], Mapping[str, Mapping[str, object]]]
    """From an occurrence to its events: the properties of each. Fails if an event is there twice."""


class TrackerConformance(Conformance[TrackerUnderTest]):
    """``under_test`` returns :class:`TrackerUnderTest`: the adapter, and a function that reads what was recorded."""

    def take(self, under_test: TrackerUnderTest) -> None:
        self.track, self.tracked = under_test.tracker.track, under_test.tracked

    @Promise(Tracker.track, "recorded")
    def test_an_event_is_recorded_with_its_properties(self) -> None:
        self.track("goal.created", GOAL, PROPERTIES)
        assert self.tracked(GOAL) == {"goal.created": PROPERTIES}, "the event is missing or changed"
        assert self.tracked(GOAL_2) == {}, "the event was recorded for another goal"

    @Promise(Tracker.track, "each")
    def test_each_event_of_each_goal_is_recorded(self) -> None:
        self.track("goal.created", GOAL, PROPERTIES)
        self.track("goal.ended", GOAL, {"goal_id": GOAL})
        self.track("goal.created", GOAL_2, {"goal_id": GOAL_2})
        assert self.tracked(GOAL).keys() == {"goal.created", "goal.ended"}, "an event is missing"
        assert self.tracked(GOAL_2) == {"goal.created": {"goal_id": GOAL_2}}, "the second goal's event is missing"

    @Promise(Tracker.track, "each")
    def test_a_goal_progresses_with_each_payment_l1(self) -> None:
        payments = [f"session:trigger-private:{GOAL}:{viewer_id}" for viewer_id in (VIEWER, VIEWER_2)]
        for progress, payment in enumerate(payments):
            self.track("goal.progressed", payment, {"goal_id": GOAL, "progress": progress})
        found = [self.tracked(payment).get("goal.progressed", {}).get("progress") for payment in payments]
        assert found == [0, 1], "a payment's event is missing"

    @Promise(Tracker.track, "once")
    def test_a_repeat_changes_nothing_d19(self) -> None:
        self.track("goal.created", GOAL, PROPERTIES)
        self.track("goal.created", GOAL, {**PROPERTIES, "exp": None})
        assert self.tracked(GOAL) == {"goal.created": PROPERTIES}, "a repeat was recorded, or replaced the event"

    @Promise(Tracker.track, "once")
    def test_of_many_repeats_at_once_one_is_recorded_d19(self) -> None:
        at_once([partial(self.track, "goal.created", GOAL, PROPERTIES)] * CALLERS)
        assert self.tracked(GOAL).keys() == {"goal.created"}, "a race recorded the event twice"
