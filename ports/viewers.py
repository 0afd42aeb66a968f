"""The platform's users, for a host whose login gives an id alone (D8)."""

from __future__ import annotations

from typing import Protocol

from ..core.model import Viewer


class Viewers(Protocol):
    def get(self, viewer_id: str) -> Viewer | None:
        """The viewer with their tags, all of them. None when the viewer is unknown or the id is malformed.

        May raise StoreUnavailable.
        """
        ...
