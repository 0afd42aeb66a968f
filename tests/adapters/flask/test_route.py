"""The answer 202, and the order in which a request is looked at."""

from __future__ import annotations

from attrs import evolve

from tests.builders import EXP, NOW, STREAMER, VIEWER_2, a_body, a_session, a_viewer

from .site import PATH, Site

GOLDEN_202 = (
    b'{"goal_id": "000000000000000000000001", '
    b'"transaction_id": "session:trigger-private:000000000000000000000001:71e000000000000000000001", '
    b'"amount": 90, "exp": 1767225900}'
)


def test_accepted_is_202_with_goal_transaction_amount_and_exp_as_unix_seconds_D27(site: Site) -> None:
    response = site.post()
    assert (response.status_code, response.data) == (202, GOLDEN_202)
    assert response.content_type == "application/json"
    assert int(EXP.timestamp()) == 1767225900


def test_goal_without_exp_is_answered_with_null_D27(site: Site) -> None:
    site.post()
    session = site.world.sessions.get(PATH.split("/")[2])
    assert session.claim is not None
    site.world.sessions.add(evolve(session, claim=evolve(session.claim, exp=None)))
    response = site.post()
    assert response.status_code == 202
    assert response.json is not None
    assert response.json["exp"] is None


def test_retry_gets_the_same_answer_D15(site: Site) -> None:
    assert site.post().data == site.post().data


def test_joiner_gets_the_goal_of_the_first_viewer_D2(site: Site) -> None:
    site.post()
    site.viewer = a_viewer(id=VIEWER_2)
    response = site.post(a_body(exp=int(NOW.timestamp()) + 600))
    assert response.json == {
        "goal_id": "000000000000000000000001",
        "transaction_id": f"session:trigger-private:000000000000000000000001:{VIEWER_2}",
        "amount": 90,
        "exp": 1767225900,
    }


def test_answers_about_money_are_not_cached(site: Site) -> None:
    accepted = site.post()
    site.viewer = None
    refused = site.post()
    assert [r.headers["Cache-Control"] for r in (accepted, refused)] == ["no-store", "no-store"]


def test_login_is_asked_before_the_body_is_looked_at_D8(site: Site) -> None:
    site.viewer = None
    for body, content_type in ((b"\xff", "application/json"), (b"x" * 5_000, "text/html"), (b"", "")):
        assert site.post(body, content_type=content_type).status_code == 401


def test_type_and_size_are_asked_before_the_form(site: Site) -> None:
    assert site.post(b"{", content_type="text/plain").status_code == 415
    assert site.post(b"{" * 5_000).status_code == 413


def test_body_is_read_before_the_session_is_looked_up(site: Site) -> None:
    missing = PATH.replace("5e55", "ffff")
    assert site.post(b"{", path=missing).status_code == 400
    assert site.post({}, path=missing).status_code == 400
    assert site.post(path=missing).status_code == 404


def test_guards_come_last_in_their_order_D9(site: Site) -> None:
    site.viewer = a_viewer(id=STREAMER)
    site.world.sessions.add(a_session(pricing={}))
    assert site.post({}).status_code == 400
    assert site.post().get_json()["code"] == "own_session"
