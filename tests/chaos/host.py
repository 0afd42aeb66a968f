"""A host's Celery app on which Redis redelivers a dead worker's messages after seconds, not minutes."""

from __future__ import annotations

import os
from datetime import timedelta

from show_goal.adapters.celery import CelerySettings, CeleryTaskQueue, make_app, register_tasks, schedule_sweeps
from show_goal.adapters.container import Container

settings = CelerySettings(
    queue=os.environ["SHOW_GOAL_QUEUE"],
    soft_time_limit=4,
    time_limit=6,
    visibility_timeout=timedelta(seconds=10),
)
app = make_app(os.environ["SHOW_GOAL_BROKER_URL"], settings)
container = Container.from_env(task_queue=CeleryTaskQueue(app, settings), worker=app)
register_tasks(app, container.tasks, settings)
schedule_sweeps(app, settings)
