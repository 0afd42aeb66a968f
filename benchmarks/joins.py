"""What a join and a new goal cost the worker, beside the same tasks written by hand: in turns, on the same servers.

Both workers run all the time. A turn stops its worker (SIGSTOP), fills its queue, and lets it go on.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from attrs import field, frozen
from bson import ObjectId
from celery import Celery
from kombu.entity import Queue
from pymongo.database import Database

from show_goal.adapters.celery import CelerySettings, CeleryTaskQueue, make_app
from show_goal.adapters.celery.delays import delete_delays
from show_goal.adapters.celery.messages import encode_arguments
from show_goal.adapters.mongo import MongoGoals, MongoSettings
from show_goal.core.messages import CreateGoal, Message, Transfer
from show_goal.core.model import Claim, Session
from show_goal.core.rules.private_goal import create_goal_message, transfer_message
from show_goal.core.tasks.create_goal import goal_of
from tests.black_box.platform import environment
from tests.servers import Servers, wait_until
from tests.servers.process import Process

from . import ROOT, platform

SIDES = ("ours", "by_hand")
PROCESSES = 2
JOINS = 300
GOALS = (1, 30, JOINS)
"""Into how many goals they join: a popular show, some shows, and one viewer each."""
CREATED = 150
DEADLINE = 120.0


AS_BY_HAND = {"$set": {"breakdown": {}}, "$unset": {"counting": True}}
"""Makes a goal of ours one of the hand-written tasks."""


def _by_side() -> dict[str, list[float]]:
    return {side: [] for side in SIDES}


@frozen(kw_only=True)
class Case:
    """``what``: ``transfer`` with its progress, or ``create_goal``. Into so many ``goals``."""

    what: str
    goals: int


@frozen(kw_only=True)
class Joined:
    """By side and round: tasks a second of a full queue, and milliseconds of the worker's processor time for each."""

    case: Case
    per_second: Mapping[str, list[float]] = field(factory=_by_side)
    cpu_ms: Mapping[str, list[float]] = field(factory=_by_side)


def measure(servers: Servers, folder: Path, rounds: int) -> list[Joined]:
    """The first round warms up and does not count."""
    results = [Joined(case=Case(what="transfer", goals=goals)) for goals in GOALS]
    results.append(Joined(case=Case(what="create_goal", goals=CREATED)))
    with ExitStack() as stack:
        sides = {side: stack.enter_context(_side(side, servers, folder)) for side in SIDES}
        for turn in range(rounds + 1):
            for result in results:
                for side in SIDES if turn % 2 else SIDES[::-1]:
                    rate, cpu_ms = sides[side].turn(result.case)
                    if turn:
                        result.per_second[side].append(rate)
                        result.cpu_ms[side].append(cpu_ms)
    return results


@frozen
class Side:
    database: Database[platform.Document]
    worker: Process
    publish: Callable[[Message], object]
    by_hand: bool = False

    def turn(self, case: Case) -> tuple[float, float]:
        if case.what == "transfer":
            messages: Sequence[Message] = self._transfers(case.goals)
            left = "goal.progressed"
        else:
            messages = [self._new_goal(bound=False)[0] for _ in range(case.goals)]
            left = "goal.created"
        self.database["tracked_goals"].delete_many({})
        self._signal(signal.SIGSTOP)
        for message in messages:
            self.publish(message)
        cpu, began = platform.cpu_seconds(self.worker.pid), perf_counter()
        self._signal(signal.SIGCONT)
        wait_until(lambda: self._tracked(left) >= len(messages), DEADLINE, f"{len(messages)} {case.what}")
        seconds = perf_counter() - began
        self._wait_until_idle()
        cpu = platform.cpu_seconds(self.worker.pid) - cpu
        return len(messages) / seconds, cpu / len(messages) * 1_000

    def _tracked(self, event: str) -> int:
        return self.database["tracked_goals"].count_documents({"_id.event": event})

    def _wait_until_idle(self) -> None:
        """The last message is acknowledged, and what it left is done."""
        used = -1.0

        def idle() -> bool:
            nonlocal used
            before, used = used, platform.cpu_seconds(self.worker.pid)
            return used == before

        wait_until(idle, DEADLINE, "an idle worker")

    def _transfers(self, goals: int) -> list[Transfer]:
        """Each viewer joins one of the goals."""
        created = [self._new_goal(bound=True) for _ in range(goals)]
        return [
            transfer_message(claim, session, viewer_id, amount=90, duration=platform.DURATION, tag_prefix="swag")
            for number, viewer_id in enumerate(platform.VIEWER_IDS[:JOINS])
            for _, claim, session in [created[number % goals]]
        ]

    def _new_goal(self, *, bound: bool) -> tuple[CreateGoal, Claim, Session]:
        """The message that creates it. A bound one is created already."""
        [session_id] = platform.add_sessions(self.database, 1, 0, ongoing=False)
        claim = Claim(goal_id=str(ObjectId()), exp=datetime.now(UTC) + timedelta(minutes=30))
        stored = {"goal_id": ObjectId(claim.goal_id), "exp": claim.exp, "bound": bound}
        document = self.database["sessions"].find_one_and_update(
            {"_id": ObjectId(session_id)}, {"$set": {"trigger_private_claim": stored}}
        )
        assert document is not None
        session = Session(id=session_id, streamer_id=str(document["user"]))
        message = create_goal_message(claim, session, platform.VIEWER_IDS[0], platform.DURATION)
        if bound:
            settings = MongoSettings(database=self.database.name, timeout_ms=30_000)
            MongoGoals(self.database, settings).insert(goal_of(message))
            if self.by_hand:
                self.database["goals"].update_one({"_id": ObjectId(claim.goal_id)}, AS_BY_HAND)
        return message, claim, session

    def _signal(self, number: int) -> None:
        for pid in _tree(self.worker.pid):
            os.kill(pid, number)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from _tree(int(child))


@contextmanager
def _side(side: str, servers: Servers, folder: Path) -> Iterator[Side]:
    """A database, a queue and a worker of its own."""
    with platform.new_database(servers.mongodb_uri) as database, ExitStack() as stack:
        platform.add_viewers(database)
        variables = environment(servers, servers.rabbitmq_url, database)
        stack.callback(_delete_queues, servers.rabbitmq_url, CelerySettings(queue=database.name))
        if side == "ours":
            settings = CelerySettings(queue=database.name)
            task_queue = CeleryTaskQueue(make_app(servers.rabbitmq_url, settings), settings)
            stack.callback(task_queue.close)
            publish: Callable[[Message], object] = task_queue.trigger
            command = ["-m", "show_goal.cli", "worker", "--concurrency", str(PROCESSES)]
        else:
            publish = _by_hand(stack, servers.rabbitmq_url, database.name)
            command = ["-m", "celery", "--app", "benchmarks.by_hand", "worker", "--loglevel", "INFO"]
            command += [
                "--concurrency",
                str(PROCESSES),
                "--hostname",
                "by_hand@%h",
                "--queues",
                f"{database.name}.by_hand",
            ]
        process = Process([sys.executable, *command], folder / f"{side}.log", env=variables, cwd=ROOT)
        stack.callback(process.stop)
        process.wait_ready(lambda: " ready." in process.log.read_text(), deadline=60)
        yield Side(database, process, publish, by_hand=side == "by_hand")


def _delete_queues(broker_url: str, settings: CelerySettings) -> None:
    with Celery(broker=broker_url, set_as_current=False).connection_for_write() as connection:
        channel = connection.default_channel
        for name in (settings.queue, f"{settings.queue}.by_hand", f"{settings.queue}.by_hand.timers"):
            channel.queue_delete(name)
        for name in (settings.sweep_queue, settings.dead_queue):
            channel.queue_delete(name)
        delete_delays(channel, settings)


def _by_hand(stack: ExitStack, broker_url: str, database: str) -> Callable[[Message], object]:
    name = f"{database}.by_hand"
    queue = Queue(name, routing_key=name)  # type: ignore[no-untyped-call]
    app = Celery(broker=broker_url, set_as_current=False)
    app.conf.task_queues = [queue]
    connection = stack.enter_context(app.connection_for_write())

    def publish(message: Message) -> None:
        arguments: dict[str, Any] = encode_arguments(message)
        if isinstance(message, Transfer):
            arguments["duration"] = message.duration
        app.send_task(f"by_hand.{message.name}", kwargs=arguments, queue=queue, connection=connection)

    return publish
