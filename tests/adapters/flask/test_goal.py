"""GET /goals/<goal_id>: a goal as it stands, for its streamer and its payers."""

from __future__ import annotations

import pytest
from attrs import evolve

from tests.builders import EXP, GOAL, NOW, SESSION, STREAMER, VIEWER, VIEWER_2

from .site import Site, refusal


@pytest.fixture
def goal_id(site: Site) -> str:
    """A goal that is paid for."""
    goal_id: str = site.post().get_json()["goal_id"]
    site.world.run_due()
    return goal_id


def test_a_payer_sees_their_own_hold(site: Site, goal_id: str) -> None:
    before = site.stores()
    response = site.goal(goal_id)
    assert site.stores() == before
    assert response.status_code == 200
    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json == {
        "goal_id": goal_id,
        "state": "ongoing",
        "active": True,
        "exp": int(EXP.timestamp()),
        "progress": 1,
        "agreed": None,
        "settlement": None,
        "hold": {"amount": 90, "duration": 90, "state": "held"},
    }


def test_the_streamer_sees_no_hold(site: Site, goal_id: str) -> None:
    assert site.as_user(STREAMER).goal(goal_id).get_json()["hold"] is None


def test_nobody_sees_who_else_paid(site: Site, goal_id: str) -> None:
    site.as_user(VIEWER_2).post()
    site.world.run_due()
    for user_id, others in ((VIEWER, VIEWER_2), (VIEWER_2, VIEWER), (STREAMER, VIEWER)):
        assert others not in site.as_user(user_id).goal(goal_id).text


@pytest.mark.parametrize(
    ("agree", "preset", "state", "hold"),
    [(True, "sd", "released", "released"), (True, "preview", "refunded", "refunded"), (False, "sd", "refunded", None)],
)
def test_a_settled_goal_says_where_the_money_went(
    site: Site, goal_id: str, agree: bool, preset: str, state: str, hold: str | None
) -> None:
    site.as_user(STREAMER).switch(preset)
    site.answer(goal_id, {"agree": agree})
    site.world.run_due()
    site.world.wait(60)
    seen = site.as_user(VIEWER).goal(goal_id).get_json()
    assert (seen["state"], seen["settlement"], seen["active"]) == (state, state, False)
    assert seen["agreed"] == (int(NOW.timestamp()) if agree else None)
    assert seen["hold"]["state"] == (hold or "refunded")


def test_a_goal_without_exp_says_null(site: Site) -> None:
    goal_id = site.post().get_json()["goal_id"]
    session = site.world.sessions.get(SESSION)
    assert session.claim is not None
    site.world.run_due()
    goal = site.world.goal(goal_id)
    site.world.goals._goals[goal_id] = evolve(goal, exp=None)
    assert site.goal(goal_id).get_json()["exp"] is None


def test_for_everybody_else_there_is_no_such_goal(site: Site, goal_id: str) -> None:
    site.as_user(VIEWER_2)
    theirs, unknown = site.goal(goal_id), site.goal(GOAL)
    assert refusal(theirs) == (404, "goal_not_found")
    assert theirs.data == unknown.data


def test_nobody_who_is_not_logged_in_sees_it(site: Site, goal_id: str) -> None:
    site.viewer = None
    response = site.goal(goal_id)
    assert refusal(response) == (401, "not_logged_in")
