"""The route written by hand with mongoengine and Celery: the flow's guards in their order, and nothing more.

It has no claim, no time-outs, no trace and no refusal codes. Two viewers at once make two goals here.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import mongoengine as me
from bson import ObjectId
from flask import Flask, abort, request

from . import DATABASE, MONGODB_URI, celery_app, create_goal_arguments, transfer_arguments

COOLDOWN = timedelta(seconds=60)

app = Flask(__name__)
me.connect(DATABASE, host=MONGODB_URI, tz_aware=True, connect=False)


class TriggerPrivateGoal(me.EmbeddedDocument):
    goal = me.ObjectIdField()
    goal_agreed = me.DateTimeField()
    goal_ended = me.DateTimeField()


class ShowGoalPair(me.EmbeddedDocument):
    funding_goal = me.ObjectIdField()
    funding_ended = me.DateTimeField()
    show_goal = me.ObjectIdField()
    show_ended = me.DateTimeField()


class Session(me.Document):
    meta: ClassVar = {"collection": "sessions", "strict": False, "auto_create_index": False}
    user = me.ObjectIdField()
    active = me.BooleanField()
    pricing = me.DictField()
    show_goal_pairs = me.EmbeddedDocumentListField(ShowGoalPair)
    trigger_private_goals = me.EmbeddedDocumentListField(TriggerPrivateGoal)

    def get_price(self, preset: str, duration: int = 60) -> int | None:
        rate = self.pricing.get(preset)
        return None if rate is None else -(-rate * duration // 60)


class Account(me.Document):
    meta: ClassVar = {"collection": "accounts", "strict": False, "auto_create_index": False}
    available = me.IntField()


@celery_app.task(name="show_goal.create_goal")
def create_goal(**arguments: Any) -> None:
    """Runs elsewhere."""


@celery_app.task(name="show_goal.transfer")
def transfer(**arguments: Any) -> None:
    """Runs elsewhere."""


@app.post("/sessions/<session_id>/trigger_private")
def trigger_private(session_id: str) -> tuple[dict[str, object], int]:  # noqa: C901
    viewer_id, body = request.headers["X-Viewer"], request.get_json()
    tags = request.headers.get("X-Tags", "").split()
    exp, duration, now = datetime.fromtimestamp(body["exp"], UTC), body["duration"], datetime.now(UTC)
    if exp <= now or duration < 1:
        abort(400)
    session = Session.objects(id=session_id, active=True).first()
    if session is None:
        abort(404)
    streamer_id, amount = str(session.user), session.get_price("sd", duration)
    if f"blocked-by:{streamer_id}" in tags or amount is None:
        abort(403)
    if session.show_goal_pairs:
        pair = session.show_goal_pairs[-1]
        if not pair.funding_ended or (pair.show_goal and not pair.show_ended):
            abort(403)
    last = session.trigger_private_goals[-1] if session.trigger_private_goals else None
    if last and not last.goal_agreed and last.goal_ended and last.goal_ended + COOLDOWN > now:
        abort(429)
    account = Account.objects(id=viewer_id).first()
    if account is None or account.available < amount:
        abort(403)
    if last and not last.goal_ended:
        goal_id = str(last.goal)
    else:
        goal_id = str(ObjectId())
        create_goal.delay(
            **create_goal_arguments(goal_id, session_id, viewer_id, streamer_id, duration, exp.isoformat())
        )
    arguments = transfer_arguments(goal_id, session_id, viewer_id, streamer_id, amount)
    transfer.delay(**arguments)
    answer = {key: arguments[key] for key in ("goal_id", "transaction_id", "amount")}
    return {**answer, "exp": body["exp"]}, 202
