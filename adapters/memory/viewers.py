"""Viewers in a dictionary."""

from __future__ import annotations

from ...core.model import Viewer


class MemoryViewers:
    def __init__(self) -> None:
        self._viewers: dict[str, Viewer] = {}

    def add(self, viewer: Viewer) -> Viewer:
        """Store a viewer, replacing one with their id."""
        self._viewers[viewer.id] = viewer
        return viewer

    def get(self, viewer_id: str) -> Viewer | None:
        return self._viewers.get(viewer_id)
