from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from click.testing import CliRunner
from pymongo.database import Database

from show_goal.cli import migrating
from show_goal.cli.commands import show_goal
from tests.black_box.platform import environment
from tests.builders import GOAL
from tests.servers import Servers

Document = dict[str, Any]


def old_goal(number: int) -> Document:
    return {
        "_id": ObjectId(f"{number:024x}"),
        "_cls": "TriggerPrivateGoal",
        "active": False,
        "progress": 1,
        "metadata": {"insert_ids": ["1"]},
        "breakdown": {"ann": {"progress": 1, "cost": 90}},
        "settlement": None,
    }


def test_it_moves_every_goal_and_session_and_says_how_far_it_is(
    servers: Servers, mongo_database: Database[Document], monkeypatch: Any
) -> None:
    monkeypatch.setattr(migrating, "PAGE", 2)
    mongo_database.goals.insert_many([old_goal(number) for number in range(1, 4)])
    one_pass = {"nbf": datetime(2026, 1, 1, tzinfo=UTC), "duration": 90}
    mongo_database.sessions.insert_one({"_id": ObjectId(GOAL), "viewers": {"ann": one_pass}})
    variables = environment(servers, servers.rabbitmq_url, mongo_database)

    first = CliRunner().invoke(show_goal, ["migrate"], env=variables)
    again = CliRunner().invoke(show_goal, ["migrate", "--json"], env=variables)

    assert (first.exit_code, first.stderr) == (0, "2 goals so far\n")
    assert first.stdout == "Moved out of 3 goals and 1 session.\n"
    assert (again.exit_code, json.loads(again.stdout)) == (0, {"goals": 0, "sessions": 0})
    assert mongo_database.contributions.count_documents({"viewer": "ann"}) == 3
    assert mongo_database.passes.count_documents({}) == 1
