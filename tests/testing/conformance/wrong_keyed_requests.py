"""Stores of requests with a key that break a promise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import evolve

from show_goal.adapters.memory import MemoryKeyedRequests
from show_goal.core.keyed_request import KEPT, Accepted, KeyedRequest
from show_goal.testing.conformance import KeyedRequestsConformance
from show_goal.testing.conformance.examples import NOW, TICK

from .breaking import WrongAdapters, gap

WRONG = WrongAdapters(KeyedRequestsConformance, MemoryKeyedRequests, lambda it: it)
LAST = NOW + KEPT - TICK


def look_first(right: Any, request: KeyedRequest) -> Any:
    """Look whether the key is free, and store the request later."""
    store, place = right.__self__._stored, (request.viewer_id, request.session_id, request.key)
    stored = store.get(place)
    if stored is not None and not stored.may_go_to(request):
        return stored
    with gap(right.__self__):
        store[place] = request
    return request


def never_frees(right: Any, request: KeyedRequest) -> None:
    """Releases nothing."""


def by_key(change: Any) -> Any:
    """Store the request under the changed one, and return it under its own name."""

    def claim(right: Any, request: KeyedRequest) -> Any:
        names = {"viewer_id": request.viewer_id, "session_id": request.session_id, "key": request.key}
        return evolve(right(change(request)), **names)

    return claim


def overwrite(right: Any, request: KeyedRequest, answer: Accepted) -> None:
    """Whoever answers."""
    store, place = right.__self__._stored, (request.viewer_id, request.session_id, request.key)
    if place in store:
        store[place] = evolve(store[place], answer=answer)


def note_anyway(right: Any, request: KeyedRequest, tried: Accepted) -> None:
    """Whoever tries."""
    store, place = right.__self__._stored, (request.viewer_id, request.session_id, request.key)
    if place in store:
        store[place] = evolve(store[place], tried=tried)


def remembers_for_ever(right: Any, request: KeyedRequest) -> Any:
    """However old it is."""
    before = right.__self__._stored.get((request.viewer_id, request.session_id, request.key))
    return evolve(right(request), tried=before and before.tried)


def drop(right: Any, request: KeyedRequest) -> None:
    """Whoever asks."""
    right.__self__._stored.pop((request.viewer_id, request.session_id, request.key), None)


WRONG.add("claim.takes", "another request is returned", claim=lambda right, r: right(evolve(r, asked="")))
WRONG.add("claim.own", "another key's request", claim=by_key(lambda r: evolve(r, viewer_id="any")))
WRONG.add("claim.own", "another key's request", claim=by_key(lambda r: evolve(r, session_id="any")))
WRONG.add("claim.own", "another key's request", claim=by_key(lambda r: evolve(r, key=r.key.replace(".", "key"))))
WRONG.add("claim.stands", "the key went", claim=lambda right, r: right(evolve(r, since=r.since + timedelta(seconds=1))))
WRONG.add("claim.stands", "the first answer is lost", finish=lambda right, *of: None)
WRONG.add("claim.goes_on", "the key stays", claim=lambda right, r: right(evolve(r, asked=r.attempt)))
WRONG.add("claim.forgets", "the key is still taken", claim=lambda right, r: right(evolve(r, since=min(r.since, LAST))))
WRONG.add("claim.one", "several may act", claim=look_first)
WRONG.add("finish.answers", "missing or changed", finish=lambda right, r, answer: right(r, answer._replace(amount=0)))
WRONG.add("finish.attempt", "another attempt's answer", finish=overwrite)
WRONG.add("note.notes", "nobody knows", note=lambda right, *of: None)
WRONG.add("note.notes", "the retry has forgotten", claim=lambda right, r: right(r) if r.attempt != "3" else r)
WRONG.add("note.notes", "for another request", claim=remembers_for_ever)
WRONG.add("note.attempt", "has noted something", note=note_anyway)
WRONG.add("release.frees", "to another body", release=drop)
WRONG.add("release.frees", "the key is still taken", release=never_frees)
WRONG.add("release.attempt", "another attempt freed", release=drop)
