"""The fewest pymongo and Celery calls that do the job. It checks only the balance."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from flask import Flask, request
from pymongo import MongoClient

from . import DATABASE, MONGODB_URI, celery_app, create_goal_arguments, transfer_arguments

app = Flask(__name__)
database = MongoClient[dict[str, Any]](MONGODB_URI, tz_aware=True, connect=False)[DATABASE]


@app.post("/sessions/<session_id>/trigger_private")
def trigger_private(session_id: str) -> tuple[dict[str, object], int]:
    viewer_id, invitation = request.headers["X-Viewer"], request.get_json()
    query = {"_id": ObjectId(session_id), "active": True}
    session = database.sessions.find_one(query, ["user", "pricing", "trigger_private_claim"])
    assert session is not None
    amount = session["pricing"]["sd"] * invitation["duration"] // 60
    account = database.accounts.find_one({"_id": ObjectId(viewer_id)}, ["available"])
    assert account is not None
    if account["available"] < amount:
        return {"code": "insufficient_balance"}, 403
    claim = session.get("trigger_private_claim")
    streamer_id = str(session["user"])
    goal_id = str(claim["goal_id"]) if claim else create_goal(session_id, streamer_id, viewer_id, invitation)
    arguments = transfer_arguments(goal_id, session_id, viewer_id, streamer_id, amount)
    celery_app.send_task("show_goal.transfer", kwargs=arguments)
    answer = {key: arguments[key] for key in ("goal_id", "transaction_id", "amount")}
    return {**answer, "exp": invitation["exp"]}, 202


def create_goal(session_id: str, streamer_id: str, viewer_id: str, invitation: dict[str, int]) -> str:
    goal_id, exp = ObjectId(), datetime.fromtimestamp(invitation["exp"], UTC)
    claim = {"goal_id": goal_id, "exp": exp, "bound": False}
    database.sessions.update_one({"_id": ObjectId(session_id)}, {"$set": {"trigger_private_claim": claim}})
    duration = invitation["duration"]
    arguments = create_goal_arguments(str(goal_id), session_id, viewer_id, streamer_id, duration, exp.isoformat())
    celery_app.send_task("show_goal.create_goal", kwargs=arguments)
    return str(goal_id)
