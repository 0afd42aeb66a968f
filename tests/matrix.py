"""``make matrix``: core, contracts, routes and real workers on every Python, with the oldest and the newest libraries.

Writes the table in docs/versions.md if every row is green. A red row holds up no other. A Python that this machine
lacks comes from a Debian that has it, which needs root and debootstrap.
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
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic

import click
from attrs import frozen

import show_goal

from . import fresh
from .clone import ROOT, clone
from .servers.cluster import OTHER_BROKERS, SERVERS
from .servers.process import die_with
from .servers.versions import versions_of

PAGE = ROOT / "docs" / "versions.md"
TABLE = re.compile(r"(?<=<!-- matrix -->\n).*(?=<!-- end -->)", re.DOTALL)
CLONES = ROOT / ".cache" / "matrix"
DEBIANS = {"3.13": "trixie", "3.14": "sid"}
TESTS = (
    "tests/core tests/contracts tests/adapters/flask/test_app.py tests/adapters/flask/test_problems.py "
    "tests/adapters/celery/test_worker.py tests/adapters/celery/test_host_app.py"
)
BUT_NOT = "not Memory and not OnOneServer"
NAMED = ("attrs", "cattrs", "blinker", "dependency-injector", "pymongo", "celery", "kombu", "redis", "flask")
AT_ONCE = 3
"""Rows that run side by side. Much of their time they wait for workers."""


@frozen
class Row:
    python: str
    pins: str

    def __str__(self) -> str:
        return f"Python {self.python}, {self.pins}"


@frozen
class Result:
    """``cells`` of the table, and the end of what was printed if the row is red."""

    row: Row
    cells: tuple[str, ...]
    problem: str = ""

    def __str__(self) -> str:
        return f"| {' | '.join([self.row.python, self.row.pins, *self.cells])} |"


ROWS = (
    *(Row(python, pins) for python in ("3.11", "3.12", "3.13") for pins in ("oldest", "dev")),
    Row("3.14", "dev"),  # the oldest libraries are older than it, and some would have to be compiled
)
Run = Callable[[str], str]
"""Runs a command in a clone, and returns what it printed last."""


def main() -> int:
    began = monotonic()
    _say(f"{len(ROWS)} rows, {AT_ONCE} at a time")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            # The last row first: its machine has to be made.
            results = [*pool.map(_tried, reversed(ROWS))][::-1]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    table = _table(results)
    click.echo(table)
    red = [result for result in results if result.problem]
    for result in red:
        click.echo(f"\n{result.row} is red:\n{result.problem}")
    _say(f"{len(results) - len(red)} of {len(results)} rows are green, after {monotonic() - began:.0f} s")
    if red:
        _say(f"{PAGE.name} stays as it was")
        return 1
    PAGE.write_text(TABLE.sub(lambda _: table, PAGE.read_text()))
    return 0


def _table(results: list[Result]) -> str:
    head = ["| Python | pins | " + " | ".join(NAMED) + " | tests |", "| --- " * (len(NAMED) + 3) + "|"]
    servers = ", ".join(f"{name} {' and '.join(versions)}" for name, versions in versions_of(os.environ).items())
    return "\n".join([*head, *map(str, results), "", f"The servers: {servers}.", ""])


def _tried(row: Row) -> Result:
    began = monotonic()
    _say(f"{row}: begins")
    try:
        with _machine(row) as (python, run):
            result = Result(row, _cells(row, python, run))
    except (Exception, fresh.Failed) as error:
        result = Result(row, ("",) * len(NAMED) + ("failed",), f"{type(error).__name__}: {error}")
    _say(f"{row}: {result.cells[-1]}, after {monotonic() - began:.0f} s")
    return result


def _cells(row: Row, python: str, run: Run) -> tuple[str, ...]:
    pip = "venv/bin/uv pip install --quiet --python venv/bin/python"
    run(f"{python} -m venv --clear venv")
    run("venv/bin/python -m pip install --quiet --require-hashes -r requirements/uv.txt")
    run(f"{pip} --require-hashes -r requirements/{row.pins}.txt")
    run("venv/bin/uv build --quiet --no-build-isolation --python venv/bin/python")
    run(f"{pip} --no-deps dist/show_goal-{show_goal.__version__}-py3-none-any.whl")
    listed = run("venv/bin/uv pip list --quiet --python venv/bin/python --format json")
    versions = {one["name"]: one["version"] for one in json.loads(listed.splitlines()[-1])}
    _say(f"{row}: installed, the tests begin")
    said = run(f"venv/bin/python -m pytest -q -p no:cacheprovider {TESTS}").splitlines()[-1]
    return (*(versions[name] for name in NAMED), said.partition(" in ")[0])


@contextmanager
def _machine(row: Row) -> Iterator[tuple[str, Run]]:
    """The Python, and how to run a command in a clone beside it. Servers are where ours are."""
    variables = {"PYTEST_ADDOPTS": f"-k {shlex.quote(BUT_NOT)}", "CI": "true"}
    if found := _python_here(row.python):
        folder = CLONES / f"{row.python}-{row.pins}"
        shutil.rmtree(folder, ignore_errors=True)
        yield found, partial(_run, clone(folder), os.environ | variables)
        shutil.rmtree(folder)  # a red one stays, to be looked at
        return
    if row.python not in DEBIANS:
        raise LookupError(f"neither this machine nor a Debian has Python {row.python}: put it on PATH")
    servers = {kind.variable: os.environ[kind.variable] for kind in (*SERVERS, *OTHER_BROKERS.values())}
    with fresh.machine(DEBIANS[row.python]) as debian:
        clone(debian / "root" / "show-goal")
        yield (
            "python3",
            lambda command: fresh.inside(debian, command, cwd="/root/show-goal", quiet=True, **variables, **servers),
        )


def _python_here(version: str) -> str | None:
    """One that runs: on PATH may be a version manager's name for what it has not chosen."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    on_path = shutil.which(f"python{version}")
    places = [*([on_path] if on_path else []), *map(str, pyenv.glob(f"versions/{version}.*/bin/python{version}"))]
    return next((python for python in places if _runs(python)), None)


def _runs(python: str) -> bool:
    return subprocess.run([python, "-c", "import ensurepip, ssl"], capture_output=True, check=False).returncode == 0


def _run(folder: Path, variables: Mapping[str, str], command: str) -> str:
    parent = os.getpid()
    result = subprocess.run(
        command.split(),
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: die_with(parent),
    )
    if result.returncode:
        raise fresh.Failed(f"{command}\n{result.stdout[-3000:]}{result.stderr[-3000:]}")
    return result.stdout.strip()


def _say(text: str) -> None:
    click.echo(f"== matrix: {text}")


if __name__ == "__main__":
    sys.exit(main())
