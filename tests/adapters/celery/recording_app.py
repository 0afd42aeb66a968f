"""The app of a recording worker. It records what it runs, and behaves as the test says (``records.py``)."""

from __future__ import annotations

import base64
import os
import pickle
import signal
from asyncio import CancelledError
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Event

from show_goal.adapters.celery import CeleryTaskQueue, make_app, register_tasks, schedule_sweeps
from show_goal.adapters.celery.messages import MESSAGES
from show_goal.core.errors import GoalEnded, GoalUnknown
from show_goal.core.messages import DeactivateGoal, Message
from show_goal.ports.errors import StoreUnavailable
from tests.adapters.celery.records import Records

broker_url, settings, folder = pickle.loads(base64.b64decode(os.environ["RECORDING"]))
app = make_app(broker_url, settings)
task_queue = CeleryTaskQueue(app, settings)
records = Records(folder)


def run(message: Message) -> None:
    BEHAVIOURS[records.add(message)](message)


def refuse(_: Message) -> None:
    raise GoalEnded("the goal has ended")


def refuse_twice(_: Message) -> None:
    raise ExceptionGroup("receivers failed", [GoalEnded("one"), ExceptionGroup("more", [GoalUnknown("two")])])


def fail(_: Message) -> None:
    raise StoreUnavailable("mongodb://app:secret@store/ did not answer")


def fail_partly(_: Message) -> None:
    raise ExceptionGroup("receivers failed", [GoalEnded("one"), StoreUnavailable("two")])


def fail_at_length(_: Message) -> None:
    """As a page of an escrow does whose holds cannot be moved."""
    raise ExceptionGroup("not all is settled", [StoreUnavailable("x" * 2_000) for _ in range(100)])


def cancel(_: Message) -> None:
    """As a receiver does whose event loop was stopped. It is no Exception, and no interrupt either."""
    raise CancelledError


def hang(_: Message) -> None:
    Event().wait(60)


def swallow(message: Message) -> None:
    """As a receiver does that catches whatever goes wrong."""
    with suppress(Exception):
        hang(message)


def hang_on(message: Message) -> None:
    """Ignores the soft time limit."""
    with suppress(BaseException):
        hang(message)
    hang(message)


def die(_: Message) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def trigger(message: Message) -> None:
    """Publishes from the process that runs the task, as a receiver does."""
    task_queue.trigger(DeactivateGoal(goal_id=str(message.arguments()["goal_id"])))


BEHAVIOURS: Mapping[str, Callable[[Message], None]] = {
    "succeed": lambda _: None,
    "refuse": refuse,
    "refuse_twice": refuse_twice,
    "fail": fail,
    "fail_partly": fail_partly,
    "fail_at_length": fail_at_length,
    "cancel": cancel,
    "hang": hang,
    "hang_on": hang_on,
    "swallow": swallow,
    "die": die,
    "trigger": trigger,
}

register_tasks(app, lambda: dict.fromkeys(MESSAGES, run), settings)
schedule_sweeps(app, settings)
