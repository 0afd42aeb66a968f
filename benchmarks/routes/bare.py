"""The fewest pymongo and Celery calls that do the job, and no check of anything but the balance."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from flask import Flask, request
from pymongo import MongoClient

from .celery_app import celery_app
from .environment import DATABASE, MONGODB_URI

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
    goal_id = str(claim["goal_id"]) if claim else create_goal(session_id, session, viewer_id, invitation)
    transaction_id = f"session:trigger-private:{goal_id}:{viewer_id}"
    celery_app.send_task(
        "show_goal.transfer",
        kwargs={
            "goal_id": goal_id,
            "transaction_id": transaction_id,
            "from_user_id": viewer_id,
            "to_user_id": str(session["user"]),
            "amount": amount,
            "tags": [f"swag::livestream.session:{session_id}.trigger_private:{goal_id}"],
            "escrow_id": f"trigger_private:{goal_id}",
        },
    )
    answer = {"goal_id": goal_id, "transaction_id": transaction_id, "amount": amount, "exp": invitation["exp"]}
    return answer, 202


def create_goal(session_id: str, session: dict[str, Any], viewer_id: str, invitation: dict[str, int]) -> str:
    goal_id, exp = ObjectId(), datetime.fromtimestamp(invitation["exp"], UTC)
    claim = {"goal_id": goal_id, "exp": exp, "bound": False}
    database.sessions.update_one({"_id": session["_id"]}, {"$set": {"trigger_private_claim": claim}})
    celery_app.send_task(
        "show_goal.create_goal",
        kwargs={
            "goal_id": str(goal_id),
            "active": True,
            "_cls": "TriggerPrivateGoal",
            "conditions": {"session_id": session_id},
            "levels": [],
            "context": {"type": "trigger-private"},
            "metadata": {
                "user_id": str(session["user"]),
                "triggered_by": viewer_id,
                "prepaid_duration": invitation["duration"],
            },
            "exp": exp.isoformat(),
        },
    )
    return str(goal_id)
