"""The passes to private shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ..core.model import ViewerPass


class Passes(Protocol):
    """One pass for each session and viewer (D36).

    The port does not ask whether the session exists. Every method may raise StoreUnavailable, and may be repeated.
    """

    def admit(self, session_id: str, viewers: Mapping[str, ViewerPass]) -> None:
        """Store each viewer's pass to the session: {nbf, duration, exp} (L3).

        Each pass is one atomic write. If it raises, some of them may be stored.

        Promises:
            - admits: Each viewer gets their pass to this session. Every other pass stays unchanged.
            - at_once: Viewers who are admitted at once are all admitted.
            - later: A viewer keeps a pass that begins later than the new one, even if both are stored at once.
            - any_text: A viewer id may be any text, for example one with dots.
        """
        ...

    def find(self, session_id: str, viewer_id: str) -> ViewerPass | None:
        """Return the viewer's pass to the session.

        The cost must not depend on how many viewers have a pass.

        Promises:
            - found: The pass as it was stored, whether or not its time is over.
            - none: None if this viewer has no pass to this session.
        """
        ...
