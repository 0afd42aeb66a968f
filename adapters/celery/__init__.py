"""The task queue on Celery, over RabbitMQ or Redis, and the tasks that a worker runs.

Use your own Celery app, or let :func:`make_app` make one whose settings are safe for money.

May import core, ports and Celery; no other adapter.
"""

from .app import make_app, schedule_sweeps
from .check import QueueFacts, queue_facts, unsafe_settings
from .messages import MalformedMessage
from .settings import TASK_NAMES, CelerySettings
from .task_queue import CeleryTaskQueue
from .tasks import register_tasks

__all__ = [
    "TASK_NAMES",
    "CelerySettings",
    "CeleryTaskQueue",
    "MalformedMessage",
    "QueueFacts",
    "make_app",
    "queue_facts",
    "register_tasks",
    "schedule_sweeps",
    "unsafe_settings",
]
