"""The task queue on Celery, over RabbitMQ or Redis, and the tasks that a worker runs.

A host may hand in its own app; :func:`make_app` makes one with the settings that money asks for.
"""

from .app import make_app
from .beat import schedule_sweeps
from .check import unsafe_settings
from .messages import MalformedMessage
from .probe import QueueFacts, queue_facts
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
