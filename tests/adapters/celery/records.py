"""What a recording worker leaves behind for the test, and what the test asks of it: files in one folder."""

from __future__ import annotations

import base64
import os
import pickle
from datetime import UTC, datetime
from pathlib import Path

from attrs import frozen

from show_goal.core.messages import Message


@frozen
class Record:
    """One run of a task, noted as it began, and the process that it ran in."""

    message: Message
    at: datetime
    pid: int


@frozen
class Records:
    folder: Path

    def ask(self, goal_id: str, *behaviours: str) -> None:
        """How the goal's tasks shall behave, run by run; after these they succeed."""
        (self.folder / f"{goal_id}.asked").write_text(" ".join(behaviours))

    def of(self, goal_id: str) -> list[Record]:
        """The runs of this goal's tasks, in their order. A worker may be in the middle of a line."""
        path = self.folder / f"{goal_id}.runs"
        whole, _, _ = path.read_bytes().rpartition(b"\n") if path.exists() else (b"", b"", b"")
        return [pickle.loads(base64.b64decode(line)) for line in whole.splitlines()]

    def add(self, message: Message) -> str:
        """Note a run; return the behaviour that is asked of it. One of no goal goes by its task's name."""
        goal_id = str(message.arguments().get("goal_id", message.name))
        line = base64.b64encode(pickle.dumps(Record(message, datetime.now(UTC), os.getpid())))
        asked = self.folder / f"{goal_id}.asked"
        behaviours = asked.read_text().split() if asked.exists() else []
        run = len(self.of(goal_id))
        # Unbuffered: one line after the other, whichever processes of a worker write them.
        with (self.folder / f"{goal_id}.runs").open("ab", buffering=0) as file:
            file.write(line + b"\n")
        return behaviours[run] if run < len(behaviours) else "succeed"
