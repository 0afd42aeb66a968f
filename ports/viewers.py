"""The platform's users, for a host whose login knows only an id (D8)."""

from __future__ import annotations

from typing import Protocol

from ..core.model import Viewer


class Viewers(Protocol):
    """For hosts: the core never asks this port. A host whose login knows a user's tags needs no adapter."""

    def get(self, viewer_id: str) -> Viewer | None:
        """Return the viewer. May raise StoreUnavailable.

        Promises:
            - tags: The viewer with all their tags.
            - nobody: None if the viewer is unknown or the id is malformed.
        """
        ...
