"""The passes: ``{_id: {session_id, viewer_id}, nbf, duration, exp}``, one document for each session and viewer (D36).

Version 0.1 kept them in the session's document, ``viewers.{viewer_id}``. A pass that is still there is found too, and
:func:`move_old_passes` moves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeGuard

from pymongo import UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database

from ...core.model import ViewerPass
from ...ports.page import Page
from .client import Document, open_collection
from .encoding import field_name, field_text, object_id
from .errors import within
from .settings import MongoSettings

OLD = "viewers"
"""The field of a session's document in which version 0.1 kept the passes."""


class MongoPasses:
    def __init__(self, database: Database[Document], settings: MongoSettings) -> None:
        self._passes = open_collection(database, settings.passes)
        self._sessions = open_collection(database, settings.sessions)
        self._settings = settings

    def admit(self, session_id: str, viewers: Mapping[str, ViewerPass]) -> None:
        if not viewers:
            return
        with within(self._settings):
            _admit(self._passes, session_id, viewers)

    def find(self, session_id: str, viewer_id: str) -> ViewerPass | None:
        """The later one of the pass here and the one that a worker of version 0.1 wrote."""
        with within(self._settings):
            here = self._passes.find_one({"_id": _key(session_id, viewer_id)}, {"_id": False})
            old = self._old(session_id, viewer_id)
        found = [_read(here)] if here else []
        return max([*found, *([old] if old else [])], key=lambda one: one.nbf, default=None)

    def _old(self, session_id: str, viewer_id: str) -> ViewerPass | None:
        name, _id = field_name(viewer_id), object_id(session_id)
        session = _id and self._sessions.find_one({"_id": _id}, {f"{OLD}.{name}": True})
        viewers = session.get(OLD) if session else None
        found = viewers.get(name) if isinstance(viewers, dict) else None
        return _read(found) if _is_pass(found) else None


def move_old_passes(
    database: Database[Document], settings: MongoSettings, limit: int, after: str | None = None
) -> Page[str]:
    """Move the passes that version 0.1 left in the documents of up to ``limit`` sessions.

    Returns the sessions whose passes were moved, and where to go on. Repeating it is safe: a pass leaves the session's
    document once it is stored here. If a worker of version 0.1 writes into a session's document meanwhile, that
    document is left to the next run. What is no pass stays where it is. Raises StoreUnavailable.
    """
    sessions, passes = open_collection(database, settings.sessions), open_collection(database, settings.passes)
    query: Document = {OLD: {"$type": "object", "$ne": {}}}
    if after is not None:
        query["_id"] = {"$gt": object_id(after)}
    with within(settings):
        ids = [found["_id"] for found in sessions.find(query, ["_id"]).sort("_id", 1).limit(limit)]
    moved = [str(_id) for _id in ids if _moved(sessions, passes, _id, settings)]
    return Page(moved, str(ids[-1]) if len(ids) == limit else None)


def _moved(sessions: Collection[Document], passes: Collection[Document], _id: Any, settings: MongoSettings) -> bool:
    with within(settings):
        session = sessions.find_one({"_id": _id}, [OLD])
    viewers = session.get(OLD) if session else None
    found = viewers if isinstance(viewers, dict) else {}
    old = {field_text(name): _read(value) for name, value in found.items() if _is_pass(value)}
    for some in _chunks(old):
        with within(settings):
            _admit(passes, str(_id), some)
    if not old:
        return False
    others = {name: value for name, value in found.items() if not _is_pass(value)}
    change: Document = {"$set": {OLD: others}} if others else {"$unset": {OLD: ""}}
    with within(settings):
        return sessions.update_one({"_id": _id, OLD: viewers}, change).matched_count == 1


def _chunks(viewers: Mapping[str, ViewerPass], size: int = 500) -> list[dict[str, ViewerPass]]:
    items = [*viewers.items()]
    return [dict(items[first : first + size]) for first in range(0, len(items), size)]


def _admit(passes: Collection[Document], session_id: str, viewers: Mapping[str, ViewerPass]) -> None:
    """Not in order: a pass that cannot be written keeps no other from being written."""
    writes = [_write(session_id, viewer_id, admitted) for viewer_id, admitted in viewers.items()]
    passes.bulk_write(writes, ordered=False)


def _write(session_id: str, viewer_id: str, admitted: ViewerPass) -> UpdateOne:
    """Set the pass unless there is one that begins later."""
    later = {"$gt": ["$nbf", admitted.nbf]}  # of a new document the server knows no nbf, and then this is false
    fields = {"nbf": admitted.nbf, "duration": admitted.duration, "exp": admitted.exp}
    kept_or_new = {name: {"$cond": [later, f"${name}", value]} for name, value in fields.items()}
    return UpdateOne({"_id": _key(session_id, viewer_id)}, [{"$set": kept_or_new}], upsert=True)


def _key(session_id: str, viewer_id: str) -> Document:
    return {"session_id": session_id, "viewer_id": viewer_id}


def _read(found: Mapping[str, Any]) -> ViewerPass:
    return ViewerPass(nbf=found["nbf"], duration=found["duration"])


def _is_pass(value: object) -> TypeGuard[Mapping[str, Any]]:
    """A host may keep something else of the same name in its sessions."""
    return isinstance(value, dict) and isinstance(value.get("nbf"), datetime) and isinstance(value.get("duration"), int)
