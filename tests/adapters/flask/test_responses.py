"""What each route answers when it succeeds, and which goals it shows to whom."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from werkzeug.test import TestResponse

from show_goal.adapters.memory import MemoryChannelAuthorizer
from show_goal.ports.channel_authorizer import ChannelPass
from tests.builders import EXP, GOAL, NOW, SESSION, STREAMER, VIEWER, VIEWER_2

from .site import Site, refusal

FIRST_ID = "000000000000000000000001"
UNIX = int(EXP.timestamp())
PREVIEWED = {
    "accepted": True,
    "amount": 90,
    "code": None,
    "detail": None,
    "retry_at": None,
    "ongoing": {"goal_id": FIRST_ID, "exp": UNIX},
}
VIEWED = {
    "goal_id": FIRST_ID,
    "state": "ongoing",
    "active": True,
    "exp": UNIX,
    "progress": 1,
    "agreed": None,
    "settlement": None,
    "why": None,
    "hold": {"amount": 90, "duration": 90, "state": "held"},
}
RESPONSES: dict[str, tuple[Callable[[Site], TestResponse], int, dict[str, Any]]] = {
    "preview": (Site.preview, 200, PREVIEWED),
    "goal of a payer": (lambda site: site.goal(FIRST_ID), 200, VIEWED),
    "goal of the streamer": (lambda site: site.as_user(STREAMER).goal(FIRST_ID), 200, {**VIEWED, "hold": None}),
    "answer": (lambda site: site.as_user(STREAMER).answer(FIRST_ID), 202, {"goal_id": FIRST_ID, "agree": True}),
    "refusing answer": (
        lambda site: site.as_user(STREAMER).answer(FIRST_ID, {"agree": False}),
        202,
        {"goal_id": FIRST_ID, "agree": False},
    ),
    "preset": (
        lambda site: site.as_user(STREAMER).switch("sd"),
        200,
        {"session_id": SESSION, "preset": "sd", "from_preset": "preview"},
    ),
    "wallet's report": (
        lambda site: site.logged_out().report(),
        200,
        {"id": f"session:trigger-private:{GOAL}:{VIEWER}"},
    ),
}


@pytest.mark.parametrize(("send", "status", "body"), RESPONSES.values(), ids=RESPONSES)
def test_a_response_has_this_body_and_is_not_cached(
    site: Site, send: Callable[[Site], TestResponse], status: int, body: dict[str, Any]
) -> None:
    site.with_session(preset="preview").paid()
    response = send(site)
    assert (response.status_code, response.json) == (status, body)
    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "no-store"


GOLDEN_202 = (
    b'{"goal_id": "000000000000000000000001", '
    b'"transaction_id": "session:trigger-private:000000000000000000000001:71e000000000000000000001", '
    b'"amount": 90, "exp": 1767225900}'
)


def test_an_invitation_and_its_retry_get_the_same_202_D15_D27(site: Site) -> None:
    responses = [site.post(), site.post()]
    assert [response.status_code for response in responses] == [202, 202]
    assert [response.data for response in responses] == [GOLDEN_202, GOLDEN_202]
    assert {response.headers["Cache-Control"] for response in responses} == {"no-store"}


def test_a_missing_exp_is_null_D27(site: Site) -> None:
    goal_id = site.paid()
    session = site.world.sessions.get(SESSION)
    assert session.claim is not None
    site.world.sessions.add(evolve(session, claim=evolve(session.claim, exp=None)))
    site.world.goals._goals[goal_id] = evolve(site.world.goal(goal_id), exp=None)
    assert site.post().get_json()["exp"] is None
    assert site.preview().get_json()["ongoing"]["exp"] is None
    assert site.goal(goal_id).get_json()["exp"] is None


@pytest.mark.parametrize(
    ("agree", "preset", "state"),
    [(True, "sd", "released"), (True, "preview", "refunded"), (False, "sd", "refunded")],
)
def test_a_settled_goal_says_where_the_money_went(site: Site, agree: bool, preset: str, state: str) -> None:
    goal_id = site.paid()
    site.as_user(STREAMER).switch(preset)
    site.answer(goal_id, {"agree": agree})
    site.world.run_due()
    assert site.goal(goal_id).get_json()["state"] == ("agreed" if agree else "refused")
    site.world.wait(60)
    seen = site.as_user(VIEWER).goal(goal_id).get_json()
    assert (seen["state"], seen["settlement"], seen["active"]) == (state, state, False)
    assert seen["agreed"] == (int(NOW.timestamp()) if agree else None)
    assert seen["hold"]["state"] == state


def test_nobody_sees_who_else_paid(site: Site) -> None:
    goal_id = site.paid()
    site.as_user(VIEWER_2).paid()
    for user_id, others in ((VIEWER, VIEWER_2), (VIEWER_2, VIEWER), (STREAMER, VIEWER)):
        assert others not in site.as_user(user_id).goal(goal_id).text


@pytest.mark.parametrize("send", [Site.goal, Site.answer])
def test_a_goal_of_others_looks_like_an_unknown_goal(site: Site, send: Callable[[Site, str], TestResponse]) -> None:
    goal_id = site.paid()
    site.as_user(VIEWER_2)
    theirs, unknown = send(site, goal_id), send(site, GOAL)
    assert refusal(theirs) == (404, "goal_not_found")
    assert (theirs.data, list(theirs.headers)) == (unknown.data, list(unknown.headers))


def test_a_payer_cannot_answer_for_the_streamer(site: Site) -> None:
    assert refusal(site.answer(site.paid())) == (404, "goal_not_found")


@pytest.mark.parametrize(
    ("channel", "data"),
    [(f"private-user@{VIEWER}", None), (f"presence-stream@{STREAMER}", {"user_id": VIEWER})],
)
def test_pusher_js_gets_what_the_service_accepts_H1_H3(site: Site, channel: str, data: dict[str, str] | None) -> None:
    before = site.stores()
    response = site.listen(channel)
    assert site.stores() == before
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert response.headers["Cache-Control"] == "no-store"
    assert MemoryChannelAuthorizer().accepts("123.456", channel, ChannelPass(**response.get_json()))
    assert json.loads(response.get_json().get("channel_data", "null")) == data
