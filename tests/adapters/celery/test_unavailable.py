"""A broker that is down or hangs: the request gets its answer within 3 s, and the next message goes through (D27)."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from threading import Thread
from time import monotonic

import pytest
from attrs import evolve
from celery import Celery

from show_goal.adapters.celery import CelerySettings, CeleryTaskQueue, make_app
from show_goal.ports.errors import TaskQueueUnavailable
from tests.builders import a_transfer
from tests.servers import RabbitServer, RedisServer, wait_until
from tests.servers.ports import free_port

from .worker import DEADLINE, ROOT, delete_queue, own_settings, queue_length

ANSWER_WITHIN = 2.5
SETTINGS = own_settings(publish_connections=1, publish_timeout=CelerySettings().publish_timeout, queue_type="classic")
"""Classic queues: RabbitMQ 3.10 forgets the leader of a quorum queue that is killed in its first few seconds."""

Broker = RabbitServer | RedisServer
schemes = pytest.mark.parametrize("scheme", ["amqp", "redis"])


@contextmanager
def a_task_queue(url: str) -> Iterator[CeleryTaskQueue]:
    task_queue = CeleryTaskQueue(make_app(url, SETTINGS), SETTINGS)
    try:
        yield task_queue
    finally:
        task_queue.close()


@contextmanager
def a_connected_task_queue(url: str) -> Iterator[CeleryTaskQueue]:
    with a_task_queue(url) as task_queue:
        task_queue.trigger(a_transfer())
        yield task_queue


def await_answer(broker: Broker) -> None:
    """A broker that has just started or woken up may need longer for its first answer than a request has."""
    queue_length(broker.url, SETTINGS)


@pytest.fixture(scope="module", params=[RabbitServer, RedisServer], ids=["rabbitmq", "redis"])
def own_broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """A broker that the tests of this module may kill."""
    with request.param() as broker:
        yield broker


@pytest.fixture
def broker(own_broker: Broker) -> Broker:
    own_broker.start()
    await_answer(own_broker)
    return own_broker


@pytest.fixture
def silent_server() -> Iterator[socket.socket]:
    """It takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def url_of(scheme: str, server: socket.socket) -> str:
    return f"{scheme}://app:secret@127.0.0.1:{server.getsockname()[1]}"


def connections_to(server: socket.socket) -> int:
    server.setblocking(False)
    accepted = 0
    with suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            accepted += 1
    return accepted


def error_of(task_queue: CeleryTaskQueue, within: float = ANSWER_WITHIN) -> str:
    """The text of the TaskQueueUnavailable that a message raises in time."""
    started = monotonic()
    with pytest.raises(TaskQueueUnavailable) as error:
        task_queue.trigger(a_transfer())
    assert monotonic() - started < within
    assert "secret" not in str(error.value)
    return str(error.value)


def takes(task_queue: CeleryTaskQueue) -> bool:
    try:
        task_queue.trigger(a_transfer())
    except TaskQueueUnavailable:
        return False
    return True


@schemes
def test_a_broker_that_is_down(scheme: str) -> None:
    with a_task_queue(f"{scheme}://app:secret@127.0.0.1:{free_port()}") as task_queue:
        text = error_of(task_queue, within=1.5)
    assert "did not take show_goal.transfer" in text
    assert "refused" in text


@schemes
def test_a_broker_that_never_answers_is_asked_once(scheme: str, silent_server: socket.socket) -> None:
    with a_task_queue(url_of(scheme, silent_server)) as task_queue:
        assert f"127.0.0.1:{silent_server.getsockname()[1]}" in error_of(task_queue)
    assert connections_to(silent_server) == 1


@schemes
def test_a_hosts_app_with_celerys_defaults_answers_in_time_too(scheme: str, silent_server: socket.socket) -> None:
    error_of(CeleryTaskQueue(Celery("host", broker=url_of(scheme, silent_server), set_as_current=False), SETTINGS))


def test_a_host_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name server is replaced, because nobody knows how long a real one takes."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with a_task_queue("amqp://broker.invalid") as task_queue:
        assert "broker.invalid" in error_of(task_queue)


def test_a_queue_that_the_app_does_not_know_is_a_broker_that_takes_nothing(broker_url: str) -> None:
    app = make_app(broker_url, SETTINGS)
    app.conf.task_create_missing_queues = False
    app.conf.task_routes = {"show_goal.transfer": "nowhere"}
    with closing(CeleryTaskQueue(app, evolve(SETTINGS, queue=None))) as task_queue:
        assert "'nowhere'" in error_of(task_queue)


def test_a_thread_that_finds_all_connections_busy_gives_up_in_time(silent_server: socket.socket) -> None:
    """One thread waits for an answer, the other for its connection. Both fail after a second."""
    with a_task_queue(url_of("amqp", silent_server)) as task_queue:
        texts: list[str] = []
        threads = [Thread(target=lambda: texts.append(error_of(task_queue))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(texts) == 2


@pytest.mark.parametrize("first", ["dead", "hangs"])
def test_the_second_broker_of_a_list_takes_what_the_first_does_not(
    broker_url: str, first: str, silent_server: socket.socket
) -> None:
    scheme, _, _ = broker_url.partition(":")
    down = url_of(scheme, silent_server) if first == "hangs" else f"{scheme}://127.0.0.1:{free_port()}"
    started = monotonic()
    with a_task_queue(f"{down};{broker_url}") as task_queue:
        task_queue.trigger(a_transfer())
    assert monotonic() - started < 3
    delete_queue(broker_url, SETTINGS)


def test_forked_processes_have_connections_of_their_own(broker_url: str) -> None:
    """As under gunicorn --preload, where the parent may have published already."""
    command = [sys.executable, "-m", "tests.adapters.celery.forking", broker_url]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["41", "messages"]


def test_a_broker_that_hangs_while_a_connection_is_open(broker: Broker) -> None:
    with a_connected_task_queue(broker.url) as task_queue:
        broker.pause()
        try:
            for _ in range(2):
                error_of(task_queue)
        finally:
            broker.resume()
        await_answer(broker)
        task_queue.trigger(a_transfer())


def test_a_killed_broker_takes_messages_again_after_its_restart(broker: Broker) -> None:
    """Whether a request met it while it was down, or nobody noticed between two messages."""
    with a_connected_task_queue(broker.url) as noticed, a_connected_task_queue(broker.url) as unnoticed:
        broker.kill()
        for _ in range(2):
            error_of(noticed)
        broker.start()
        await_answer(broker)
        noticed.trigger(a_transfer())
        unnoticed.trigger(a_transfer())


@pytest.mark.parametrize("own_broker", [pytest.param(RabbitServer, id="rabbitmq")], indirect=True)
def test_rabbitmq_in_alarm_takes_no_message_and_says_so(broker: RabbitServer) -> None:
    """Without confirms the message would be lost in silence."""
    with a_connected_task_queue(broker.url) as task_queue:
        broker.memory_alarm(True)
        try:
            wait_until(lambda: not takes(task_queue), DEADLINE, "an error because of the alarm")
            error_of(task_queue)
        finally:
            broker.memory_alarm(False)
        wait_until(lambda: takes(task_queue), DEADLINE, "the end of the alarm")
