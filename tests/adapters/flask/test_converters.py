"""``<objectid:...>``: 24 hex digits, or the route does not exist."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from attrs import evolve

from tests.builders import SESSION, a_session

from .site import Site

MIXED = "5E55aBcDeF0000000000000F"


def path(session_id: str) -> str:
    return f"/sessions/{session_id}/trigger_private"


def test_upper_case_is_the_same_session(site: Site) -> None:
    site.world.sessions.add(evolve(a_session(), id=MIXED.lower()))
    assert site.post(path=path(MIXED)).status_code == 202


@pytest.mark.parametrize(
    "session_id",
    [
        SESSION[:-1],
        SESSION + "0",
        "g" * 24,
        "",
        " " * 24,
        "\N{ARABIC-INDIC DIGIT ZERO}" * 24,
        SESSION + "\n",
        SESSION[:-1] + "\x00",
        "../" * 8,
        "%" * 24,
        "x" * 5_000,
    ],
)
def test_any_other_id_is_no_route_at_all(site: Site, session_id: str) -> None:
    response = site.post(path=path(quote(session_id)), follow_redirects=True)
    assert (response.status_code, response.get_json()["code"]) == (404, "not_found")


def test_unknown_id_is_a_session_that_is_not_found_D9(site: Site) -> None:
    response = site.post(path=path("a" * 24))
    assert (response.status_code, response.get_json()["code"]) == (404, "session_not_found")


@pytest.mark.parametrize("wrong", [path(SESSION) + "/", path(SESSION) + "x", "/x" + path(SESSION), path(SESSION)[:-1]])
def test_any_other_path_is_404(site: Site, wrong: str) -> None:
    response = site.post(path=wrong)
    assert (response.status_code, response.get_json()["code"]) == (404, "not_found")


def test_url_is_built_from_an_id(site: Site) -> None:
    with site.app.test_request_context():
        assert site.app.url_for("show_goal.trigger_private", session_id=SESSION) == path(SESSION)
