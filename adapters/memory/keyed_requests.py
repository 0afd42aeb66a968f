"""Requests with a key, in a dictionary."""

from __future__ import annotations

from threading import Lock

from attrs import evolve

from ...core.keyed_request import Accepted, KeyedRequest


class MemoryKeyedRequests:
    def __init__(self) -> None:
        self._stored: dict[tuple[str, str, str], KeyedRequest] = {}
        self._lock = Lock()

    def claim(self, request: KeyedRequest) -> KeyedRequest:
        with self._lock:
            stored = self._stored.get(_place(request))
            if stored is None or stored.may_go_to(request):
                stored = self._stored[_place(request)] = request
            return stored

    def finish(self, request: KeyedRequest, answer: Accepted) -> None:
        with self._lock:
            stored = self._stored.get(_place(request))
            if stored is not None and stored.attempt == request.attempt:
                self._stored[_place(request)] = evolve(stored, answer=answer)

    def release(self, request: KeyedRequest) -> None:
        with self._lock:
            stored = self._stored.get(_place(request))
            if stored is not None and stored.attempt == request.attempt and stored.answer is None:
                del self._stored[_place(request)]


def _place(request: KeyedRequest) -> tuple[str, str, str]:
    return request.viewer_id, request.session_id, request.key
