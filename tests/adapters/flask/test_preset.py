"""PATCH /streams/me/preset/<preset>: the streamer switches the active session (L4)."""

from __future__ import annotations

import blinker
import pytest

from show_goal.ports.errors import StoreUnavailable
from tests.builders import SESSION, STREAMER, VIEWER
from tests.world import World

from .site import Site, refusal


@pytest.fixture
def namespace() -> blinker.Namespace:
    return blinker.Namespace()


@pytest.fixture
def site(namespace: blinker.Namespace) -> Site:
    """The streamer is logged in."""
    return Site(World.make(namespace=namespace)).as_user(STREAMER)


def test_the_session_and_both_presets_are_told(site: Site) -> None:
    first, second = site.switch("sd"), site.switch("preview")
    assert (first.status_code, first.json) == (200, {"session_id": SESSION, "preset": "sd", "from_preset": None})
    assert second.json == {"session_id": SESSION, "preset": "preview", "from_preset": "sd"}
    assert first.headers["Cache-Control"] == "no-store"


def test_the_host_hears_it_from_the_signal_L4(site: Site, namespace: blinker.Namespace) -> None:
    heard: list[tuple[str, object]] = []

    def hear(sender: str, **payload: object) -> None:
        heard.append((sender, payload))

    with namespace.signal("features.livestream").connected_to(hear):
        site.switch("sd")
    payload = {"streamer_id": STREAMER, "session_id": SESSION, "preset": "sd", "from_preset": None, "price": 60}
    assert heard == [("session.preset-changed", payload)]


@pytest.mark.parametrize("preset", ["hd", "SD", "sd,preview", ""])
def test_another_preset_is_no_route(site: Site, preset: str) -> None:
    assert site.switch(preset).status_code == 404
    assert site.world.sessions.get(SESSION).preset is None


def test_without_an_active_session_it_is_404(site: Site) -> None:
    response = site.as_user(VIEWER).switch("sd")
    assert refusal(response) == (404, "session_not_found")


def test_nobody_who_is_not_logged_in_switches(site: Site) -> None:
    site.viewer = None
    response = site.switch("sd")
    assert refusal(response) == (401, "not_logged_in")


@pytest.mark.parametrize(
    ("errors", "status", "code"),
    [
        ([StoreUnavailable("mongodb://app:hunter2@store/")], 503, "unavailable"),
        ([ValueError("one"), ExceptionGroup("g", [StoreUnavailable("two")])], 503, "unavailable"),
        ([ValueError("one"), KeyError("two")], 500, "internal_server_error"),
    ],
)
def test_failed_receivers_are_503_when_it_is_worth_repeating_else_500(
    site: Site,
    namespace: blinker.Namespace,
    caplog: pytest.LogCaptureFixture,
    errors: list[Exception],
    status: int,
    code: str,
) -> None:
    failing = iter(errors)

    def fail(sender: str, **payload: object) -> None:
        raise next(failing)

    def fail_too(sender: str, **payload: object) -> None:
        if error := next(failing, None):
            raise error

    signal = namespace.signal("features.livestream")
    with signal.connected_to(fail), signal.connected_to(fail_too):
        response = site.switch("sd")
    assert refusal(response) == (status, code)
    assert response.headers.get("Retry-After") == ("5" if status == 503 else None)
    assert "hunter2" not in response.text + caplog.text
    assert all(name in caplog.text for name in (type(errors[0]).__name__, "two" if len(errors) == 2 else "mongodb://"))
