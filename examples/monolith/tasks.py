"""The monolith's own tasks."""

from __future__ import annotations

from examples.monolith import receivers
from examples.monolith.celery_app import app
from examples.monolith.models import Score, connect

connect()


def keep_score(goal_id: str, kind: str, streamer: str, points: int) -> None:
    """Idempotent, because the key is the goal's id."""
    Score(goal=goal_id, kind=kind, streamer=streamer, points=points).save()


receivers.connect(app.task(name="monolith.ranking.keep_score")(keep_score))
