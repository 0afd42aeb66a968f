"""Session documents as the platform writes them, and what tests read from ours."""

from __future__ import annotations

from typing import Any

from bson import DBRef, ObjectId
from pymongo.database import Database

from show_goal.adapters.mongo.encoding import field_text
from show_goal.core.model import ExclusiveGoalPair, Session, SessionKaraoke, ShowGoalPair
from tests.builders import SESSION, STREAMER

Document = dict[str, Any]

PLATFORMS = {
    "_id": ObjectId(SESSION),
    "user": ObjectId(STREAMER),
    "active": True,
    "status": {"preset": "preview"},
    "pricing": {"sd": 60},
    "title": "not ours to touch",
}
REFERENCES = {
    "ObjectId": lambda text, collection="goals": ObjectId(text),
    "str": lambda text, collection="goals": text,
    "DBRef": lambda text, collection="goals": DBRef(collection, ObjectId(text)),
}
"""The forms in which other tools store a reference."""


def stored(database: Database[Document], **changes: Any) -> None:
    """The platform stores a session."""
    database["sessions"].insert_one({**PLATFORMS, **changes})


def found(database: Database[Document]) -> Document:
    """The session's document."""
    (document,) = database["sessions"].find()
    return document


def session_document(session: Session) -> Document:
    pair, last, claim = session.show_goal_pair, session.trigger_private_goal, session.claim
    document: Document = {
        "_id": ObjectId(session.id),
        "user": ObjectId(session.streamer_id),
        "active": session.active,
        "status": {"preset": session.preset},
        "pricing": {**session.pricing},
        "show_goal_pairs": [],
        "trigger_private_goals": [],
    }
    if pair is not None:
        document["show_goal_pairs"] = [
            {
                "funding_goal": ObjectId(pair.funding_goal),
                "funding_ended": pair.funding_ended,
                "show_goal": ObjectId(pair.show_goal) if pair.show_goal else None,
                "show_ended": pair.show_ended,
            }
        ]
    if last is not None:
        document["trigger_private_goals"] = [
            {"goal": ObjectId(last.goal), "goal_agreed": last.goal_agreed, "goal_ended": last.goal_ended}
        ]
    if claim is not None:
        bound = session.has_bound(claim.goal_id)
        document["trigger_private_claim"] = {"goal_id": ObjectId(claim.goal_id), "exp": claim.exp, "bound": bound}
    if session.sd_since is not None:
        document["trigger_private_sd"] = {"since": session.sd_since, "until": session.sd_until}
    return document


def read_show_goal_pairs(document: Document) -> list[ShowGoalPair]:
    return [ShowGoalPair(**_read(pair)) for pair in document["show_goal_pairs"]]


def read_karaoke_goal(document: Document) -> SessionKaraoke | None:
    return SessionKaraoke(**_read(document["karaoke_goal"])) if "karaoke_goal" in document else None


def read_exclusive_goal_pairs(document: Document) -> dict[str, ExclusiveGoalPair]:
    pairs: Document = document.get("exclusive_goal_pairs", {})
    return {field_text(name): ExclusiveGoalPair(**_read(pair)) for name, pair in pairs.items()}


def _read(embedded: Document) -> Document:
    return {name: str(value) if isinstance(value, ObjectId) else value for name, value in embedded.items()}
