"""One contract, five queues: in memory, on two RabbitMQs and on two Redis, each with what consumes from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

import pytest

from show_goal.adapters.celery import CelerySettings, CeleryTaskQueue, make_app
from show_goal.adapters.memory import MemoryClock, MemoryTaskQueue
from show_goal.testing.conformance import TaskQueueConformance, TaskQueueUnderTest
from show_goal.testing.conformance.task_queue import ROOM
from tests.adapters.celery.worker import RecordingWorker, delete_queue, own_settings, recording_worker
from tests.contracts.far_ends import MemoryConsumer
from tests.servers.ports import free_port


class TestMemoryTaskQueue(TaskQueueConformance):
    may_be_unavailable = False

    @pytest.fixture
    def under_test(self) -> TaskQueueUnderTest:
        clock = MemoryClock()
        task_queue = MemoryTaskQueue(clock)
        return TaskQueueUnderTest(
            task_queue=task_queue,
            consumer=MemoryConsumer(task_queue, clock),
            limited=MemoryTaskQueue(clock, max_backlog=ROOM),
        )


class CeleryConformance(TaskQueueConformance):
    broker: ClassVar[str]

    @pytest.fixture(scope="class")
    @classmethod
    def broker_url(cls, brokers: Callable[[str], str]) -> str:
        return brokers(cls.broker)

    @pytest.fixture(scope="class")
    @classmethod
    def worker(cls, broker_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordingWorker]:
        with recording_worker(broker_url, tmp_path_factory.mktemp("worker"), own_settings()) as worker:
            yield worker

    @pytest.fixture
    def small(self, broker_url: str) -> Iterator[CeleryTaskQueue]:
        settings = own_settings(max_backlog=ROOM)
        task_queue = CeleryTaskQueue(make_app(broker_url, settings), settings)
        yield task_queue
        task_queue.close()
        delete_queue(broker_url, settings)

    @pytest.fixture
    def under_test(self, broker_url: str, worker: RecordingWorker, small: CeleryTaskQueue) -> TaskQueueUnderTest:
        scheme, _, _ = broker_url.partition(":")
        settings = own_settings(publish_timeout=CelerySettings().publish_timeout)
        nowhere = make_app(f"{scheme}://127.0.0.1:{free_port()}", settings)
        return TaskQueueUnderTest(
            task_queue=worker.task_queue,
            consumer=worker,
            unavailable=CeleryTaskQueue(nowhere, settings),
            limited=small,
        )


class TestCeleryTaskQueueOnRabbitMQ(CeleryConformance):
    broker = "rabbitmq"


class TestCeleryTaskQueueOnRedis(CeleryConformance):
    broker = "redis"


class TestCeleryTaskQueueOnTheOtherRabbitMQ(CeleryConformance):
    broker = "other-rabbitmq"


class TestCeleryTaskQueueOnTheOtherRedis(CeleryConformance):
    broker = "other-redis"
