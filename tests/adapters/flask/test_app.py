"""An app of its own: whatever goes wrong is a problem document."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from show_goal.adapters.flask import create_app
from show_goal.adapters.memory import MemorySessions
from show_goal.core.errors import GoalUnknown
from show_goal.core.model import Session
from tests.builders import GOAL, a_body, a_viewer
from tests.world import World

from .site import PATH, Site, refusal


def allowed(response: TestResponse) -> set[str]:
    return {name.strip() for name in response.headers["Allow"].split(",")}


class BrokenSessions(MemorySessions):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def fetch_active(self, session_id: str) -> Session | None:
        raise self._error


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "NONSENSE"])
def test_wrong_method_is_405_and_names_the_right_ones(site: Site, method: str) -> None:
    response = site.client.open(PATH, method=method)
    assert response.status_code == 405
    assert allowed(response) == {"GET", "HEAD", "OPTIONS", "POST"}
    assert response.content_type == "application/problem+json"
    assert response.json == {
        "type": "about:blank",
        "title": "Method Not Allowed",
        "status": 405,
        "detail": "The method is not allowed for the requested URL.",
        "code": "method_not_allowed",
    }


@pytest.mark.parametrize("path", [f"{PATH}?duration=90", PATH, f"/goals/{GOAL}"])
def test_head_is_what_get_says_without_a_body(site: Site, path: str) -> None:
    head, get = site.client.head(path), site.client.get(path)
    assert (head.status_code, head.data) == (get.status_code, b"")
    assert head.content_type == get.content_type


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        (PATH, {"GET", "HEAD", "OPTIONS", "POST"}),
        (f"/goals/{GOAL}", {"DELETE", "GET", "HEAD", "OPTIONS"}),
        ("/streams/me/preset/sd", {"OPTIONS", "PATCH"}),
        ("/notify/wallet/transaction", {"OPTIONS", "POST"}),
    ],
)
def test_options_names_the_methods_and_does_nothing(site: Site, path: str, methods: set[str]) -> None:
    before = site.stores()
    response = site.client.options(path)
    assert response.status_code == 200
    assert allowed(response) == methods
    assert site.stores() == before


def test_unknown_path_is_404(site: Site) -> None:
    response = site.client.get("/nowhere")
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"
    assert response.get_json()["code"] == "not_found"
    assert response.headers["Cache-Control"] == "no-store"


def test_host_header_beyond_sense_is_400(site: Site) -> None:
    site.app.config["TRUSTED_HOSTS"] = ["show.example"]
    response = site.post(headers={"Host": "evil.example"})
    assert refusal(response) == (400, "bad_request")


@pytest.mark.parametrize(
    "error",
    [
        KeyError("hunter2"),
        RuntimeError("hunter2"),
        GoalUnknown("hunter2"),
        ExceptionGroup("g", [ValueError("hunter2")]),
    ],
)
def test_unknown_error_is_500_without_internals_and_logged_with_them(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    world = World.make(sessions=BrokenSessions(error))
    response = create_app(world.container, current_user=a_viewer).test_client().post(PATH, json=a_body())
    assert response.status_code == 500
    assert response.content_type == "application/problem+json"
    assert "hunter2" not in response.text
    assert response.get_json()["code"] == "internal_server_error"
    assert "hunter2" in caplog.text


def test_two_apps_with_two_containers_do_not_know_each_other() -> None:
    one, other = Site(), Site()
    one.post()
    assert len(one.world.task_queue.queued()) == 2
    assert other.world.task_queue.queued() == []
