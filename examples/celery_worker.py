"""The worker's side on the host's own Celery app.

Services: those of examples/flask_app.py.
Install:  pip install '.[all]'
Run:      celery --workdir examples -A celery_worker worker --queues show_goal,show_goal.sweeps \
            --beat --scheduler celery.beat:Scheduler
          (one worker with --beat, which starts the sweeps; any number without)
"""

from __future__ import annotations

import os

from celery import Celery

from show_goal.adapters.celery import CelerySettings, CeleryTaskQueue, register_tasks, schedule_sweeps
from show_goal.adapters.container import Container

app = Celery("monolith", broker=os.environ["SHOW_GOAL_BROKER_URL"])
app.conf.broker_transport_options = {"confirm_publish": True, "read_timeout": 10, "write_timeout": 10}

settings = CelerySettings(queue=os.environ.get("SHOW_GOAL_QUEUE", "show_goal"))
container = Container.from_env(task_queue=CeleryTaskQueue(app, settings), worker=app)
register_tasks(app, container.tasks, settings)  # warns of unsafe settings when the worker starts
schedule_sweeps(app, settings)
