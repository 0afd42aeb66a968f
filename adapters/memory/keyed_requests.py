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
            if stored is None:
                stored = self._stored[_place(request)] = request
            elif stored.may_go_to(request):
                stored = self._stored[_place(request)] = stored.handed_to(request)
            return stored

    def note(self, request: KeyedRequest, tried: Accepted) -> None:
        with self._lock:
            stored = self._stored.get(_place(request))
            if stored is not None and stored.attempt == request.attempt:
                self._stored[_place(request)] = evolve(stored, tried=tried)

    def finish(self, request: KeyedRequest, answer: Accepted) -> None:
        with self._lock:
            stored = self._stored.get(_place(request))
            if stored is not None and stored.attempt == request.attempt:
                self._stored[_place(request)] = evolve(stored, answer=answer)

    def release(self, request: KeyedRequest) -> None:
        with self._lock:
            stored = self._stored.get(_place(request))
            if stored is None or stored.attempt != request.attempt or stored.answer is not None:
                return
            if stored.tried is None:
                del self._stored[_place(request)]
            else:
                self._stored[_place(request)] = stored.given_up()


def _place(request: KeyedRequest) -> tuple[str, str, str]:
    return request.viewer_id, request.session_id, request.key
