from __future__ import annotations

import json
import logging
import sys
from datetime import timedelta

import blinker
import pytest
from celery import Celery
from dependency_injector.errors import Error

from show_goal.adapters.celery import TASK_NAMES, CelerySettings
from show_goal.adapters.container import Container
from show_goal.adapters.environment import ConfigurationError
from show_goal.adapters.memory import MemoryClock, MemoryNotifier, MemoryWallet
from show_goal.adapters.mongo import MongoSettings
from show_goal.adapters.pusher import PusherSettings
from show_goal.core.settings import Settings
from show_goal.core.signals import Signals
from tests.builders import EXP, GOAL, NOW, a_create_goal, a_session
from tests.world import World

ENVIRON = {
    "SHOW_GOAL_MONGODB_URI": "mongodb://127.0.0.1:1/?replicaSet=rs0",
    "SHOW_GOAL_BROKER_URL": "amqp://guest:guest@127.0.0.1:1//",
    "SHOW_GOAL_PUSHER_APP_ID": "1",
    "SHOW_GOAL_PUSHER_KEY": "key",
    "SHOW_GOAL_PUSHER_SECRET": "a-secret",
}


def test_one_adapter_is_swapped_in_one_line() -> None:
    notifier = MemoryNotifier()

    container = Container.in_memory(notifier=notifier)

    assert container.notifier() is notifier


def test_swapped_clock_is_the_one_that_the_other_adapters_use() -> None:
    container = Container.in_memory(clock=MemoryClock(EXP))

    container.task_queue().trigger(a_create_goal())

    assert container.task_queue().queued()[0].due == EXP  # type: ignore[attr-defined]


def test_adapter_can_be_overridden_before_its_first_use() -> None:
    container = Container.in_memory()
    wallet = MemoryWallet()

    with container.wallet.override(wallet):
        assert container.wallet() is wallet


def test_containers_share_nothing() -> None:
    one, other = Container.in_memory(), Container.in_memory()

    assert one.sessions() is not other.sessions()
    assert one.namespace() is not other.namespace()


def test_hosts_namespace_is_used_and_left_as_it_was_D20() -> None:
    heard: list[str] = []

    def host(sender: str, **payload: object) -> None:
        heard.append(f"{sender} {payload['goal_id']}")

    signal = blinker.signal("features.leaderboards")
    with signal.connected_to(host):
        world = World.make(namespace=blinker.default_namespace)
        world.sessions.add(a_session())
        world.container.create_goal()(a_create_goal())
        signals = world.container.signals()
        assert isinstance(signals, Signals)
        signals.disconnect()

    assert set(heard) == {f"goal.created {GOAL}", f"goal.added {GOAL}"}
    assert not signal.receivers


def test_missing_port_is_named_at_start() -> None:
    container = Container(clock=MemoryClock())

    with pytest.raises(Error, match=r"Container\.wallet"):
        container.check_dependencies()


def test_everything_that_the_environment_lacks_is_named_at_start() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Container.from_env({"SHOW_GOAL_BROKER_URL": "sqs://", "SHOW_GOAL_COOLDOWN": "soon"})

    named = [problem.split()[0] for problem in caught.value.problems]
    assert named == [
        "SHOW_GOAL_COOLDOWN",
        "SHOW_GOAL_MONGODB_URI",
        "SHOW_GOAL_BROKER_URL",
        "SHOW_GOAL_PUSHER_APP_ID",
        "SHOW_GOAL_PUSHER_KEY",
        "SHOW_GOAL_PUSHER_SECRET",
    ]


@pytest.mark.parametrize("uri", ["localhost:27017", "mongodb://", "mongodb://u:p@ss@host", "mongodb://h/?replicaSet"])
def test_malformed_database_address_is_named_at_start_and_not_repeated(uri: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Container.from_env({**ENVIRON, "SHOW_GOAL_MONGODB_URI": uri})

    (problem,) = caught.value.problems
    assert problem.startswith("SHOW_GOAL_MONGODB_URI")
    assert uri not in problem


def test_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pusher", None)
    monkeypatch.setattr("show_goal.adapters.from_env.find_spec", lambda name: None if name == "pusher" else object())

    with pytest.raises(ConfigurationError, match=r"pusher is not installed: pip install 'show-goal\[pusher\]'"):
        Container.from_env(ENVIRON)


def test_environment_reaches_the_settings() -> None:
    container = Container.from_env({**ENVIRON, "SHOW_GOAL_COOLDOWN": "0", "SHOW_GOAL_TAG_PREFIX": "acme"})

    settings = container.settings()
    assert (settings.cooldown.total_seconds(), settings.tag_prefix) == (0, "acme")
    assert settings.max_ttl == Settings().max_ttl


def test_environment_reaches_the_settings_of_a_goals_whole_life() -> None:
    container = Container.from_env(
        {
            **ENVIRON,
            "SHOW_GOAL_SETTLE_DELAY": "0",
            "SHOW_GOAL_ETA_HORIZON": "315",
            "SHOW_GOAL_SWEEP_LIMIT": "7",
            "SHOW_GOAL_SWEEP_INTERVAL": "5",
            "SHOW_GOAL_TASK_SETTLE_ESCROW": "money.settle",
            "SHOW_GOAL_TASK_SWEEP": "money.sweep",
            "SHOW_GOAL_WALLET_KEYS": "the-new-wallet-key, the-old-wallet-key",
        }
    )

    settings = container.settings()
    seconds = (settings.settle_delay.total_seconds(), settings.eta_horizon.total_seconds())
    assert (seconds, settings.sweep_limit) == ((0, 315), 7)
    assert container.wallet_keys() == ("the-new-wallet-key", "the-old-wallet-key")
    app = container.worker()
    assert "money.settle" in app.tasks
    entry = app.conf.beat_schedule["show_goal.sweep"]
    assert (entry["task"], entry["schedule"], entry["options"]["queue"]) == ("money.sweep", 5, "show_goal")


def test_without_variables_no_wallet_is_believed_and_the_defaults_hold() -> None:
    container = Container.from_env(ENVIRON)

    assert container.wallet_keys() == ()
    assert container.settings() == Settings()


@pytest.mark.parametrize("keys", ["hunter2-hunter2", "the-new-wallet-key,hunter2-hunter2", "hunter2-hunter2,"])
def test_short_wallet_key_is_named_at_start_and_not_repeated(keys: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Container.from_env({**ENVIRON, "SHOW_GOAL_WALLET_KEYS": keys})

    assert all(problem.startswith("SHOW_GOAL_WALLET_KEYS") for problem in caught.value.problems)
    assert "hunter2" not in str(caught.value)


def test_horizon_that_redis_would_cut_short_is_named_at_start() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Container.from_env({**ENVIRON, "SHOW_GOAL_ETA_HORIZON": "316"})

    (problem,) = caught.value.problems
    assert problem.startswith("SHOW_GOAL_ETA_HORIZON is 316: it must be at most 315")


def test_two_tasks_of_one_name_are_named_at_start() -> None:
    with pytest.raises(ConfigurationError, match=r"SHOW_GOAL_TASK_\*: two tasks share a name"):
        Container.from_env({**ENVIRON, "SHOW_GOAL_TASK_SWEEP": "show_goal.transfer"})


MONGO = MongoSettings(uri="mongodb://127.0.0.1:1", sessions="livestreams")
PUSHER = PusherSettings(app_id="1", key="key", secret="secret")


def host_app() -> Celery:
    return Celery("host", broker="amqp://guest:guest@127.0.0.1:1//", set_as_current=False)


def test_hosts_app_gets_the_tasks_and_sweeps_under_the_hosts_names() -> None:
    app = host_app()
    names = {name: f"host.{name}" for name in TASK_NAMES}
    container = Container.from_settings(
        mongo=MONGO, celery=CelerySettings(queue=None, task_names=names), celery_app=app, pusher=PUSHER
    )

    assert not set(names.values()) & app.tasks.keys(), "a container of a test leaves the app as it is"
    assert container.worker() is app
    assert set(names.values()) <= app.tasks.keys()
    assert app.conf.beat_schedule["show_goal.sweep"]["task"] == "host.sweep"


def test_hosts_settings_reach_the_adapters_and_further_ones_are_swapped_by_name() -> None:
    app, celery, wallet = host_app(), CelerySettings(), MemoryWallet()
    settings = Settings(settle_delay=timedelta(seconds=5))

    container = Container.from_settings(
        mongo=MONGO, celery=celery, celery_app=app, pusher=PUSHER, settings=settings, wallet=wallet, wallet_keys=["k"]
    )

    assert container.wallet() is wallet
    assert (container.settle_escrow().settings, container.wallet_keys()) == (settings, ["k"])
    assert Container.from_settings(mongo=MONGO, celery=celery, celery_app=app, pusher=PUSHER).wallet_keys() == ()


def test_nothing_connects_before_its_first_use() -> None:
    container = Container.from_env(ENVIRON)

    container.trigger_private_session()
    container.worker()


def test_real_container_takes_a_swapped_adapter_in_one_line() -> None:
    wallet = MemoryWallet()

    assert Container.from_env(ENVIRON, wallet=wallet).wallet() is wallet


def test_traces_go_to_the_log_as_one_json_line_each_D28(caplog: pytest.LogCaptureFixture) -> None:
    container = Container.in_memory(clock=MemoryClock(NOW))
    container.sessions().add(a_session())  # type: ignore[attr-defined]

    with caplog.at_level(logging.INFO, "show_goal.trace"):
        container.create_goal()(a_create_goal())

    (record,) = caplog.records
    trace = json.loads(record.getMessage())
    assert (trace["unit"], trace["goal_id"], trace["outcome"]) == ("create_goal", GOAL, "done")
    assert trace["steps"][0]["arguments"]["exp"] == "2026-01-01T00:05:00+00:00"


def test_traces_cost_nothing_when_nobody_logs_them(caplog: pytest.LogCaptureFixture) -> None:
    container = Container.in_memory()

    with caplog.at_level(logging.ERROR, "show_goal.trace"):
        container.create_goal()(a_create_goal(_cls="Other", exp=None))

    assert caplog.records == []
