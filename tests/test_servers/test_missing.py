"""Tests whose server is missing are left out, and the run says so. With CI set they fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import MongoServer, ServerError
from tests.servers.chromium import find_chromium
from tests.servers.install import install_missing
from tests.servers.server import Program

ROOT = Path(__file__).parents[2]
SUITE = """
from tests.servers import ProgramMissing, RedisServer

def test_needs_nothing(): pass

def test_needs_redis(): raise ProgramMissing(RedisServer)
"""


def run(folder: Path, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text("from tests.conftest import *\n")
    (folder / "test_suite.py").write_text(SUITE)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "1", str(folder)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )


def test_tests_without_their_server_are_left_out_and_counted(tmp_path: Path) -> None:
    result = run(tmp_path, ci="")

    assert result.returncode == 0, result.stdout
    assert result.stdout.splitlines()[-1].startswith("1 passed, 1 skipped")
    assert "1 tests need Redis: " in result.stdout
    assert "To run them: `make servers` as root, or set REDIS_URL." in result.stdout


def test_missing_server_fails_its_tests_in_ci(tmp_path: Path) -> None:
    result = run(tmp_path, ci="true")

    assert result.returncode == 1
    assert "1 failed, 1 passed" in result.stdout


def program(name: str) -> type[Program]:
    class Fake(Program):
        title, variable = name, f"FAKE_{name.upper()}"
        installed = False

        @classmethod
        def missing(cls) -> str | None:
            return None if cls.installed else f"{name} is not installed"

    return Fake


def test_server_that_cannot_be_installed_takes_no_other_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    away, here, own, broken = (program(name) for name in ("away", "here", "own", "broken"))
    monkeypatch.setenv(own.variable, "x://elsewhere")

    def fail() -> None:
        raise ServerError("the mirror is away")

    def succeed() -> None:
        monkeypatch.setattr(here, "installed", True)

    reports: list[str] = []
    problems = install_missing(reports.append, [{away: fail, own: fail, here: succeed}, {broken: lambda: None}])

    assert sorted(reports) == ["Installing away ...", "Installing broken ...", "Installing here ..."]
    assert problems == [
        "away: the mirror is away\nInstall away, or set FAKE_AWAY.",
        "broken: broken is not installed\nInstall broken, or set FAKE_BROKEN.",
    ]


def test_program_that_lacks_a_library_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "mongod"
    broken.write_text("#!/bin/sh\necho libcurl.so.4: cannot open shared object file >&2\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    assert MongoServer.missing() == "mongod does not start: libcurl.so.4: cannot open shared object file"


def test_snap_of_chromium_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shim = tmp_path / "chromium"
    shim.write_text("#!/bin/sh\nexec /snap/bin/chromium\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    assert find_chromium() != str(shim)
