"""``/healthz`` and ``/readyz``."""

from __future__ import annotations

import logging

import pytest
from flask import Flask

from show_goal.adapters.flask import create_app, create_probes
from show_goal.ports.errors import StoreUnavailable, TaskQueueUnavailable
from tests.world import World


def answers() -> None:
    pass


def dead_store() -> None:
    raise StoreUnavailable("mongodb://show:hunter2@db.example:27017 timed out")


def dead_broker() -> None:
    raise TaskQueueUnavailable("refused")


def test_liveness_touches_nothing_and_answers_always() -> None:
    world = World.make(checks={"store": dead_store})
    response = create_app(world.container).test_client().get("/healthz")
    assert (response.status_code, response.json) == (200, {"status": "alive"})
    assert response.headers["Cache-Control"] == "no-store"


def test_ready_without_checks(world: World) -> None:
    response = create_app(world.container).test_client().get("/readyz")
    assert (response.status_code, response.json) == (200, {"status": "ready"})


def test_ready_when_every_dependency_answers() -> None:
    world = World.make(checks={"store": answers, "broker": answers})
    assert create_app(world.container).test_client().get("/readyz").status_code == 200


def test_not_ready_names_what_is_down_and_nothing_more(caplog: pytest.LogCaptureFixture) -> None:
    world = World.make(checks={"store": dead_store, "wallet": answers, "broker": dead_broker})
    response = create_app(world.container).test_client().get("/readyz")
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
    client = create_app(World.make(checks=checks).container).test_client()
    assert client.get("/readyz").status_code == 503
    checks["store"] = answers
    assert client.get("/readyz").status_code == 200


def test_host_registers_the_probes_where_it_likes(world: World) -> None:
    app = Flask("host")
    app.register_blueprint(create_probes(world.container), url_prefix="/show-goal")
    assert app.test_client().get("/show-goal/readyz").status_code == 200


def test_probes_are_read_only(world: World) -> None:
    client = create_app(world.container).test_client()
    assert client.head("/healthz").status_code == 200
    assert client.post("/readyz").status_code == 405
