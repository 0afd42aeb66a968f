"""The sources of a streamer's picture and sound. Another service takes snapshots of them every few seconds."""

from __future__ import annotations

from typing import Protocol


class RtcSources(Protocol):
    """Both methods are atomic and may raise StoreUnavailable.

    Promises:
        - repeated: Both methods may be repeated, and come in any order for different goals.
    """

    def stop_snapshots(self, streamer_id: str, goal_id: str) -> None:
        """Stop the snapshots of the streamer's sources for this goal (L5).

        A snapshot that has been started may still be finished. ``streamer_id`` may be any text.

        Promises:
            - stops: After the call no snapshot of this streamer is started. Other streamers are not affected.
            - rests: Snapshots stay stopped as long as any goal asks for it, even if many goals stop and resume at once.
        """
        ...

    def resume_snapshots(self, streamer_id: str, goal_id: str) -> None:
        """Withdraw the goal's request to stop.

        Promises:
            - resumes: Snapshots are taken again, unless another goal has stopped them.
            - never: A goal or streamer that stopped nothing is no error, and changes nothing.
        """
        ...
