"""Requests with a key: ``{_id: {viewer_id, session_id, key}, asked, attempt, since, answer, tried}`` (D29).

The server removes a document 24 h after ``since``, by a TTL index.
"""

from __future__ import annotations

from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from ...core.keyed_request import KEPT, LEASE, Accepted, KeyedRequest
from ...ports.errors import StoreUnavailable
from .client import Document, open_collection
from .errors import within
from .settings import MongoSettings

_TIMES = 3
"""Another attempt may release the key between two commands."""


class MongoKeyedRequests:
    def __init__(self, database: Database[Document], settings: MongoSettings) -> None:
        self._requests = open_collection(database, settings.keyed_requests)
        self._settings = settings

    def claim(self, request: KeyedRequest) -> KeyedRequest:
        with within(self._settings):
            for _ in range(_TIMES):
                stored = self._insert(request) or self._take_over(request) or self._requests.find_one(_key(request))
                if stored is not None:
                    return _read(stored)
        raise StoreUnavailable(f"the key {request.key} changes hands all the time")

    def finish(self, request: KeyedRequest, answer: Accepted) -> None:
        with within(self._settings):
            self._requests.update_one(_own(request), {"$set": {"answer": answer._asdict()}})

    def note(self, request: KeyedRequest, tried: Accepted) -> None:
        with within(self._settings):
            self._requests.update_one(_own(request), {"$set": {"tried": tried._asdict()}})

    def release(self, request: KeyedRequest) -> None:
        open_ = {**_own(request), "answer": None}
        with within(self._settings):
            if self._requests.delete_one({**open_, "tried": None}).deleted_count == 0:
                self._requests.update_one(open_, {"$set": {"since": request.given_up().since}})

    def _insert(self, request: KeyedRequest) -> Document | None:
        document = {**_key(request), **_written(request), "tried": None}
        try:
            self._requests.insert_one(document)
        except DuplicateKeyError:
            return None
        return document

    def _take_over(self, request: KeyedRequest) -> Document | None:
        """``KeyedRequest.may_go_to``, decided by the server."""
        over = {"since": {"$lte": request.since - KEPT}}
        given_up = {"answer": None, "asked": request.asked, "since": {"$lte": request.since - LEASE}}
        forgotten = self._store(request, over, {**_written(request), "tried": None})
        return forgotten or self._store(request, given_up, _written(request))

    def _store(self, request: KeyedRequest, where: Document, written: Document) -> Document | None:
        return self._requests.find_one_and_update(
            {**_key(request), **where}, {"$set": written}, return_document=ReturnDocument.AFTER
        )


def _key(request: KeyedRequest) -> Document:
    return {"_id": {"viewer_id": request.viewer_id, "session_id": request.session_id, "key": request.key}}


def _own(request: KeyedRequest) -> Document:
    return {**_key(request), "attempt": request.attempt}


def _written(request: KeyedRequest) -> Document:
    return {"asked": request.asked, "attempt": request.attempt, "since": request.since, "answer": None}


def _read(document: Document) -> KeyedRequest:
    answer, tried = document["answer"], document.get("tried")
    return KeyedRequest(
        **document["_id"],
        asked=document["asked"],
        attempt=document["attempt"],
        since=document["since"],
        answer=None if answer is None else Accepted(**answer),
        tried=None if tried is None else Accepted(**tried),
    )
