"""The passes: ``{_id: {session_id, viewer_id}, nbf, duration, exp, bought}``, one document for each session and viewer
(D36). ``bought`` lists what the viewer's goals give: ``{goal_id, nbf, duration, refunded}``.

Version 0.1 kept them in the session's document, ``viewers.{viewer_id}``. A pass that is still there is found too, and
:func:`move_old_passes` moves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeGuard

from attrs import asdict
from pymongo import UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from ...core.model import ViewerPass
from ...core.rules.passes import (
    NEVER,
    Bought,
    Change,
    begins_by_viewer,
    bought_of,
    pass_of,
    shortened,
    taken_back,
    with_bought,
)
from ...ports.page import Page
from .client import Document, open_collection
from .encoding import field_name, field_text, object_id
from .errors import within
from .settings import MongoSettings

OLD = "viewers"
"""The field of a session's document in which version 0.1 kept the passes."""
DUPLICATE_KEY = 11_000


class MongoPasses:
    def __init__(self, database: Database[Document], settings: MongoSettings) -> None:
        self._passes = open_collection(database, settings.passes)
        self._sessions = open_collection(database, settings.sessions)
        self._settings = settings

    def admit(self, session_id: str, goal_id: str, viewers: Mapping[str, ViewerPass], now: datetime) -> None:
        with within(self._settings):
            _change(self._passes, session_id, _with(bought_of(goal_id, viewers), now))

    def take_back(self, session_id: str, goal_id: str, viewer_ids: Iterable[str], now: datetime) -> None:
        with within(self._settings):
            _change(self._passes, session_id, dict.fromkeys(viewer_ids, partial(taken_back, goal_id=goal_id, now=now)))

    def shorten(self, session_id: str, goal_id: str, ends: Mapping[str, datetime], now: datetime) -> None:
        changes = {viewer_id: partial(shortened, goal_id=goal_id, ends=at, now=now) for viewer_id, at in ends.items()}
        with within(self._settings):
            _change(self._passes, session_id, changes)

    def begins(self, session_id: str, goal_id: str, viewer_ids: Iterable[str]) -> Mapping[str, datetime | None]:
        keys = [_key(session_id, viewer_id) for viewer_id in viewer_ids]
        with within(self._settings):
            documents = [*self._passes.find({"_id": {"$in": keys}})]
        return begins_by_viewer({each["_id"]["viewer_id"]: _bought(each) for each in documents}, goal_id)

    def find(self, session_id: str, viewer_id: str) -> ViewerPass | None:
        """The later one of the pass here and the one that a worker of version 0.1 wrote."""
        with within(self._settings):
            here = self._passes.find_one({"_id": _key(session_id, viewer_id)})
            old = self._old(session_id, viewer_id)
        found = (pass_of(_bought(here)) if here else None, old)
        return max((one for one in found if one is not None), key=lambda one: one.exp, default=None)

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
            _change(passes, str(_id), _with(bought_of(None, some), NEVER))
    if not old:
        return False
    others = {name: value for name, value in found.items() if not _is_pass(value)}
    change: Document = {"$set": {OLD: others}} if others else {"$unset": {OLD: ""}}
    with within(settings):
        return sessions.update_one({"_id": _id, OLD: viewers}, change).matched_count == 1


def _chunks(viewers: Mapping[str, ViewerPass], size: int = 500) -> list[dict[str, ViewerPass]]:
    items = [*viewers.items()]
    return [dict(items[first : first + size]) for first in range(0, len(items), size)]


def _with(bought: Mapping[str, Bought], now: datetime) -> Mapping[str, Change]:
    return {viewer_id: partial(with_bought, new=new, now=now) for viewer_id, new in bought.items()}


def _change(passes: Collection[Document], session_id: str, by_viewer: Mapping[str, Change]) -> None:
    """Not in order: a pass that cannot be written keeps no other from being written."""
    left = dict(by_viewer)
    while left:  # until nobody has changed one of these passes while it was read
        keys = [_key(session_id, viewer_id) for viewer_id in left]
        found = {each["_id"]["viewer_id"]: each for each in passes.find({"_id": {"$in": keys}})}
        writes = {
            viewer_id: _write(found.get(viewer_id), _key(session_id, viewer_id), change)
            for viewer_id, change in left.items()
        }
        changed = {viewer_id: write for viewer_id, write in writes.items() if write is not None}
        left = {viewer_id: left[viewer_id] for viewer_id in _overtaken(passes, changed)}


def _overtaken(passes: Collection[Document], writes: Mapping[str, UpdateOne]) -> Sequence[str]:
    """The viewers whose passes others changed in between."""
    if not writes:
        return []
    try:
        passes.bulk_write([*writes.values()], ordered=False)
    except BulkWriteError as error:
        failed = error.details["writeErrors"]
        if any(each["code"] != DUPLICATE_KEY for each in failed):
            raise
        viewer_ids = [*writes]
        return [viewer_ids[each["index"]] for each in failed]
    return []


def _write(document: Document | None, key: Document, change: Change) -> UpdateOne | None:
    """None if nothing changes. Of a pass that was changed in between, the same key is inserted, which fails."""
    before = _bought(document) if document else ()
    bought = change(before)
    if bought is before:
        return None
    version = document.get("version") if document else None
    admitted = pass_of(bought)
    fields: Document = {"nbf": None, "duration": 0, "exp": None}
    if admitted is not None:
        fields = {"nbf": admitted.nbf, "duration": admitted.duration, "exp": admitted.exp}
    written = {**fields, "bought": [asdict(one) for one in bought], "version": (version or 0) + 1}
    return UpdateOne({"_id": key, "version": version}, {"$set": written}, upsert=True)


def _bought(document: Document) -> Sequence[Bought]:
    if "bought" in document:
        return [Bought(**one) for one in document["bought"]]
    return [Bought(goal_id=None, nbf=document["nbf"], duration=document["duration"])]


def _key(session_id: str, viewer_id: str) -> Document:
    return {"session_id": session_id, "viewer_id": viewer_id}


def _read(found: Mapping[str, Any]) -> ViewerPass:
    return ViewerPass(nbf=found["nbf"], duration=found["duration"])


def _is_pass(value: object) -> TypeGuard[Mapping[str, Any]]:
    """A host may keep something else of the same name in its sessions."""
    return isinstance(value, dict) and isinstance(value.get("nbf"), datetime) and isinstance(value.get("duration"), int)
