from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any, get_type_hints
from urllib.parse import urlsplit

import blinker
import pytest
from attrs import evolve
from bson import ObjectId
from celery import Celery
from dependency_injector import providers
from pymongo.database import Database
from pytest_mock import MockerFixture

from show_goal.adapters.celery import TASK_NAMES, CelerySettings
from show_goal.adapters.container import Container
from show_goal.adapters.environment import ConfigurationError
from show_goal.adapters.memory import MemoryClock, MemoryNotifier, MemoryWallet
from show_goal.adapters.mongo import MongoSettings
from show_goal.adapters.no_pledges import NoPledges
from show_goal.adapters.pusher import PusherNotifier, PusherSettings
from show_goal.adapters.swappable import Ports
from show_goal.adapters.traced import TracedWallet
from show_goal.core.messages import Sweep
from show_goal.core.model import Session
from show_goal.core.settings import Settings
from show_goal.ports.notifier import Notification
from show_goal.ports.wallet import releases_parts
from tests.adapters.celery.worker import delete_queue
from tests.adapters.mongo.proxy import Proxy, proxy_to
from tests.adapters.pusher.far_end import FarEnd
from tests.builders import EXP, GOAL, SESSION, STREAMER, VIEWER, a_create_goal, a_session
from tests.servers import Servers, wait_until
from tests.world import World

from .environ import ENVIRON

KEY = "the-new-wallet-key"
MONGO = MongoSettings(uri="mongodb://127.0.0.1:1", sessions="livestreams")
PUSHER = PusherSettings(app_id="1", key="key", secret="secret")


def problems(**adapters: Any) -> list[str]:
    """The problems with these adapters, the same in memory and on real servers."""
    with pytest.raises(ConfigurationError) as refused:
        Container.in_memory(**adapters)
    with pytest.raises(ConfigurationError) as also:
        Container.from_env(ENVIRON, **adapters)
    assert also.value.problems == refused.value.problems
    return list(refused.value.problems)


def test_one_adapter_is_swapped_in_one_line() -> None:
    notifier = MemoryNotifier()
    assert Container.in_memory(notifier=notifier).notifier() is notifier
    assert Container.from_env(ENVIRON, notifier=notifier).notifier() is notifier


def test_other_adapters_use_the_swapped_clock() -> None:
    container = Container.in_memory(clock=MemoryClock(EXP))
    queue: Any = container.task_queue()
    queue.trigger(a_create_goal())
    assert queue.queued()[0].due == EXP


@pytest.mark.parametrize(("name", "said"), [("notfier", "notfier, did you mean notifier?"), ("mailer", "mailer.")])
def test_misspelt_port_is_refused_by_name_with_the_list_of_ports(name: str, said: str) -> None:
    assert problems(**{name: object()}) == [
        f"there is no port {said} The ports are: {', '.join(Ports.__annotations__)}"
    ]


class PartOfAWallet:
    def hold(self, hold: object) -> object:
        return hold


class OlderWallet:
    """It has the port's methods, and lacks ``releases_parts``."""

    calls_back = False
    statement = hold = release = refund = find = holds_of = overdue = len


@pytest.mark.parametrize(
    ("name", "wrong", "problem"),
    [
        ("notifier", object(), "notifier lacks notify of Notifier"),
        ("notifier", MemoryNotifier, "notifier is the class MemoryNotifier: pass an instance"),
        ("notifier", providers.Object(MemoryNotifier()), "notifier is a provider: pass what it provides"),
        ("notifier", None, "notifier lacks notify of Notifier"),
        ("settings", {"cooldown": 5}, "settings must be a Settings, not a dict"),
        ("namespace", blinker.signal("any"), "namespace must be a Namespace, not a NamedSignal"),
        ("matrix", {}, "matrix must be a Matrix, not a dict"),
        ("trace_sink", "log", "trace_sink must be a Callable, not a str"),
        ("observer", object(), "observer lacks unit, receiver, headers of Observer"),
        ("checks", ["mongodb"], "checks must be a Mapping, not a list"),
        ("wallet_keys", "one-long-key-one-long-key", "wallet_keys must be a list, not a str"),
        ("wallet_keys", [""], "wallet_keys: key 1 must be a text of at least 16 characters"),
        ("wallet_keys", [KEY, KEY.encode()], "wallet_keys: key 2 must be a text of at least 16 characters"),
    ],
)
def test_adapter_or_setting_of_a_wrong_type_is_refused(name: str, wrong: object, problem: str) -> None:
    assert problems(**{name: wrong}) == [problem]


def test_missing_methods_and_attributes_of_a_port_are_named() -> None:
    (problem,) = problems(wallet=PartOfAWallet())
    assert problem.startswith("wallet lacks calls_back, statement, release, refund,")
    (problem,) = problems(sessions=PartOfAWallet())
    assert "fetch_active" in problem, "the port has it"
    assert "bind_show_goal" in problem, "the port that it extends has it"


def test_a_wallet_that_is_older_than_parts_of_holds_is_taken() -> None:
    wallet: Any = OlderWallet()
    assert releases_parts(Container.in_memory(wallet=wallet).wallet()) is False


def test_every_problem_is_reported_at_once() -> None:
    assert len(problems(notfier=1, notifier=2, settings=3, wallet_keys=["short"])) == 4
    variables = {**ENVIRON, "SHOW_GOAL_COOLDOWN": "soon", "SHOW_GOAL_PUSHER_KEY": ""}
    with pytest.raises(ConfigurationError) as refused:
        Container.from_env(variables, wallet=PartOfAWallet())  # type: ignore[arg-type]
    said = [problem.split()[0] for problem in refused.value.problems]
    assert said == ["SHOW_GOAL_COOLDOWN", "SHOW_GOAL_PUSHER_KEY", "wallet"]


def test_missing_ports_are_named() -> None:
    with pytest.raises(ConfigurationError) as refused:
        Container(clock=MemoryClock())
    assert refused.value.problems[:2] == ["ids is missing", "sessions is missing"]
    assert len(refused.value.problems) == 14


def test_a_container_made_by_hand_needs_a_journal_only_for_operators() -> None:
    in_memory = Container.in_memory()
    ports: Any = {name: in_memory.providers[name]() for name in get_type_hints(Ports) if name != "journal"}
    by_hand = Container(**ports)
    assert by_hand.sweep()(Sweep()).more is False
    with pytest.raises(ConfigurationError, match="the container has no journal, which operators' commands need"):
        by_hand.explain_money()


def test_every_port_has_its_typed_attribute() -> None:
    assert Container.__annotations__.keys() - Ports.__annotations__.keys() == {"create_indexes"}
    assert Ports.__annotations__.keys() <= Container.__annotations__.keys()


def test_adapter_can_be_overridden_before_its_first_use() -> None:
    container, wallet = Container.in_memory(), MemoryWallet()
    wallet.credit(VIEWER, 5)
    with container.wallet.override(wallet):
        assert [container.wallet(), container.books(), container.pledges()] == [wallet, wallet, wallet]
        assert container.admission().wallet.statement(VIEWER, None).available == 5


def test_wallet_with_only_the_methods_of_its_port_keeps_no_pledges_D30() -> None:
    wallet = TracedWallet(MemoryWallet())
    assert Container.in_memory(wallet=wallet).pledges() == NoPledges(wallet)


def test_containers_share_nothing() -> None:
    one, other = Container.in_memory(), Container.in_memory()
    assert one.sessions() is not other.sessions()
    assert one.namespace() is not other.namespace()


def test_deep_copy_of_a_container_is_the_same_container() -> None:
    container = Container.in_memory()
    assert copy.deepcopy({"shows": container})["shows"] is container


def host_app() -> Celery:
    return Celery("host", broker="amqp://guest:guest@127.0.0.1:1//", set_as_current=False)


def of_a_host(**adapters: Any) -> Container:
    settings: Any = {"mongo": MONGO, "celery": CelerySettings(), "celery_app": host_app(), "pusher": PUSHER}
    return Container.from_settings(**{**settings, **adapters})


def test_settings_of_a_host_must_be_of_their_types() -> None:
    wrong = "mongodb://127.0.0.1"
    with pytest.raises(ConfigurationError, match=r"^mongo must be a MongoSettings, not a str; notifier lacks notify"):
        of_a_host(mongo=wrong, notifier=wrong)


def test_hosts_app_gets_the_tasks_and_sweeps_under_the_hosts_names() -> None:
    app = host_app()
    names = {name: f"host.{name}" for name in TASK_NAMES}
    container = of_a_host(celery=CelerySettings(queue=None, task_names=names), celery_app=app)

    assert not set(names.values()) & app.tasks.keys(), "a container of a test leaves the app as it is"
    assert container.worker() is app
    assert set(names.values()) <= app.tasks.keys()
    assert app.conf.beat_schedule["show_goal.sweep"]["task"] == "host.sweep"


def test_hosts_settings_reach_the_use_cases() -> None:
    settings = Settings(settle_delay=timedelta(seconds=5))
    container = of_a_host(settings=settings, wallet_keys=[KEY])
    assert (container.settle_escrow().settings, container.wallet_keys()) == (settings, [KEY])
    assert of_a_host().wallet_keys() == ()


@pytest.mark.parametrize("wrong", ["read", Session], ids=str)
def test_a_hosts_function_must_be_one_D48_D49(wrong: Any) -> None:
    (problem,) = problems(read_session=wrong)
    assert problem.startswith(("read_session must be a Callable, not a str", "read_session is the class Session"))


def test_a_hosts_function_reads_the_hosts_documents_D49(mongo_database: Database[dict[str, Any]]) -> None:
    document = {"_id": ObjectId(SESSION), "user": STREAMER, "active": True, "tariff": 5}
    mongo_database[MONGO.sessions].insert_one(document)

    def read(document: dict[str, Any]) -> Session:
        return a_session(pricing={"sd": document["tariff"]})

    container = of_a_host(mongo=evolve(MONGO, timeout_ms=30_000), database=mongo_database, read_session=read)
    session = container.sessions().fetch_active(SESSION)
    assert session is not None
    assert session.pricing == {"sd": 5}


def test_nothing_connects_before_its_first_use() -> None:
    container = Container.from_env(ENVIRON)
    container.trigger_private_session()
    container.worker()


@pytest.fixture
def queue(servers: Servers, mongo_database: Database[dict[str, Any]]) -> Iterator[str]:
    yield mongo_database.name
    delete_queue(servers.rabbitmq_url, CelerySettings(queue=mongo_database.name))


def test_close_closes_every_connection_that_the_container_opened(servers: Servers, queue: str) -> None:
    with ExitStack() as stack:

        def proxied(url: str) -> tuple[Proxy, str]:
            parts = urlsplit(url)
            proxy = stack.enter_context(proxy_to((parts.hostname or "", parts.port or 0)))
            return proxy, url.replace(f":{parts.port}", f":{proxy.port}", 1)

        mongodb, uri = proxied(servers.mongodb_uri)
        rabbitmq, broker_url = proxied(servers.rabbitmq_url)
        pusher, _ = proxied(f"http://127.0.0.1:{stack.enter_context(FarEnd()).port}")
        variables = {
            **servers.as_settings(broker_url),
            "SHOW_GOAL_MONGODB_URI": f"{uri.partition('?')[0]}?directConnection=true",
            "SHOW_GOAL_MONGODB_TIMEOUT_MS": "30000",
            "SHOW_GOAL_PUSHER_PORT": str(pusher.port),
            "SHOW_GOAL_QUEUE": queue,
        }
        proxies = (mongodb, rabbitmq, pusher)
        with Container.from_env(variables) as container:
            container.sessions().fetch_active(SESSION)
            container.task_queue().trigger(a_create_goal())
            container.notifier().notify(Notification(id="id", event="an.event", channels=["a"], payload={}))
            assert all(proxy.connections for proxy in proxies)
        wait_until(lambda: not any(proxy.connections for proxy in proxies), 10)
        container.close()


def test_close_leaves_open_what_the_host_passed(
    mongo_database: Database[dict[str, Any]], mocker: MockerFixture
) -> None:
    notifier = PusherNotifier(PUSHER)
    close = mocker.patch.object(notifier, "close", autospec=True)
    with of_a_host(database=mongo_database, notifier=notifier) as container:
        assert container.sessions().fetch_active(SESSION) is None
        assert container.notifier() is notifier
    assert mongo_database.command("ping")["ok"]
    close.assert_not_called()


def test_close_disconnects_the_receivers_from_the_hosts_namespace_D20() -> None:
    heard: list[str] = []

    def host(sender: str, **payload: object) -> None:
        heard.append(f"{sender} {payload['goal_id']}")

    signal = blinker.signal("features.leaderboards")
    with signal.connected_to(host):
        world = World.make(namespace=blinker.default_namespace)
        with world.container:
            world.sessions.add(a_session())
            world.container.create_goal()(a_create_goal())
            assert len(signal.receivers) > 1

    assert set(heard) == {f"goal.created {GOAL}", f"goal.added {GOAL}"}
    assert not signal.receivers
