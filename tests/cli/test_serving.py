"""``show-goal serve`` and ``show-goal indexes``."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from bson import ObjectId
from click.testing import CliRunner
from pymongo.database import Database

from show_goal.adapters.memory import MemoryClock
from show_goal.cli.commands import show_goal
from show_goal.cli.demo import cast
from show_goal.cli.serving import running_worker
from show_goal.core.trace import Trace

from ..black_box.platform import PATIENT, environment
from ..builders import a_body, a_create_goal
from ..docs.test_code_blocks import ENVIRONMENT
from ..servers import Servers, wait_until
from ..servers.ports import free_port
from ..servers.process import Process

SHOW_GOAL = [sys.executable, "-m", "show_goal.cli"]


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[Process]:
    port = free_port()
    process = Process([*SHOW_GOAL, "serve", "--in-memory", "--port", str(port)], tmp_path / "serve.log")
    try:
        process.wait_ready(lambda: requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).ok, 30)
        yield process
    finally:
        process.stop()


def said(process: Process) -> str:
    return process.log.read_text()


def test_the_printed_curl_line_is_accepted_and_its_worker_binds_the_goal(in_memory: Process) -> None:
    (line,) = re.findall(r"^curl .*$", said(in_memory), re.MULTILINE)
    script = f'curl() {{ printf "%s\\n" "$@"; }}; {line}'  # what a shell passes to curl, which need not be installed
    arguments = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout
    include, url, *options = arguments.splitlines()
    assert include == "-i"
    assert options[::2] == ["-H", "-H", "-d"]
    user, content_type, body = options[1::2]

    response = requests.post(url, data=body, headers=dict([user.split(": "), content_type.split(": ")]), timeout=10)

    assert response.status_code == 202, response.text
    wait_until(lambda: '"bind_trigger_private_goal_to_session", "outcome": "ran"' in said(in_memory), 10)


def test_it_is_for_development_and_a_request_without_the_header_is_not_logged_in(in_memory: Process) -> None:
    assert "For development only" in said(in_memory)
    (url,) = re.findall(r"http://\S+/trigger_private", said(in_memory))
    assert requests.post(url, json=a_body(datetime.now(UTC)), timeout=10).status_code == 401


def test_its_worker_sweeps_every_fifteen_seconds_D26() -> None:
    clock, traces = MemoryClock(), list[Trace]()
    container = cast.platform(clock, trace_sink=traces.append).container

    with running_worker(container):
        clock.advance(timedelta(seconds=15))
        wait_until(lambda: [trace.name for trace in traces] == ["sweep"], 10)


def test_indexes_are_created_and_creating_them_again_is_harmless(
    servers: Servers, mongo_database: Database[dict[str, Any]]
) -> None:
    variables = environment(servers, servers.rabbitmq_url, mongo_database) | PATIENT
    for _ in range(2):
        result = CliRunner().invoke(show_goal, ["indexes"], env=variables)
        assert (result.exit_code, result.output) == (0, f"The indexes of {mongo_database.name} exist.\n")
    assert "one_ongoing_private_goal_a_session" in mongo_database.goals.index_information()


def test_indexes_that_cannot_be_created_are_reported_in_one_sentence(
    servers: Servers, mongo_database: Database[dict[str, Any]]
) -> None:
    ongoing = a_create_goal(conditions={"session_id": ObjectId()})
    document = {"active": True, "conditions": ongoing.conditions, "context": ongoing.context}
    mongo_database.goals.insert_many([dict(document), dict(document)])
    variables = environment(servers, servers.rabbitmq_url, mongo_database) | PATIENT
    result = CliRunner().invoke(show_goal, ["indexes"], env=variables)
    assert result.exit_code == 1
    assert "could not be created: DuplicateKeyError" in result.stderr


def test_a_database_that_is_down_is_reported_in_one_sentence() -> None:
    variables = {**ENVIRONMENT, "SHOW_GOAL_MONGODB_URI": f"mongodb://127.0.0.1:{free_port()}"}
    result = CliRunner().invoke(show_goal, ["indexes"], env=variables)
    assert result.exit_code == 1
    assert "Is the server up" in result.stderr
    assert "Traceback" not in result.output
