"""Login with name and password. A signed cookie then identifies the user, who is ``g.user`` in every request."""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from flask import Blueprint, abort, g, request, session

from examples.monolith.models import User

login = Blueprint("login", __name__)


@login.before_app_request
def find_user() -> None:
    user_id = session.get("user")
    g.user = User.objects(id=ObjectId(user_id)).first() if user_id else None


@login.post("/members")
def register() -> Any:
    body = request.get_json()
    user = User.register(str(body["name"]), str(body["password"]))
    session["user"] = str(user.id)
    return {"id": str(user.id), "name": user.name}, 201


@login.post("/login")
def log_in() -> Any:
    body = request.get_json()
    user = User.objects(name=str(body.get("name"))).first()
    if user is None or not user.has_password(body.get("password")):
        abort(403)
    session["user"] = str(user.id)
    return {"id": str(user.id), "name": user.name}


@login.post("/logout")
def log_out() -> Any:
    session.clear()
    return {}
