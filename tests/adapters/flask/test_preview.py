"""GET .../trigger_private?duration=: what a POST would be answered now, without doing it."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from attrs import evolve

from show_goal.core.model import Session, ShowGoalPair
from tests.builders import EXP, NOW, SESSION, STREAMER, VIEWER_2, a_body, a_session, a_viewer

from .site import PATH, Site, refusal

DURATION = 120


def own_session(site: Site) -> None:
    site.as_user(STREAMER)


def blocked(site: Site) -> None:
    site.viewer = a_viewer(tags=[f"blocked-by:{STREAMER}"])


def no_price(site: Site) -> None:
    site.world.sessions.add(a_session(pricing={}))


def show_running(site: Site) -> None:
    site.world.sessions.add(a_session(show_goal_pair=ShowGoalPair(funding_goal="f")))


def cooldown(site: Site) -> None:
    ended = Session.TriggerPrivateGoal(goal="g", goal_ended=NOW)
    site.world.sessions.add(a_session(trigger_private_goal=ended))


def insufficient_balance(site: Site) -> None:
    site.as_user("71e0000000000000000000ff")


def transaction_conflict(site: Site) -> None:
    site.post()
    site.world.run_due()


def accepted(site: Site) -> None:
    """Nothing stands in the way."""


def accepted_as_a_joiner(site: Site) -> None:
    transaction_conflict(site)
    site.as_user(VIEWER_2)


REFUSED = [own_session, blocked, no_price, show_running, cooldown, insufficient_balance, transaction_conflict]


@pytest.mark.parametrize("situation", REFUSED)
@pytest.mark.parametrize("milliseconds", [0, 1, 20_500])
def test_a_refusal_is_the_one_that_a_post_gets_at_the_same_moment(
    site: Site, situation: Callable[[Site], None], milliseconds: int
) -> None:
    situation(site)
    site.world.wait(milliseconds / 1000)
    before = site.stores()
    preview = site.preview(f"duration={DURATION}")
    assert site.stores() == before
    post = site.post(a_body(site.world.clock.now(), duration=DURATION))
    seen, problem = preview.get_json(), post.get_json()
    assert preview.status_code == 200
    assert (seen["accepted"], seen["amount"]) == (False, None)
    assert (seen["code"], seen["detail"]) == (problem["code"], problem["detail"])
    retry_after = post.headers.get("Retry-After")
    now = site.world.clock.now().timestamp()
    assert (None if seen["retry_at"] is None else str(math.ceil(seen["retry_at"] - now))) == retry_after


@pytest.mark.parametrize("situation", [accepted, accepted_as_a_joiner])
def test_an_acceptance_names_the_price_that_a_post_pays(site: Site, situation: Callable[[Site], None]) -> None:
    situation(site)
    before = site.stores()
    seen = site.preview(f"duration={DURATION}").get_json()
    assert site.stores() == before
    post = site.post(a_body(duration=DURATION))
    assert post.status_code == 202
    assert seen == {
        "accepted": True,
        "amount": post.get_json()["amount"],
        "code": None,
        "detail": None,
        "retry_at": None,
        "ongoing": seen["ongoing"],
    }


def test_the_whole_answer(site: Site) -> None:
    response = site.preview()
    assert response.status_code == 200
    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json == {
        "accepted": True,
        "amount": 90,
        "code": None,
        "detail": None,
        "retry_at": None,
        "ongoing": None,
    }


def test_the_ongoing_goal_is_told_whoever_asks(site: Site) -> None:
    goal_id = site.post().get_json()["goal_id"]
    for user_id in (VIEWER_2, STREAMER):
        ongoing = site.as_user(user_id).preview().get_json()["ongoing"]
        assert ongoing == {"goal_id": goal_id, "exp": int(EXP.timestamp())}
    session = site.world.sessions.get(SESSION)
    assert session.claim is not None
    site.world.sessions.add(evolve(session, claim=evolve(session.claim, exp=None)))
    assert site.preview().get_json()["ongoing"]["exp"] is None


def test_a_blocked_viewer_sees_a_session_without_price_D10(site: Site) -> None:
    blocked(site)
    other = Site()
    no_price(other)
    assert site.preview().data == other.preview().data
    assert site.world.trace("preview_trigger_private")["steps"][-1]["name"] == "blocked"


def test_who_is_not_logged_in_and_what_is_not_there_are_problems(site: Site) -> None:
    missing = site.preview(path=PATH.replace("5e55", "ffff"))
    assert refusal(missing) == (404, "session_not_found")
    site.viewer = None
    nobody = site.preview("duration=x")
    assert refusal(nobody) == (401, "not_logged_in")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "duration",
        "duration=",
        "duration=90&duration=90",
        "duration=0",
        "duration=21601",
        "duration=-1",
        "duration=+90",
        "duration=9e1",
        "duration=90.0",
        "duration=0x5a",
        "duration=%D9%A9",
        "duration=%FF",
        "duration=9%00",
        "duration[]=90",
        "Duration=90",
        f"duration={'9' * 5_000}",
    ],
)
def test_no_duration_or_two_or_no_digits_is_400(site: Site, query: str) -> None:
    response = site.preview(query)
    assert refusal(response) == (400, "invalid_invitation")
    assert response.get_json()["errors"] == {"duration": "must be a whole number of seconds from 1 to 21600"}
