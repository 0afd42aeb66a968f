"""``make matrix``: core, the contracts and the routes on every Python, with the oldest and the newest libraries.

Writes the table in docs/versions.md. A Python that this machine lacks comes from a Debian that has it, which needs root
and debootstrap.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
from attrs import frozen

import show_goal

from . import fresh
from .clone import ROOT, clone
from .servers.cluster import OTHER_BROKERS, SERVERS

PAGE = ROOT / "docs" / "versions.md"
TABLE = re.compile(r"(?<=<!-- matrix -->\n).*(?=<!-- end -->)", re.DOTALL)
DEBIANS = {"3.13": "trixie", "3.14": "sid"}
TESTS = "tests/core tests/contracts tests/adapters/flask/test_app.py tests/adapters/flask/test_problems.py"
BUT_NOT = "not Memory and not OnOneServer"
NAMED = ("attrs", "cattrs", "blinker", "dependency-injector", "pymongo", "celery", "kombu", "redis", "flask")


@frozen
class Row:
    python: str
    pins: str


ROWS = (Row("3.11", "oldest"), *(Row(python, "dev") for python in ("3.11", "3.12", "3.13", "3.14")))
Run = Callable[[str], str]
"""Runs a command in a clone, and returns what it printed last."""


def main() -> int:
    lines = ["| Python | pins | " + " | ".join(NAMED) + " | tests |", "| --- " * (len(NAMED) + 3) + "|"]
    for row in ROWS:
        with _machine(row.python) as (python, run):
            lines.append(_tried(row, python, run))
            click.echo(lines[-1])
    PAGE.write_text(TABLE.sub("\n".join(lines) + "\n", PAGE.read_text()))
    return 0


def _tried(row: Row, python: str, run: Run) -> str:
    pip = "venv/bin/uv pip install --quiet --python venv/bin/python"
    run(f"{python} -m venv --clear venv")
    run("venv/bin/python -m pip install --quiet --require-hashes -r requirements/uv.txt")
    run(f"{pip} --require-hashes -r requirements/{row.pins}.txt")
    run("venv/bin/uv build --quiet --no-build-isolation --python venv/bin/python")
    run(f"{pip} --no-deps dist/show_goal-{show_goal.__version__}-py3-none-any.whl")
    listed = run("venv/bin/uv pip list --quiet --python venv/bin/python --format json")
    versions = {one["name"]: one["version"] for one in json.loads(listed.splitlines()[-1])}
    said = run(f"venv/bin/python -m pytest -q -p no:cacheprovider {TESTS}").splitlines()[-1]
    return (
        f"| {row.python} | {row.pins} | {' | '.join(versions[name] for name in NAMED)} | {said.partition(' in ')[0]} |"
    )


@contextmanager
def _machine(python: str) -> Iterator[tuple[str, Run]]:
    """The Python, and how to run a command in a clone beside it."""
    variables = {"PYTEST_ADDOPTS": f"-k {shlex.quote(BUT_NOT)}"}
    find = [sys.executable, "-m", "uv", "python", "find", "--no-python-downloads", python]
    if found := subprocess.run(find, capture_output=True, text=True, check=False).stdout.strip():
        folder = ROOT / ".cache" / "matrix"
        shutil.rmtree(folder, ignore_errors=True)
        yield found, partial(_run, clone(folder), os.environ | variables)
        return
    servers = {kind.variable: os.environ[kind.variable] for kind in (*SERVERS, *OTHER_BROKERS.values())}
    with fresh.machine(DEBIANS[python]) as debian:
        there = fresh.cloned(debian, "root/show-goal")
        yield "python3", lambda command: fresh.inside(debian, command, "root", there, False, **variables, **servers)


def _run(folder: Path, variables: Mapping[str, str], command: str) -> str:
    result = subprocess.run(command.split(), cwd=folder, env=variables, capture_output=True, text=True, check=False)
    if result.returncode:
        raise SystemExit(f"{command}\n{result.stdout[-3000:]}{result.stderr[-3000:]}")
    return result.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
