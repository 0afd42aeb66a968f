"""GET .../trigger_private?duration=: what a POST would get now, without sending it."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from tests.builders import EXP, SESSION, STREAMER, VIEWER_2, a_body

from .site import REFUSED, Site, blocked, no_price, refusal

DURATION = 120


@pytest.mark.parametrize(
    ("code", "seconds"),
    [(code, seconds) for code in REFUSED for seconds in (0, 0.001, 20.5) if code != "goal_ending" or seconds < 1],
)
def test_a_refusal_is_the_one_that_a_post_gets_at_the_same_moment(site: Site, code: str, seconds: float) -> None:
    REFUSED[code](site)
    site.world.wait(seconds)
    before = site.stores()
    response = site.preview(f"duration={DURATION}")
    assert site.stores() == before
    post = site.post(a_body(site.world.clock.now(), duration=DURATION))
    seen, problem = response.get_json(), post.get_json()
    assert response.status_code == 200
    assert (seen["accepted"], seen["amount"]) == (False, None)
    assert (seen["code"], seen["detail"]) == (problem["code"], problem["detail"]) == (code, problem["detail"])
    now = site.world.clock.now().timestamp()
    wait = None if seen["retry_at"] is None else str(math.ceil(seen["retry_at"] - now))
    assert wait == post.headers.get("Retry-After")


@pytest.mark.parametrize("before", [lambda site: site, lambda site: site.paid() and site.as_user(VIEWER_2)])
def test_an_acceptance_names_the_price_that_a_post_pays(site: Site, before: Callable[[Site], object]) -> None:
    before(site)
    stores = site.stores()
    seen = site.preview(f"duration={DURATION}").get_json()
    assert site.stores() == stores
    post = site.post(a_body(duration=DURATION))
    assert (post.status_code, post.get_json()["amount"]) == (202, seen["amount"])
    assert (seen["accepted"], seen["code"], seen["detail"], seen["retry_at"]) == (True, None, None, None)


def test_everybody_sees_the_ongoing_goal(site: Site) -> None:
    assert site.preview().get_json()["ongoing"] is None
    goal_id = site.paid()
    for user_id in (VIEWER_2, STREAMER):
        ongoing = site.as_user(user_id).preview().get_json()["ongoing"]
        assert ongoing == {"goal_id": goal_id, "exp": int(EXP.timestamp())}


@pytest.mark.parametrize("hide", [blocked, no_price])
def test_who_cannot_invite_here_sees_nothing_of_the_ongoing_goal_B9(site: Site, hide: Callable[[Site], None]) -> None:
    """With no price the same: otherwise it would tell a blocked viewer apart (D10)."""
    goal_id = site.paid()
    claim = site.world.sessions.get(SESSION).claim
    site.as_user(VIEWER_2)
    hide(site)
    if hide is no_price:
        site.with_session(pricing={}, claim=claim)
    seen = site.preview()
    assert (seen.get_json()["code"], seen.get_json()["ongoing"]) == ("private_show_unavailable", None)
    assert goal_id not in seen.text


@pytest.mark.parametrize(
    "query",
    [
        "",
        "duration",
        "duration=",
        "duration=90&duration=90",
        "duration=0",
        "duration=21601",
        "duration=+90",
        "duration=9e1",
        "duration=90.0",
        "duration=0x5a",
        "duration=9_0",
        "duration=%D9%A9",
        "duration=%FF",
        "duration=9%00",
        "duration[]=90",
        "Duration=90",
        f"duration={'9' * 5_000}",
    ],
)
def test_a_query_without_one_duration_in_digits_is_400(site: Site, query: str) -> None:
    response = site.preview(query)
    assert refusal(response) == (400, "invalid_invitation")
    assert response.get_json()["errors"] == {"duration": "must be a whole number of seconds from 1 to 21600"}
