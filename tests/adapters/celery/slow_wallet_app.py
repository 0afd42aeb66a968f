"""A worker whose wallet takes a quarter of a second for each refund, with one escrow of many holds (``MANY``)."""

from __future__ import annotations

import base64
import os
import pickle
import signal
from datetime import timedelta
from time import sleep
from typing import Any

from show_goal.adapters.celery import CeleryTaskQueue, make_app, register_tasks
from show_goal.adapters.clock import SystemClock
from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryWallet
from show_goal.core.money import Hold
from tests.builders import GOAL, a_goal, a_hold

MANY = 40
EACH = 0.25
SOFT_TIME_LIMIT = signal.SIGUSR1
"""The signal by which Celery interrupts a task."""

broker_url, settings, folder = pickle.loads(base64.b64decode(os.environ["RECORDING"]))


def write(*words: object) -> None:
    """Unbuffered, so that an interrupt leaves whole lines."""
    with (folder / "settlement").open("ab", buffering=0) as file:
        file.write(f"{' '.join(map(str, words))}\n".encode())


class SlowWallet(MemoryWallet):
    def refund(self, transaction_id: str) -> Hold:
        sleep(EACH)
        signal.pthread_sigmask(signal.SIG_BLOCK, [SOFT_TIME_LIMIT])  # what is moved is written, and the other way round
        try:
            write("moved", transaction_id)
            return super().refund(transaction_id)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [SOFT_TIME_LIMIT])


def reported(_: str, *, transaction_id: str, **__: object) -> None:
    write("reported", transaction_id)


def ran(trace: Any) -> None:
    write("ran", trace.outcome)


wallet, clock = SlowWallet(), SystemClock()
app = make_app(broker_url, settings)
container = Container.in_memory(
    wallet=wallet, clock=clock, task_queue=CeleryTaskQueue(app, settings), trace_sink=ran, worker=app
)
container.namespace().signal("user").connect(reported, sender="balance.incremented", weak=False)
ended = clock.now() - timedelta(hours=1)
container.goals().insert(a_goal(active=False, exp=ended))
for number in range(MANY):
    wallet.credit(f"payer{number}", 100)
    wallet.hold(a_hold(GOAL, f"payer{number}", exp=ended))
register_tasks(app, container.tasks, settings)
