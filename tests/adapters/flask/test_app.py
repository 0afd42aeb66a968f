"""The app's routing: other ids, paths, methods and errors are problem documents too."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from attrs import evolve
from flask import Flask
from werkzeug.test import TestResponse

from show_goal.adapters.flask import create_app
from show_goal.adapters.memory import MemorySessions
from show_goal.core.errors import GoalUnknown
from show_goal.core.model import Session
from tests.builders import GOAL, SESSION, STREAMER, a_body, a_session, a_viewer
from tests.world import World

from .site import CALLBACK, PATH, Site, refusal

MIXED = "5E55aBcDeF0000000000000F"
METHODS = {
    PATH: {"GET", "HEAD", "OPTIONS", "POST"},
    f"/goals/{GOAL}": {"DELETE", "GET", "HEAD", "OPTIONS"},
    "/streams/me/preset/sd": {"OPTIONS", "PATCH"},
    CALLBACK: {"OPTIONS", "POST"},
    "/readyz": {"GET", "HEAD", "OPTIONS"},
}


def allowed(response: TestResponse) -> set[str]:
    return {name.strip() for name in response.headers["Allow"].split(",")}


class BrokenSessions(MemorySessions):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def fetch_active(self, session_id: str) -> Session | None:
        raise self._error


@pytest.mark.parametrize("method", ["PUT", "TRACE", "NONSENSE"])
@pytest.mark.parametrize(("path", "methods"), METHODS.items())
def test_another_method_is_405_and_names_the_right_ones(site: Site, path: str, methods: set[str], method: str) -> None:
    response = site.client.open(path, method=method)
    assert refusal(response) == (405, "method_not_allowed")
    assert response.get_json()["detail"] == "The method is not allowed for the requested URL."
    assert allowed(response) == methods


@pytest.mark.parametrize(("path", "methods"), METHODS.items())
def test_options_names_the_methods_and_does_nothing(site: Site, path: str, methods: set[str]) -> None:
    before = site.stores()
    response = site.client.options(path)
    assert (response.status_code, allowed(response)) == (200, methods)
    assert site.stores() == before


@pytest.mark.parametrize("path", [f"{PATH}?duration=90", PATH, f"/goals/{GOAL}", "/healthz"])
def test_head_is_get_without_the_body(site: Site, path: str) -> None:
    head, get = site.client.head(path), site.client.get(path)
    assert (head.status_code, head.data) == (get.status_code, b"")
    assert head.content_type == get.content_type


def test_an_id_in_upper_case_is_the_same_session(site: Site) -> None:
    site.world.sessions.add(evolve(a_session(), id=MIXED.lower()))
    assert site.post(path=PATH.replace(SESSION, MIXED)).status_code == 202


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        f"{PATH}/",
        f"{PATH}x",
        f"/x{PATH}",
        PATH[:-1],
        *(
            f"/sessions/{quote(session_id)}/trigger_private"
            for session_id in (SESSION[:-1], f"{SESSION}0", "g" * 24, "", "\N{ARABIC-INDIC DIGIT ZERO}" * 24, "%" * 24)
        ),
    ],
)
def test_another_path_or_id_is_404(site: Site, path: str) -> None:
    response = site.post(path=path)
    assert refusal(response) == (404, "not_found")
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("preset", ["hd", "SD", "sd,preview", ""])
def test_another_preset_is_404(site: Site, preset: str) -> None:
    assert refusal(site.as_user(STREAMER).switch(preset)) == (404, "not_found")


@pytest.mark.skipif("TRUSTED_HOSTS" not in Flask.default_config, reason="Flask has TRUSTED_HOSTS from 3.1 on")
def test_an_untrusted_host_header_is_400(site: Site) -> None:
    site.app.config["TRUSTED_HOSTS"] = ["show.example"]
    assert refusal(site.post(headers={"Host": "evil.example"})) == (400, "bad_request")


@pytest.mark.parametrize(
    "error", [KeyError("hunter2"), GoalUnknown("hunter2"), ExceptionGroup("hunter2", [KeyError()])]
)
def test_an_unknown_error_is_500_and_only_the_log_says_more(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    world = World.make(sessions=BrokenSessions(error))
    response = create_app(world.container, current_user=a_viewer).test_client().post(PATH, json=a_body())
    assert refusal(response) == (500, "internal_server_error")
    assert "hunter2" not in response.text
    assert "hunter2" in caplog.text


def test_two_apps_with_two_containers_share_nothing() -> None:
    one, other = Site(), Site()
    one.post()
    assert len(one.world.task_queue.queued()) == 2
    assert other.world.task_queue.queued() == []
