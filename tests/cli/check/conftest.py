"""``show-goal check`` on real servers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from attrs import frozen
from click.testing import CliRunner
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSettings, create_indexes
from show_goal.cli.commands import show_goal
from tests.black_box.platform import environment
from tests.servers import Servers

Document = dict[str, Any]


@frozen
class Checked:
    """The result of ``show-goal check --json``."""

    exit_code: int
    status: str
    findings: dict[str, dict[str, Any]]

    def statuses(self) -> dict[str, str]:
        return {name: finding["status"] for name, finding in self.findings.items()}

    def words(self, name: str) -> str:
        """Summary and advice of one check."""
        finding = self.findings[name]
        return " ".join([finding["summary"], *finding["advice"]])


Check = Callable[..., Checked]


@pytest.fixture
def variables(servers: Servers, mongo_database: Database[Document]) -> dict[str, str]:
    """A healthy platform on RabbitMQ, before any worker has run."""
    create_indexes(mongo_database, MongoSettings(timeout_ms=30_000))
    return environment(servers, servers.rabbitmq_url, mongo_database) | {"SHOW_GOAL_MONGODB_TIMEOUT_MS": "20000"}


@pytest.fixture
def check(variables: dict[str, str]) -> Check:
    """Runs the command with some variables changed, and with enough time for a slow machine."""

    def run(*arguments: str, patiently: bool = True, **changes: str) -> Checked:
        options = ["--json", *(["--timeout", "30"] if patiently else []), *arguments]
        result = CliRunner().invoke(show_goal, ["check", *options], env={**variables, **changes})
        assert result.exit_code in (0, 1), result.output
        document = json.loads(result.stdout)
        return Checked(result.exit_code, document["status"], {one.pop("name"): one for one in document["checks"]})

    return run
