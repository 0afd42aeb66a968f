"""The task queue on Celery, over RabbitMQ or Redis, and the tasks that a worker runs.

Use your own Celery app, or let :func:`make_app` make one whose settings are safe for money.

May import core, ports and Celery; no other adapter.
"""

from .app import make_app, schedule_sweeps
from .check import registered_settings, unsafe_settings
from .looking import BrokerFacts, DeadLetters, QueueFacts, broker_facts, dead_letters
from .messages import MalformedMessage
from .settings import TASK_NAMES, CelerySettings
from .task_queue import CeleryTaskQueue
from .tasks import register_tasks
from .versions import shortcomings
from .workers import WorkerFacts, worker_facts

__all__ = [
    "TASK_NAMES",
    "BrokerFacts",
    "CelerySettings",
    "CeleryTaskQueue",
    "DeadLetters",
    "MalformedMessage",
    "QueueFacts",
    "WorkerFacts",
    "broker_facts",
    "dead_letters",
    "make_app",
    "register_tasks",
    "registered_settings",
    "schedule_sweeps",
    "shortcomings",
    "unsafe_settings",
    "worker_facts",
]
