from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType, SimpleNamespace

import pytest
from attrs import evolve, fields_dict
from celery import Celery
from celery.concurrency import get_implementation
from celery.exceptions import AlwaysEagerIgnored

from show_goal.adapters.celery import (
    CelerySettings,
    CeleryTaskQueue,
    make_app,
    register_tasks,
    registered_settings,
    unsafe_settings,
)
from show_goal.adapters.celery.check import unsafe_pool
from show_goal.adapters.celery.messages import MESSAGES
from show_goal.adapters.celery.routes import routes_of
from show_goal.core.messages import Sweep

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
        (
            "redis://broker",
            "visibility_timeout",
            3600,
            "set it to 120, or CelerySettings(visibility_timeout=...)",
        ),
        ("redis://broker", "visibility_timeout", None, "a visibility_timeout of 3600 s"),
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
    assert problem.startswith("show_goal.transfer has no queue, so no message gets through: Queue 'nowhere' missing")


def test_a_route_that_names_no_queue_is_named() -> None:
    """What waits, and what is retried, must know its queue."""
    app = a_safe_app(
        changes={"task_routes": {"show_goal.transfer": {"exchange": "monolith", "routing_key": "transfer"}}}
    )
    (problem,) = unsafe_settings(app, evolve(SETTINGS, queue=None))
    assert problem.startswith("show_goal.transfer has no queue, so no message gets through: the route of show_goal")


def by_goal(name: str, args: object, kwargs: Mapping[str, str], options: object, **_: object) -> str:
    return f"monolith.{kwargs['goal_id'][-1]}"


def test_every_message_but_a_sweep_can_be_routed_by_its_goal() -> None:
    """As docs/scale.md does it."""
    assert [kind.name for kind in MESSAGES if "goal_id" not in fields_dict(kind)] == ["sweep"]


def test_a_route_that_needs_a_message_is_unknown_and_not_unsafe() -> None:
    app, settings = a_safe_app(changes={"task_routes": [by_goal]}), evolve(SETTINGS, queue=None)
    assert unsafe_settings(app, settings) == []
    routes = routes_of(app, settings)
    assert (routes.queues, routes.unusable) == (["show_goal.sweeps"], {})
    assert routes.unknown == {
        name: "KeyError: 'goal_id'" for name in settings.task_names.values() if name != "show_goal.sweep"
    }


@pytest.mark.parametrize(
    ("attribute", "value", "says"),
    [
        ("acks_on_timeout", True, "acks_on_timeout on: a message is lost that ends so; set it to False"),
        ("acks_on_failure", True, "acks_on_failure on: a message is lost that ends so; set it to False"),
        ("rate_limit", "10/m", "a rate_limit of 10/m: its messages wait in a worker; set it to 0"),
        ("time_limit", 300, "a time_limit of 300: the flow counts on 9; take it out of task_annotations"),
        ("soft_time_limit", 1, "a soft_time_limit of 1: the flow counts on 6; take it out of task_annotations"),
    ],
)
def test_an_annotation_that_changes_how_our_task_ends_is_named(attribute: str, value: object, says: str) -> None:
    app = a_safe_app(changes={"task_annotations": {"show_goal.transfer": {attribute: value}}})
    assert unsafe_settings(app, SETTINGS) == [f"show_goal.transfer has {says}"]


def own(**_: object) -> None: ...


@pytest.mark.filterwarnings("ignore::celery.exceptions.DuplicateTaskNameWarning")
def test_a_hosts_own_task_under_our_name_has_limits_of_its_own() -> None:
    app = make_app("amqp://broker", SETTINGS)
    app.task(own, name="show_goal.transfer", shared=False, acks_late=True, reject_on_worker_lost=True, time_limit=300)
    register_tasks(app, dict, SETTINGS)
    assert unsafe_settings(app, SETTINGS) == []


def test_an_app_without_the_tasks_is_named() -> None:
    assert registered_settings(a_safe_app()) is SETTINGS
    (problem,) = unsafe_settings(make_app("amqp://broker", SETTINGS), SETTINGS)
    assert problem.startswith("the app lacks the flow's tasks")


@pytest.mark.parametrize("pool", ["threads", "solo"])
def test_a_worker_with_a_pool_without_time_limits_is_named(pool: str) -> None:
    (problem,) = unsafe_pool(SimpleNamespace(pool_cls=get_implementation(pool)))
    assert problem.startswith(f"the pool {pool.removesuffix('s')} keeps no time limits")
    assert unsafe_pool(SimpleNamespace(pool_cls=get_implementation("prefork"))) == []


@pytest.mark.parametrize("url", ["sentinel://one:26379;sentinel://two:26379", "amqp://one;sqs://two"])
def test_a_kind_of_broker_that_the_flow_does_not_know_is_named(url: str) -> None:
    (problem, *_) = unsafe_settings(a_safe_app(changes={"broker_url": url}), SETTINGS)
    kind = "sentinel" if url.startswith("sentinel") else "sqs"
    assert problem.startswith(f"broker_url has {kind}://: the flow knows amqp, amqps, pyamqp, redis, rediss")


def test_an_eager_app_publishes_all_the_same() -> None:
    """task_always_eager has no effect on what the flow sends, so it is not unsafe."""
    app = a_safe_app(changes={"task_always_eager": True, "broker_url": "memory://"})
    task_queue = CeleryTaskQueue(app, SETTINGS)
    with pytest.warns(AlwaysEagerIgnored):
        task_queue.trigger(Sweep())
    with app.connection_for_read() as connection:
        assert connection.SimpleQueue(SETTINGS.sweep_queue).qsize() == 1
    task_queue.close()
    assert unsafe_settings(a_safe_app(changes={"task_always_eager": True}), SETTINGS) == []
