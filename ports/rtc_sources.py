"""The sources of a streamer's picture and sound, of which something else takes snapshots every few seconds."""

from __future__ import annotations

from typing import Protocol


class RtcSources(Protocol):
    """Both methods may raise StoreUnavailable; both may be repeated, and come in any order for different goals."""

    def stop_snapshots(self, streamer_id: str, goal_id: str) -> None:
        """Take no more periodic snapshots of the streamer's sources, for the sake of this goal (L5).

        Atomic. Snapshots rest as long as any goal asks for it: two goals at once do not undo each other. From the
        return on nobody who asks anew is told to take one; one that is being taken may still be finished.
        """
        ...

    def resume_snapshots(self, streamer_id: str, goal_id: str) -> None:
        """The goal no longer asks for it: snapshots are taken again unless another goal does. Atomic.

        A streamer or a goal that never stopped anything is no error.
        """
        ...
