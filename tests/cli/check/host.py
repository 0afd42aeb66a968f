"""A host's Celery app. Its workers import the module that registers our tasks, and its default queue takes them."""

from __future__ import annotations

import os

from celery import Celery

app = Celery("monolith", broker=os.environ["HOST_BROKER_URL"], include=["tests.cli.check.host_tasks"])
app.conf.task_default_queue = "monolith"
