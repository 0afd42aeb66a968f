"""The platform's users."""

from __future__ import annotations

from pymongo.database import Database

from ...core.model import Viewer
from .collection import Document, open_collection
from .errors import within
from .ids import id_text, object_id
from .settings import MongoSettings


class MongoViewers:
    def __init__(self, database: Database[Document], settings: MongoSettings) -> None:
        self._users = open_collection(database, settings.users)
        self._settings = settings

    def get(self, viewer_id: str) -> Viewer | None:
        _id = object_id(viewer_id)
        if _id is None:
            return None
        with within(self._settings):
            document = self._users.find_one({"_id": _id}, ["tags"])
        return None if document is None else Viewer(id=id_text(document["_id"]), tags=document.get("tags") or ())
