"""The monolith's own pages."""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from flask import Blueprint, abort, g, request

from examples.monolith.models import KaraokeGoal, Score, Session

pages = Blueprint("pages", __name__)


@pages.post("/livestreams")
def go_live() -> Any:
    if g.user is None:
        abort(401)
    body = request.get_json()
    session = Session(user=g.user, title=str(body["title"]), pricing=body["pricing"]).save()
    return {"id": str(session.id)}, 201


@pages.get("/livestreams/<objectid:session_id>")
def livestream(session_id: ObjectId) -> Any:
    session = Session.objects(id=session_id).first() or abort(404)
    songs = KaraokeGoal.objects(conditions__session_id=str(session_id), active=True)
    return {
        "title": session.title,
        "streamer": session.user.name,
        "preset": session.status.preset,
        "songs": [str(goal.id) for goal in songs],
    }


@pages.patch("/livestreams/<objectid:session_id>")
def rename(session_id: ObjectId) -> Any:
    session = Session.objects(id=session_id, user=g.user).first() if g.user else None
    if session is None:
        abort(404)
    session.title = str(request.get_json()["title"])
    session.save()
    return {"title": session.title}


@pages.get("/ranking")
def ranking() -> Any:
    """The sum of points per streamer."""
    added_up = {"$group": {"_id": "$streamer", "points": {"$sum": "$points"}}}
    return {place["_id"]: place["points"] for place in Score.objects.aggregate([added_up])}
