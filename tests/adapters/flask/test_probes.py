"""``/healthz`` and ``/readyz``."""

from __future__ import annotations

import logging

import pytest

from show_goal.ports.errors import StoreUnavailable, TaskQueueUnavailable

from .site import Site


def answers() -> None:
    pass


def dead_store() -> None:
    raise StoreUnavailable("mongodb://show:hunter2@db.example:27017 timed out")


def dead_broker() -> None:
    raise TaskQueueUnavailable("refused")


def test_the_process_is_alive_even_if_a_dependency_is_down() -> None:
    response = Site.of(checks={"store": dead_store}).client.get("/healthz")
    assert (response.status_code, response.json) == (200, {"status": "alive"})
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("checks", [{}, {"store": answers, "broker": answers}])
def test_ready_if_every_check_passes(checks: dict[str, object]) -> None:
    response = Site.of(checks=checks).client.get("/readyz")
    assert (response.status_code, response.json) == (200, {"status": "ready"})


def test_not_ready_names_what_is_down_and_only_the_log_says_why(caplog: pytest.LogCaptureFixture) -> None:
    response = Site.of(checks={"store": dead_store, "wallet": answers, "broker": dead_broker}).client.get("/readyz")
    assert response.status_code == 503
    assert response.content_type == "application/problem+json"
    assert response.json == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "Some dependencies do not answer; down names them.",
        "code": "not_ready",
        "down": ["store", "broker"],
    }
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    assert "store: StoreUnavailable: mongodb://***@db.example:27017 timed out" in caplog.text
    assert "hunter2" not in caplog.text


def test_ready_again_once_the_dependency_is_back() -> None:
    checks = {"store": dead_store}
    client = Site.of(checks=checks).client
    assert client.get("/readyz").status_code == 503
    checks["store"] = answers
    assert client.get("/readyz").status_code == 200
