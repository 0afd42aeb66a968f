"""The flow's tasks on the host's app."""

from __future__ import annotations

from show_goal.adapters.celery import CelerySettings, register_tasks

from .host import app

register_tasks(app, dict, CelerySettings(queue=None))
