from __future__ import annotations

from datetime import timedelta

import celery
import kombu.serialization
import pytest

from show_goal.adapters.celery import CelerySettings, make_app, unsafe_settings

SETTINGS = CelerySettings(publish_connections=7, soft_time_limit=3, time_limit=4)


@pytest.mark.parametrize("url", ["amqp://broker", "amqps://broker", "redis://broker", "rediss://broker"])
def test_its_own_settings_are_safe(url: str) -> None:
    assert unsafe_settings(make_app(url, SETTINGS), SETTINGS) == []


@pytest.mark.parametrize("url", ["", "broker:5672", "memory://", "sqs://"])
def test_a_url_of_no_supported_broker_is_refused_and_none_is_assumed(url: str) -> None:
    with pytest.raises(ValueError, match="amqp://"):
        make_app(url, SETTINGS)


@pytest.mark.parametrize("url", ["amqp://broker", "redis://broker"])
def test_the_settings_that_money_asks_for(url: str) -> None:
    conf = make_app(url, SETTINGS).conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.task_ignore_result
    assert conf.worker_prefetch_multiplier == 1
    assert conf.worker_cancel_long_running_tasks_on_connection_loss
    assert (conf.task_soft_time_limit, conf.task_time_limit) == (3, 4)
    assert (conf.accept_content, conf.task_serializer) == (["json"], "json")
    assert (conf.enable_utc, conf.timezone) == (True, "UTC")
    assert conf.task_default_queue == "show_goal"
    assert conf.task_default_delivery_mode == 2
    assert conf.broker_connection_retry_on_startup
    assert conf.broker_pool_limit == 7
    assert conf.result_backend is None


def test_rabbitmq_confirms_what_it_has() -> None:
    options = make_app("amqp://broker", SETTINGS).conf.broker_transport_options
    assert options == {"confirm_publish": True, "read_timeout": 10.0, "write_timeout": 10.0}


def test_redis_gives_back_what_a_dead_worker_held() -> None:
    settings = CelerySettings(visibility_timeout=timedelta(minutes=5))
    options = make_app("redis://broker", settings).conf.broker_transport_options
    assert options["visibility_timeout"] == 300
    assert options["socket_timeout"] == options["socket_connect_timeout"] == 10
    assert options["socket_keepalive"]


def test_the_process_keeps_its_current_app_and_serializers() -> None:
    """D3"""
    before, default = kombu.serialization.registry._encoders.copy(), kombu.serialization.registry._default_encode
    app = make_app("amqp://broker", SETTINGS)
    assert celery.current_app._get_current_object() is not app
    assert kombu.serialization.registry._encoders == before
    assert kombu.serialization.registry._default_encode == default
