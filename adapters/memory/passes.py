"""Passes in a dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from threading import Lock

from ...core.model import ViewerPass
from ...core.rules.passes import (
    Bought,
    Change,
    begins_by_viewer,
    bought_of,
    pass_of,
    shortened,
    taken_back,
    with_bought,
)


class MemoryPasses:
    def __init__(self) -> None:
        self._bought: dict[tuple[str, str], Sequence[Bought]] = {}
        self._lock = Lock()

    def of(self, session_id: str) -> dict[str, ViewerPass]:
        """Every pass to the session, by viewer."""
        passes = {viewer_id: pass_of(bought) for (of, viewer_id), bought in self._bought.items() if of == session_id}
        return {viewer_id: found for viewer_id, found in passes.items() if found is not None}

    def admit(self, session_id: str, goal_id: str, viewers: Mapping[str, ViewerPass], now: datetime) -> None:
        bought = bought_of(goal_id, viewers)
        self._change(session_id, {each: partial(with_bought, new=new, now=now) for each, new in bought.items()})

    def take_back(self, session_id: str, goal_id: str, viewer_ids: Iterable[str], now: datetime) -> None:
        self._change(session_id, dict.fromkeys(viewer_ids, partial(taken_back, goal_id=goal_id, now=now)))

    def shorten(self, session_id: str, goal_id: str, ends: Mapping[str, datetime], now: datetime) -> None:
        changes = {each: partial(shortened, goal_id=goal_id, ends=at, now=now) for each, at in ends.items()}
        self._change(session_id, changes)

    def begins(self, session_id: str, goal_id: str, viewer_ids: Iterable[str]) -> Mapping[str, datetime | None]:
        return begins_by_viewer({each: self._bought.get((session_id, each), ()) for each in viewer_ids}, goal_id)

    def find(self, session_id: str, viewer_id: str) -> ViewerPass | None:
        return pass_of(self._bought.get((session_id, viewer_id), ()))

    def drop(self, viewer_id: str) -> int:
        """Drop the viewer's passes. Returns how many there were."""
        with self._lock:
            theirs = [key for key in self._bought if key[1] == viewer_id]
            for key in theirs:
                del self._bought[key]
            return len(theirs)

    def _change(self, session_id: str, by_viewer: Mapping[str, Change]) -> None:
        with self._lock:
            for viewer_id, change in by_viewer.items():
                key = (session_id, viewer_id)
                self._bought[key] = change(self._bought.get(key, ()))
