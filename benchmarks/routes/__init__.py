"""The three routes that are compared, each a WSGI app for gunicorn. The header X-Viewer says who is logged in.

The two other routes share a Celery app, which is made as in Celery's documentation, with confirms, and what they
publish with it.
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery

MONGODB_URI = os.environ["SHOW_GOAL_MONGODB_URI"]
DATABASE = os.environ["SHOW_GOAL_MONGODB_DATABASE"]
BROKER_URL = os.environ["SHOW_GOAL_BROKER_URL"]

celery_app = Celery("monolith", broker=BROKER_URL, set_as_current=False)
celery_app.conf.update(
    task_default_queue=os.environ["SHOW_GOAL_QUEUE"],
    task_ignore_result=True,
    broker_pool_limit=20,
    broker_transport_options={"confirm_publish": True} if BROKER_URL.startswith("amqp") else {},
)


def transfer_arguments(goal_id: str, session_id: str, viewer_id: str, streamer_id: str, amount: int) -> dict[str, Any]:
    return {
        "goal_id": goal_id,
        "transaction_id": f"session:trigger-private:{goal_id}:{viewer_id}",
        "from_user_id": viewer_id,
        "to_user_id": streamer_id,
        "amount": amount,
        "tags": [f"swag::livestream.session:{session_id}.trigger_private:{goal_id}"],
        "escrow_id": f"trigger_private:{goal_id}",
    }


def create_goal_arguments(
    goal_id: str, session_id: str, viewer_id: str, streamer_id: str, duration: int, exp: str
) -> dict[str, Any]:
    return {
        "goal_id": goal_id,
        "active": True,
        "_cls": "TriggerPrivateGoal",
        "conditions": {"session_id": session_id},
        "levels": [],
        "context": {"type": "trigger-private"},
        "metadata": {"user_id": streamer_id, "triggered_by": viewer_id, "prepaid_duration": duration},
        "exp": exp,
    }
