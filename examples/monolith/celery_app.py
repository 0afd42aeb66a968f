"""The monolith's Celery app: one queue, tasks named ``monolith.*``."""

from __future__ import annotations

from celery import Celery

from examples.monolith import config

app = Celery(
    "monolith",
    broker=config.BROKER,
    include=[
        "examples.monolith.tasks",
        "examples.monolith.embedding",  # + show_goal
    ],
)
app.conf.update(
    task_default_queue=config.QUEUE,
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"confirm_publish": True, "read_timeout": 10, "write_timeout": 10},
)
