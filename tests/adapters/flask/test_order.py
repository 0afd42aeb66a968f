"""A request is checked in this order: login, media type, size, JSON, fields, and then what it asks for (D8, D9).

Each request is wrong in its own step, and most are wrong in a later step too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.builders import GOAL, VIEWER_2

from .site import FORM, MISSING, Site, refusal

Send = Callable[..., TestResponse]
LARGE = b"{" * 70_000
HTML = {"content_type": "text/html"}
NOT_LOGGED_IN = (401, "not_logged_in")


def invite(site: Site, body: object = None, **options: Any) -> TestResponse:
    return site.post(body, path=MISSING, **options)


def answer(site: Site, body: object = None, **options: Any) -> TestResponse:
    return site.answer(GOAL, body, **options)


@pytest.mark.parametrize(
    ("send", "invalid", "last"),
    [(invite, "invalid_invitation", "session_not_found"), (answer, "invalid_answer", "goal_not_found")],
)
def test_a_json_body_is_checked_in_this_order(site: Site, send: Send, invalid: str, last: str) -> None:
    assert refusal(send(site, LARGE, **HTML)) == (415, "unsupported_media_type")
    assert refusal(send(site, LARGE)) == (413, "body_too_large")
    assert refusal(send(site, b"{")) == (400, "malformed_json")
    assert refusal(send(site, {"agree": 1})) == (400, invalid)
    assert refusal(send(site)) == (404, last)
    assert refusal(send(site.logged_out(), LARGE, **HTML)) == NOT_LOGGED_IN


def test_a_subscription_is_checked_in_this_order(site: Site) -> None:
    other = f"private-user@{VIEWER_2}"
    json = site.listen(data=LARGE, content_type="application/json")
    assert refusal(json) == (415, "unsupported_media_type")
    assert json.get_json()["detail"] == f"The body must be {FORM}."
    assert refusal(site.listen(data=LARGE, content_type=FORM)) == (413, "body_too_large")
    assert refusal(site.listen(other, socket_id="1")) == (400, "invalid_subscription")
    assert refusal(site.listen(other)) == (403, "channel_forbidden")
    assert refusal(site.logged_out().listen(data=LARGE, content_type="text/plain")) == NOT_LOGGED_IN


def test_a_wallets_report_is_checked_in_this_order(site: Site) -> None:
    assert refusal(site.report(LARGE, header="")) == (401, "bad_signature")
    assert refusal(site.report(LARGE, key="another")) == (413, "body_too_large")
    assert refusal(site.report(b"{", key="another")) == (401, "bad_signature")
    assert refusal(site.report(b"{")) == (400, "malformed_json")
    assert refusal(site.report({})) == (400, "invalid_transaction")


def test_a_preview_is_checked_in_this_order(site: Site) -> None:
    assert refusal(site.preview("duration=x", path=MISSING)) == (400, "invalid_invitation")
    assert refusal(site.preview(path=MISSING)) == (404, "session_not_found")
    assert refusal(site.logged_out().preview("duration=x", path=MISSING)) == NOT_LOGGED_IN


@pytest.mark.parametrize("send", [lambda site: site.goal(GOAL), lambda site: site.switch("sd")])
def test_login_is_checked_before_the_goal_or_the_session(site: Site, send: Send) -> None:
    assert send(site).status_code == 404
    assert refusal(send(site.logged_out())) == NOT_LOGGED_IN
