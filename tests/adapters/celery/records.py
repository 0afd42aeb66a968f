"""What a recording worker writes down for the test, and how the test tells it to behave: files in one folder."""

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
    """One run of a task: when it began, and in which process."""

    message: Message
    at: datetime
    pid: int


@frozen
class Records:
    folder: Path

    def ask(self, goal_id: str, *behaviours: str) -> None:
        """Set how the goal's tasks behave, run by run. After these they succeed."""
        (self.folder / f"{goal_id}.asked").write_text(" ".join(behaviours))

    def of(self, goal_id: str) -> list[Record]:
        """The runs of this goal's tasks in order, without a line that is still being written."""
        path = self.folder / f"{goal_id}.runs"
        whole, _, _ = path.read_bytes().rpartition(b"\n") if path.exists() else (b"", b"", b"")
        return [pickle.loads(base64.b64decode(line)) for line in whole.splitlines()]

    def add(self, message: Message) -> str:
        """Record a run; return how it shall behave. A message without a goal is recorded under its task's name."""
        goal_id = str(message.arguments().get("goal_id", message.name))
        line = base64.b64encode(pickle.dumps(Record(message, datetime.now(UTC), os.getpid())))
        asked = self.folder / f"{goal_id}.asked"
        behaviours = asked.read_text().split() if asked.exists() else []
        run = len(self.of(goal_id))
        # Unbuffered, so that several processes write whole lines.
        with (self.folder / f"{goal_id}.runs").open("ab", buffering=0) as file:
            file.write(line + b"\n")
        return behaviours[run] if run < len(behaviours) else "succeed"
