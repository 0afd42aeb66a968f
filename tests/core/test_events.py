from __future__ import annotations

import pytest

from show_goal.core.errors import SessionNotNamed
from show_goal.core.events import GoalCreated, GoalEnded
from tests.builders import EXP, GOAL, NOW, SESSION, STREAMER, VIEWER, a_goal


def test_an_event_about_a_goal_has_the_fields_of_the_goal() -> None:
    event = GoalCreated.of(a_goal())

    assert event.payload() == {
        "goal_id": GOAL,
        "active": True,
        "_cls": "TriggerPrivateGoal",
        "conditions": {"session_id": SESSION},
        "context": {"type": "trigger-private"},
        "levels": [],
        "nbf": None,
        "exp": EXP,
    }


def test_an_event_names_session_streamer_viewer_and_agreement() -> None:
    metadata = {**a_goal().metadata, "agreed": NOW}
    event = GoalEnded.of(a_goal(active=False, metadata=metadata), triggerer=STREAMER)

    assert (event.session_id, event.streamer_id, event.triggered_by) == (SESSION, STREAMER, VIEWER)
    assert (event.triggerer, event.agreed) == (STREAMER, NOW)


@pytest.mark.parametrize("conditions", [{}, {"session_id": None}, {"session_id": 7}])
def test_a_goal_that_names_no_session_is_refused(conditions: dict[str, object]) -> None:
    with pytest.raises(SessionNotNamed, match="not the id of a session"):
        _ = GoalCreated.of(a_goal(conditions=conditions)).session_id


def test_metadata_that_names_nobody_gives_none() -> None:
    event = GoalEnded.of(a_goal(metadata={"user_id": 7, "triggered_by": b"x", "agreed": "yesterday"}), triggerer=None)

    assert (event.streamer_id, event.triggered_by, event.agreed) == (None, None, None)
