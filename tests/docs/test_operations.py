"""docs/operations.md shows the real output, counters and loggers."""

from __future__ import annotations

import re
from typing import Any

from click.testing import CliRunner
from pymongo.database import Database

from show_goal.adapters.celery import CelerySettings
from show_goal.adapters.mongo import MongoSettings, create_indexes
from show_goal.adapters.telemetry.counters import COUNTERS
from show_goal.cli.commands import show_goal
from tests.black_box.platform import environment
from tests.servers import Servers

from .generated import OPERATIONS

TEXT = OPERATIONS.read_text()
ATTRIBUTES = {"show_goal.goal_id", "show_goal.session_id", "show_goal.outcome", "show_goal.code", "show_goal.reason"}
LOGGERS = {"show_goal.trace", "show_goal.celery", "show_goal.settlement"}
QUEUES = {CelerySettings().dead_queue}


def test_check_prints_what_the_document_shows(servers: Servers, mongo_database: Database[dict[str, Any]]) -> None:
    """On real servers, before any worker has run. Ports, versions and tenths of a second may differ."""
    create_indexes(mongo_database, MongoSettings(timeout_ms=30_000))
    variables = environment(servers, servers.rabbitmq_url, mongo_database)
    slow = {"SHOW_GOAL_MONGODB_TIMEOUT_MS": "30000", "COLUMNS": "300"}
    printed = CliRunner().invoke(show_goal, ["check"], env={**variables, **slow}).stdout
    shown = TEXT.partition("<!-- check -->\n```text\n")[2].partition("\n```")[0]
    printed = printed.replace(mongo_database.name, "show_goal")
    assert [_plain(line) for line in printed.splitlines()] == [_plain(line) for line in shown.splitlines()]


def _plain(line: str) -> str:
    return re.sub(r"127\.0\.0\.1:\d+|\d+\.\d+(\.\d+)?", "#", line)


def test_it_names_every_counter_attribute_and_logger_and_no_other() -> None:
    prose = re.sub(r"^```.*?^```$", "", TEXT, flags=re.DOTALL | re.MULTILINE)
    named = set(re.findall(r"`(show_goal\.[\w.]+)`", prose)) - {"show_goal.core.trace"}
    assert named == {counter.name for counter in COUNTERS} | ATTRIBUTES | LOGGERS | QUEUES


def test_an_alert_uses_only_attributes_of_its_counter() -> None:
    attributes = {counter.name: set(counter.attributes) for counter in COUNTERS}
    rows = re.findall(r"^\| (.*`show_goal\..*) \| ", TEXT.partition("Alert on:")[2].partition("## ")[0], re.MULTILINE)
    assert len(rows) > len(COUNTERS) / 2
    for row in rows:
        (name,) = re.findall(r"`(show_goal\.[\w.]+)`", row)[:1]
        named = set(re.findall(r"`(code|reason|unit|kind|outcome|receiver)`", row))
        if name in attributes:
            assert named <= attributes[name], row
