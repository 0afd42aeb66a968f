"""`python -m tests.servers run`: the command has its servers, and nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from pymongo import MongoClient

from tests.servers import ProgramMissing, Servers, running_servers, wait_until
from tests.servers.cluster import OTHER_BROKERS, SERVERS
from tests.servers.folder import PREFIX, TemporaryFolder
from tests.servers.install import no_service_starts
from tests.servers.ports import accepts

ROOT = Path(__file__).parents[2]
MARK = "TESTS_SERVERS_MARK"
DEADLINE = 60.0
KINDS = [*SERVERS, *OTHER_BROKERS.values()]
ALL = [kind.variable for kind in KINDS]
ALL_BUT_REDIS = {name: "x://elsewhere" for name in ALL if name != "REDIS_URL"}
PRINT_VARIABLES = f"import json, os; print(json.dumps({{n: os.environ[n] for n in {ALL}}}), flush=True)"
PRINT_AND_WAIT = f"{PRINT_VARIABLES}; import signal; signal.pause()"


@contextmanager
def run(code: str, own: Mapping[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command line with a Python program as its command, and the mark that all its descendants carry."""
    for kind in KINDS:
        if kind.variable not in own and kind.missing():
            raise ProgramMissing(kind)
    mark = str(uuid4())
    environment = {name: value for name, value in os.environ.items() if name not in ALL}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.servers", "run", "--", sys.executable, "-c", code],
        cwd=ROOT,
        env={**environment, **own, MARK: mark},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A run that was itself started with & ignores Ctrl-C, and would hand that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with process:
        try:
            yield process, mark
        finally:
            process.kill()


def test_run_passes_addresses_and_status_and_leaves_nothing_behind() -> None:
    with run(f"{PRINT_VARIABLES}; raise SystemExit(7)", own={}) as (process, mark):
        out, err = process.communicate(timeout=100)
    assert process.returncode == 7, err
    assert all(f"{kind.title} is ready" in err for kind in KINDS)
    assert not any(accepts(urlsplit(url).port or 0) for url in json.loads(out).values())
    _wait_for_the_end_of_all(mark)
    assert _folders(process.pid) == []


@pytest.mark.parametrize(
    ("send", "number"),
    [
        pytest.param(os.kill, signal.SIGTERM, id="SIGTERM to run alone"),
        pytest.param(os.killpg, signal.SIGINT, id="Ctrl-C, which reaches the command as well"),
    ],
)
def test_signal_ends_run_and_leaves_nothing_behind(send: Callable[[int, int], None], number: signal.Signals) -> None:
    with run(PRINT_AND_WAIT, ALL_BUT_REDIS) as (process, mark):
        url = _first_line(process)["REDIS_URL"]
        send(process.pid, number)
        assert process.wait(timeout=DEADLINE) == 128 + number
    assert not accepts(urlsplit(url).port or 0)
    _wait_for_the_end_of_all(mark)
    assert _folders(process.pid) == []


def test_killing_run_kills_command_and_servers() -> None:
    with run(PRINT_AND_WAIT, ALL_BUT_REDIS) as (process, mark):
        url = _first_line(process)["REDIS_URL"]
        process.kill()
    _wait_for_the_end_of_all(mark)
    wait_until(lambda: not accepts(urlsplit(url).port or 0), DEADLINE, "the server's port to be closed")
    # Only a living process can remove a folder: the next one that needs a folder does, here or in another test run.
    TemporaryFolder().remove()
    wait_until(lambda: not _folders(process.pid), DEADLINE, "the removal of its folder")


def test_death_of_a_server_ends_the_command_and_names_the_server() -> None:
    with run(PRINT_AND_WAIT, ALL_BUT_REDIS) as (process, mark):
        port = urlsplit(_first_line(process)["REDIS_URL"]).port
        os.kill(_redis_on(port or 0), signal.SIGKILL)
        _, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 1
    assert "Redis: redis-server ended by itself. The end of its log:" in err
    assert "Ready to accept connections" in err
    _wait_for_the_end_of_all(mark)


def test_dead_mongodb_fails_each_test_within_seconds(mongo_client: MongoClient[dict[str, Any]]) -> None:
    assert mongo_client.options.server_selection_timeout <= 5


def test_servers_in_the_environment_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ALL:
        monkeypatch.setenv(name, f"x://{name}")
    lines: list[str] = []
    with running_servers(lines.append) as servers:
        assert servers.as_environment() == {kind.variable: f"x://{kind.variable}" for kind in SERVERS}
    assert lines == [f"{kind.title}: yours, from {kind.variable}" for kind in SERVERS]


def test_missing_server_is_named_when_a_test_asks_for_it() -> None:
    servers = Servers.from_environment(ALL_BUT_REDIS)
    assert servers.mongodb_uri == "x://elsewhere"
    with pytest.raises(ProgramMissing, match="REDIS_URL"):
        _ = servers.redis_url


@pytest.mark.parametrize("before", [None, "#!/bin/sh\nexit 0\n"])
def test_services_may_not_start_during_an_install(tmp_path: Path, before: str | None) -> None:
    policy = tmp_path / "policy-rc.d"
    if before:
        policy.write_text(before)
    with no_service_starts(policy):
        assert subprocess.run([policy, "redis-server", "start"], check=False).returncode == 101
    assert [path.read_text() for path in tmp_path.iterdir()] == ([before] if before else [])


def _first_line(process: subprocess.Popen[str]) -> dict[str, str]:
    assert process.stdout is not None
    variables: dict[str, str] = json.loads(process.stdout.readline())
    return variables


def _wait_for_the_end_of_all(mark: str) -> None:
    """A process that was killed with its parent's group may take a moment to end."""
    wait_until(lambda: not _marked(mark), DEADLINE, "the end of all processes")


def _marked(mark: str) -> list[str]:
    return [path.parent.name for path in Path("/proc").glob("[0-9]*/environ") if mark in _read(path)]


def _redis_on(port: int) -> int:
    """By its title, which it has written over its environment."""
    (pid,) = [
        path.parent.name
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if f"redis-server 127.0.0.1:{port}" in _read(path)
    ]
    return int(pid)


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # It has ended, or is somebody else's.
        return ""


def _folders(pid: int) -> list[Path]:
    parents = [Path(tempfile.gettempdir()), Path("/dev/shm")]
    return [path for parent in parents for path in parent.glob(f"{PREFIX}{pid}-*")]
