"""A Celery app as its documentation has it, with publisher confirms: what the two other routes publish with."""

from __future__ import annotations

from celery import Celery

from .environment import BROKER_URL, QUEUE

celery_app = Celery("monolith", broker=BROKER_URL, set_as_current=False)
celery_app.conf.update(
    task_default_queue=QUEUE,
    task_ignore_result=True,
    broker_pool_limit=20,
    broker_transport_options={"confirm_publish": True} if BROKER_URL.startswith("amqp") else {},
)
