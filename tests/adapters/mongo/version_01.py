"""The goals of version 0.1, by its own code: run with ``tests.last_version``."""

from __future__ import annotations

import sys
from subprocess import CompletedProcess, run

from pymongo.database import Database

from tests.last_version import of_the_last_version
from tests.servers import Servers

from .documents import Document

_GOALS = """
import sys
from datetime import datetime, timezone
from show_goal.adapters.mongo import MongoGoals, MongoSettings, connect
from show_goal.core.model import Goal

uri, name, goal_id, *payments = sys.argv[1:]
settings = MongoSettings(uri=uri, database=name, timeout_ms=30_000)
goals = MongoGoals(connect(settings), settings)
goals.insert(
    Goal(
        id=goal_id,
        _cls="TriggerPrivateGoal",
        conditions={"session_id": "5e5500000000000000000001"},
        exp=datetime(2026, 1, 1, 0, 5, tzinfo=timezone.utc),
        context={"type": "trigger-private"},
        metadata={"user_id": "57e000000000000000000001"},
    )
)
for payment in payments:
    insert_id, viewer_id = payment.split("/")
    goals.increment_progress(goal_id, amount=1, cost=90, breakdown_id=viewer_id, insert_id=insert_id)
"""


def count_by_version_01(
    servers: Servers, database: Database[Document], goal_id: str, *payments: str
) -> CompletedProcess[str]:
    """Insert the goal unless it is there, and count each payment: its id, a slash and its viewer."""
    command = of_the_last_version([sys.executable, "-c", _GOALS])
    arguments = [servers.mongodb_uri, database.name, goal_id, *payments]
    return run([*command, *arguments], capture_output=True, text=True, timeout=60, check=False)
