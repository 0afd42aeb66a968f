"""DELETE /goals/<goal_id>: the streamer agrees or refuses (L2)."""

from __future__ import annotations

import pytest

from tests.builders import EXP, GOAL, STREAMER, VIEWER, VIEWER_2

from .site import Site, refusal


@pytest.fixture
def goal_id(site: Site) -> str:
    """A goal that is paid for and waits for its answer; the streamer is logged in."""
    goal_id: str = site.post().get_json()["goal_id"]
    site.world.run_due()
    site.as_user(STREAMER)
    return goal_id


@pytest.mark.parametrize(("agree", "state"), [(True, "agreed"), (False, "refused")])
def test_an_answer_is_202_and_carried_out_by_a_worker(site: Site, goal_id: str, agree: bool, state: str) -> None:
    response = site.answer(goal_id, {"agree": agree})
    assert (response.status_code, response.json) == (202, {"goal_id": goal_id, "agree": agree})
    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert site.goal(goal_id).get_json()["state"] == "ongoing"
    site.world.run_due()
    assert site.goal(goal_id).get_json()["state"] == state


@pytest.mark.parametrize("user_id", [VIEWER, VIEWER_2])
def test_a_viewer_who_answers_for_the_streamer_finds_no_goal(site: Site, goal_id: str, user_id: str) -> None:
    site.as_user(user_id)
    assert refusal(site.answer(goal_id)) == (404, "goal_not_found")


def test_an_unknown_goal_and_somebody_elses_look_the_same(site: Site, goal_id: str) -> None:
    site.as_user("57e0000000000000000000ff")
    assert site.answer(goal_id).data == site.answer(GOAL).data


def test_a_second_answer_is_409_and_moves_nothing(site: Site, goal_id: str) -> None:
    site.answer(goal_id, {"agree": True})
    site.world.run_due()
    assert refusal(site.answer(goal_id, {"agree": False})) == (409, "goal_ended")


def test_of_an_agreement_and_a_refusal_at_once_the_first_that_is_carried_out_stands(site: Site, goal_id: str) -> None:
    assert [site.answer(goal_id, {"agree": agree}).status_code for agree in (False, True)] == [202, 202]
    site.world.run_due()
    assert site.goal(goal_id).get_json()["state"] == "refused"


def test_an_answer_after_expiry_is_409_however_late_the_timer_is(site: Site, goal_id: str) -> None:
    site.world.task_queue.purge()
    site.world.clock.move_to(EXP)
    assert refusal(site.answer(goal_id)) == (409, "goal_ended")
    assert site.world.goal(goal_id).active, "nobody has ended it yet"


def test_nobody_who_is_not_logged_in_answers(site: Site, goal_id: str) -> None:
    site.viewer = None
    for body in (b"{", None):
        assert refusal(site.answer(goal_id, body)) == (401, "not_logged_in")


def test_what_is_no_answer_is_400_and_named(site: Site, goal_id: str) -> None:
    response = site.answer(goal_id, {"agree": 1})
    assert refusal(response) == (400, "invalid_answer")
    assert response.get_json()["errors"] == {"agree": "must be true or false"}


def test_type_size_and_form_of_the_body(site: Site, goal_id: str) -> None:
    assert refusal(site.answer(goal_id, content_type="text/plain")) == (415, "unsupported_media_type")
    assert refusal(site.answer(goal_id, b" " * 4_097)) == (413, "body_too_large")
    assert refusal(site.answer(goal_id, b"")) == (400, "malformed_json")
    trace = site.world.traces[-1]
    assert (trace.name, trace.reason) == ("answer_goal", "malformed_json")
    assert trace.ids == {"goal_id": goal_id, "streamer_id": STREAMER}


@pytest.mark.parametrize("goal_id", ["x", GOAL[:-1], f"{GOAL}0"])
def test_a_malformed_id_is_no_route(site: Site, goal_id: str) -> None:
    assert refusal(site.answer(goal_id)) == (404, "not_found")
