"""Requests with a key: ``{_id: {viewer_id, session_id, key}, asked, attempt, since, answer}`` (D29).

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

    def release(self, request: KeyedRequest) -> None:
        with within(self._settings):
            self._requests.delete_one({**_own(request), "answer": None})

    def _insert(self, request: KeyedRequest) -> Document | None:
        document = {**_key(request), **_written(request)}
        try:
            self._requests.insert_one(document)
        except DuplicateKeyError:
            return None
        return document

    def _take_over(self, request: KeyedRequest) -> Document | None:
        """``KeyedRequest.may_go_to``, decided by the server."""
        over = {"since": {"$lte": request.since - KEPT}}
        given_up = {"answer": None, "asked": request.asked, "since": {"$lte": request.since - LEASE}}
        return self._requests.find_one_and_update(
            {**_key(request), "$or": [over, given_up]},
            {"$set": _written(request)},
            return_document=ReturnDocument.AFTER,
        )


def _key(request: KeyedRequest) -> Document:
    return {"_id": {"viewer_id": request.viewer_id, "session_id": request.session_id, "key": request.key}}


def _own(request: KeyedRequest) -> Document:
    return {**_key(request), "attempt": request.attempt}


def _written(request: KeyedRequest) -> Document:
    return {"asked": request.asked, "attempt": request.attempt, "since": request.since, "answer": None}


def _read(document: Document) -> KeyedRequest:
    answer = document["answer"]
    return KeyedRequest(
        **document["_id"],
        asked=document["asked"],
        attempt=document["attempt"],
        since=document["since"],
        answer=None if answer is None else Accepted(**answer),
    )
