from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest
from attrs import evolve
from celery import Celery

from show_goal.adapters.celery import CelerySettings, make_app, register_tasks, unsafe_settings

SETTINGS = CelerySettings()


def a_safe_app(url: str = "amqp://broker", changes: Mapping[str, object] = MappingProxyType({})) -> Celery:
    app = make_app(url, SETTINGS)
    register_tasks(app, dict, SETTINGS)
    app.conf.update(changes)
    return app


@pytest.mark.parametrize("url", ["amqp://broker", "amqps://broker", "redis://broker", "rediss://broker"])
def test_the_librarys_own_app_is_safe(url: str) -> None:
    assert unsafe_settings(a_safe_app(url), SETTINGS) == []


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("task_always_eager", True, "task_always_eager is on"),
        ("accept_content", ["json", "pickle"], "has pickle"),
        ("accept_content", ["application/x-python-serialize", "json"], "has pickle"),
        ("accept_content", ["yaml"], "lacks json"),
        ("broker_pool_limit", None, "broker_pool_limit is None"),
        ("broker_pool_limit", 0, "broker_pool_limit is 0"),
    ],
)
def test_an_unsafe_setting_is_named_with_what_to_set(setting: str, value: object, says: str) -> None:
    (problem,) = unsafe_settings(a_safe_app(changes={setting: value}), SETTINGS)
    assert problem.startswith(setting)
    assert says in problem
    assert "set it to" in problem or "add" in problem


@pytest.mark.parametrize(
    ("url", "option", "value", "says"),
    [
        ("amqp://broker", "confirm_publish", None, "lacks confirm_publish:"),
        ("amqp://broker", "read_timeout", None, "lacks read_timeout:"),
        ("amqp://broker", "write_timeout", None, "lacks write_timeout:"),
        ("redis://broker", "socket_timeout", None, "lacks socket_timeout:"),
        ("redis://broker", "socket_connect_timeout", None, "lacks socket_connect_timeout:"),
        ("redis://broker", "visibility_timeout", 100, "set it to 120 or more"),
    ],
)
def test_a_transport_option_that_is_missing_or_too_short_is_named(
    url: str, option: str, value: int | None, says: str
) -> None:
    app = a_safe_app(url)
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, option: value}
    (problem,) = unsafe_settings(app, SETTINGS)
    assert problem.startswith("broker_transport_options")
    assert says in problem


@pytest.mark.parametrize("attribute", ["acks_late", "reject_on_worker_lost", "ignore_result"])
def test_an_annotation_that_makes_a_task_unsafe_is_named(attribute: str) -> None:
    app = a_safe_app(changes={"task_annotations": {"show_goal.transfer": {attribute: False}}})
    (problem,) = unsafe_settings(app, SETTINGS)
    assert problem.startswith(f"show_goal.transfer has {attribute} off")


def test_an_app_without_a_broker_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)
    problems = unsafe_settings(Celery("host", set_as_current=False), SETTINGS)
    assert any(problem.startswith("broker_url is not set") for problem in problems)


def test_the_warnings_say_what_makes_a_plain_hosts_app_safe() -> None:
    """It acknowledges early by default, which does no harm: our tasks have a setting of their own."""
    app = Celery("host", broker="amqp://broker", set_as_current=False)
    register_tasks(app, dict, SETTINGS)
    problems = unsafe_settings(app, SETTINGS)
    assert [problem.split()[2].rstrip(":") for problem in problems] == [
        "read_timeout",
        "write_timeout",
        "confirm_publish",
    ]
    app.conf.broker_transport_options = {"read_timeout": 10, "write_timeout": 10, "confirm_publish": True}
    assert unsafe_settings(app, SETTINGS) == []


def test_a_route_to_a_queue_that_the_app_does_not_know_is_named() -> None:
    """A worker says so when it starts, before a request has to fail."""
    app = a_safe_app()
    app.conf.task_create_missing_queues = False
    app.conf.task_routes = {"show_goal.transfer": "nowhere"}
    (problem,) = unsafe_settings(app, evolve(SETTINGS, queue=None))
    assert "'nowhere'" in problem
    assert "where show_goal.transfer goes" in problem
