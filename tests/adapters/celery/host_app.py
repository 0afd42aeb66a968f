"""A monolith's app with its own defaults, names and queue. One task of the flow is the monolith's own code."""

from __future__ import annotations

import base64
import os
import pickle
from typing import Any

from celery import Celery

from show_goal.adapters.celery import register_tasks
from show_goal.core.messages import CreateGoal, DeactivateGoal, Message, Transfer
from tests.adapters.celery.records import Records

broker_url, settings, folder = pickle.loads(base64.b64decode(os.environ["RECORDING"]))
records = Records(folder)

app = Celery("monolith", broker=broker_url, set_as_current=False)
app.conf.update(
    task_default_queue=os.environ["HOST_QUEUE"],
    task_default_queue_type=os.environ.get("HOST_QUEUE_TYPE", "classic"),
    broker_connection_retry_on_startup=True,
)


def transfer(**arguments: Any) -> None:
    """Plain Celery code that does not know this library or its header."""
    records.add(Transfer(**{**arguments, "escrow_id": "the host's own"}))


app.task(name="wallet.transfer")(transfer)


def run(message: Message) -> None:
    records.add(message)


register_tasks(app, lambda: dict.fromkeys((CreateGoal, DeactivateGoal), run), settings)
