"""A broker that is down or hangs: the request gets its answer within 3 s, and the next one goes through (D27)."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from time import monotonic

import pytest
from attrs import frozen
from celery import Celery

from show_goal.adapters.celery import CelerySettings, CeleryTaskQueue, make_app
from show_goal.ports.errors import TaskQueueUnavailable
from tests.builders import a_transfer
from tests.servers import RabbitServer, RedisServer, wait_until
from tests.servers.ports import free_port

from .worker import DEADLINE, ROOT, own_settings, queue_length

ANSWER_WITHIN = 2.5
SETTINGS = own_settings(publish_connections=2, publish_timeout=CelerySettings().publish_timeout)

Broker = RabbitServer | RedisServer


@contextmanager
def a_task_queue(url: str) -> Iterator[CeleryTaskQueue]:
    task_queue = CeleryTaskQueue(make_app(url, SETTINGS), SETTINGS)
    try:
        yield task_queue
    finally:
        task_queue.close()


def await_answer(broker: Broker) -> None:
    """Of a broker that has just been started, or woken up: it may need longer for its first one than a request has."""
    queue_length(broker.url, SETTINGS)


@pytest.fixture(scope="module", params=[RabbitServer, RedisServer], ids=["rabbitmq", "redis"])
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """A broker of the module's own, to be killed."""
    with request.param() as broker:
        yield broker


@pytest.fixture
def task_queue(broker: Broker) -> Iterator[CeleryTaskQueue]:
    """One that has a connection already."""
    broker.start()
    await_answer(broker)
    with a_task_queue(broker.url) as task_queue:
        task_queue.trigger(a_transfer())
        yield task_queue


@frozen
class SilentServer:
    """It takes connections, and never says a word."""

    listening: socket.socket

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.listening.getsockname()[1]}"

    def connections(self) -> int:
        """How many it has been asked for."""
        self.listening.setblocking(False)
        accepted = 0
        with suppress(BlockingIOError):
            while True:
                self.listening.accept()[0].close()
                accepted += 1
        return accepted


@pytest.fixture
def silent_server() -> Iterator[SilentServer]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield SilentServer(listening)


def error_of(trigger: Callable[[], None], within: float = ANSWER_WITHIN) -> str:
    """The text of TaskQueueUnavailable, which came in time."""
    started = monotonic()
    with pytest.raises(TaskQueueUnavailable) as error:
        trigger()
    assert monotonic() - started < within
    return str(error.value)


def takes(task_queue: CeleryTaskQueue) -> bool:
    try:
        task_queue.trigger(a_transfer())
    except TaskQueueUnavailable:
        return False
    return True


@pytest.mark.parametrize("scheme", ["amqp", "redis"])
def test_a_broker_that_is_down(scheme: str) -> None:
    with a_task_queue(f"{scheme}://app:secret@127.0.0.1:{free_port()}") as task_queue:
        text = error_of(lambda: task_queue.trigger(a_transfer()), within=1.5)
    assert "did not take transfer" in text
    assert "refused" in text
    assert "secret" not in text


@pytest.mark.parametrize("scheme", ["amqp", "redis"])
def test_a_broker_that_never_answers_is_asked_once(scheme: str, silent_server: SilentServer) -> None:
    with a_task_queue(f"{scheme}://app:secret@{silent_server.address}") as task_queue:
        text = error_of(lambda: task_queue.trigger(a_transfer()))
    assert silent_server.connections() == 1
    assert silent_server.address in text
    assert "secret" not in text


@pytest.mark.parametrize("scheme", ["amqp", "redis"])
def test_a_hosts_app_with_celerys_defaults_answers_in_time_as_well(scheme: str, silent_server: SilentServer) -> None:
    app = Celery("host", broker=f"{scheme}://{silent_server.address}", set_as_current=False)
    error_of(lambda: CeleryTaskQueue(app, SETTINGS).trigger(a_transfer()))


def test_a_host_that_no_name_server_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long this machine's name servers take to say so is not ours."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with a_task_queue("amqp://broker.invalid") as task_queue:
        assert "broker.invalid" in error_of(lambda: task_queue.trigger(a_transfer()))


def test_the_second_broker_of_a_cluster_takes_what_the_first_does_not(broker: Broker) -> None:
    broker.start()
    await_answer(broker)
    scheme, _, _ = broker.url.partition(":")
    with a_task_queue(f"{scheme}://127.0.0.1:{free_port()};{broker.url}") as task_queue:
        task_queue.trigger(a_transfer())


def test_a_broker_that_hangs_while_connections_are_open(broker: Broker, task_queue: CeleryTaskQueue) -> None:
    broker.pause()
    try:
        for _ in range(2 * SETTINGS.publish_connections):
            error_of(lambda: task_queue.trigger(a_transfer()))
    finally:
        broker.resume()
    await_answer(broker)
    task_queue.trigger(a_transfer())


def test_a_broker_that_is_killed_and_started_again(broker: Broker, task_queue: CeleryTaskQueue) -> None:
    broker.kill()
    for _ in range(2 * SETTINGS.publish_connections):
        error_of(lambda: task_queue.trigger(a_transfer()))
    broker.start()
    await_answer(broker)
    task_queue.trigger(a_transfer())


def test_nobody_notices_a_restart_between_two_messages(broker: Broker, task_queue: CeleryTaskQueue) -> None:
    broker.kill()
    broker.start()
    await_answer(broker)
    task_queue.trigger(a_transfer())


@pytest.mark.parametrize("broker", [pytest.param(RabbitServer, id="rabbitmq")], indirect=True)
def test_rabbitmq_in_alarm_takes_no_message_and_says_so(broker: RabbitServer, task_queue: CeleryTaskQueue) -> None:
    """Without confirms the message would be lost in silence."""
    broker.memory_alarm(True)
    try:
        wait_until(lambda: not takes(task_queue), DEADLINE, "that the connections hear of the alarm")
        error_of(lambda: task_queue.trigger(a_transfer()))
    finally:
        broker.memory_alarm(False)
    wait_until(lambda: takes(task_queue), DEADLINE, "that they hear of its end")


def test_a_thread_that_finds_all_connections_busy_gives_up_in_time(silent_server: SilentServer) -> None:
    """The others fail after a second; the one that waited for them fails for lack of a connection."""
    with a_task_queue(f"amqp://{silent_server.address}") as task_queue:
        texts: list[str] = []
        threads = [
            Thread(target=lambda: texts.append(error_of(lambda: task_queue.trigger(a_transfer())))) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(texts) == 3


def test_forked_processes_have_connections_of_their_own(broker: Broker) -> None:
    """gunicorn with --preload, and a parent that has published already."""
    broker.start()
    command = [sys.executable, "-m", "tests.adapters.celery.forking", broker.url]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["121", "messages"]
