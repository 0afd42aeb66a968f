"""When an invitation is refused because too much waits for the workers, and how often the broker is asked (D27)."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from threading import Event, Thread
from time import monotonic
from typing import Any

import pytest
from attrs import define
from celery import Celery

from show_goal.adapters.celery import CelerySettings, CeleryTaskQueue, backlog, make_app
from show_goal.adapters.celery.backlog import Backlog, queues_of_invitations
from show_goal.ports.errors import TaskQueueFull, TaskQueueUnavailable
from tests.builders import a_create_goal, a_transfer
from tests.servers import wait_until

from .worker import DEADLINE, delete_queue, own_settings

MOST = 10


@define
class Broker:
    """``waiting`` messages. ``asked`` counts the questions; each takes until ``answers``."""

    waiting: int = 0
    asked: int = 0
    error: Exception | None = None

    def __call__(self) -> int:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return self.waiting


@define
class Time:
    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(backlog, "monotonic", time)
    return time


def is_full(it: Backlog | CeleryTaskQueue) -> bool:
    try:
        it.require_room()
    except TaskQueueFull:
        return True
    return False


@pytest.mark.parametrize(("waiting", "full"), [(0, False), (9, False), (10, True), (11, True)])
def test_it_is_full_when_as_many_wait_as_may(waiting: int, full: bool) -> None:
    assert is_full(Backlog(MOST, Broker(waiting))) is full


def test_the_error_says_how_many_wait_and_how_many_may() -> None:
    with pytest.raises(TaskQueueFull, match="about 12 messages wait for the workers, and 10 may"):
        Backlog(MOST, Broker(12)).require_room()


@pytest.mark.parametrize(("waiting", "seconds"), [(0, 1.0), (5, 1.0), (6, 0.25), (10, 0.25)])
def test_an_answer_counts_for_a_second_and_for_a_quarter_when_it_is_more_than_half_full(
    time: Time, waiting: int, seconds: float
) -> None:
    broker = Broker(waiting)
    it = Backlog(MOST, broker)
    for _ in range(100):
        is_full(it)
    time.now += seconds - 0.001
    is_full(it)
    assert broker.asked == 1
    time.now += 0.001
    is_full(it)
    assert broker.asked == 2


def test_what_this_process_publishes_is_added_until_the_broker_is_asked_again(time: Time) -> None:
    broker = Broker()
    it = Backlog(MOST, broker)
    for _ in range(MOST):
        assert not is_full(it)
        it.published()
    assert is_full(it)
    assert broker.asked == 1
    time.now += 0.25
    assert not is_full(it), "workers have taken them all"


@pytest.mark.usefixtures("time")
def test_what_is_published_while_the_broker_answers_is_not_left_out() -> None:
    it: Backlog

    def ask() -> int:
        it.published()
        return MOST - 1

    it = Backlog(MOST, ask)
    assert is_full(it)


def test_one_thread_asks_while_the_others_go_on_with_what_is_known(time: Time) -> None:
    asked, answers, calls = Event(), Event(), list[int]()

    def ask() -> int:
        calls.append(1)
        if len(calls) > 1:
            asked.set()
            assert answers.wait(DEADLINE)
        return MOST

    it = Backlog(MOST, ask)
    assert is_full(it)
    time.now += 1
    thread = Thread(target=lambda: is_full(it))
    thread.start()
    assert asked.wait(DEADLINE)
    for _ in range(20):
        assert is_full(it)
    answers.set()
    thread.join()
    assert len(calls) == 2


@pytest.mark.usefixtures("time")
def test_who_comes_after_a_broker_that_did_not_answer_asks_again() -> None:
    broker = Broker(error=TaskQueueUnavailable("no answer"))
    it = Backlog(MOST, broker)
    for _ in range(2):
        with pytest.raises(TaskQueueUnavailable):
            it.require_room()
    broker.error = None
    assert not is_full(it)
    assert broker.asked == 3


# --- which queues ---


def a_route(name: str, args: Any, kwargs: Any, options: Any, task: Any = None) -> Any:
    return {"queue": f"of {kwargs['goal_id']}"}


@pytest.mark.parametrize(
    ("routes", "queues"),
    [
        (None, ["monolith"]),
        ({"show_goal.*": "shows"}, ["shows"]),
        ({"show_goal.transfer": {"queue": "money"}}, ["monolith", "money"]),
        ({"show_goal.sweep": "sweeps"}, ["monolith"]),
        (a_route, []),
        ({"show_goal.*": {"exchange": "shows", "routing_key": "any"}}, []),
    ],
)
def test_without_a_queue_of_its_own_the_apps_routes_decide(
    caplog: pytest.LogCaptureFixture, routes: Any, queues: list[str]
) -> None:
    app = Celery("host", broker="amqp://broker", set_as_current=False)
    app.conf.update(task_default_queue="monolith", task_routes=routes)
    with caplog.at_level(logging.WARNING):
        assert queues_of_invitations(app, CelerySettings(queue=None)) == queues
    assert ("are never refused" in caplog.text) == (not queues)


def test_a_queue_of_its_own_is_the_one_that_is_asked() -> None:
    app = Celery("host", broker="amqp://broker", set_as_current=False)
    assert queues_of_invitations(app, CelerySettings(queue="shows")) == ["shows"]


@pytest.mark.parametrize("changes", [{"max_backlog": 0}, {"queue": None}])
def test_where_nothing_is_refused_no_broker_is_asked(changes: dict[str, Any]) -> None:
    settings = CelerySettings(**changes)
    app = make_app("amqp://127.0.0.1:1", settings)
    app.conf.task_routes = a_route
    CeleryTaskQueue(app, settings).require_room()


# --- on real brokers ---


@pytest.fixture
def settings(broker_url: str) -> Iterator[CelerySettings]:
    settings = own_settings(max_backlog=MOST)
    yield settings
    delete_queue(broker_url, settings)


def test_a_queue_that_others_have_filled_is_full_until_somebody_takes_their_messages(
    broker_url: str, settings: CelerySettings
) -> None:
    app = make_app(broker_url, settings)
    asking, other = CeleryTaskQueue(app, settings), CeleryTaskQueue(app, settings)
    assert not is_full(asking), "there is no such queue yet"
    for _ in range(MOST // 2):
        other.trigger(a_create_goal())
        other.trigger(a_transfer())
    wait_until(lambda: is_full(asking), DEADLINE, "a full queue")
    with app.connection_for_write() as connection:
        connection.default_channel.queue_purge(settings.queue)
    wait_until(lambda: not is_full(asking), DEADLINE, "room")
    for task_queue in (asking, other):
        task_queue.close()


@pytest.mark.usefixtures("time")
def test_what_it_has_published_itself_needs_no_question(broker_url: str, settings: CelerySettings) -> None:
    task_queue = CeleryTaskQueue(make_app(broker_url, settings), settings)
    for _ in range(MOST):
        assert not is_full(task_queue)
        task_queue.trigger(a_transfer())
    assert is_full(task_queue), "no time has passed since it asked"
    task_queue.close()


def test_the_queues_of_a_hosts_routes_are_added_up(broker_url: str, settings: CelerySettings) -> None:
    routed = own_settings(queue=None, max_backlog=MOST)
    app = Celery("host", broker=broker_url, set_as_current=False)
    money = f"{settings.queue}.money"
    app.conf.update(task_default_queue=settings.queue, task_routes={"show_goal.transfer": money})
    asking, other = CeleryTaskQueue(app, routed), CeleryTaskQueue(app, routed)
    for _ in range(MOST // 2):
        assert not is_full(other)
        other.trigger(a_create_goal())
        other.trigger(a_transfer())
    assert is_full(asking)
    for task_queue in (asking, other):
        task_queue.close()
    with app.connection_for_write() as connection:
        connection.default_channel.queue_delete(money)


@pytest.mark.parametrize("scheme", ["amqp", "redis"])
def test_a_broker_that_never_answers_is_unavailable_in_time(scheme: str) -> None:
    settings = own_settings(publish_timeout=CelerySettings().publish_timeout)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"{scheme}://app:secret@127.0.0.1:{silent.getsockname()[1]}"
        started = monotonic()
        with pytest.raises(TaskQueueUnavailable, match="did not say what waits") as error:
            CeleryTaskQueue(make_app(url, settings), settings).require_room()
        assert monotonic() - started < 2.5
    assert "secret" not in str(error.value)
