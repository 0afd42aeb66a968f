from __future__ import annotations

from datetime import timedelta

import celery
import kombu.serialization
import pytest
from celery import Celery

from show_goal.adapters.celery import CelerySettings, make_app, schedule_sweeps

SETTINGS = CelerySettings(publish_connections=7, soft_time_limit=4, time_limit=5)


def a_hosts_app() -> Celery:
    return Celery("host", broker="amqp://broker", set_as_current=False)


@pytest.mark.parametrize("url", ["", "broker:5672", "memory://", "sqs://"])
def test_a_url_of_another_kind_of_broker_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="amqp://"):
        make_app(url, SETTINGS)


@pytest.mark.parametrize("url", ["amqp://broker", "redis://broker"])
def test_its_settings_are_safe_for_money(url: str) -> None:
    conf = make_app(url, SETTINGS).conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.task_ignore_result
    assert conf.worker_cancel_long_running_tasks_on_connection_loss
    assert (conf.task_soft_time_limit, conf.task_time_limit) == (4, 5)
    assert (conf.accept_content, conf.task_serializer) == (["json"], "json")
    assert (conf.enable_utc, conf.timezone) == (True, "UTC")
    assert conf.task_default_queue == "show_goal"
    assert conf.task_default_delivery_mode == 2
    assert conf.broker_connection_retry_on_startup
    assert conf.broker_pool_limit == 7
    assert conf.result_backend is None


def test_rabbitmq_confirms_messages() -> None:
    options = make_app("amqp://broker", SETTINGS).conf.broker_transport_options
    assert options == {"confirm_publish": True, "read_timeout": 10.0, "write_timeout": 10.0}


def test_redis_gives_back_the_messages_of_a_dead_worker() -> None:
    settings = CelerySettings(visibility_timeout=timedelta(minutes=5))
    options = make_app("redis://broker", settings).conf.broker_transport_options
    assert options["visibility_timeout"] == 300
    assert options["socket_timeout"] == options["socket_connect_timeout"] == 10
    assert options["socket_keepalive"]


def test_the_process_keeps_its_current_app_and_serializers_D3() -> None:
    before, default = kombu.serialization.registry._encoders.copy(), kombu.serialization.registry._default_encode
    app = make_app("amqp://broker", SETTINGS)
    assert celery.current_app._get_current_object() is not app
    assert kombu.serialization.registry._encoders == before
    assert kombu.serialization.registry._default_encode == default


def test_a_sweep_is_due_each_interval_and_has_a_queue_of_its_own_D26_D47() -> None:
    app = a_hosts_app()
    schedule_sweeps(app, CelerySettings())
    assert app.conf.beat_schedule == {
        "show_goal.sweep": {
            "task": "show_goal.sweep",
            "schedule": 15.0,
            "args": (),
            "kwargs": {},
            "options": {"queue": "show_goal.sweeps", "serializer": "json", "ignore_result": True},
        }
    }


def test_the_settings_decide_the_sweeps_interval_name_and_queue() -> None:
    app = a_hosts_app()
    settings = CelerySettings(queue=None, task_names={"sweep": "money.sweep"}, sweep_interval=timedelta(minutes=1))
    schedule_sweeps(app, settings)
    entry = app.conf.beat_schedule["show_goal.sweep"]
    assert (entry["task"], entry["schedule"], entry["options"]["queue"]) == ("money.sweep", 60, "show_goal.sweeps")


def test_the_schedule_keeps_the_hosts_entries_and_survives_its_configuration() -> None:
    app, other = a_hosts_app(), a_hosts_app()
    app.conf.beat_schedule = {"before": {"task": "mine", "schedule": 60.0}}
    schedule_sweeps(app, CelerySettings())
    assert set(app.conf.beat_schedule) == {"before", "show_goal.sweep"}
    assert other.conf.beat_schedule == {}
    configured_later = a_hosts_app()
    schedule_sweeps(configured_later, CelerySettings())
    configured_later.config_from_object({"beat_schedule": {"after": {"task": "mine", "schedule": 60.0}}})
    assert set(configured_later.conf.beat_schedule) == {"after", "show_goal.sweep"}
