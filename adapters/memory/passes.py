"""Passes in a dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock

from ...core.model import ViewerPass


class MemoryPasses:
    def __init__(self) -> None:
        self._passes: dict[tuple[str, str], ViewerPass] = {}
        self._lock = Lock()

    def of(self, session_id: str) -> dict[str, ViewerPass]:
        """Every pass to the session, by viewer."""
        return {viewer_id: found for (session, viewer_id), found in self._passes.items() if session == session_id}

    def admit(self, session_id: str, viewers: Mapping[str, ViewerPass]) -> None:
        with self._lock:
            for viewer_id, admitted in viewers.items():
                existing = self._passes.get((session_id, viewer_id))
                if existing is None or existing.nbf <= admitted.nbf:
                    self._passes[session_id, viewer_id] = admitted

    def find(self, session_id: str, viewer_id: str) -> ViewerPass | None:
        return self._passes.get((session_id, viewer_id))
