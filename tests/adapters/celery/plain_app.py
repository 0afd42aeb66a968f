"""Somebody else's worker: plain Celery, which knows nothing of this library. It notes what its task is called with."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from celery import Celery, Task

app = Celery("plain", broker=os.environ["PLAIN_BROKER"], set_as_current=False)
app.conf.update(task_default_queue=os.environ["PLAIN_QUEUE"], broker_connection_retry_on_startup=True)


def transfer(task: Task, **arguments: Any) -> None:
    request = task.request
    note = {"arguments": arguments, "id": request.id, "root_id": request.root_id, "headers": request.headers}
    with Path(os.environ["PLAIN_NOTES"]).open("a") as notes:
        notes.write(json.dumps(note) + "\n")


app.task(name="show_goal.transfer", bind=True)(transfer)
